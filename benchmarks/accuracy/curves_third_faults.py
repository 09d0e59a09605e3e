"""Runs whose fault shows in gradients, metrics, rates or the clock, by the third author."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_agents import posterior_collapse, reward_collapse
from benchmarks.accuracy.curves_third_clock import CLOCKED
from benchmarks.accuracy.curves_third_impossible import impossible_values
from benchmarks.accuracy.curves_third_names import (
    FloatArray,
    Log,
    Series,
    draw_log,
    draw_task,
    noise,
    pick,
    schedule,
    shape,
    shapes,
    whole,
    wide,
)

_SCHEDULED = ("frozen", "jump", "no warm-up")


def _layers(rng: Generator) -> list[str]:
    """The gradient norms of a net's layers, from the input on, as programs name them."""
    style = pick(
        rng,
        "grad_2.0_norm/layers.{}.weight",
        "gradients/block{}_norm",
        "grad_norm/encoder.layer.{}.output.dense.weight",
        "grads/fc{}/l2",
        "Gradients/h.{}.mlp.c_fc.weight",
        "grad_norm/Dense_{}/kernel",
    )
    return [style.format(i) for i in range(int(rng.integers(5, 17)))]


def learning_rate_schedule(rng: Generator) -> Series:
    """The rate falls to 0 far too early; or jumps up; or is at its peak from the first step."""
    kind = pick(rng, *_SCHEDULED)
    if kind == "frozen":
        return _frozen(rng)
    log = draw_log(rng, (40, 1500))
    task = draw_task(rng, log)
    if kind == "jump":
        at, factor, worse = rng.uniform(0.35, 0.65), wide(rng, 10, 100), rng.uniform(0.6, 1.0)
        rate = wide(rng, 1e-5, 1e-2) * np.where(log.x >= at, factor, 1.0)
    else:
        at, worse = rng.uniform(0.08, 0.2), rng.uniform(1.0, 3.0)
        rate = wide(rng, 0.03, 1.0) * (1.0 - 0.9 * log.x)

    def level(x: FloatArray) -> FloatArray:
        before = task.loss(np.exp(-x * (8.0 if kind == "jump" else 4.0)))
        rising = 1.0 - np.exp(-np.clip(x - at, 0.0, 1.0) * 60.0)
        after = (1.0 - rising) * before + rising * worse * task.start
        return np.asarray(after * noise(rng, len(x), 0.03), dtype=np.float64)

    series = log.loss(level(log.x)) + log.val_loss(level(log.vx)) + log.lr(rate)
    return series + log.others(rng)


def _frozen(rng: Generator) -> Series:
    """What is learnt follows the sum of the rates, so the loss stops where the rate does."""
    log = draw_log(rng, (30, 2000))
    task = draw_task(rng, log)
    end, kind, peak = rng.uniform(0.15, 0.35), rng.integers(3), wide(rng, 1e-5, 1e-1)

    def rate(x: FloatArray) -> FloatArray:
        done = np.clip(x / end, 0.0, 1.0)
        if kind == 0:  # cosine or linear decay over the wrong number of steps
            return np.asarray(0.5 * (1.0 + np.cos(np.pi * done)), dtype=np.float64)
        if kind == 1:
            return np.asarray(1.0 - done, dtype=np.float64)
        return np.asarray(10.0 ** -(6.0 * x / end), dtype=np.float64)  # a gamma too small

    fine = np.linspace(0.0, 1.0, 4001)
    summed = np.cumsum(rate(fine))
    summed = summed / summed[-1]
    gained = rng.uniform(0.35, 0.6)

    def level(x: FloatArray) -> FloatArray:
        fall = 1.0 - gained * np.interp(x, fine, summed)
        return np.asarray(task.start * fall * noise(rng, len(x), 0.01), dtype=np.float64)

    series = log.loss(level(log.x)) + log.val_loss(level(log.vx) * 1.02)
    return series + log.lr(peak * rate(log.x)) + log.others(rng)


def gradient_spikes(rng: Generator) -> Series:
    """The total norm jumps up to 1000-fold a few times, and each time the loss is thrown back."""
    log = draw_log(rng, (150, 3000), norm=True)
    task = draw_task(rng, log)
    n, count = len(log.x), whole(rng, 4, 10)
    fall, val_fall = shapes(rng, log, (3.0, 6.0))
    norm = wide(rng, 0.05, 50.0) * np.exp(rng.normal(0.0, rng.uniform(0.1, 0.3), n))
    loss = task.loss(fall) * noise(rng, n, rng.uniform(0.01, 0.04))
    spots = (np.linspace(0.1, 0.9, count) + rng.uniform(-0.03, 0.03, count)) * n
    for spot in spots.astype(int):
        norm[spot] *= wide(rng, 20, 1000)
        after = np.arange(n - spot - 1)
        slow = wide(rng, 2.0, max(3.0, 0.03 * n))
        loss[spot + 1 :] *= 1.0 + rng.uniform(0.6, 2.5) * np.exp(-after / slow)
    series = log.loss(loss) + log.norm(norm)
    series += log.val_loss(task.loss(val_fall) * 1.15 * noise(rng, len(log.vx), 0.04))
    if rng.random() < 0.5:
        series += log.lr(schedule(rng, log.x))
    return series + log.others(rng)


