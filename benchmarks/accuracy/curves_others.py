"""More drawn curves of the half `calibrate`, in other forms and noises than the first ones."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tests.runs import Scalar

FloatArray: TypeAlias = NDArray[np.float64]
Rng: TypeAlias = np.random.Generator
Series: TypeAlias = tuple[Scalar, ...]


def _length(rng: Rng, low: int = 8, high: int = 4_000) -> int:
    """A number of points, evenly drawn over orders of magnitude; now and then a very long run."""
    if high >= 4_000 and rng.random() < 0.04:
        return int(rng.integers(20_000, 50_000))
    return int(np.exp(rng.uniform(np.log(low), np.log(high))))


def _time(n: int) -> FloatArray:
    return np.linspace(0.0, 1.0, n)


def _drifting(rng: Rng, n: int, sigma: float) -> FloatArray:
    """Noise with a memory of a few points, standard deviation `sigma`."""
    memory, noise = rng.uniform(0.0, 0.7), rng.standard_normal(n)
    for i in range(1, n):
        noise[i] = memory * noise[i - 1] + np.sqrt(1.0 - memory**2) * noise[i]
    return np.asarray(sigma * noise)


def _shuffled_batches(rng: Rng, n: int, sigma: float) -> FloatArray:
    """Skewed noise, as the mean of a few samples' losses has."""
    k = 4.0 / max(sigma, 1e-3)
    return np.asarray((rng.gamma(k, 1.0 / k, n) - 1.0) * sigma * np.sqrt(k))


def _falling(rng: Rng, n: int) -> FloatArray:
    """A fall from above 1 to a floor: hyperbola, logarithm, or a few logistic stairs."""
    t, first = _time(n), rng.uniform(0.7, 8.0)
    form = rng.choice(["hyperbola", "logarithm", "stairs"])
    if form == "hyperbola":
        curve = 1.0 / (1.0 + t * 10 ** rng.uniform(0.5, 2.5))
    elif form == "logarithm":
        curve = 1.0 - np.log1p(t * 10 ** rng.uniform(1.0, 3.0)) / np.log1p(10**3.2)
    else:
        places = np.sort(rng.uniform(0.05, 0.7, rng.integers(2, 4)))
        falls = rng.dirichlet(np.ones(len(places)))
        width = rng.uniform(0.01, 0.05)
        curve = 1.0 - sum(
            f / (1.0 + np.exp(-(t - p) / width)) for f, p in zip(falls, places, strict=True)
        )
    floor = rng.uniform(0.02, 0.6)
    return np.asarray(first * (floor + (1.0 - floor) * curve))


def by_epoch(rng: Rng) -> Series:
    """Train and validation loss once an epoch, with an accuracy, in Keras' old names."""
    n = _length(rng, 8, 200)
    curve = _falling(rng, n)
    train = curve * (1.0 + _drifting(rng, n, 0.01))
    gap = rng.uniform(0.75, 1.5)
    held_out = (gap * curve + 0.1 * curve[0]) * (1.0 + _drifting(rng, n, rng.uniform(0.01, 0.05)))
    accuracy = np.clip(1.0 - 0.8 * curve / curve[0] + _drifting(rng, n, 0.01), 0.0, 1.0)
    return (Scalar("loss", train), Scalar("val_loss", held_out), Scalar("acc", accuracy))


def by_batch(rng: Rng) -> Series:
    """The loss of single batches with skewed noise, and nothing else."""
    n = _length(rng, 100, 4_000)
    curve = _falling(rng, n)
    values = curve * (1.0 + _shuffled_batches(rng, n, rng.uniform(0.05, 0.4)))
    return (Scalar("train/total_loss", values, "", np.arange(n) * int(rng.integers(1, 60))),)


def below_zero(rng: Rng) -> Series:
    """A log likelihood in any unit: it falls through zero."""
    n = _length(rng)
    curve = _falling(rng, n)
    unit = 10 ** rng.uniform(-2.0, 4.0)
    span = curve[0] - curve.min()
    values = curve - rng.uniform(0.5, 3.0) * curve[0] + _drifting(rng, n, 0.02 * span)
    return (Scalar("elbo_loss", unit * values),)


def small_validation_set(rng: Rng) -> Series:
    """A validation loss that jumps about because a dozen samples make it."""
    n = _length(rng, 15, 150)
    curve = _falling(rng, n)
    held_out = 1.15 * curve * np.exp(rng.uniform(0.08, 0.2) * rng.standard_normal(n))
    return (
        Scalar("Loss/train", curve * (1.0 + _drifting(rng, n, 0.01))),
        Scalar("Loss/valid", held_out),
    )


def flat_because_solved(rng: Rng) -> Series:
    """A few points to the floor, and a long time there."""
    n = _length(rng, 60, 4_000)
    curve = np.exp(-_time(n) * n / rng.uniform(2.0, 8.0)) + 10 ** rng.uniform(-4.0, -1.5)
    values = curve * np.exp(rng.uniform(0.02, 0.3) * rng.standard_normal(n))
    return (Scalar("train_loss", values), Scalar("train_accuracy", np.clip(1 - curve, 0, 1)))


