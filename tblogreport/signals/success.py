"""Whether a metric says that the run succeeded, whatever the shape of its loss."""

from __future__ import annotations

import numpy as np

from tblogreport.context.words import Direction
from tblogreport.signals.curve import CurveSignal, FloatArray

# A score of this much is success, and so is gaining this share of what was missing to 1.
GOOD_SCORE = 0.85
SCORE_GAIN = 0.15
# … or, of a metric without an upper end, this share of its level.
METRIC_GAIN = 0.10
# A score that ends by so much above its first value is not that of guessing throughout.
IMPROVED = 0.05
# Either must be so many times how far the later half of the metric wanders.
SIGMAS = 3.0
# A score that gains so much after some step, and ends within as much of its best, got better by
# what came after; so many points must tell it.
LATER_GAIN = 0.1
MIN_LATER = 3
# Points from which on a trend leaves something to wander.
_MIN_TREND = 5
_SCORES = frozenset("acc accuracy ap ap50 top1 top5 auc auroc f1 iou miou dice map".split())


def succeeded(metric: CurveSignal) -> bool:
    """Whether the metric improved beyond its noise, or ended high.

    Flat because solved is not stuck: a loss that starts at its floor never falls.
    """
    direction = metric.series.direction
    if direction is None or len(metric) < 4:
        return False
    sign = 1.0 if direction == Direction.HIGHER else -1.0
    gain = sign * (metric.tail - metric.head)
    # A score that jumps between two values has no noise by its typical difference.
    least = max(3 * metric.block_noise, SIGMAS * _wander(metric))
    score = score_at_end(metric)
    if score is None:
        level = max(abs(metric.head), abs(metric.tail))
        return gain > max(least, METRIC_GAIN * level)
    missing = max(best_possible(metric) - metric.head, 0.0)
    return score >= GOOD_SCORE or gain > max(least, SCORE_GAIN * missing)


def score_improved(metric: CurveSignal) -> bool:
    """Whether a score ended above its first value, beyond how far its later half wanders."""
    score = score_at_end(metric)
    if score is None or len(metric) < 4:
        return False
    unit = best_possible(metric)
    return score - metric.head / unit > max(IMPROVED, SIGMAS * _wander(metric) / unit)


def score_at_end(metric: CurveSignal) -> float | None:
    """The score (0 to 1) that the series ends at; None where it has no known best value."""
    if not _SCORES & set(metric.series.stem) or not len(metric):
        return None
    return metric.tail / best_possible(metric)


def score_gain(metric: CurveSignal) -> float:
    """The share that a score gained of what it lacked at its first point; 0 for no score."""
    score = score_at_end(metric)
    first = float(metric.values[0]) / best_possible(metric) if len(metric) else 1.0
    return (score - first) / (1.0 - first) if score is not None and first < 1.0 else 0.0


def gained_after(metric: CurveSignal, step: int, since: int = 1) -> bool:
    """Whether a score gained much since a step, and ended near its best.

    At least `since` points of it must be from before: without any, its first counts.
    """
    values, then = metric.values, int(np.searchsorted(metric.steps, step, side="right"))
    if (
        score_at_end(metric) is None
        or not metric.increasing
        or not since <= then <= len(values) - MIN_LATER
    ):
        return False
    then = max(then, 1)
    unit = best_possible(metric)
    end = float(np.median(values[-MIN_LATER:]))
    kept = end >= float(np.median(np.sort(values)[-MIN_LATER:])) - LATER_GAIN * unit
    return kept and end - float(values[then - 1]) >= LATER_GAIN * unit


def _wander(metric: CurveSignal) -> float:
    """How far the later half of the metric wanders about its trend, as a standard deviation."""
    later = metric.values[len(metric) // 2 :]
    if len(later) < _MIN_TREND:
        return float(np.std(later))
    places = np.arange(len(later))
    slope, level = np.polyfit(places, later, 1)
    return float(np.std(later - (slope * places + level), ddof=2))


def shares(metric: CurveSignal) -> FloatArray:
    """The values of a score as shares, from 0 to 1: float64 [n]."""
    return np.asarray(metric.values / best_possible(metric))


def best_possible(metric: CurveSignal) -> float:
    """1, or 100 where the score is in per cent."""
    return 100.0 if metric.values.max(initial=0.0) > 1.5 else 1.0
