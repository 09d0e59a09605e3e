"""What recurs in a series with a period, such as an epoch of batches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tblogreport.signals.curve import FloatArray

# Periods of fewer points are left to the noise; steps as alike as this recur.
_PERIOD = 8
_RECURS = 0.2
# Robust deviations of the steps at one place in the period, within which a step is usual.
_SIGMAS = 6.0


def recurring(values: FloatArray, points: Sequence[int]) -> list[bool]:
    """Which of some points are only what comes at that place in every period.

    A running mean that begins anew every epoch jumps there, and batches in a fixed order
    bring the same odd one every epoch.
    """
    period = _period_of(values)
    if period is None:
        return [False] * len(points)
    steps = np.diff(values, prepend=values[0])
    phase = np.arange(len(values)) % period
    middle = pd.Series(steps).groupby(phase).median().to_numpy()
    spread = pd.Series(np.abs(steps - middle[phase])).groupby(phase).median().to_numpy()
    usual = middle + _SIGMAS * 1.4826 * spread
    # Epochs are not always a whole number of points apart.
    usual = np.max([usual, np.roll(usual, 1), np.roll(usual, -1)], axis=0)
    return [bool(steps[point] <= usual[phase[point]]) for point in points]


def gathered(values: FloatArray, points: Sequence[int]) -> bool:
    """Whether points lie at few places of the period, two or more at each."""
    period = _period_of(values)
    if period is None:
        return False
    count, last = 0, -np.inf
    for place in sorted(point % period for point in points):
        if place > last + 1:
            count, last = count + 1, place
    return 2 * count <= len(points)


def _period_of(values: FloatArray) -> int | None:
    """The distance at which the sizes of steps are most alike; None where they are not."""
    size = np.abs(np.diff(values, prepend=values[0]))
    size = np.minimum(size, np.quantile(size, 0.9))
    power = np.abs(np.fft.rfft(size - size.mean(), 2 * len(size))) ** 2
    alike = np.fft.irfft(power)[: len(size) // 3 + 1]
    if len(alike) <= _PERIOD or not alike[0] > 0:
        return None
    period = _PERIOD + int(np.argmax(alike[_PERIOD:]))
    share = alike[period] / alike[0] * len(size) / (len(size) - period)
    return period if share >= max(_RECURS, 6 / np.sqrt(len(size))) else None
