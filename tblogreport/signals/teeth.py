"""Whether a loss begins anew at regular intervals: folds, tasks, settings in one curve."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tblogreport.signals.curve import CurveSignal, FloatArray

# So many trainings, of so many points each. Two may be one training with a jump half way.
_FEWEST, _MOST = 3, 12
_LEAST_POINTS = 8
# The least jump up to a beginning, in the largest rise anywhere else.
_HIGHER = 1.5
# It begins no higher than this, in where the first one began.
_AS_HIGH = 2.0
# A training falls to this share of where it began, or below.
_FALLS = 0.6
# A loss that had come down to this share is back within this one of its first value, and a typical
# point of its way within so much, in the log, of the same point of the first way.
_LOW, _SAME, _ALIKE = 0.5, 0.1, 0.25
# Points at most that are looked at one by one; of more, medians.
_PARTS = 120


def count_teeth(curve: CurveSignal) -> int:
    """How many trainings of equal length stand one behind the other; 0 for a single one.

    Every boundary is a rise from one point to the next that is higher than any other rise, and
    from each the loss comes down again. Noise does that by no chance to speak of.
    """
    values = curve.values
    if len(values) < _FEWEST * _LEAST_POINTS or values.min() < 0:
        return 0
    for count in range(_FEWEST, _MOST + 1):
        length = len(values) / count
        if length < _LEAST_POINTS:
            break
        bounds = [round(part * length) for part in range(count + 1)]
        if _is_saw(values, bounds):
            return count
    return 0


def begins_again(curve: CurveSignal) -> int | None:
    """The point at which a loss is back at its first value, and goes down as it did; else None.

    Steps that are too long throw a loss to any height, and it comes back within a few: one that
    retraces its whole way was begun anew, from fresh weights.
    """
    values = curve.values
    if len(values) < 2 * _LEAST_POINTS or values.min() <= 0:
        return None
    at = int(np.argmax(np.diff(values))) + 1
    length = min(at, len(values) - at)
    if length < _LEAST_POINTS:
        return None
    first, again = values[:length], values[at : at + length]
    fell = all(float(np.median(way[-3:])) < _LOW * way[0] for way in (first, values[:at], again))
    apart = np.abs(np.log(again / first))
    as_before = apart[0] < _SAME and apart[:3].max() < _ALIKE and float(np.median(apart)) < _ALIKE
    return at if fell and as_before else None


def _is_saw(values: FloatArray, bounds: list[int]) -> bool:
    width = max(1, len(values) // _PARTS)
    inner = bounds[1:-1]
    before = np.array([np.median(values[at - width : at]) for at in inner])
    after = np.array([np.median(values[at : at + width]) for at in inner])
    if (after <= before).any() or after.max() > _AS_HIGH * float(np.median(values[:width])):
        return False
    for first, end in pairwise(bounds):
        part = values[first:end]
        tail = float(np.median(part[-max(3, len(part) // 5) :]))
        if tail > _FALLS * float(np.median(part[:width])):
            return False
    parts = np.array(
        [np.median(values[i : i + width]) for i in range(0, len(values) - width + 1, width)]
    )
    rises = np.diff(parts)
    near = {at // width + shift for at in inner for shift in (-2, -1, 0, 1)}
    others = [rise for index, rise in enumerate(rises) if index not in near]
    return float((after - before).min()) > _HIGHER * max(max(others, default=0.0), 0.0)
