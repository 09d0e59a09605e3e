"""The drawn curves of the half `heldout`: forms, noises and lengths that nothing was tuned on."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tests.runs import Scalar

FloatArray: TypeAlias = NDArray[np.float64]
Rng: TypeAlias = np.random.Generator
Series: TypeAlias = tuple[Scalar, ...]


def points(rng: Rng, low: int, high: int) -> int:
    """A number of points, evenly drawn over orders of magnitude."""
    return round(low * (high / low) ** rng.random())


def smeared(rng: Rng, n: int, sigma: float) -> FloatArray:
    """Factors about 1 whose noise has pointed tails (Laplace) and is a mean of three draws."""
    draws = rng.laplace(0.0, 1.0, n + 2) / np.sqrt(6.0)
    return np.asarray(np.exp(sigma * (draws[2:] + draws[1:-1] + draws[:-2])))


def few_samples(rng: Rng, n: int, freedom: float) -> FloatArray:
    """Factors of mean 1, as the mean of `freedom` squared errors has."""
    return np.asarray(rng.chisquare(freedom, n) / freedom)


def stretched(rng: Rng, n: int, floor: float) -> FloatArray:
    """A fall from 1 to a floor that is fast at first and ever slower: exp(-(t/τ)^β)."""
    t = np.arange(n) / n
    fall = np.exp(-((t * 10 ** rng.uniform(0.9, 1.8)) ** rng.uniform(0.4, 0.9)))
    return np.asarray(floor + (1.0 - floor) * fall)


def two_speeds(rng: Rng, n: int, floor: float) -> FloatArray:
    """A fall from 1 to a floor of which one part takes a few points and another the run."""
    t, share = np.arange(n) / n, rng.uniform(0.4, 0.8)
    fall = share * np.exp(-t * rng.uniform(30, 90)) + (1 - share) * np.exp(-t * rng.uniform(3, 6))
    return np.asarray(floor + (1.0 - floor) * fall)


def regression_floor(rng: Rng) -> Series:
    """Half of the error is noise of the targets: nobody can learn that."""
    n, every = points(rng, 200, 2_500), int(rng.integers(5, 40))
    curve = rng.uniform(0.5, 3.0) * two_speeds(rng, n, rng.uniform(0.3, 0.6))
    at = np.linspace(0, n - 1, int(rng.integers(8, 40))).astype(int)
    held_out = 1.1 * curve[at] * smeared(rng, len(at), 0.02)
    train = curve * few_samples(rng, n, rng.uniform(16, 64))
    steps = every * (1 + np.arange(n))
    return (Scalar("train/mse", train, "", steps), Scalar("val/mse", held_out, "", steps[at]))


def few_points(rng: Rng) -> Series:
    """Five to nine epochs, each looked at once."""
    n = int(rng.integers(5, 10))
    curve = rng.uniform(0.8, 4.0) * stretched(rng, n, rng.uniform(0.05, 0.25))
    held_out = (curve + 0.05 * curve[0]) * smeared(rng, n, 0.01)
    score = 1.0 - 0.7 * held_out / held_out[0]
    return (
        Scalar("train/epoch_loss", curve),
        Scalar("eval/loss", held_out),
        Scalar("eval/f1", score),
    )


def large_unit(rng: Rng) -> Series:
    """Squared errors of prices: a loss of ten thousands, that ends at thousands."""
    n = points(rng, 20, 400)
    curve = 10 ** rng.uniform(4.2, 6.0) * stretched(rng, n, 10 ** rng.uniform(-1.5, -0.7))
    return (
        Scalar("loss", curve * smeared(rng, n, 0.04)),
        Scalar("val_loss", 1.2 * curve * smeared(rng, n, 0.05)),
        Scalar("mae", np.sqrt(curve) * smeared(rng, n, 0.02)),
    )


def rewarded(rng: Rng) -> Series:
    """An agent: the reward climbs, the value loss has a hump, the entropy term comes up to 0."""
    n, scale = points(rng, 60, 800), 10 ** rng.uniform(0.0, 2.5)
    t = np.arange(n) / n
    skill = 1.0 / (1.0 + np.exp(-(t - rng.uniform(0.2, 0.5)) * rng.uniform(8, 20)))
    reward = scale * (skill - 0.2) + 0.05 * scale * rng.standard_normal(n)
    value = scale * (0.1 + 4.0 * skill * (1.0 - skill)) * few_samples(rng, n, 12)
    steps = 2048 * (1 + np.arange(n))
    return (
        Scalar("rollout/ep_rew_mean", reward, "", steps),
        Scalar("train/value_loss", value, "", steps),
        Scalar("train/policy_gradient_loss", 0.01 * rng.laplace(-0.5, 1.0, n), "", steps),
        Scalar("train/entropy_loss", -1.4 * (1.05 - skill) * smeared(rng, n, 0.02), "", steps),
    )


def rivals(rng: Rng) -> Series:
    """A generator and a discriminator whose losses wander about where neither wins."""
    n, pull = points(rng, 150, 2_500), rng.uniform(0.01, 0.1)
    wander = np.zeros((2, n))
    for i in range(1, n):
        wander[:, i] = (1.0 - pull) * wander[:, i - 1] + 0.03 * rng.standard_normal(2)
    judge = 1.3 * np.exp(wander[0]) * smeared(rng, n, 0.1)
    maker = 0.8 * np.exp(wander[1] - 0.5 * wander[0]) * smeared(rng, n, 0.15)
    steps = 50 * np.arange(n)
    return (Scalar("loss_G", maker, "", steps), Scalar("loss_D", judge, "", steps))


def taken_up_again(rng: Rng) -> Series:
    """Interrupted once: the points since the last checkpoint are logged a second time."""
    n = points(rng, 60, 600)
    back, at = int(rng.integers(3, 12)), int(n * rng.uniform(0.3, 0.7))
    curve = 2.5 * stretched(rng, n, rng.uniform(0.05, 0.3))
    steps = np.concatenate([np.arange(at), np.arange(at - back, n)])
    values = curve[steps] * smeared(rng, len(steps), 0.05)
    seconds = np.arange(len(steps)) * 2.0 + np.where(np.arange(len(steps)) >= at, 900.0, 0.0)
    return (Scalar("training/loss", values, "", 100 * steps, seconds),)


def several_sets(rng: Rng) -> Series:
    """Two validation sets, of which one is of another kind and far harder."""
    n = points(rng, 12, 120)
    curve = rng.uniform(0.6, 3.0) * stretched(rng, n, rng.uniform(0.05, 0.3))
    near = 1.05 * curve * smeared(rng, n, 0.03)
    far = (1.2 * curve + rng.uniform(0.3, 1.0) * curve[0]) * smeared(rng, n, 0.03)
    return (
        Scalar("train_loss_epoch", curve * smeared(rng, n, 0.01)),
        Scalar("val_loss/dataloader_idx_0", near),
        Scalar("val_loss/dataloader_idx_1", far),
    )


def flat_term(rng: Rng) -> Series:
    """Three terms and their sum: one falls, one is a penalty that stays, one is below zero."""
    n = points(rng, 80, 1_500)
    main = rng.uniform(1.0, 4.0) * two_speeds(rng, n, rng.uniform(0.05, 0.3))
    main = main * few_samples(rng, n, 60)
    penalty = rng.uniform(0.1, 0.4) * smeared(rng, n, 0.01)
    reward = -0.3 * (1.0 - two_speeds(rng, n, 0.1)) * smeared(rng, n, 0.05)
    return (
        Scalar("losses/total", main + penalty + reward),
        Scalar("losses/box", main),
        Scalar("losses/regularizer", penalty),
        Scalar("losses/log_det", reward),
    )


def cut_rates(rng: Rng) -> Series:
    """The rate is cut twice by ten: each time the loss drops, and so does its noise."""
    n = points(rng, 60, 1_200)
    stage = (np.arange(n) > rng.uniform(0.35, 0.5) * n).astype(int)
    stage += np.arange(n) > rng.uniform(0.65, 0.8) * n
    level = np.array([1.0, rng.uniform(0.3, 0.6), 0.0])
    level[2] = level[1] * rng.uniform(0.75, 0.95)
    start = np.exp(-np.arange(n) / (0.04 * n))
    curve = (level[stage] + 2.0 * start) * smeared(rng, n, 1.0) ** np.array([0.12, 0.05, 0.03])[
        stage
    ]
    rate = rng.choice([0.1, 0.01]) * 0.1**stage
    return (Scalar("Loss/train", rng.uniform(0.3, 2.0) * curve), Scalar("LR", rate))


def longer_cycles(rng: Rng) -> Series:
    """Three cosine cycles of the rate, each twice as long, with a bump where the next begins."""
    n = points(rng, 70, 700)
    ends = np.array([1, 3, 7]) * n / 7
    began = np.array([0, *ends[:2]])[np.searchsorted(ends, np.arange(n), side="right").clip(0, 2)]
    phase = np.clip((np.arange(n) - began) / (began + n / 7), 0.0, 1.0)
    rate = 0.5 * (1.0 + np.cos(np.pi * phase))
    curve = stretched(rng, n, 0.1) * (1.0 + rng.uniform(0.1, 0.25) * rate * (began > 0))
    return (
        Scalar("train/loss", 3.0 * curve * smeared(rng, n, 0.03), "train"),
        Scalar("train/loss", 3.2 * curve * smeared(rng, n, 0.04), "validation"),
        Scalar("train/lr", 1e-3 * rate, "train"),
    )


def late_start(rng: Rng) -> Series:
    """Nothing for a fifth of the run or two, and then all of it in one slope."""
    n = points(rng, 40, 600)
    t = np.arange(n) / n
    slope = 1.0 / (1.0 + np.exp((t - rng.uniform(0.15, 0.4)) * rng.uniform(20, 40)))
    curve = np.log(rng.integers(2, 50)) * (0.02 + 0.98 * slope)
    accuracy = np.clip(1.0 - 0.9 * slope, 0.0, 1.0)
    return (
        Scalar("training loss", curve * smeared(rng, n, 0.03)),
        Scalar("training accuracy", accuracy),
    )


def long_haul(rng: Rng) -> Series:
    """A language model: many thousand points that fall as a power, a worse one now and then."""
    n = points(rng, 5_000, 12_000)
    curve = 1.7 + 8.0 * (1.0 + np.arange(n) / rng.uniform(3.0, 30.0)) ** -rng.uniform(0.25, 0.45)
    noise = 0.02 * rng.standard_t(4, n)
    return (Scalar("lm loss", curve * (1.0 + noise), "", 10 * np.arange(n)),)


def tiny_batches(rng: Rng) -> Series:
    """Two to four samples a batch: a fall under noise as large as itself."""
    n = points(rng, 400, 2_500)
    curve = rng.uniform(0.7, 2.5) * stretched(rng, n, rng.uniform(0.05, 0.25))
    values = curve * few_samples(rng, n, rng.uniform(5, 10))
    return (Scalar("batch_loss", values), Scalar("lr", np.full(n, 1e-3)))


def hinged(rng: Rng) -> Series:
    """A margin: ever more batches have a loss of exactly nothing."""
    n = points(rng, 60, 800)
    curve = stretched(rng, n, 0.0) - 10 ** rng.uniform(-2.5, -1.5)
    return (Scalar("hinge_loss", np.maximum(0.0, curve + 0.03 * curve * rng.laplace(0.0, 1.0, n))),)


def rarely_logged(rng: Rng) -> Series:
    """Points at ever larger steps, of a log likelihood that falls from above to below zero."""
    n, unit = points(rng, 25, 90), 10 ** rng.uniform(-1.0, 3.0)
    steps = np.unique(np.round(10 ** np.linspace(0.0, rng.uniform(4.0, 5.5), n)).astype(int))
    depth = np.tanh(np.linspace(0.0, rng.uniform(2.0, 3.0), len(steps)))
    values = 1.0 - rng.uniform(1.5, 6.0) * depth + 0.03 * rng.laplace(0.0, 1.0, len(steps))
    return (
        Scalar("nll", unit * values, "", steps),
        Scalar("test_nll", unit * (values + 0.1), "", steps),
    )


def with_dropout(rng: Rng) -> Series:
    """Regularised so strongly that the training loss stays above the validation loss."""
    n = points(rng, 15, 200)
    curve = rng.uniform(1.0, 3.0) * two_speeds(rng, n, rng.uniform(0.15, 0.4))
    held_out = rng.uniform(0.6, 0.85) * curve * smeared(rng, n, 0.03)
    return (
        Scalar("epoch_loss", curve * smeared(rng, n, 0.02), "train"),
        Scalar("epoch_loss", held_out, "validation"),
    )


HEALTHY = {
    "regression-floor": regression_floor,
    "few-points": few_points,
    "large-unit": large_unit,
    "rewarded": rewarded,
    "rivals": rivals,
    "taken-up-again": taken_up_again,
    "several-sets": several_sets,
    "flat-term": flat_term,
    "cut-rates": cut_rates,
    "longer-cycles": longer_cycles,
    "late-start": late_start,
    "long-haul": long_haul,
    "tiny-batches": tiny_batches,
    "hinged": hinged,
    "rarely-logged": rarely_logged,
    "with-dropout": with_dropout,
}
