"""Whether a series swings: how far, and whether that is more than noise.

Noise is not oscillation. Independent noise flips the sign of its differences two
times in three, and averages out over k points by √k. A step that is too large
shows as alternation (the next value lies on the other side: a strongly negative
lag-1 autocorrelation) or as excursions that averaging does not remove.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tblogreport.signals.curve import CurveSignal, FloatArray, block_medians, slope

# Below this every value lies on the other side of the last: chunks would hide the period.
ALTERNATES = -0.5
# The first third of a run is transient, not swing.
TRANSIENT_SHARE = 1 / 3
# Chunks that a longer series is averaged into before excursions are looked for: so many at
# most, of so many points at least.
_CHUNKS = 60
_CHUNK_POINTS = 4
# A wave has so many points and comes so often, to be seen to repeat; it resembles itself by
# this correlation, and turns so often in a period, twice by itself and twice by noise.
_SHORTEST_PERIOD = 4
_REPEATS = 3
_ALIKE = 0.6
_NEXT_BEST = 0.9
_TURNS = 4


@dataclass(frozen=True)
class Swing:
    """How the later two thirds of a series move about their own trend."""

    points: int
    first_step: int
    last_step: int
    level: float  # median, in the series' unit
    amplitude: float  # 10th to 90th percentile of the detrended values, in the series' unit
    progress: float  # how far the trend fell over this part
    lag1: float  # lag-1 autocorrelation of the detrended values
    excess: float  # spread of chunk means over what independent noise gives; nan for short series
    excursion: float  # 10th to 90th percentile of the chunk means, in the series' unit
    period: float  # mean steps from one rise to the next
    cycles: int  # how many of those there are
    repeats: bool  # whether the same smooth wave or saw-tooth comes again and again


def measure_swing(curve: CurveSignal) -> Swing | None:
    """The swing of `curve`, or None when fewer than 8 points follow the transient."""
    begin = int(len(curve) * TRANSIENT_SHARE)
    values = curve.values[begin:]
    if len(values) < 8:
        return None
    detrended, fall = _detrended(values)
    low, high = np.percentile(detrended, [10, 90])
    level = float(np.median(values))
    amplitude = float(high - low)
    steps = curve.steps[begin:]
    excess, chunks = _excess(detrended)
    lag1 = autocorrelation(detrended)
    if len(chunks) and lag1 > ALTERNATES:
        covered = len(values) // len(chunks) * len(chunks)
        period, cycles = _period(chunks, steps[:covered])
    else:
        period, cycles = _period(detrended, steps)
    return Swing(
        points=len(values),
        first_step=int(steps[0]),
        last_step=int(steps[-1]),
        level=level,
        amplitude=amplitude,
        progress=fall,
        lag1=lag1,
        excess=excess,
        excursion=float(np.ptp(np.percentile(chunks, [10, 90]))) if len(chunks) else float("nan"),
        period=period,
        cycles=cycles,
        repeats=_repeats(detrended),
    )


def autocorrelation(values: FloatArray) -> float:
    """Lag-1 autocorrelation, on values clipped to five robust deviations; 0 when constant."""
    centred = values - np.median(values)
    limit = 5 * 1.4826 * np.median(np.abs(centred))
    centred = np.clip(centred, -limit, limit) if limit > 0 else centred
    centred = centred - np.mean(centred)  # the median of two values is one of them
    power = float(np.sum(centred * centred))
    return float(np.sum(centred[1:] * centred[:-1]) / power) if power > 0 else 0.0


def _detrended(values: FloatArray) -> tuple[FloatArray, float]:
    """Values less the robust line through their block medians, and how far that line falls."""
    blocks = block_medians(values)
    per_point = slope(blocks) * len(blocks) / len(values)
    line = per_point * np.arange(len(values))
    return values - line, float(-per_point * (len(values) - 1))


def _excess(detrended: FloatArray) -> tuple[float, FloatArray]:
    """How much more chunk means spread than independent noise would let them, and the means."""
    count = min(_CHUNKS, len(detrended) // _CHUNK_POINTS)
    if count < 8:
        return float("nan"), np.array([])
    size = len(detrended) // count
    chunks = detrended[: size * count].reshape(count, size)
    means = np.mean(chunks, axis=1)
    within = float(np.median(np.std(chunks, axis=1, ddof=1)))
    spread = float(np.std(means))
    return (spread / (within / np.sqrt(size)) if within > 0 else float("nan")), means


def _repeats(detrended: FloatArray) -> bool:
    """Whether one wave or saw-tooth comes again, three times or more.

    It is unlike itself for a part of the period and like itself again after it, and turns a
    few times in between: batches that come in the same order every epoch repeat as well, but
    go up and down at every point.
    """
    likeness = _likeness(detrended)
    unlike = int(np.argmax(likeness < 0)) if (likeness < 0).any() else len(likeness)
    first = max(unlike, _SHORTEST_PERIOD - 1)
    if first >= len(likeness) or float(likeness[first:].max()) < _ALIKE:
        return False
    later = likeness[first:]  # where twice the period is as like, the period is the first
    period = first + 1 + int(np.argmax(later >= _NEXT_BEST * later.max()))
    turns = int(np.count_nonzero(np.diff(np.sign(np.diff(detrended)))))
    return turns <= _TURNS * len(detrended) / period


def repeats_after(curve: CurveSignal, points: int) -> bool:
    """Whether the later two thirds of a series come again after so many points, thrice or more."""
    detrended, _ = _detrended(curve.values[int(len(curve) * TRANSIENT_SHARE) :])
    likeness = _likeness(detrended)
    if not _SHORTEST_PERIOD <= points < len(likeness):
        return False
    near = likeness[points - 2 : points + 1]
    return float(near.max()) > _ALIKE and float(likeness[: points - 1].min()) < _ALIKE / 2


def _likeness(detrended: FloatArray) -> FloatArray:
    """How well a series correlates with itself 1, 2, … points later, up to a third of it."""
    from scipy.signal import correlate

    largest = float(np.max(np.abs(detrended)))
    if not 0 < largest < np.inf:
        return np.zeros(0)
    centred = detrended / largest  # squares and sums near 1e308 overflow
    centred -= np.mean(centred)
    n, power = len(centred), float(np.sum(centred**2))
    if power <= 0:
        return np.zeros(0)
    lags = np.arange(1, n // _REPEATS + 1)
    products = correlate(centred, centred, method="fft")[n : n + len(lags)]
    return np.asarray(products * n / (n - lags) / power)


def _period(detrended: FloatArray, steps: FloatArray) -> tuple[float, int]:
    """Mean distance in steps between one rise and the next; how many rises there are.

    A rise leads from the lower third of the range into the upper: noise about one
    level, or a single hump, makes none or one.
    """
    low, high = np.percentile(detrended, [5, 95])
    side = np.where(detrended < low + (high - low) / 3, -1, 0)
    side = np.where(detrended > high - (high - low) / 3, 1, side)
    at_ends = np.flatnonzero(side)
    sides = side[at_ends]
    rises = at_ends[1:][(sides[1:] > 0) & (sides[:-1] < 0)]
    if len(rises) < 2:
        return float("nan"), len(rises)
    at = np.interp(rises, np.linspace(0, len(detrended), len(steps)), steps)
    return float((at[-1] - at[0]) / (len(rises) - 1)), len(rises)
