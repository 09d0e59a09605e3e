"""Of how many examples an accuracy is made, by the steps that it moves in."""

from __future__ import annotations

import numpy as np

from tblogreport.signals.curve import CurveSignal, FloatArray
from tblogreport.signals.success import shares

MIN_POINTS = 6
MIN_DIFFERENT = 3
MOST_EXAMPLES = 50
CERTAIN = 30  # up to so many, three different scores tell
# How likely it may be that scores of more examples, or with two digits, pass for shares of so few.
CHANCE = 1e-4
# How far from a whole number a share of n examples may lie, by rounding in the log.
ROUNDING = 6e-4
# Tenths are what one digit leaves of any accuracy: the training's shows whether it did.
DECIMAL = 10


def few_examples(held_out: CurveSignal, train: CurveSignal | None) -> int | None:
    """The smallest number of examples of which every accuracy is a whole share; None for more."""
    accuracy = shares(held_out)
    if len(held_out) < MIN_POINTS or len(np.unique(accuracy)) < MIN_DIFFERENT:
        return None
    tenths = train is not None and len(train) > 0 and not _are_parts(_share(train), DECIMAL)
    for count in range(2, MOST_EXAMPLES + 1):
        if _are_parts(accuracy, count) and (tenths or count != DECIMAL):
            return count if _chance(accuracy, count) <= CHANCE or count <= CERTAIN else None
    return None


def _chance(accuracy: FloatArray, count: int) -> float:
    """How likely it is that as many other scores are shares of `count` by rounding alone."""
    rounded = count / 100 if 100 % count == 0 and _are_parts(accuracy, 100) else 0.0
    return max(2.0 * ROUNDING * count, rounded) ** len(np.unique(accuracy))


def _share(accuracy: CurveSignal) -> FloatArray:
    return shares(accuracy)


def _are_parts(accuracy: FloatArray, count: int) -> bool:
    right = accuracy * count
    return bool((np.abs(right - np.round(right)) <= ROUNDING * count).all())
