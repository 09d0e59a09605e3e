"""Whether a metric says that the run succeeded, whatever the shape of its loss."""

from __future__ import annotations

from tblogreport.context.words import Direction
from tblogreport.signals.curve import CurveSignal

# A score of this much is success, and so is gaining this share of what was missing to 1.
GOOD_SCORE = 0.85
SCORE_GAIN = 0.15
# … or, of a metric without an upper end, this share of its level.
METRIC_GAIN = 0.10
_SCORES = frozenset("acc accuracy auc auroc f1".split())


def succeeded(metric: CurveSignal) -> bool:
    """Whether the metric improved beyond its noise, or ended high.

    Flat because solved is not stuck: a loss that starts at its floor never falls.
    """
    direction = metric.series.direction
    if direction is None or len(metric) < 4:
        return False
    sign = 1.0 if direction == Direction.HIGHER else -1.0
    gain = sign * (metric.tail - metric.head)
    if not _SCORES & set(metric.series.stem):
        level = max(abs(metric.head), abs(metric.tail))
        return gain > max(3 * metric.block_noise, METRIC_GAIN * level)
    best_possible = 100.0 if metric.values.max() > 1.5 else 1.0
    missing = max(best_possible - metric.head, 0.0)
    if metric.tail >= GOOD_SCORE * best_possible:
        return True
    return gain > max(3 * metric.block_noise, SCORE_GAIN * missing)