HEALTHY = {
    "by-epoch": by_epoch,
    "by-batch": by_batch,
    "below-zero": below_zero,
    "small-validation-set": small_validation_set,
    "flat-because-solved": flat_because_solved,
}


def oscillating(rng: Rng) -> Series:
    """Chaos about a level (the logistic map), or a saw-tooth that slowly grows."""
    n = _length(rng, 20, 1_500)
    level = rng.uniform(0.3, 3.0)
    if rng.random() < 0.5:
        x, rate = np.full(n, rng.uniform(0.3, 0.7)), rng.uniform(3.5, 3.95)
        for i in range(1, n):
            x[i] = rate * x[i - 1] * (1.0 - x[i - 1])
        curve = level * (0.4 + 1.2 * x)
    else:
        period = rng.integers(4, max(5, n // 8) + 1)
        tooth = (np.arange(n) % period) / period
        curve = level * (0.6 + rng.uniform(0.6, 1.2) * tooth * (0.6 + 0.4 * _time(n)))
    start = level * np.exp(-np.arange(n) / 2.0)
    return (Scalar("train/loss", (curve + start) * (1.0 + _drifting(rng, n, 0.02))),)


def diverging(rng: Rng) -> Series:
    """A fall, and then a climb as a power of time, or a step onto a high plateau."""
    n = _length(rng, 12, 3_000)
    t, turn = _time(n), rng.uniform(0.25, 0.75)
    curve = _falling(rng, n)
    after = np.clip((t - turn) / (1.0 - turn), 0.0, None)
    if rng.random() < 0.5:
        curve = curve + curve[0] * rng.uniform(0.8, 5.0) * after ** rng.uniform(0.7, 2.5)
    else:
        plateau = curve[0] * rng.uniform(0.9, 3.0)
        curve = np.where(t > turn, plateau * (1.0 - 0.1 * np.exp(-30.0 * after)), curve)
    return (Scalar("loss", curve * (1.0 + _shuffled_batches(rng, n, rng.uniform(0.01, 0.15)))),)


def stuck(rng: Rng) -> Series:
    """A loss that stays at the level of guessing, with drifting noise."""
    n = _length(rng, 12, 3_000)
    level = float(np.log(rng.integers(2, 1_000)))
    values = level * (1.0 + _drifting(rng, n, 10 ** rng.uniform(-3.5, -1.3)))
    return (Scalar("training_loss", values),)


def overfitted(rng: Rng) -> Series:
    """A validation loss in the form of a tick, while the train loss falls on."""
    n = _length(rng, 14, 250)
    t, turn = _time(n), rng.uniform(0.1, 0.6)
    train = np.exp(-rng.uniform(2.0, 6.0) * t) + 0.02
    before = np.clip((turn - t) / turn, 0.0, None) ** 1.5
    after = np.clip((t - turn) / (1.0 - turn), 0.0, None) ** rng.uniform(0.7, 1.5)
    held_out = 0.5 + 0.6 * before + rng.uniform(0.15, 1.5) * after
    return (
        Scalar("train/loss", train * (1.0 + _drifting(rng, n, 0.02))),
        Scalar("eval/loss", held_out * (1.0 + _drifting(rng, n, 0.02))),
    )


def spiking(rng: Rng) -> Series:
    """A fall with isolated jumps that come back within a few points."""
    n = _length(rng, 200, 3_000)
    curve = _falling(rng, n) * (1.0 + _shuffled_batches(rng, n, rng.uniform(0.02, 0.1)))
    for place in rng.choice(np.arange(n // 10, n - 10), rng.integers(1, 6), replace=False):
        fading = np.exp(-np.arange(8) / rng.uniform(0.3, 2.0))
        curve[place : place + 8] *= 1.0 + rng.uniform(4.0, 30.0) * fading
    return (Scalar("train_loss_step", curve),)


def lost(rng: Rng) -> Series:
    """A loss that is not a number from some point on."""
    n = _length(rng, 10, 1_000)
    curve = _falling(rng, n) * (1.0 + _drifting(rng, n, 0.02))
    curve[int(n * rng.uniform(0.2, 0.9)) :] = rng.choice([np.nan, np.inf])
    return (Scalar("Train Loss", curve),)


def slowing(rng: Rng) -> Series:
    """Points that come ever later, or again and again after a long pause."""
    n = _length(rng, 30, 800)
    curve = _falling(rng, n) * (1.0 + _drifting(rng, n, 0.02))
    usual = rng.uniform(1.0, 60.0) * rng.uniform(0.9, 1.1, n)
    if rng.random() < 0.5:
        interval = usual * rng.uniform(15.0, 60.0) ** np.clip(1.5 * _time(n) - 0.5, 0.0, None)
    else:
        interval = usual.copy()
        places = rng.choice(np.arange(n // 5, n - 2), rng.integers(2, 5), replace=False)
        interval[places] = usual.mean() * n * rng.uniform(0.3, 1.0, len(places))
    return (Scalar("train/loss", curve, "", np.arange(n) * 10, np.cumsum(interval)),)


BROKEN = {
    "stalled-training": slowing,
    "oscillating-loss": oscillating,
    "diverging-loss": diverging,
    "non-converging-loss": stuck,
    "overfitting": overfitted,
    "loss-spikes": spiking,
    "nan-or-inf": lost,
}
