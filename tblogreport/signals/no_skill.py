"""Metrics that tell by themselves that a model is of no use, whatever the task.

An R² of 0 is what the mean of the targets reaches, a correlation of 0 or an area under the
ROC curve of one half what random answers do; an error rate of words or characters near 1 is
that of a transcript in which nothing is right, and an overlap, a recall or a mean average
precision near 0 that of a detector that finds nothing. How hard the task is does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tblogreport.context.series import Series
from tblogreport.context.words import Direction
from tblogreport.signals.curve import CurveSignal

# Evaluations that say so one after the other.
MIN_EVALUATIONS = 5


@dataclass(frozen=True)
class _Level:
    """What a metric is worth where nothing was learned."""

    level: float
    end: float  # how far from it the metric may end, to be of no use …
    best: float  # … and how far its best block may have been
    meaning: str


_CORRELATION = _Level(0.0, 0.05, 0.10, "the answers have nothing to do with the truth")
_AREA = _Level(0.5, 0.02, 0.05, "a random order would do as well")
_ERROR_RATE = _Level(1.0, 0.10, 0.15, "next to nothing is right")
_NOTHING_FOUND = _Level(0.0, 0.01, 0.01, "nothing is found")
_LEVELS = {
    "r2": _Level(0.0, 0.005, 0.02, "the mean of the targets would do as well"),
    "pearson": _CORRELATION,
    "spearman": _CORRELATION,
    "correlation": _CORRELATION,
    "kappa": _CORRELATION,
    "mcc": _CORRELATION,
    "auc": _AREA,
    "auroc": _AREA,
    "wer": _ERROR_RATE,
    "cer": _ERROR_RATE,
    "map": _NOTHING_FOUND,
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


def no_skill(metric: CurveSignal) -> NoSkill | None:
    """What a metric says if it was of no use throughout; None if it was, or cannot tell."""
    known = _LEVELS.get(next((word for word in metric.series.stem if word in _LEVELS), ""))
    if known is None or len(metric) < MIN_EVALUATIONS or metric.series.lost_from is not None:
        return None
    unit = 100.0 if known.level > 0 and float(np.median(metric.values)) > _PER_CENT else 1.0
    sign = -1.0 if metric.series.direction == Direction.LOWER else 1.0
    gained = sign * (metric.values / unit - known.level)
    if sign * (metric.tail / unit - known.level) > known.end or gained.max() > known.best:
        return None
    best = float(metric.values[int(np.argmax(gained))])
    return NoSkill(metric.series, known.level * unit, best, metric.tail, known.meaning)
