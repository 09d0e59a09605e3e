"""Where a series jumps far above what came before, and whether it comes back.

Its size against the noise does not make a spike, as noise has tails: the loss of a solved
problem is a thousandth for most batches, and a half for the few with a hard sample. So a
spike must either last for some points, which independent noise does not, or stand out from
the tails: reach much further up than as many of the lowest points reach down, with hardly
any point between it and the bulk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tblogreport.signals.curve import CurveSignal, FloatArray, running_median
from tblogreport.signals.periods import gathered, recurring

MIN_POINTS = 30
# Robust deviations above the level before, see checks.md; of so many points fewer will do.
SIGMAS = 8.0
_MANY = 3
_MANY_SIGMAS = 5.0
# Noise that deserves the name ends here: what lies beyond is its tail, or a spike.
_BULK_SIGMAS = 3.0
_BULK_SHARE = 0.002
_ZEROS = 0.01
# Points whose median is the level that the next one is held against; a tenth of a short
# series. The first points of all have too little before them.
_WIDTH = 25
_FIRST = 5
# So many points beyond the bulk in a row are no independent noise, where single ones are so
# rare that this many rows of them are to be expected in the whole series.
_ROW = 3
_CHANCE_ROWS = 0.05
# Tails are taken to be as heavy as that of Student's t with 3 degrees of freedom, and
# single points to stand out where chance explains them to this probability.
_TAIL_INDEX = 3.0
_TAIL_P = 0.005
_TAIL_RATIO = 1.5
# A spike is over when points are back within this share of its rise, or this much noise.
_BACK_SHARE = 0.1
_BACK_SIGMAS = 2.0
# What stands at so many times its level is no mere place in the order of the batches.
HUGE = 5.0
# Within so many points after it a rise that is much smaller belongs to it.
_AFTER = 5
# A long series is looked at a second time in medians of so many parts: there a rise over
# many points is as sudden as it is for the eye.
_PARTS = 500
_PART_POINTS = 5


@dataclass(frozen=True)
class Spike:
    """One jump above the level before it. Indices are among the finite points."""

    first: int  # the first point that is far above the level
    peak: int
    back: int | None  # the first point that is near the level again; None: none is
    half: int  # how many points lie above half of the rise
    step: int  # of the peak
    value: float  # of the peak, in the series' unit
    level: float  # before the spike, in the series' unit
    sigmas: float  # how far outside the noise the peak is
    lasting: bool  # points in a row are far out, as independent noise is not

    @property
    def last(self) -> int:
        """Its last point; where none is back at the level, the last of its upper half."""
        return (self.first + max(self.half, 1) if self.back is None else self.back) - 1

    @property
    def rise(self) -> float:
        """How far the peak stands above the level, in the series' unit."""
        return self.value - self.level

    @property
    def factor(self) -> float:
        """The peak as a multiple of the level; infinite where that is not above zero."""
        return self.value / self.level if self.level > 0 else float("inf")

    def overlaps(self, other: Spike) -> bool:
        """Whether two spikes share a point."""
        ends = [np.inf if spike.back is None else spike.back for spike in (self, other)]
        return self.first <= ends[1] and other.first <= ends[0]


