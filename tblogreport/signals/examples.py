"""Of how many examples an accuracy is made, by the steps that it moves in."""

from __future__ import annotations

import numpy as np

from tblogreport.signals.curve import CurveSignal, FloatArray
from tblogreport.signals.success import best_possible

MIN_POINTS = 6
MIN_DIFFERENT = 3
MOST_EXAMPLES = 30
# How far from a whole number a share of n examples may lie, by rounding in the log.
ROUNDING = 6e-4
# Tenths are what one digit leaves of any accuracy: the training's shows whether it did.
DECIMAL = 10


def few_examples(held_out: CurveSignal, train: CurveSignal | None) -> int | None:
    """The smallest number of examples of which every accuracy is a whole share; None above 30."""
    accuracy = held_out.values / best_possible(held_out)
    if len(held_out.series) < MIN_POINTS or len(np.unique(accuracy)) < MIN_DIFFERENT:
        return None
    tenths = train is not None and len(train) > 0 and not _are_parts(_share(train), DECIMAL)
    for count in range(2, MOST_EXAMPLES + 1):
        if _are_parts(accuracy, count) and (tenths or count != DECIMAL):
            return count
    return None


def _share(accuracy: CurveSignal) -> FloatArray:
    return np.asarray(accuracy.values / best_possible(accuracy))


def _are_parts(accuracy: FloatArray, count: int) -> bool:
    right = accuracy * count
    return bool((np.abs(right - np.round(right)) <= ROUNDING * count).all())
