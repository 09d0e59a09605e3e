"""Whether a loss rose as its learning rate climbed: a warm-up that goes too high.

A warm-up lets the loss fall from the start. Where it turns on the way up, and comes down only
with the rate, the rate at which it turned was high enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tblogreport.context.schedule import Schedule
from tblogreport.signals.curve import CurveSignal

# Points of the loss, while the rate climbs and after that, that a turn is told by.
MIN_POINTS = 8
# The rise above the best level on the way up, as a share of it, and over its noise.
RISE_SHARE = 0.20
SIGMAS = 5.0
# The loss turned at this share of the peak rate, or below: a turn at the top is a drift.
TURNED_AT = 0.8
# The loss is back where this share of the rise is left.
_BACK = 0.25
# Points that a level is the median of.
_LEVEL = 5


@dataclass(frozen=True)
class Climb:
    """A loss that turned while its rate climbed. Levels in the loss' own unit."""

    best: float
    best_step: int
    rate_at_best: float
    level: float  # where the loss stood when the rate had climbed to its peak
    peak: float  # that rate
    peak_step: int
    lasted: float  # share of the run from the turn until the loss was back, or to the end


def measure_climb(curve: CurveSignal, schedule: Schedule) -> Climb | None:
    """The turn of a loss above zero during a warm-up; None where there was none."""
    peak_at = int(np.argmax(schedule.rates))
    top = int(np.searchsorted(curve.wall_times, schedule.wall_times[peak_at]))
    if min(top, len(curve) - top) < MIN_POINTS or curve.values.min() <= 0:
        return None
    at = np.searchsorted(schedule.wall_times, curve.wall_times, side="right") - 1
    rates = schedule.rates[np.maximum(at, 0)]
    levels = np.median(sliding_window_view(curve.values[:top], _LEVEL), axis=1)
    best_at = int(np.argmin(levels)) + _LEVEL - 1  # the last point of the window
    best = float(levels.min())
    level = float(np.median(curve.values[top : top + _LEVEL]))
    noise = curve.noise * float(np.sqrt(2.0 / _LEVEL))
    rise = level - best
    if rates[best_at] > TURNED_AT * schedule.peak or rise < max(RISE_SHARE * best, SIGMAS * noise):
        return None
    back = np.flatnonzero(curve.smooth[top:] <= best + _BACK * rise)
    end = top + int(back[0]) if len(back) else len(curve)
    return Climb(
        best=best,
        best_step=curve.step_at(best_at),
        rate_at_best=float(rates[best_at]),
        level=level,
        peak=schedule.peak,
        peak_step=curve.step_at(top),
        lasted=(end - best_at) / len(curve),
    )