def find_spikes(curve: CurveSignal) -> tuple[Spike, ...]:
    """The spikes of `curve` in order; none below `MIN_POINTS` finite points.

    Positive series are looked at in the log, where noise that is a share of the level is
    even, others as they are.
    """
    if len(curve) < MIN_POINTS:
        return ()
    found = _spikes_of(curve.values)
    size = len(curve) // _PARTS
    if size >= _PART_POINTS:
        parts = np.resize(curve.values, (len(curve) // size, size))  # without the rest
        wide = [_widened(spike, size) for spike in _spikes_of(np.median(parts, axis=1))]
        found += [w for w in wide if not any(w.overlaps(spike) for spike in found)]
    named = (replace(spike, step=curve.step_at(spike.peak)) for spike in found)
    return tuple(sorted(named, key=lambda spike: spike.first))


def _spikes_of(values: FloatArray) -> list[Spike]:
    around = _Surroundings(values)
    found: list[Spike] = []
    after = 0
    for first in np.flatnonzero(around.high > _MANY_SIGMAS):
        if first < after:
            continue
        spike = around.spike(int(first))
        if not (found and around.is_aftermath(spike, found[-1])):
            found.append(spike)
        after = around.searched(spike)
    lasting = _without_recurring(around.values, [spike for spike in found if spike.lasting])
    single = [spike for spike in found if not spike.lasting]
    if single and gathered(around.values, [spike.first for spike in single]):
        usual = _without_recurring(around.values, single)
        single = [spike for spike in single if spike in usual or around.is_huge(spike)]
    if 2 * around.dips(lasting) > len(lasting):  # as often down as up: it is how the noise is
        lasting = []
    return lasting + around.standing_out(single, lasting)


def _without_recurring(values: FloatArray, spikes: Sequence[Spike]) -> list[Spike]:
    again = recurring(values, [spike.first for spike in spikes]) if spikes else []
    return [spike for spike, recurs in zip(spikes, again, strict=True) if not recurs]


def _widened(spike: Spike, size: int) -> Spike:
    """A spike among medians of `size` points, as one among points."""
    return replace(
        spike,
        first=spike.first * size,
        peak=spike.peak * size + size // 2,
        back=None if spike.back is None else spike.back * size,
        half=spike.half * size,
        lasting=True,
    )


class _Surroundings:
    """The level before each of some values, and the noise about it."""

    def __init__(self, values: FloatArray) -> None:
        self._given = values
        # A zero now and then is a batch without a loss: no reason to give up the log.
        above = values[values > 0]
        self._positive = values.min() >= 0 and len(above) > (1 - _ZEROS) * len(values)
        self.values = np.log(np.maximum(values, above.min())) if self._positive else values
        self._width = max(_FIRST, min(_WIDTH, len(values) // 10))
        self._level = self._before(self._width)
        middle = running_median(self.values, 2 * self._width + 1)
        self._noise = _noise_about(self.values - middle, self._width)
        # Single points of a noisy series dip far down: two of three must be there.
        self._calm = running_median(self.values, 3)
        # Against the last few points as well: a steady climb is no jump.
        self._jump = self._in_noise(self.values - np.fmax(self._level, self._before(_ROW)))
        self._far = self._in_noise(self.values - self._level)
        self._up = self._in_noise(self.values - np.fmax(self._level, middle))
        self._down = self._in_noise(middle - self.values)
        self._down[: self._width] = 0.0  # a fast first fall lies far from its own median
        self.high = np.fmax(self._jump, self._up)
        far = self._far > _BULK_SIGMAS
        alone = np.mean(far[1:-1] & ~far[:-2] & ~far[2:])
        self._rows_tell = len(values) * alone**_ROW < _CHANCE_ROWS

    def _before(self, width: int) -> FloatArray:
        """The median of the `width` points before each point; infinite for the first points."""
        rolling = pd.Series(self.values).rolling(width, min_periods=min(width, _FIRST)).median()
        return np.asarray(rolling.shift(1).fillna(np.inf), dtype=np.float64)

    def _in_noise(self, distance: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.nan_to_num(distance / self._noise, nan=0.0, posinf=1e9, neginf=-1e9)

    def spike(self, first: int) -> Spike:
        """The spike that begins at `first`."""
        level, noise = float(self._level[first]), float(self._noise[first])
        end = self._first_at_most(level + _BULK_SIGMAS * noise, first + 1)
        reach = self.values[first : min(first + self._width, end or len(self.values))]
        peak = first + int(np.argmax(reach))
        rise = float(self.values[peak]) - level
        near = level + max(_BACK_SHARE * rise, _BACK_SIGMAS * noise)
        back = self._first_at_most(near, peak + 1)
        shown, before = float(self._given[peak]), float(np.exp(level) if self._positive else level)
        return Spike(
            first=first,
            peak=peak,
            back=back,
            half=int(np.sum(self._given[first:back] > before + (shown - before) / 2)),
            step=0,  # known to the caller
            value=shown,
            level=before,
            sigmas=rise / noise if noise > 0 else float("inf"),
            lasting=bool(self._rows_tell and self._jump[first] > _MANY_SIGMAS)
            and _in_a_row(self._far[first : first + _ROW]),
        )

    def _first_at_most(self, limit: float, start: int) -> int | None:
        """The first point from `start` on about which values are at most `limit`."""
        width = self._width
        while start < len(self.values):  # most are found at once: look no further than needed
            found = np.flatnonzero(self._calm[start : start + width] <= limit)
            if len(found):
                return start + int(found[0])
            start, width = start + width, 2 * width
        return None

    def is_aftermath(self, spike: Spike, earlier: Spike) -> bool:
        """Whether a spike is only what an earlier, larger one left behind."""
        near = earlier.back is not None and spike.first < earlier.back + _AFTER
        heights = [float(self.values[s.peak] - self._level[s.first]) for s in (spike, earlier)]
        return near and heights[0] < heights[1] / 2

    def is_huge(self, spike: Spike) -> bool:
        """Whether a spike is so high that its batch is not one of the others, if it recurs."""
        return self._positive and spike.sigmas > SIGMAS and spike.factor > HUGE

    def dips(self, spikes: Sequence[Spike]) -> int:
        """How often the values fall as suddenly, last as long, and return; spikes apart."""
        before = [np.nan_to_num(self._before(w), posinf=-np.inf) for w in (self._width, _ROW)]
        fall = self._in_noise(np.fmin(*before) - self.values)
        low = self._in_noise(before[0] - self.values)
        fall[: 2 * self._width] = 0.0  # the first fall is none
        for spike in spikes:
            end = len(fall) if spike.back is None else spike.back + self._width
            fall[max(0, spike.first - 1) : end] = 0.0
        count, after = 0, 0
        for first in np.flatnonzero(fall > _MANY_SIGMAS):
            row, later = low[first : first + _ROW], self.values[first + 1 : first + self._width]
            returns = len(later) and np.median(later) > (before[0][first] + self.values[first]) / 2
            if first >= after and returns and _in_a_row(row):
                count, after = count + 1, int(first) + self._width
        return count

    def searched(self, spike: Spike) -> int:
        """The point from which on another spike may begin."""
        return spike.peak + 4 * self._width if spike.back is None else spike.back

    def standing_out(self, single: Sequence[Spike], lasting: Sequence[Spike]) -> list[Spike]:
        """Those of the single points that are no tail of the noise, the highest first."""
        from scipy.special import betainc

        highest = sorted(single, key=lambda s: self._up[s.peak], reverse=True)
        others = self._up.copy()
        for spike in (*highest, *lasting):
            end = len(others) if spike.back is None else spike.back + 2 * _AFTER
            others[spike.first : end] = 0.0
        others, deepest = np.sort(others), np.sort(self._down)
        normal = _BULK_SHARE * len(others)  # points of a normal distribution beyond the bulk
        for count in range(len(highest), 0, -1):
            least = float(self._up[highest[count - 1].peak])
            if least <= (_MANY_SIGMAS if count >= _MANY else SIGMAS):
                continue
            ratio = least / max(float(deepest[-count]), 1e-9)
            # As many extremes of either side differ by chance as a variable F(2n, 2n) does.
            chance = float(betainc(count, count, 1.0 / (1.0 + ratio**_TAIL_INDEX)))
            limit = max(least / 3, _BULK_SIGMAS)
            tail = len(others) - int(np.searchsorted(others, limit)) + len(highest) - count
            low = min(len(others) - int(np.searchsorted(deepest, limit)), normal)
            if ratio >= _TAIL_RATIO and chance < _TAIL_P and tail - low <= count / 2:
                return highest[:count]
        return []


def _in_a_row(distances: FloatArray) -> bool:
    """Whether points that follow each other are all beyond the bulk, and far on the whole."""
    far = len(distances) == _ROW and float(distances.min()) > _BULK_SIGMAS
    return far and float(distances.sum()) > SIGMAS * np.sqrt(_ROW)


def _noise_about(residuals: FloatArray, width: int) -> FloatArray:
    """The deviation of the residuals near each point, of all of them at least: [n].

    The noise of a loss often grows as the loss falls.
    """
    size = np.abs(residuals)
    near = running_median(size, min(8 * width + 1, len(size) // 2))
    return np.asarray(1.4826 * np.maximum(near, np.median(size)))
