"""Whether every second point of a series is of another kind than those between."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from tblogreport.context.series import Series
from tblogreport.signals.curve import CurveSignal, FloatArray

# Points that show that every second one is 0, or noisier than those between.
MIN_ZEROS = 6
MIN_NOISY = 20
# The noise of one kind over that of the other, how likely that may be by chance, and the share
# of the level that it must be as well.
NOISE_RATIO = 3.0
NOISE_P = 1e-3
NOISE_SHARE = 0.03
# Points that show that every second one lies at another level; by how much of the level at
# least; and how many of them, in either half of the run, must lie on the same side.
MIN_SHIFTED = 10
SHIFT = 0.1
SHIFTED_SHARE = 0.9
# The standard deviation of independent noise, by the median size of its second differences.
_BEND_TO_SIGMA = 1.4826 / np.sqrt(6.0)


class ParityKind(Enum):
    """How points of one parity are unlike the others."""

    EMPTY = "exactly 0"
    NOISY = "noisier"
    SHIFTED = "at another level"


@dataclass(frozen=True)
class Parity:
    """Points of one parity that are unlike the others."""

    series: Series
    first: int  # the first of them: 0 or 1
    kind: ParityKind
    size: float  # the noise of those points; of shifted ones the step, in the unit of the series
    others: float  # the noise of the points between


def measure_parity(curve: CurveSignal) -> Parity | None:
    """The points of one parity that are all zero, far noisier than the others, or shifted."""
    return _empty(curve) or _shifted(curve) or _noisy(curve)


def _empty(curve: CurveSignal) -> Parity | None:
    values = curve.values
    if len(values) < MIN_ZEROS or len(values) < len(curve.series):
        return None
    for first in (0, 1):
        if not values[first::2].any() and values[1 - first :: 2].all():
            return Parity(curve.series, first, ParityKind.EMPTY, 0.0, 0.0)
    return None


def _shifted(curve: CurveSignal) -> Parity | None:
    values = curve.values
    if len(values) < MIN_SHIFTED or len(values) < len(curve.series):
        return None
    steps = alternation(values)
    size, level = float(np.median(steps)), float(np.median(np.abs(values)))
    agreeing = [float(np.mean(np.sign(part) == np.sign(size))) for part in np.array_split(steps, 2)]
    if abs(size) < SHIFT * level or min(agreeing) < SHIFTED_SHARE:
        return None
    return Parity(curve.series, 1, ParityKind.SHIFTED, size, 0.0)


def alternation(values: FloatArray) -> FloatArray:
    """How far each point lies above the mean of those beside it, turned at every second point.

    Shape [n - 2]: of one sign where every second point is above the others, or below them.
    """
    middle = values[1:-1] - 0.5 * (values[:-2] + values[2:])
    return middle * np.where(np.arange(len(middle)) % 2 == 0, 1.0, -1.0)


def _noisy(curve: CurveSignal) -> Parity | None:
    values = curve.values
    if len(values) < MIN_NOISY or len(values) < len(curve.series):
        return None
    bends = [np.abs(np.diff(values[first::2], 2)) for first in (0, 1)]  # a trend bends little
    noise = [float(np.median(bend)) * _BEND_TO_SIGMA for bend in bends]
    first = int(np.argmax(noise))
    level = float(np.median(np.abs(values)))
    if not 0 < noise[1 - first] <= noise[first] / NOISE_RATIO or noise[first] < NOISE_SHARE * level:
        return None
    if _chance_of_larger(bends[first], bends[1 - first]) > NOISE_P:
        return None
    return Parity(curve.series, first, ParityKind.NOISY, noise[first], noise[1 - first])


def _chance_of_larger(some: FloatArray, others: FloatArray) -> float:
    """How likely it is that the ones are as much larger than the others by chance (rank sum)."""
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(some, others, alternative="greater").pvalue)
