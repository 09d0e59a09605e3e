"""Whether a metric says that the run succeeded, whatever the shape of its loss."""

from __future__ import annotations

from tblogreport.context.words import Direction
from tblogreport.signals.curve import CurveSignal

# A score of this much is success, and so is this share gained over the run.
GOOD_SCORE = 0.85
METRIC_GAIN = 0.05
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
    level = max(abs(metric.head), abs(metric.tail))
    if gain > max(3 * metric.block_noise, METRIC_GAIN * level):
        return True
    scale = 100.0 if metric.values.max() > 1.5 else 1.0
    return bool(_SCORES & set(metric.series.stem)) and metric.tail / scale >= GOOD_SCORE
