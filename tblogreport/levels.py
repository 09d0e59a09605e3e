"""Where losses and metrics ended, and how fast the run went: what comparisons compare."""

from __future__ import annotations

import numpy as np

from tblogreport.context.selection import span
from tblogreport.context.series import CURVES, LOSSES, Role, Series
from tblogreport.context.words import Direction
from tblogreport.findings import Level
from tblogreport.signals import Signals
from tblogreport.signals.curve import CurveSignal

_MOST_LEVELS = 12
_MOST_INDEPENDENT = 10
_MEDIAN_TO_MEAN = 1.2533  # how much less sure a median is than a mean, of normal noise
# What one would choose a model by first.
_ORDER = (
    Role.VALIDATION_METRIC,
    Role.VALIDATION_LOSS,
    Role.TRAIN_METRIC,
    Role.TRAIN_LOSS,
)


def levels_of(signals: Signals) -> tuple[Level, ...]:
    """The levels of up to twelve series of several points; those that a run is judged by first."""
    context = signals.context
    judged = (
        context.validation_metric,
        context.validation_loss,
        context.train_metric,
        context.train_loss,
    )
    first = [series for series in judged if series is not None]
    others = [s for s in context.series if s.role in CURVES and s not in first]
    others.sort(key=lambda s: _ORDER.index(s.role))
    told = (_level(signals, series) for series in (*first, *others) if len(series) > 1)
    return tuple(level for level in told if level is not None)[:_MOST_LEVELS]


def _level(signals: Signals, series: Series) -> Level | None:
    curve = signals.curve(series)
    if not len(curve):
        return None
    value = curve.tail if np.isfinite(series.values[-1]) else float("nan")
    higher = None if series.direction is None else series.direction is Direction.HIGHER
    inside = curve.values.min() >= 0.0 and curve.values.max() <= 1.0
    return Level(
        tag=series.tag,
        split=series.split,
        role=series.role.value,
        value=value,
        noise=_noise(curve),
        higher_is_better=False if series.role in LOSSES else higher,
        is_share=series.is_accuracy and bool(inside),
    )


def _noise(curve: CurveSignal) -> float:
    """How far chance moves the level: the standard error of a median.

    Neighbouring points of a training are not independent: no more than ten of them count.
    """
    counted = min(curve.tail_length, _MOST_INDEPENDENT)
    return curve.noise * _MEDIAN_TO_MEAN / float(np.sqrt(counted))


def pace_of(signals: Signals) -> float | None:
    """The median seconds from one step of the loss to the next; None where time tells nothing."""
    series = signals.main_series
    if series is None or len(series) < 3 or span(series) is None:
        return None
    steps, waited = np.diff(series.steps), np.diff(series.wall_times)
    forward = (steps > 0) & np.isfinite(waited) & (waited >= 0)
    if not forward.any():
        return None
    pace = float(np.median(waited[forward] / steps[forward]))
    return pace if pace > 0 else None
