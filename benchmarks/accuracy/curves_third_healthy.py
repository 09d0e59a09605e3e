"""Healthy supervised runs that a hasty program would call faulty, by the third author.

Those of other kinds of training are in `curves_third_healthy_others`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_faults import same_order
from benchmarks.accuracy.curves_third_healthy_others import OTHERS
from benchmarks.accuracy.curves_third_names import (
    FloatArray,
    Log,
    Series,
    Task,
    draw_log,
    draw_task,
    noise,
    pick,
    schedule,
    shapes,
    whole,
    wide,
)


def _val(rng: Generator, log: Log, task: Task, fall: FloatArray, gap: float = 1.05) -> Series:
    """Validation loss and metric that follow the fall."""
    loss = gap * task.loss(fall) * noise(rng, len(fall), 0.01)
    metric = task.accuracy(fall) * 0.98 + rng.normal(0.0, 0.004, len(fall))
    return log.val_loss(loss) + log.val_metric(metric)


def noisy_batches(rng: Generator) -> Series:
    """Tiny batches: the loss of each step scatters by a third, its mean falls and levels off."""
    log = draw_log(rng, (300, 3000), per_step=True)
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    loss = task.loss(fall) * noise(rng, len(fall), rng.uniform(0.2, 0.4))
    return log.loss(loss) + _val(rng, log, task, val_fall) + log.others(rng)


def warm_up_cosine(rng: Generator) -> Series:
    """The rate warms up and falls as a cosine to 0; the loss follows to the end."""
    log = draw_log(rng, (60, 2000))
    task = draw_task(rng, log)
    warm, x = rng.uniform(0.02, 0.1), log.x
    after = np.clip((x - warm) / (1.0 - warm), 0.0, 1.0)
    rate = np.minimum((x + 1e-3) / warm, 1.0) * 0.5 * (1.0 + np.cos(np.pi * after))
    fall, val_fall = shapes(rng, log)
    series = log.loss(task.loss(fall) * noise(rng, len(x), 0.03))
    series += log.lr(wide(rng, 1e-5, 5e-3) * rate) + _val(rng, log, task, val_fall)
    if log.program.per_step:
        norm = wide(rng, 0.2, 3.0) * (1.0 + 3.0 * np.exp(-x * 20.0))
        series += log.norm(norm * noise(rng, len(x), 0.2))
    return series + log.others(rng)


def warm_restarts(rng: Generator) -> Series:
    """The rate starts again at its peak a few times; each time the loss hops and recovers."""
    log = draw_log(rng, (90, 1500))
    task = draw_task(rng, log)
    cycles = int(rng.integers(3, 6))
    x, hop = log.x * 0.9999, rng.uniform(0.04, 0.1)
    fall, val_fall = shapes(rng, log)

    def hops(at: FloatArray) -> FloatArray:
        phase = at * cycles % 1.0
        return np.asarray(hop * 0.5 * (1.0 + np.cos(np.pi * phase)) * (at > 1.0 / cycles))

    rate = wide(rng, 1e-4, 1e-1) * (0.01 + 0.99 * 0.5 * (1.0 + np.cos(np.pi * (x * cycles % 1.0))))
    series = log.loss(task.loss(fall + hops(x) * 0.5) * noise(rng, len(x), 0.015))
    val_fall = val_fall + 0.5 * hops(log.vx * 0.9999)
    return series + log.lr(rate) + _val(rng, log, task, val_fall) + log.others(rng)


def step_decays(rng: Generator) -> Series:
    """The rate falls to a tenth twice, and the loss goes down a stair each time."""
    log = draw_log(rng, (60, 1500))
    task = draw_task(rng, log)
    first, second = rng.uniform(0.4, 0.5), rng.uniform(0.7, 0.8)

    def fall(x: FloatArray) -> FloatArray:
        stairs = 0.5 + 0.5 * np.exp(-x * 12.0)
        stairs = stairs - 0.3 * -np.expm1(-np.clip(x - first, 0.0, 1.0) * 80.0)
        stairs = stairs - 0.1 * -np.expm1(-np.clip(x - second, 0.0, 1.0) * 80.0)
        return np.asarray(stairs, dtype=np.float64)

    rate = wide(rng, 1e-3, 0.2) * np.array([1.0, 0.1, 0.01])[np.digitize(log.x, [first, second])]
    series = log.loss(task.loss(fall(log.x)) * noise(rng, len(log.x), 0.015)) + log.lr(rate)
    rough = noise(rng, len(log.vx), 0.06) ** (log.vx < first)  # a high rate shakes the net
    return (
        series
        + log.val_loss(1.08 * task.loss(fall(log.vx)) * rough * noise(rng, len(log.vx), 0.008))
        + log.val_metric(task.accuracy(fall(log.vx)))
        + log.others(rng)
    )


def fine_tuning(rng: Generator) -> Series:
    """From a good start: the loss has little to fall, and does so in the first tenth."""
    log = draw_log(rng, (12, 600), metric=True)
    fall, val_fall = shapes(rng, log, (8.0, 20.0))
    start = rng.uniform(0.3, 0.7)
    floor, best = start * rng.uniform(0.4, 0.6), rng.uniform(0.88, 0.96)
    series = log.loss((floor + (start - floor) * fall) * noise(rng, len(fall), 0.03))
    val = 1.05 * (floor + (start - floor) * val_fall)
    series += log.val_loss(val * noise(rng, len(val), 0.008))
    series += log.metric(best - 0.1 * fall) + log.val_metric(best - 0.01 - 0.1 * val_fall)
    return series + log.lr(schedule(rng, log.x)) + log.others(rng)


def dropout_gap(rng: Generator) -> Series:
    """Dropout and augmentation keep the training loss a little above that of validation."""
    log = draw_log(rng, (20, 600))
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    gap = rng.uniform(0.9, 0.96)
    series = log.loss(task.loss(fall) * noise(rng, len(fall), 0.015))
    return series + _val(rng, log, task, val_fall, gap) + log.others(rng)


def label_smoothing(rng: Generator) -> Series:
    """Smoothed labels: the training loss levels off far above 0, with a high accuracy."""
    log = draw_log(rng, (40, 1000), metric=True)
    start = float(np.log(rng.choice([100, 1000]))) * 1.02
    task = Task(start, rng.uniform(1.0, 1.5), 0.005, rng.uniform(0.75, 0.9))
    fall, val_fall = shapes(rng, log)
    series = log.loss(task.loss(fall) * noise(rng, len(fall), 0.01))
    series += log.metric(task.accuracy(fall)) + _val(rng, log, task, val_fall, 1.02)
    return series + log.lr(schedule(rng, log.x)) + log.others(rng)


def large_units(rng: Generator) -> Series:
    """Squared errors of prices or of energies: a million at first, a thousand at last."""
    log = draw_log(rng, (20, 1500))
    fall, val_fall = shapes(rng, log)
    start = wide(rng, 1e4, 1e8)
    low = start * rng.uniform(0.01, 0.08)
    series = log.loss((low + start * fall) * noise(rng, len(fall), 0.03))
    val = (low + start * val_fall) * 1.1
    series += log.val_loss(val * noise(rng, len(val), 0.02))
    tag = pick(rng, "val_mae", "mean_absolute_error", "val/rmse")
    return series + log.val(tag, np.sqrt(val) * 0.8) + log.others(rng)


def quick_plateau(rng: Generator) -> Series:
    """All is learnt in the first few per cent of the run; then both losses stay."""
    log = draw_log(rng, (40, 2000))
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log, (40.0, 100.0))
    series = log.loss(task.loss(fall) * noise(rng, len(fall), 0.02))
    series += log.metric(task.accuracy(fall)) + _val(rng, log, task, val_fall)
    return series + log.lr(np.full(len(fall), wide(rng, 1e-4, 1e-2))) + log.others(rng)


def early_stopped(rng: Generator) -> Series:
    """Stopped with patience: the last three to five epochs were a little worse than the best."""
    log = draw_log(rng, (35, 90), per_step=False)
    task = draw_task(rng, log)
    n, patience = len(log.x), int(rng.integers(3, 6))
    fall, _ = shapes(rng, log)
    best = n - 1 - patience
    val = 1.15 * task.loss(np.maximum(fall, fall[best])) * noise(rng, n, 0.002)
    val[best:] = val[: best + 1].min() * (1.0 + rng.uniform(0.001, 0.005) * np.arange(patience + 1))
    series = log.loss(task.loss(fall) * noise(rng, n, 0.008)) + log.val_loss(val)
    accuracy = task.accuracy(np.maximum(fall, fall[best])) * 0.96
    return series + log.metric(task.accuracy(fall)) + log.val_metric(accuracy) + log.others(rng)


def late_drop(rng: Generator) -> Series:
    """A hard task: nothing for long, then all of it within a short while, on both sets."""
    log = draw_log(rng, (80, 1500))
    task = draw_task(rng, log)
    at, width = rng.uniform(0.3, 0.5), rng.uniform(0.015, 0.04)

    def fall(x: FloatArray) -> FloatArray:
        y = 0.08 * np.exp(-x * 20.0) + 0.92 / (1.0 + np.exp(np.clip((x - at) / width, -60, 60)))
        return np.asarray(y, dtype=np.float64)

    series = log.loss(task.loss(fall(log.x)) * noise(rng, len(log.x), 0.012))
    series += log.metric(task.accuracy(fall(log.x)))
    return series + _val(rng, log, task, fall(log.vx)) + log.others(rng)


def several_validation_sets(rng: Generator) -> Series:
    """Three validation sets, each with a level of its own, one of them hard."""
    log = draw_log(rng, (20, 800))
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    series = log.loss(task.loss(fall) * noise(rng, len(fall), 0.02))
    tags = (
        ("val_loss/dataloader_idx_0", "val_loss/dataloader_idx_1", "val_loss/dataloader_idx_2"),
        ("eval_squad_loss", "eval_nq_loss", "eval_triviaqa_loss"),
        ("val/in_domain/loss", "val/shifted/loss", "val/hard/loss"),
    )[int(rng.integers(3))]
    for tag, level in zip(tags, (1.03, 1.2, 1.7), strict=True):
        values = level * task.loss(0.9 * val_fall + 0.02 * level)
        series += log.val(tag, values * noise(rng, len(values), 0.01))
    return series + log.lr(schedule(rng, log.x)) + log.others(rng)


def per_class(rng: Generator) -> Series:
    """Segmentation: an IoU for each class, of which a rare one begins late and stays low."""
    log = draw_log(rng, (40, 800), metric=True)
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    style = pick(rng, "val/IoU_{}", "metrics/iou/{}", "Evaluate/IoU {}", "per_class_iou/{}")
    series = log.loss(task.loss(fall) * noise(rng, len(fall), 0.02))
    series += log.val_loss(1.06 * task.loss(val_fall) * noise(rng, len(val_fall), 0.012))
    v = log.vx
    for name in ("road", "car", "person", "sky", "pole")[: int(rng.integers(3, 6))]:
        top = rng.uniform(0.55, 0.95)
        seen = top * (1.0 - val_fall) + rng.normal(0.0, 0.008, len(v))
        series += log.val(style.format(name), np.clip(seen, 0.0, 1.0))
    rare = np.clip(0.25 * (v - 0.3) + rng.normal(0.0, 0.008, len(v)), 0.0, 1.0) * (v > 0.3)
    return series + log.val(style.format("rider"), rare) + log.others(rng)


def curriculum(rng: Generator) -> Series:
    """Longer sequences twice: the loss steps up with their length, and then falls below."""
    log = draw_log(rng, (200, 1500), per_step=True)
    task = draw_task(rng, log)
    lengths = np.array([128.0, 256.0, 512.0])[np.digitize(log.x, [0.3, 0.6])]
    fall = 0.75 * np.exp(-log.x * 7.0) + 0.02
    for at in (0.3, 0.6):
        since = log.x - at
        fall = fall + rng.uniform(0.05, 0.09) * np.exp(-np.clip(since, 0, 1) * 20.0) * (since >= 0)
    series = log.loss(task.loss(fall) * noise(rng, len(fall), 0.025))
    tag = pick(rng, "seq_len", "curriculum_seqlen", "train/max_length")
    val = 1.03 * task.loss(0.02 + 0.75 * np.exp(-log.vx * 6.0))
    return series + log.train(tag, lengths) + log.val_loss(val) + log.others(rng)


def few_epochs(rng: Generator) -> Series:
    """Ten to fourteen epochs, which suffice: an easy set."""
    log = draw_log(rng, (10, 14), per_step=False)
    task = draw_task(rng, log)
    fall, _ = shapes(rng, log, (7.0, 12.0))
    series = log.loss(task.loss(fall) * noise(rng, len(fall), 0.008))
    series += log.metric(task.accuracy(fall)) + _val(rng, log, task, fall)
    return series + log.others(rng)


def language_model(rng: Generator) -> Series:
    """Pre-training: a power law from ln of the vocabulary, and small blips that recover."""
    log = draw_log(rng, (400, 3000), per_step=True)
    n, start = len(log.x), float(np.log(rng.choice([32000, 50257, 128000])))
    floor = rng.uniform(2.2, 3.0)

    def level(x: FloatArray) -> FloatArray:
        return np.asarray(floor + (start - floor) * (1.0 + 60.0 * x) ** -0.9, dtype=np.float64)

    loss = level(log.x) * noise(rng, n, 0.008)
    norm = (0.4 + 3.0 * np.exp(-log.x * 25.0)) * noise(rng, n, 0.12)
    for spot in rng.integers(n // 4, n - 20, whole(rng, 1, 3)):
        after = np.exp(-np.arange(n - spot) / 4.0)
        loss[spot:] *= 1.0 + rng.uniform(0.04, 0.1) * after
        norm[spot] *= rng.uniform(1.5, 2.5)
    series = log.loss(loss) + log.norm(norm) + log.val_loss(level(log.vx) * 1.01)
    return series + log.others(rng)


HEALTHY: dict[str, Callable[[Generator], Series]] = {
    "noisy-batches": noisy_batches,
    "warm-up-cosine": warm_up_cosine,
    "warm-restarts": warm_restarts,
    "step-decays": step_decays,
    "fine-tuning": fine_tuning,
    "dropout-gap": dropout_gap,
    "label-smoothing": label_smoothing,
    "large-units": large_units,
    "quick-plateau": quick_plateau,
    "early-stopped": early_stopped,
    "late-drop": late_drop,
    "several-validation-sets": several_validation_sets,
    "per-class": per_class,
    "curriculum": curriculum,
    "few-epochs": few_epochs,
    "language-model": language_model,
    "same-order": same_order,
    **OTHERS,
}