def exploding_gradients(rng: Generator) -> Series:
    """The norms, total or by layer, grow by orders of magnitude, and the loss goes bad."""
    log = draw_log(rng, (40, 1500))
    task = draw_task(rng, log)
    onset, decades = rng.uniform(0.0, 0.5), rng.uniform(3.5, 8.0)
    grown = np.clip((log.x - onset) / (1.0 - onset), 0.0, 1.0)
    factor = 10.0 ** (decades * grown ** rng.uniform(0.8, 1.6))
    up = rng.uniform(1.5, 20.0)

    def level(x: FloatArray) -> FloatArray:
        after = np.clip((x - onset) / (1.0 - onset), 0.0, 1.0)
        loss = task.loss(np.exp(-5.0 * x)) + up * task.start * after**2.5
        return np.asarray(loss * noise(rng, len(x), 0.04), dtype=np.float64)

    series = log.loss(level(log.x)) + log.val_loss(level(log.vx))
    base = wide(rng, 0.05, 5.0)
    if rng.random() < 0.5:
        for tag in _layers(rng):
            own = base * wide(rng, 0.3, 3.0)
            series += log.train(tag, own * factor * np.exp(rng.normal(0.0, 0.2, len(factor))))
        return series + log.others(rng)
    series += log.norm(base * factor * np.exp(rng.normal(0.0, 0.25, len(factor))))
    return series + log.others(rng)


def vanishing_gradients(rng: Generator) -> Series:
    """Layer by layer the norms shrink towards the input, and the loss stays where it began."""
    log = draw_log(rng, (30, 800))
    task = draw_task(rng, log)
    tags = _layers(rng)
    decades = rng.uniform(5.0, 10.0)
    n, top = len(log.x), wide(rng, 0.05, 3.0)
    jitter = rng.uniform(0.003, 0.01)
    series = log.loss(task.start * noise(rng, n, jitter))
    series += log.val_loss(task.start * noise(rng, len(log.vx), jitter / 2))
    depths = np.linspace(decades, 0.0, len(tags)) + rng.normal(0.0, 0.08, len(tags))
    for tag, depth in zip(tags, depths, strict=True):
        values = top * 10.0**-depth * np.exp(rng.normal(0.0, 0.2, n))
        series += log.train(tag, values)
    if rng.random() < 0.5:
        series += log.val_metric(task.chance * noise(rng, len(log.vx), 0.02))
    return series + log.others(rng)


def small_validation_set(rng: Generator) -> Series:
    """The validation accuracy knows only multiples of 1/n, with a small n."""
    log = draw_log(rng, (30, 900), metric=True)
    log = replace(log, val_steps=log.steps[:: max(1, len(log.steps) // whole(rng, 25, 60))])
    task = draw_task(rng, log)
    fall, _ = shapes(rng, log)
    at = np.searchsorted(log.steps, log.val_steps)
    examples = int(rng.integers(8, 36))
    hits = rng.binomial(examples, np.clip(task.accuracy(fall[at]) - 0.06, 0.02, 0.92))
    # The same examples each time: most answers stay, so counts move by one or two.
    for i in range(1, len(hits)):
        hits[i] = hits[i - 1] + np.clip(hits[i] - hits[i - 1], -3, 3)
    series = log.loss(task.loss(fall) * noise(rng, len(log.x), 0.02))
    series += log.val_metric(hits / examples)
    series += log.val_loss(task.loss(fall[at]) * 1.1 * noise(rng, len(at), 0.04))
    if rng.random() < 0.4:
        series += log.metric(task.accuracy(fall) + rng.normal(0.0, 0.004, len(fall)))
    return series + log.others(rng)


def same_order(rng: Generator) -> Series:
    """The training loss repeats one pattern in every epoch: data that are not shuffled.

    A habit worth a note, and no fault by which a run fails.
    """
    log, period = _even_epochs(rng)
    task = draw_task(rng, log)
    n = len(log.x)
    phase = np.arange(n) % period / period
    kind = rng.integers(4)
    if kind == 0:
        wave = 2.0 * phase - 1.0
    elif kind == 1:  # sorted by class: blocks, each with a level
        wave = rng.uniform(-1.0, 1.0, 5)[(phase * 5).astype(int)]
        wave = wave / np.abs(wave).max()
    elif kind == 2:
        wave = np.sin(2.0 * np.pi * (phase + rng.random()))
    else:  # a run of hard examples
        wave = 2.0 * np.exp(-(((phase - rng.uniform(0.3, 0.7)) / 0.12) ** 2)) - 0.5
    swing = rng.uniform(0.2, 0.45)
    loss = task.loss(shape(rng, log.x, (2.0, 4.0))) * np.exp(swing * wave)
    series = log.loss(loss * noise(rng, n, swing * rng.uniform(0.05, 0.2)))
    val = task.loss(np.exp(-3.0 * log.vx)) * 1.05
    return series + log.val_loss(val * noise(rng, len(log.vx), 0.02)) + log.others(rng)


def _even_epochs(rng: Generator) -> tuple[Log, int]:
    """A log per step whose epochs all have the same number of points."""
    period, epochs = whole(rng, 20, 120), int(rng.integers(6, 25))
    log = draw_log(rng, per_step=True)
    stride = log.steps[1] - log.steps[0]
    steps = log.steps[0] + np.arange(period * epochs, dtype=np.float64) * stride
    ends = np.arange(1, epochs + 1) * period - 1
    return Log(log.program, steps, steps[ends], epochs), period


OTHERS: dict[str, Callable[[Generator], Series]] = {
    "learning-rate-schedule": learning_rate_schedule,
    "gradient-spikes": gradient_spikes,
    "exploding-gradients": exploding_gradients,
    "vanishing-gradients": vanishing_gradients,
    "reward-collapse": reward_collapse,
    "posterior-collapse": posterior_collapse,
    "small-validation-set": small_validation_set,
    "impossible-values": impossible_values,
    **CLOCKED,
}
