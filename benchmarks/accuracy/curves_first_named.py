"""Names of several frameworks, and drawn faults of the rate and the gradients for `heldout`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.accuracy.curves_heldout import (
    FloatArray,
    Rng,
    Series,
    few_samples,
    points,
    smeared,
    stretched,
)
from tests.runs import Scalar


class Names(NamedTuple):
    """What a framework or its users call the series of a run; a split stands before a colon."""

    loss: str
    held_out: str
    score: str
    held_out_score: str
    rate: str
    norm: str


NAMES = tuple(
    Names(*line.split())
    for line in (
        "train_loss val_loss train_acc val_acc lr-Adam grad_2.0_norm_total",
        "train/loss eval/loss train/accuracy eval/accuracy train/learning_rate train/grad_norm",
        "train:epoch_loss validation:epoch_loss train:epoch_accuracy validation:epoch_accuracy"
        " train:epoch_learning_rate train:gradient_norm",
        "Loss/train Loss/val Accuracy/train Accuracy/val LR Grad/total_norm",
        "train:loss validation:loss train:accuracy validation:accuracy train:lr train:gnorm",
        "loss/train/total loss/eval/total metrics/train/MulticlassAccuracy"
        " metrics/eval/MulticlassAccuracy lr-AdamW/group0 l2_norm/grad/global",
        "train/loss_step val/loss train/top1 val/top1 train/lr train/grad_norm",
    )
)


def named(rng: Rng) -> Names:
    """The names of one framework."""
    return NAMES[int(rng.integers(len(NAMES)))]


def logged(
    tag: str, values: ArrayLike, steps: ArrayLike, seconds: ArrayLike | None = None
) -> Scalar:
    """A series of such a name."""
    split, _, rest = tag.rpartition(":")
    return Scalar(rest, values, split, steps, seconds)


def stepped(rng: Rng, n: int) -> FloatArray:
    """Epochs, or batches that are logged once in so many."""
    every = int(rng.choice([1, 1, 98, 391, 1875] if n < 80 else [1, 10, 50, 100, 500]))
    return np.asarray(every * (np.arange(n) + int(rng.integers(2))))


def beside(rng: Rng, names: Names, curve: FloatArray, steps: FloatArray, sigma: float) -> Series:
    """A validation loss a little above the curve, looked at less often where points are many."""
    n = len(curve)
    at = np.arange(n) if n < 80 else np.linspace(0, n - 1, int(rng.integers(10, 50))).astype(int)
    held_out = rng.uniform(1.0, 1.1) * curve[at] * smeared(rng, len(at), sigma)
    return (logged(names.held_out, held_out, steps[at]),)


def scored(rng: Rng, curve: FloatArray, classes: int, best: float) -> FloatArray:
    """An accuracy that goes from guessing to `best` as the curve goes from 1 to 0."""
    guess = 1.0 / classes
    score = guess + (best - guess) * (1.0 - curve) + 0.004 * rng.standard_normal(len(curve))
    return np.asarray(np.clip(score, 0.0, 1.0))


def slow(rng: Rng) -> Series:
    """A straight line down, a slightly bent one or the start of a slow fall, under a tiny rate."""
    names, n, share = named(rng), points(rng, 15, 3_000), rng.uniform(0.12, 0.4)
    t, steps, classes = np.arange(n) / n, stepped(rng, n), int(rng.choice([2, 10, 100, 1000]))
    fall = share * [t, t ** rng.uniform(0.9, 1.1), t * (1.08 - 0.08 * t)][int(rng.integers(3))]
    priced = rng.random() < 0.3
    first = 10 ** rng.uniform(-2.0, 6.0) if priced else np.log(classes) * rng.uniform(1.0, 1.1)
    sigma = share * rng.uniform(0.01, 0.08 if n < 100 else 0.2)
    curve = first * (1.0 - fall)
    series: Series = (logged(names.loss, curve * smeared(rng, n, sigma), steps),)
    series += beside(rng, names, curve, steps, sigma / 2)
    if not priced:
        series += (logged(names.score, scored(rng, 1.0 - fall, classes, 0.9), steps),)
    if rng.random() < 0.5:
        rate = np.full(n, rng.choice([1e-8, 1e-7, 3e-7, 1e-6]))
        series += (logged(names.rate, rate, steps),)
    return series


def scheduled(rng: Rng) -> Series:
    """The rate is gone long before the end and the fall with it, or it jumps and so does loss."""
    names, n, end = named(rng), points(rng, 24, 2_000), rng.uniform(0.15, 0.4)
    t, steps, first = np.arange(n) / n, stepped(rng, n), 10 ** rng.uniform(-4.0, -0.5)
    form = rng.choice(["steps", "exponential", "cosine", "line", "jump"])
    left = np.clip(1.0 - t / end, 0.0, None)
    if form == "steps":
        rate = 0.1 ** np.clip(np.floor(3.0 * t / end), 0, 9)
    elif form == "exponential":
        rate = np.exp(-np.clip(t - 0.6 * end, 0.0, None) / (0.05 * end))
    elif form == "jump":
        end = rng.uniform(0.3, 0.6)
        rate = np.where(t < end, 1.0, rng.choice([10.0, 30.0, 100.0]))
    else:
        rate = 0.5 * (1.0 - np.cos(np.pi * left)) if form == "cosine" else left
    if form == "jump":
        height = rng.uniform(0.8, 1.5)
        fall = np.where(t < end, stretched(rng, n, rng.uniform(0.1, 0.3)), height)
        sigma = np.where(t < end, 0.03, 0.1)
    else:
        done = np.cumsum(rate) / rate.sum()
        fall = 1.0 - rng.uniform(0.25, 0.5) * done ** rng.uniform(0.8, 1.0)
        sigma = np.full(n, rng.uniform(0.004, 0.02))
    scale, classes = rng.uniform(0.7, 7.0), int(rng.choice([5, 10, 100]))
    train = scale * fall * smeared(rng, n, 1.0) ** sigma
    return (
        logged(names.loss, train, steps),
        *beside(rng, names, scale * fall, steps, 0.01),
        logged(names.held_out_score, scored(rng, np.clip(fall, 0.0, 1.0), classes, 0.9), steps),
        logged(names.rate, first * rate, steps),
    )


def spiking_gradients(rng: Rng) -> Series:
    """A gradient norm with a few points of dozens to thousands of its level, and a bumpy loss."""
    names, n = named(rng), points(rng, 150, 4_000)
    curve = rng.uniform(1.5, 8.0) * stretched(rng, n, rng.uniform(0.15, 0.4))
    level = 10 ** rng.uniform(-1.5, 1.5) * (1.0 + rng.uniform(-0.5, 1.5) * np.arange(n) / n)
    norm = level * few_samples(rng, n, rng.uniform(15, 80))
    train = curve * smeared(rng, n, rng.uniform(0.01, 0.05))
    for place in rng.choice(np.arange(n // 10, n - 12), rng.integers(3, 13), replace=False):
        norm[place] *= 10 ** rng.uniform(1.5, 3.2)
        norm[place + 1] *= rng.uniform(1.0, 5.0)
        heal = np.exp(-np.arange(11) / rng.uniform(1.0, 5.0))
        train[place + 1 : place + 12] *= 1.0 + rng.uniform(0.3, 1.5) * heal
    steps = stepped(rng, n)
    series = (logged(names.norm, norm, steps), logged(names.loss, train, steps))
    rate = 10 ** rng.uniform(-4.0, -2.0) * np.minimum(1.0, np.arange(1, n + 1) / (0.05 * n))
    return (*series, logged(names.rate, rate, steps)) if rng.random() < 0.5 else series


LAYERS = (
    "grad_2.0_norm/layers.{}.weight",
    "gradients/layers.{}.weight",
    "grad_2.0_norm_net.{}.weight",
    "grad_norm/encoder.layer.{}.output.dense.weight",
    "train/grad_norm/blocks.{}.mlp.fc1.weight",
)


def exploding_gradients(rng: Rng) -> Series:
    """Gradient norms that grow by 4 to 12 orders of magnitude while the loss climbs or is lost."""
    names, n = named(rng), points(rng, 20, 1_500)
    t, turn, steps = np.arange(n) / n, rng.uniform(0.0, 0.4), stepped(rng, n)
    after = np.clip((t - turn) / (1.0 - turn), 0.0, None) ** rng.choice([1.0, 1.0, 2.0])
    orders = rng.uniform(4.0, 12.0)
    growth = 10 ** (orders * after + rng.uniform(-2.0, 0.5))
    curve = rng.uniform(0.7, 5.0) * stretched(rng, n, rng.uniform(0.3, 0.6))
    curve = curve * smeared(rng, n, 0.05) * 10 ** (rng.uniform(0.15, 0.5) * orders * after)
    layers = int(rng.integers(3, 9)) if rng.random() < 0.5 else 0
    form = LAYERS[int(rng.integers(len(LAYERS)))]
    strengths = rng.uniform(0.3, 3.0, max(1, layers))
    norms = [share * growth * smeared(rng, n, rng.uniform(0.1, 0.4)) for share in strengths]
    if rng.random() < 0.4:  # the last points are not numbers any more
        for values in (curve, *norms):
            values[int(n * rng.uniform(0.86, 0.9)) :] = np.nan
    tags = [form.format(i) for i in range(layers)] or [names.norm]
    split = "train:" if names.loss.startswith("train:") and layers else ""
    return (
        logged(names.loss, curve, steps),
        *(logged(split * (":" not in tag) + tag, v, steps)
          for tag, v in zip(tags, norms, strict=True)),
    )  # fmt: skip


def vanishing_gradients(rng: Rng) -> Series:
    """From output to input each layer's gradient is a tenth or so of the next; loss of guessing."""
    names, layers, n = named(rng), int(rng.integers(6, 21)), points(rng, 15, 600)
    steps, classes = stepped(rng, n), int(rng.choice([2, 10, 20, 100]))
    orders = rng.uniform(5.0, 12.0)
    each = 10 ** (rng.uniform(-1.5, 0.5) - orders * np.arange(layers)[::-1] / (layers - 1))
    each = each * rng.uniform(0.6, 1.6, layers)
    form, stride = LAYERS[int(rng.integers(len(LAYERS)))], 2 if rng.random() < 0.2 else 1
    split = "train:" if names.loss.startswith("train:") else ""
    shared = smeared(rng, n, 0.15)  # the batches are the same for all layers
    series = tuple(
        logged(f"{split}{form.format(stride * i)}", value * shared * smeared(rng, n, 0.15), steps)
        for i, value in enumerate(each)
    )
    level = np.log(classes) * (1.0 + 0.05 * np.exp(-np.arange(n) / 1.5))
    guess = rng.binomial(2_000, 1.0 / classes, n) / 2_000
    train = level * smeared(rng, n, 10 ** rng.uniform(-3.5, -2.2))
    return (*series, logged(names.loss, train, steps), logged(names.score, guess, steps))
