"""Seeded families of loss curves as real trainings draw them, healthy and broken.

Each function takes a random generator and returns the series of one run. The same
seed gives the same curves, so that a rate measured on them is a fact, not a chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from tests.runs import FloatArray, Scalar

Rng: TypeAlias = np.random.Generator
Series: TypeAlias = tuple[Scalar, ...]
Family: TypeAlias = Callable[[Rng], Series]
Shape: TypeAlias = Callable[[int], Series]


def points(rng: Rng, low: float, high: float) -> int:
    """A number of points, evenly drawn over orders of magnitude."""
    return int(np.exp(rng.uniform(np.log(low), np.log(high))))


def time_of(n: int) -> FloatArray:
    """The share of the run that is over at each of `n` points."""
    return (np.arange(n) + 1.0) / n


def power_law(rng: Rng, n: int) -> FloatArray:
    """The usual fall of a large model's loss, towards a level above zero."""
    first, floor = rng.uniform(0.5, 5.0), rng.uniform(0.0, 0.7)
    fall = (1.0 + 10 ** rng.uniform(0.0, 2.5) * time_of(n)) ** -rng.uniform(0.2, 1.2)
    return np.asarray(first * (floor + (1.0 - floor) * fall))


def exponential(rng: Rng, n: int) -> FloatArray:
    """A fast fall and a plateau."""
    first, floor = rng.uniform(0.5, 5.0), rng.uniform(0.005, 0.8)
    fall = np.exp(-time_of(n) * 10 ** rng.uniform(0.5, 2.0))
    return np.asarray(first * (floor + (1.0 - floor) * fall))


def step_schedule(rng: Rng, n: int) -> FloatArray:
    """A loss that drops whenever the learning rate is cut."""
    t = time_of(n)
    curve = rng.uniform(1.0, 2.0) * np.exp(-t * 20.0) + 0.6
    return np.asarray(curve * np.where(t > 0.5, 0.5, 1.0) * np.where(t > 0.75, 0.7, 1.0))


def solved(rng: Rng, n: int) -> FloatArray:
    """A problem that is solved early: the rest is noise about nearly nothing."""
    return np.asarray(0.7 * np.exp(-time_of(n) * 60.0) + 10 ** rng.uniform(-5.0, -2.0))


def warm_restarts(rng: Rng, n: int) -> FloatArray:
    """Four cosine cycles: a small bump after each restart."""
    t = time_of(n)
    bumps = 1.0 + rng.uniform(0.1, 0.3) * (1.0 - (4.0 * t) % 1.0) ** 4 * (t > 0.24)
    return np.asarray((0.3 + 1.5 * np.exp(-3.0 * t)) * bumps)


def noisy(rng: Rng, curve: FloatArray, sigma: float, *, heavy: bool = False) -> FloatArray:
    """Multiply by log-normal noise of mean 1, or by one with heavy tails."""
    n = len(curve)
    draws = rng.standard_t(3, n) / 1.7 if heavy else rng.standard_normal(n)
    return np.asarray(curve * np.exp(sigma * draws - sigma * sigma / 2.0))


HEALTHY_SHAPES = {
    "power law": power_law,
    "exponential": exponential,
    "step schedule": step_schedule,
    "solved": solved,
    "warm restarts": warm_restarts,
}


def healthy(rng: Rng, low: int = 8, high: int = 10_000) -> Series:
    """A run that learned: by epoch or by batch, with or without validation, in any unit."""
    while True:
        n = points(rng, low, high)
        curve = HEALTHY_SHAPES[str(rng.choice(list(HEALTHY_SHAPES)))](rng, n)
        if curve[-1] < 0.9 * curve[0]:
            break
    epochs = n <= 200 and rng.random() < 0.7
    heavy = rng.random() < 0.3
    sigma = 10 ** (rng.uniform(-2.3, -1.2) if epochs else rng.uniform(-2.0, -0.3))
    unit = 10 ** rng.uniform(-3.0, 4.0) if rng.random() < 0.4 else 1.0
    steps = np.arange(n) * (1 if epochs else points(rng, 1, 100))
    tags = ("epoch_loss", "epoch_loss") if epochs else ("train/loss", "val/loss")
    train = Scalar(tags[0], unit * noisy(rng, curve, sigma, heavy=heavy), "train", steps)
    if rng.random() < 0.3:
        return (train,)
    count = n if epochs else min(n, int(rng.integers(8, 60)))
    at = np.linspace(0, n - 1, count).round().astype(int)
    gap, floor = rng.uniform(0.8, 1.6), curve[-1] * rng.uniform(0.0, 0.5)
    held_out = noisy(rng, gap * curve[at] + floor, 10 ** rng.uniform(-2.3, -1.0), heavy=heavy)
    return (train, Scalar(tags[1], unit * held_out, "validation", steps[at]))


