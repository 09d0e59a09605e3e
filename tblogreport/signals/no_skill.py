"""Metrics that tell by themselves that a model is of no use, whatever the task.

An R² of 0 is what the mean of the targets reaches, a correlation of 0 or an area under the
ROC curve of one half what random answers do; an error rate of words or characters near 1 is
that of a transcript in which nothing is right, and an overlap, a recall or a mean average
precision near 0 that of a detector that finds nothing. How hard the task is does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tblogreport.context.series import Series
from tblogreport.context.words import Direction
from tblogreport.signals.curve import CurveSignal, FloatArray

# Evaluations that say so one after the other.
MIN_EVALUATIONS = 5
# A mean so many standard errors above the level is weak skill, and skill; evaluations of which
# each is better than the one before have left it.
SIGMAS = 4.0
_RISING = 4


@dataclass(frozen=True)
class _Level:
    """What a metric is worth where nothing was learned."""

    level: float
    end: float  # how far from it the metric may end, to be of no use …
    best: float  # … and how far its best value may have been
    meaning: str
    weak: bool = False  # whether a little above the level, but surely so, may be all there is


_CORRELATION = _Level(0.0, 0.05, 0.10, "the answers have nothing to do with the truth", weak=True)
_AREA = _Level(0.5, 0.02, 0.05, "a random order would do as well", weak=True)
_ERROR_RATE = _Level(1.0, 0.10, 0.15, "next to nothing is right")
_NOTHING_FOUND = _Level(0.0, 0.01, 0.01, "nothing is found")
# A detector may recall something by answering much; its precision tells, over all thresholds.
_MEAN_PRECISION = replace(_NOTHING_FOUND, end=0.015, best=0.02)
_LEVELS = {
    "r2": _Level(0.0, 0.005, 0.02, "the mean of the targets would do as well", weak=True),
    "pearson": _CORRELATION,
    "spearman": _CORRELATION,
    "correlation": _CORRELATION,
    "kappa": _CORRELATION,
    "mcc": _CORRELATION,
    "auc": _AREA,
    "auroc": _AREA,
    "wer": _ERROR_RATE,
    "cer": _ERROR_RATE,
    "map": _MEAN_PRECISION,
    "recall": _NOTHING_FOUND,
    "f1": _NOTHING_FOUND,
    "iou": _NOTHING_FOUND,
    "miou": _NOTHING_FOUND,
    "dice": _NOTHING_FOUND,
}
# An area or an error rate above this is in per cent: no area is above 1, and few transcripts
# have twice as many errors as words.
_PER_CENT = 2.0


@dataclass(frozen=True)
class NoSkill:
    """A metric that never left the level at which nothing was learned."""

    series: Series
    level: float  # in the unit of the metric
    best: float  # the best value at any evaluation
    end: float
    meaning: str


def quantity(series: Series) -> str:
    """The known metric that a series measures; empty where it is none."""
    return next((word for word in series.stem if word in _LEVELS), "")


def same_kind(one: Series, other: Series) -> bool:
    """Whether two series that measure known metrics have the same level of no skill."""
    return _LEVELS[quantity(one)] is _LEVELS[quantity(other)]


def no_skill(metric: CurveSignal) -> NoSkill | None:
    """What a metric says if it was of no use throughout; None if it was, or cannot tell."""
    known = _LEVELS.get(quantity(metric.series))
    if known is None or len(metric) < MIN_EVALUATIONS or metric.series.lost_from is not None:
        return None
    unit = 100.0 if known.level > 0 and float(np.median(metric.values)) > _PER_CENT else 1.0
    sign = -1.0 if metric.series.direction == Direction.LOWER else 1.0
    gained = sign * (metric.values / unit - known.level)
    if sign * (metric.tail / unit - known.level) > known.end or gained.max() > known.best:
        return None
    if (known.weak and _surely_above(gained)) or _just_began(gained):
        return None
    best = float(metric.values[int(np.argmax(gained))])
    return NoSkill(metric.series, known.level * unit, best, metric.tail, known.meaning)


def _surely_above(gained: FloatArray) -> bool:
    """Whether the mean lies above the level by so many standard errors."""
    later = gained[len(gained) // 2 :]
    error = float(np.std(later) / np.sqrt(len(later)))
    return float(np.mean(later)) > max(SIGMAS * error, 1e-12)


def _just_began(gained: FloatArray) -> bool:
    """Whether the last evaluations each are the best so far: it has begun to learn."""
    rising = bool((np.diff(gained[-_RISING:]) > 0).all())
    return rising and float(gained[-1]) == float(gained.max())
