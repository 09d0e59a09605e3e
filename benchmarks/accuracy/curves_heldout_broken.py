"""Broken drawn curves of the half `heldout`: each shows its fault to anybody who looks."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.curves_heldout import (
    FloatArray,
    Rng,
    Series,
    few_samples,
    points,
    smeared,
    stretched,
    two_speeds,
)
from tests.runs import Scalar


def oscillating(rng: Rng) -> Series:
    """Once an epoch: two levels that are left at random, a cycle of three, or a beat."""
    n, level = points(rng, 24, 200), rng.uniform(0.2, 4.0)
    form = rng.choice(["levels", "three", "beat"])
    if form == "levels":
        leave = rng.random(n) < rng.uniform(0.4, 0.7)
        high = np.cumsum(leave) % 2
        swing = np.where(high, rng.uniform(1.5, 1.8), rng.uniform(0.4, 0.6))
    elif form == "three":
        cycle = np.array([0.5, rng.uniform(0.8, 1.0), rng.uniform(1.6, 2.0)])
        swing = np.resize(cycle, n)
    else:
        at, speed = np.arange(n), rng.uniform(1.5, 2.5)
        swing = 1.0 + 0.6 * np.sin(speed * at) * (0.7 + 0.3 * np.sin(0.1 * speed * at))
    curve = level * swing * (1.0 + 1.5 * np.exp(-np.arange(n) / 1.5))
    return (
        Scalar("Loss/Train", curve * smeared(rng, n, 0.04)),
        Scalar("Loss/Test", 1.1 * curve * smeared(rng, n, 0.05)),
    )


def diverging(rng: Rng) -> Series:
    """After a fall the loss blows up towards one moment, climbs an S, or drifts up by jumps."""
    n = points(rng, 20, 1_500)
    t, turn = np.arange(n) / n, rng.uniform(0.2, 0.6)
    curve = rng.uniform(0.5, 3.0) * stretched(rng, n, rng.uniform(0.1, 0.4))
    after = np.clip((t - turn) / (1.0 - turn), 0.0, None)
    form = rng.choice(["moment", "s", "jumps"])
    if form == "moment":
        curve = curve * (1.0 + (1.0 / (1.03 - after) - 1.0 / 1.03))
    elif form == "s":
        climb = 1.0 / (1.0 + np.exp(-18.0 * (after - 0.4)))
        curve = curve + curve[0] * rng.uniform(1.2, 4.0) * climb * (after > 0)
    else:
        jumps = np.cumsum((rng.random(n) < 12.0 / n) * rng.exponential(1.0, n) * (after > 0))
        curve = curve + curve[0] * (1.5 * after + 0.3 * jumps)
    return (Scalar("loss/train", curve * few_samples(rng, n, 10 ** rng.uniform(2.0, 4.0))),)


def stuck(rng: Rng) -> Series:
    """The level of guessing, reached at once or from the start, and the accuracy of guessing."""
    n, classes = points(rng, 12, 1_500), int(rng.choice([2, 3, 5, 10, 20, 100]))
    level = np.full(n, float(np.log(classes)))
    if rng.random() < 0.4:
        level *= 1.0 + 0.08 * np.exp(-np.arange(n) / 1.5)
    samples = 10 ** rng.uniform(2.0, 4.0)
    spread = 10 ** rng.uniform(-4.0, -2.0)
    if rng.random() < 0.2:  # a network that gives the same answer to everything
        return (Scalar("train_loss", level), Scalar("train_acc", np.full(n, 1.0 / classes)))
    score = rng.binomial(int(samples), 1.0 / classes, n) / int(samples)
    return (
        Scalar("train_loss", level * smeared(rng, n, spread)),
        Scalar("valid_loss", level * smeared(rng, n, spread)),
        Scalar("train_acc", score),
    )


def overfitted(rng: Rng) -> Series:
    """A validation loss that grows by a constant rate, as a parabola, or from the second look."""
    form = rng.choice(["rate", "parabola", "fine-tuning"])
    n = int(rng.integers(9, 14)) if form == "fine-tuning" else points(rng, 16, 160)
    t = np.arange(n) / (n - 1)
    if form == "rate":
        turn = rng.uniform(0.15, 0.5)
        held_out = np.where(
            t < turn, 1.0 - 0.6 * np.sin(0.5 * np.pi * t / turn),
            0.4 * np.exp(rng.uniform(0.8, 2.0) * (t - turn) / (1 - turn)),
        )  # fmt: skip
    elif form == "parabola":
        turn = rng.uniform(0.25, 0.5)
        held_out = 0.4 + rng.uniform(1.0, 2.0) * (t - turn) ** 2
    else:
        turn = 2.0 / (n - 1)
        held_out = 0.5 + 0.3 * np.clip(turn - t, 0.0, None) / turn + rng.uniform(0.5, 1.2) * t
    train = 0.9 * two_speeds(rng, n, 0.01) + 0.01
    scale, many = rng.uniform(0.5, 3.0), int(rng.integers(5, 20))
    noisy = np.interp(np.arange(n * many) / many, np.arange(n), train)
    steps = 10 * (1 + np.arange(n * many))
    return (
        Scalar(
            "train/loss", scale * noisy * few_samples(rng, n * many, 40), "", steps
        ),
        Scalar("eval/loss", scale * held_out * smeared(rng, n, 0.02), "", steps[many - 1 :: many]),
    )  # fmt: skip


def spiking(rng: Rng) -> Series:
    """A large model's: a few sudden rises, each of which takes some dozens of points to heal."""
    n = points(rng, 500, 3_000)
    curve = rng.uniform(2.0, 10.0) * stretched(rng, n, rng.uniform(0.2, 0.4))
    curve *= smeared(rng, n, rng.uniform(0.01, 0.03))
    for place in rng.choice(np.arange(n // 4, n - 100), rng.integers(1, 5), replace=False):
        since = np.arange(n - place)
        curve[place:] *= 1.0 + rng.uniform(1.5, 6.0) * np.exp(-since / rng.uniform(3.0, 12.0))
    return (Scalar("loss/lm", curve, "", 5 * np.arange(n)),)


def lost(rng: Rng) -> Series:
    """Not a number now and then, after an explosion, or in the validation alone."""
    n = points(rng, 20, 500)
    curve = stretched(rng, n, 0.2) * smeared(rng, n, 0.03)
    held_out = 1.1 * curve
    at = int(n * rng.uniform(0.2, 0.8))
    form = rng.choice(["now and then", "explosion", "validation"])
    if form == "now and then":
        curve[rng.choice(n, max(2, n // 20), replace=False)] = np.nan
    elif form == "explosion":
        curve[at - 3 : at] *= np.array([10.0, 1e4, 1e12])
        curve[at] = np.inf
        curve[at + 1 :] = np.nan
        held_out[at:] = np.nan
    else:
        held_out[at:] = np.nan
    return (Scalar("train_loss", curve), Scalar("dev_loss", held_out))


def slowing(rng: Rng) -> Series:
    """Something piles up, and steps take longer in proportion; or all stands still for hours."""
    n = points(rng, 60, 600)
    interval = rng.uniform(0.5, 20.0) * rng.gamma(100.0, 0.01, n)
    if rng.random() < 0.5:
        grown = np.clip(np.arange(n) / n - rng.uniform(0.1, 0.4), 0.0, None)
        interval = interval * (1.0 + rng.uniform(40.0, 100.0) * grown)
    else:
        interval[int(n * rng.uniform(0.3, 0.9))] = interval.sum() * rng.uniform(1.0, 8.0)
    curve: FloatArray = 3.0 * stretched(rng, n, 0.1) * smeared(rng, n, 0.03)
    return (Scalar("total_loss", curve, "", 20 * np.arange(n), np.cumsum(interval)),)


BROKEN = {
    "stalled-training": slowing,
    "oscillating-loss": oscillating,
    "diverging-loss": diverging,
    "non-converging-loss": stuck,
    "overfitting": overfitted,
    "loss-spikes": spiking,
    "nan-or-inf": lost,
}
