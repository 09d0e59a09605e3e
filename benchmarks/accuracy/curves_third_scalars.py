"""Runs with a fault of their losses, by the third author; the other faults are in `_faults`.

Each function draws another run at each call: another program, length, unit, form and severity.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_faults import OTHERS
from benchmarks.accuracy.curves_third_names import (
    FloatArray,
    Log,
    Series,
    Task,
    draw_log,
    draw_task,
    noise,
    schedule,
    shapes,
    whole,
    wide,
)


def _with_accuracy(
    rng: Generator, log: Log, task: Task, train: FloatArray, val: FloatArray
) -> Series:
    """The metrics along a fall of the loss from 1 to 0, with a little noise."""
    train_noise = rng.normal(0.0, 0.006, len(train))
    val_noise = rng.normal(0.0, 0.006, len(val))
    return log.metric(task.accuracy(train) + train_noise) + log.val_metric(
        task.accuracy(val) * 0.97 + val_noise
    )


def slow_convergence(rng: Generator) -> Series:
    """The loss creeps down a straight line by a few per cent; a tiny learning rate."""
    log = draw_log(rng, (25, 2000))
    task = draw_task(rng, log)
    fall = rng.uniform(0.05, 0.22)
    curved = rng.uniform(0.0, 0.4)
    jitter = fall * rng.uniform(0.02, 0.12)

    def level(x: FloatArray) -> FloatArray:
        line = (1.0 - fall * (x * (1.0 + curved) - curved * x**2)) * noise(rng, len(x), jitter)
        return np.asarray(task.start * line, dtype=np.float64)

    series = log.loss(level(log.x)) + log.val_loss(level(log.vx) * rng.uniform(1.0, 1.03))
    if rng.random() < 0.6:
        series += log.lr(np.full(len(log.x), wide(rng, 1e-8, 1e-6)))
    if rng.random() < 0.5:
        gained = task.chance + 0.3 * fall * log.vx
        series += log.val_metric(gained + rng.normal(0.0, 0.01 * fall, len(gained)))
    return series + log.others(rng)


def still_improving(rng: Generator) -> Series:
    """The loss falls well, by a power law or exponentially, and the run ends on the way."""
    log = draw_log(rng, (20, 2000))
    task = draw_task(rng, log)
    k, power = rng.uniform(1.3, 2.2), rng.random() < 0.4
    jitter, gap = rng.uniform(0.003, 0.02), rng.uniform(1.0, 1.08)

    def fall(x: FloatArray) -> FloatArray:
        y = (1.0 + 1.5 * x) ** (-1.0 * k) if power else np.exp(-k * x)
        return np.asarray(y, dtype=np.float64)

    def level(x: FloatArray) -> FloatArray:
        return task.start * (0.05 + 0.95 * fall(x)) * noise(rng, len(x), jitter)

    series = log.loss(level(log.x)) + log.val_loss(gap * level(log.vx))
    series += _with_accuracy(rng, log, task, fall(log.x), fall(log.vx))
    if rng.random() < 0.5:
        series += log.lr(np.full(len(log.x), wide(rng, 1e-5, 1e-2)))
    return series + log.others(rng)


def oscillating_loss(rng: Generator) -> Series:
    """After a short fall the loss swings widely, in waves or in saws, to the very end."""
    log = draw_log(rng, (40, 1500))
    task = draw_task(rng, log)
    n = len(log.x)
    cycles = min(wide(rng, 8, 60), n / 5)
    rate = cycles / n * np.exp(rng.normal(0.0, 0.25, n))
    phase = np.cumsum(rate)
    saw = rng.random() < 0.35
    wave = 2.0 * (phase % 1.0) - 1.0 if saw else np.sin(2.0 * np.pi * phase)
    knots = np.arange(2 * int(cycles) + 2)
    sizes = np.exp(np.interp(phase, knots, rng.normal(0.0, 0.2, len(knots))))
    swing = rng.uniform(0.35, 0.6) * np.clip(sizes, 0.7, 1.4) * wave
    middle = rng.uniform(0.3, 0.6) + 0.5 * np.exp(-log.x * rng.uniform(20, 60))
    loss = task.start * middle * np.exp(swing) * noise(rng, n, 0.04)
    at = np.searchsorted(log.steps, log.val_steps)
    series = log.loss(loss) + log.val_loss(loss[at] * noise(rng, len(at), 0.08) * 1.05)
    if rng.random() < 0.5:
        series += log.lr(np.full(n, wide(rng, 0.1, 3.0)))
    return series + log.others(rng)


def diverging_loss(rng: Generator) -> Series:
    """The loss falls, leaves its best level and rises for good: runaway, ramp, or a jump."""
    log = draw_log(rng, (30, 2000))
    task = draw_task(rng, log)
    turn, kind, end = rng.uniform(0.25, 0.55), rng.integers(3), wide(rng, 1.0, 8.0)
    k, jitter = rng.uniform(4.0, 9.0), rng.uniform(0.01, 0.06)

    def level(x: FloatArray) -> FloatArray:
        best = task.loss(np.exp(-k * x))
        after = np.clip((x - turn) / (1.0 - turn), 0.0, 1.0)
        if kind == 0:
            risen = np.expm1(4.0 * after) / np.expm1(4.0)
        elif kind == 1:
            risen = after
        else:  # to a plateau, where the net has forgotten everything
            risen = 1.0 - np.exp(-after * 15.0)
        loss = best + (end * task.start - best) * risen
        return np.asarray(loss * noise(rng, len(x), jitter), dtype=np.float64)

    series = log.loss(level(log.x)) + log.val_loss(level(log.vx) * rng.uniform(1.0, 1.1))
    if rng.random() < 0.4:
        series += log.lr(np.full(len(log.x), wide(rng, 1e-4, 1e-1)))
    return series + log.others(rng)


def non_converging_loss(rng: Generator) -> Series:
    """The loss stays where it starts, with noise, and the metric at chance."""
    log = draw_log(rng, (25, 3000))
    task = draw_task(rng, log)
    jitter = rng.uniform(0.003, 0.03)
    level = task.start
    series = log.loss(level * noise(rng, len(log.x), jitter))
    series += log.val_loss(level * noise(rng, len(log.vx), jitter / 2))
    if rng.random() < 0.7:
        chance = np.full(len(log.vx), task.chance)
        series += log.val_metric(chance * noise(rng, len(log.vx), 0.03))
    if rng.random() < 0.5:
        series += log.lr(np.full(len(log.x), wide(rng, 1e-4, 1e-1)))
    return series + log.others(rng)


def overfitting(rng: Generator) -> Series:
    """The validation loss turns early and rises on, while the training loss goes on falling."""
    log = draw_log(rng, (20, 2000))
    task = draw_task(rng, log)
    turn, rise = rng.uniform(0.12, 0.4), rng.uniform(0.3, 2.0)
    train_fall = np.exp(-log.x * rng.uniform(2.5, 5.0))
    lowest, bend = rng.uniform(0.4, 0.65), rng.uniform(0.8, 1.5)
    v = log.vx
    falling = lowest + (0.95 - lowest) * np.exp(-4.0 * v / turn)
    after = np.clip((v - turn) / (1.0 - turn), 0.0, 1.0)
    val = falling * (1.0 + rise * after**bend)
    series = log.loss(task.start * (0.02 + 0.98 * train_fall) * noise(rng, len(log.x), 0.02))
    series += log.val_loss(task.start * val * noise(rng, len(v), rng.uniform(0.005, 0.03)))
    if rng.random() < 0.6:
        series += log.metric(task.accuracy(train_fall))
        kept = task.accuracy(0.35 + 0.65 * np.exp(-4.0 * v / turn)) * (1.0 - 0.06 * after)
        series += log.val_metric(kept + rng.normal(0.0, 0.004, len(v)))
    if rng.random() < 0.4:
        series += log.lr(np.full(len(log.x), wide(rng, 1e-5, 1e-2)))
    return series + log.others(rng)


def loss_spikes(rng: Generator) -> Series:
    """Isolated jumps of the loss by a multiple; most recover at once, some only slowly."""
    log = draw_log(rng, (150, 3000), per_step=True)
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    loss = task.loss(fall) * noise(rng, len(log.x), rng.uniform(0.015, 0.05))
    n, count = len(loss), whole(rng, 3, 7)
    spots = np.linspace(0.15, 0.92, count) + rng.uniform(-0.04, 0.04, count)
    for spot in (spots * n).astype(int):
        height, lasting = wide(rng, 2.0, 9.0), wide(rng, 0.5, max(1.0, 0.012 * n))
        after = np.arange(n - spot)
        loss[spot:] *= 1.0 + height * np.exp(-after / lasting)
    series = log.loss(loss)
    series += log.val_loss(task.loss(val_fall) * noise(rng, len(log.vx), 0.01) * 1.03)
    if rng.random() < 0.5:
        series += log.lr(schedule(rng, log.x))
    return series + log.others(rng)


def nan_or_inf(rng: Generator) -> Series:
    """The loss becomes NaN or infinite, at once or after a run-up, and stays so to the end."""
    log = draw_log(rng, (20, 2000))
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    first = rng.uniform(0.2, 0.95)
    run_up = rng.random() < 0.4
    bad = np.inf if rng.random() < 0.25 else np.nan

    def broken(values: FloatArray, x: FloatArray) -> FloatArray:
        near = np.clip((x - first + 0.03) / 0.03, 0.0, 1.0) if run_up else np.zeros(len(x))
        return np.where(x >= first, bad, values * (1.0 + 5.0 * near))

    series = log.loss(broken(task.loss(fall) * noise(rng, len(log.x), 0.03), log.x))
    series += log.val_loss(broken(task.loss(val_fall) * noise(rng, len(log.vx), 0.02), log.vx))
    if log.program.per_step and rng.random() < 0.5:
        norm = wide(rng, 0.1, 20.0) * noise(rng, len(log.x), 0.3)
        series += log.norm(broken(norm, log.x + 1.5 / len(log.x)))  # the step before
    if rng.random() < 0.4:
        series += log.lr(schedule(rng, log.x))
    return series + log.others(rng)


def validation_below_training(rng: Generator) -> Series:
    """The validation loss lies far below the training loss, all along."""
    log = draw_log(rng, (20, 1500))
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    ratio, jitter = rng.uniform(0.25, 0.6), rng.uniform(0.01, 0.04)
    # The training level is that of a run that learnt half of it: there is room below.
    series = log.loss(task.start * (0.4 + 0.6 * fall) * noise(rng, len(log.x), jitter))
    below = task.start * (0.4 + 0.6 * val_fall) * ratio
    series += log.val_loss(below * noise(rng, len(log.vx), jitter))
    if rng.random() < 0.5:
        series += log.metric(0.7 - (0.7 - task.chance) * fall)
        series += log.val_metric(0.92 - (0.92 - task.chance) * val_fall * 0.7)
    if rng.random() < 0.4:
        series += log.lr(schedule(rng, log.x))
    return series + log.others(rng)


def loss_metric_mismatch(rng: Generator) -> Series:
    """Both losses fall nicely, and the validation metric stays at chance or gets worse."""
    log = draw_log(rng, (25, 1500), metric=True)
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log, (3.0, 7.0))
    series = log.loss(task.loss(fall) * noise(rng, len(log.x), 0.02))
    series += log.val_loss(task.loss(val_fall) * noise(rng, len(log.vx), 0.015) * 1.04)
    high, drop = rng.uniform(0.55, 0.85), rng.uniform(0.25, 0.5)
    for grow, add in ((fall, log.metric), (val_fall, log.val_metric)):
        worse = high - drop * (1.0 - grow)
        flat = np.full(len(grow), max(task.chance, 0.02))
        values = worse if drop > 0.35 else flat
        series += add(values + rng.normal(0.0, 0.006, len(grow)) * min(1.0, values[0] * 3.0))
    return series + log.others(rng)


BROKEN: dict[str, Callable[[Generator], Series]] = {
    "slow-convergence": slow_convergence,
    "still-improving": still_improving,
    "oscillating-loss": oscillating_loss,
    "diverging-loss": diverging_loss,
    "non-converging-loss": non_converging_loss,
    "overfitting": overfitting,
    "loss-spikes": loss_spikes,
    "nan-or-inf": nan_or_inf,
    "validation-below-training": validation_below_training,
    "loss-metric-mismatch": loss_metric_mismatch,
    **OTHERS,
}
