"""Where a series jumps far above its neighbourhood, and whether it comes back.

A spike is told from noise by three things at once: it is far outside the noise about the
local trend, it is far beyond the tail that the same noise shows downwards (heavy-tailed
noise reaches as far in both directions), and it undoes a part of the progress made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tblogreport.signals.curve import CurveSignal, FloatArray, running_median

# Points that the local level is the median of, at most; a fifth of a short series.
WINDOW = 51
MIN_POINTS = 30
# Robust deviations above the local level, see checks.md.
SIGMAS = 8.0
# Times the furthest that the same series strays downwards.
BEYOND_TAIL = 4.0
# Points within so many of each other belong to one spike.
_GAP = 3


@dataclass(frozen=True)
class Spike:
    """One jump: consecutive points far above the local level."""

    first: int  # index of its first point, among the finite ones
    last: int
    peak: int
    step: int  # of the peak
    value: float
    level: float  # the local level there
    sigmas: float  # how far outside the noise the peak is
    factor: float  # value / level; infinite where the level is not above zero

    @property
    def rise(self) -> float:
        """How far the peak stands above the local level, in the series' unit."""
        return self.value - self.level


def find_spikes(curve: CurveSignal) -> tuple[Spike, ...]:
    """The spikes of `curve` in order; none below `MIN_POINTS` finite points.

    Positive series are looked at in the log, where noise that is a share of the level is
    even, others as they are.
    """
    if len(curve) < MIN_POINTS:
        return ()
    positive = bool(curve.values.min() > 0)
    values = np.log(curve.values) if positive else curve.values
    level, residual = _about_the_level(values)
    noise = 1.4826 * float(np.median(np.abs(residual - np.median(residual))))
    strayed = float(-residual.min())
    limit = max(SIGMAS * noise, BEYOND_TAIL * strayed)
    if limit <= 0:
        return ()
    local = np.exp(level) if positive else level
    return tuple(
        _spike(curve, first, last, local, residual, noise)
        for first, last in _groups(np.flatnonzero(residual > limit))
    )


def _about_the_level(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The local median of every point and what stands above or below it: [n], [n]."""
    width = max(5, min(WINDOW, len(values) // 5)) | 1
    level = running_median(values, width)
    return level, values - level


def _groups(places: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and last of places that lie close together."""
    if not len(places):
        return []
    cuts = np.flatnonzero(np.diff(places) > _GAP)
    firsts = places[np.concatenate([[0], cuts + 1])]
    lasts = places[np.concatenate([cuts, [len(places) - 1]])]
    return [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]


def _spike(
    curve: CurveSignal,
    first: int,
    last: int,
    local: FloatArray,
    residual: FloatArray,
    noise: float,
) -> Spike:
    peak = first + int(np.argmax(residual[first : last + 1]))
    value, level = float(curve.values[peak]), float(local[peak])
    return Spike(
        first=first,
        last=last,
        peak=peak,
        step=curve.step_at(peak),
        value=value,
        level=level,
        sigmas=float(residual[peak]) / noise if noise > 0 else float("inf"),
        factor=value / level if level > 0 else float("inf"),
    )
