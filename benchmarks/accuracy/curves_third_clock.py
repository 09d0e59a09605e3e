"""Runs that were resumed, and runs whose steps take ever longer; by the third author."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_names import (
    FloatArray,
    Log,
    Series,
    draw_log,
    draw_task,
    noise,
    schedule,
    shapes,
    wide,
)
from tests.runs import Histogram, Scalar


def _timed(series: Series, steps: FloatArray, seconds: FloatArray) -> Series:
    """The series, each point at the time at which its step was done."""

    def timed(one: Scalar | Histogram) -> Scalar | Histogram:
        if isinstance(one, Histogram) or one.steps is None:
            return one
        return replace(one, seconds=np.interp(np.asarray(one.steps), steps, seconds))

    return tuple(timed(one) for one in series)


def _learning(rng: Generator, log: Log, bump: FloatArray | None = None) -> Series:
    """A run that trains well, but for a bump in the loss by these factors."""
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    factors = np.ones(len(fall)) if bump is None else bump
    series = log.loss(task.loss(fall) * factors * noise(rng, len(fall), 0.02))
    series += log.val_loss(task.loss(val_fall) * 1.05 * noise(rng, len(val_fall), 0.01))
    series += log.val_metric(task.accuracy(val_fall) + rng.normal(0.0, 0.003, len(val_fall)))
    if rng.random() < 0.5:
        series += log.lr(schedule(rng, log.x))
    return series + log.others(rng)


def _ticks(rng: Generator, n: int, each: float) -> FloatArray:
    """The seconds that each point took; a logger's clock is a little unsteady."""
    return each * np.exp(rng.normal(0.0, 0.05, n))


def stalled_training(rng: Generator) -> Series:
    """The run hangs for long somewhere, or its steps take several times as long as at first."""
    log = draw_log(rng, (40, 1500))
    n = len(log.steps)
    took = _ticks(rng, n, wide(rng, 0.5, 120.0))
    kind = rng.integers(3)
    at = rng.uniform(0.3, 0.7)
    if kind == 0:  # a dead mount, a hung worker: an hour at least, and most of the run's time
        took[int(at * n)] = max(float(took.sum()) * rng.uniform(0.8, 4.0), 3600.0)
    elif kind == 1:  # a leak
        took *= 1.0 + (rng.uniform(5.0, 15.0)) * np.clip((log.x - 0.1) / 0.9, 0.0, 1.0)
    else:  # a throttled or shared device from here on
        took[int(at * n) :] *= rng.uniform(4.0, 12.0)
    return _timed(_learning(rng, log), log.steps, np.cumsum(took) - took[0])


def resumed_run(rng: Generator) -> Series:
    """Steps written a second time after a restart; or a long break, then a bump in the loss."""
    log = draw_log(rng, (60, 1500))
    n = len(log.steps)
    took = _ticks(rng, n, wide(rng, 1.0, 60.0))
    cut = int(rng.uniform(0.4, 0.7) * n)
    pause = max(float(took.sum()) * rng.uniform(0.3, 3.0), 1800.0)
    if rng.random() < 0.35:
        took[cut] += pause
        fading = np.exp(-np.clip(np.arange(n) - cut, 0, n) / (0.015 * n + 1.0))
        bump = np.where(np.arange(n) >= cut, 1.0 + rng.uniform(0.3, 0.6) * fading, 1.0)
        return _timed(_learning(rng, log, bump), log.steps, np.cumsum(took) - took[0])
    back = max(4, int(rng.uniform(0.05, 0.2) * n))
    series = _learning(rng, log)
    seconds = np.cumsum(took) - took[0]
    first, last = log.steps[cut - back], log.steps[cut]
    return tuple(_rewritten(rng, one, log, seconds, (first, last), pause) for one in series)


def _rewritten(
    rng: Generator,
    one: Scalar | Histogram,
    log: Log,
    seconds: FloatArray,
    again: tuple[float, float],
    pause: float,
) -> Scalar | Histogram:
    """The series with the steps of `again` written before the break and after it."""
    if isinstance(one, Histogram) or one.steps is None:
        return one
    steps, values = np.asarray(one.steps), np.asarray(one.values)
    before, after = steps <= again[1], steps > again[0]
    at = np.interp(steps, log.steps, seconds)
    shift = pause + float(np.diff(np.interp(again, log.steps, seconds))[0])
    spread = 0.01 * float(np.std(values))
    # Integers and rates that a checkpoint holds come back as they were.
    exact = len(np.unique(values)) < len(values) / 2
    once_more = values[after] + (0.0 if exact else rng.normal(0.0, spread, int(after.sum())))
    return replace(
        one,
        steps=np.concatenate([steps[before], steps[after]]),
        values=np.concatenate([values[before], once_more]),
        seconds=np.concatenate([at[before], at[after] + shift]),
    )


CLOCKED: dict[str, Callable[[Generator], Series]] = {
    "stalled-training": stalled_training,
    "resumed-run": resumed_run,
}