def oscillating(rng: Rng) -> Series:
    """A loss that swings about its level: from point to point, wildly, or in waves."""
    n = points(rng, 16, 3_000)
    epochs = n <= 150
    level, depth = rng.uniform(0.5, 2.0), rng.uniform(0.25, 0.9)
    curve = level * (1.0 + 0.6 * np.exp(-30.0 * time_of(n)))
    form = rng.choice(["alternating", "erratic", "waves"] if epochs else ["alternating", "waves"])
    if form == "alternating":
        curve = curve * (1.0 + 0.5 * depth * (-1.0) ** np.arange(n) * rng.uniform(0.6, 1.4, n))
    elif form == "erratic":
        curve = curve * np.exp(depth * rng.standard_normal(n))
    else:
        period = rng.uniform(6.0, max(n / 6.0, 7.0))
        wave = np.sin(2.0 * np.pi * np.arange(n) / period + rng.uniform(0.0, 6.0))
        curve = noisy(rng, curve * (1.0 + 0.6 * depth * wave), 0.02 if epochs else 0.15)
    return (Scalar("epoch_loss" if epochs else "train/loss", curve, "train"),)


def diverging(rng: Rng) -> Series:
    """A loss that falls, then explodes, jumps up for good, or climbs back."""
    n = points(rng, 10, 5_000)
    curve, turn = exponential(rng, n), rng.uniform(0.2, 0.8)
    t = time_of(n)
    after = np.clip((t - turn) / (1.0 - turn), 0.0, None)
    form = rng.choice(["explosion", "jump", "climb"])
    if form == "explosion":
        curve = curve * np.exp(after * rng.uniform(2.0, 20.0))
    elif form == "jump":
        curve = np.where(t > turn, curve[0] * rng.uniform(0.7, 2.0), curve)
    else:
        curve = curve + after * np.ptp(curve) * rng.uniform(0.6, 1.5)
    return (Scalar("train/loss", noisy(rng, curve, 10 ** rng.uniform(-2.0, -0.7)), "train"),)


def flat(rng: Rng) -> Series:
    """A loss that goes nowhere, at the level of guessing or at any other."""
    n = points(rng, 9, 5_000)
    level = float(rng.choice([0.693, 2.303, 4.605, rng.uniform(0.1, 1000.0)]))
    drift = 1.0 + 0.005 * rng.standard_normal() * np.linspace(0.0, 1.0, n)
    values = noisy(rng, level * drift, 10 ** rng.uniform(-4.0, -1.0))
    return (Scalar("train/loss", values, "train"),)


def overfitted(rng: Rng) -> Series:
    """A validation loss that turns and rises while the train loss goes on falling."""
    n = points(rng, 10, 300)
    t, turn = time_of(n), rng.uniform(0.05, 0.7)
    train = exponential(rng, n) * np.exp(-t * rng.uniform(0.5, 3.0))
    after = np.clip((t - turn) / (1.0 - turn), 0.0, None)
    held_out = train[0] * (0.35 + 0.65 * np.exp(-3.0 * t / turn) + after * rng.uniform(0.15, 0.8))
    sigma = 10 ** rng.uniform(-2.3, -1.2)
    return (
        Scalar("epoch_loss", noisy(rng, train, sigma / 2.0), "train"),
        Scalar("epoch_loss", noisy(rng, held_out, sigma), "validation"),
    )


def stalled(rng: Rng) -> Series:
    """A run that stands still for most of its time, or whose steps take many times longer."""
    n = points(rng, 30, 1_000)
    usual = rng.uniform(0.5, 100.0) * rng.uniform(0.9, 1.1, n)
    at, interval = int(n * rng.uniform(0.2, 0.7)), usual.copy()
    if rng.random() < 0.5:
        interval[at] = usual.mean() * n * rng.uniform(0.5, 4.0)
    else:
        interval[at:] *= rng.uniform(5.0, 30.0)
    curve = noisy(rng, exponential(rng, n), 0.02)
    return (Scalar("train/loss", curve, "train", seconds=np.cumsum(interval)),)


BROKEN: dict[str, Family] = {
    "oscillating-loss": oscillating,
    "diverging-loss": diverging,
    "non-converging-loss": flat,
    "overfitting": overfitted,
}
