"""What is derived from histograms, with the bounds that the buckets allow.

TensorFlow 2 writes 30 buckets of equal width between the least and the greatest
value, PyTorch exponential ones: what lies inside a bucket is not known, and a
number that depends on it is given as an interval.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def is_empty(counts: FloatArray) -> bool:
    """Whether the record holds no finite value (NaN tensors leave counts of zero)."""
    return not len(counts) or not np.isfinite(counts).all() or counts.sum() <= 0


def quantiles(edges: FloatArray, counts: FloatArray, levels: FloatArray) -> FloatArray:
    """Values at `levels` (0 to 1), linear within a bucket; NaN for an empty record.

    Shapes: `edges` [n + 1], `counts` [n], result [len(levels)].
    """
    if is_empty(counts) or not np.isfinite(edges).all():
        return np.full(len(levels), np.nan)
    kept = counts > 0
    cumulative = np.concatenate([[0.0], np.cumsum(counts[kept])]) / counts.sum()
    # Where empty buckets lie between two full ones, mass starts at the next bucket's left edge.
    x = np.stack([cumulative[:-1], cumulative[1:]], axis=1).ravel()
    y = np.stack([edges[:-1][kept], edges[1:][kept]], axis=1).ravel()
    return np.interp(levels, x, y)


def quantile_bounds(edges: FloatArray, counts: FloatArray, levels: FloatArray) -> FloatArray:
    """Between which values the quantiles at `levels` lie: the edges of their buckets.

    Shape [len(levels), 2]; NaN for an empty record. A level at which one bucket ends and
    another begins may lie in either.
    """
    if is_empty(counts) or not np.isfinite(edges).all():
        return np.full((len(levels), 2), np.nan)
    kept = counts > 0
    cumulative = np.cumsum(counts[kept]) / counts.sum()
    last = len(cumulative) - 1
    # Sums of shares are not exact: a level that is one up to rounding is one.
    low = np.minimum(np.searchsorted(cumulative, levels - 1e-12, "left"), last)
    high = np.minimum(np.searchsorted(cumulative, levels + 1e-12, "right"), last)
    return np.stack([edges[:-1][kept][low], edges[1:][kept][high]], axis=1)


def share_outside(
    edges: FloatArray, counts: FloatArray, low: float, high: float
) -> tuple[float, float]:
    """Least and greatest share of values below `low` or above `high`. NaN when empty.

    A bucket that a bound cuts in two may hold its values on either side of it.
    """
    if is_empty(counts) or not np.isfinite(edges).all():
        return float("nan"), float("nan")
    left, right = edges[:-1], edges[1:]
    certain = (right < low) | (left > high)
    # Where a bound is a bucket's own edge, none but a value on the edge itself is inside.
    certain |= (left < right) & ((right <= low) | (left >= high))
    inside = (left >= low) & (right <= high)
    total = counts.sum()
    return float(counts[certain].sum() / total), float(counts[~inside].sum() / total)


def share_at_ends(edges: FloatArray, counts: FloatArray, low: float, high: float) -> float:
    """The least share of values below `low` or above `high` if it is the denser the farther out.

    In a bucket that a bound cuts in two, and that is no less dense than the next one inwards, at
    least that part of the values then lies outside that is outside of its width. Else none does.
    NaN when empty.
    """
    least, most = share_outside(edges, counts, low, high)
    if not least < most:
        return least
    left, right = edges[:-1], edges[1:]
    wide = right > left
    density = np.divide(counts, right - left, out=np.zeros_like(counts), where=wide)
    found = least
    for cut, inner, share in (
        (wide & (left < low) & (low < right), 1, low - left),
        (wide & (left < high) & (high < right), -1, right - high),
    ):
        for bucket in np.flatnonzero(cut).tolist():
            beside = bucket + inner
            within = 0 <= beside < len(counts)
            if within and density[bucket] >= density[beside]:
                part = share[bucket] / (right[bucket] - left[bucket])
                found += float(counts[bucket] * part / counts.sum())
    return found


def zero_share(edges: FloatArray, counts: FloatArray) -> tuple[float, float]:
    """Least and greatest share of values that can be exactly zero.

    A zero-width bucket at zero is certain, and so is a bucket so narrow that nothing
    but zero fits in practice (PyTorch's innermost one ends at 1e-12). NaN when empty.
    """
    if is_empty(counts):
        return float("nan"), float("nan")
    left, right = edges[:-1], edges[1:]
    holds_zero = (left <= 0) & (right >= 0)
    certain = holds_zero & (right - left <= 2e-12)
    total = counts.sum()
    return float(counts[certain].sum() / total), float(counts[holds_zero].sum() / total)


def all_zero(edges: FloatArray, counts: FloatArray) -> bool:
    """Whether every value is certainly zero."""
    return zero_share(edges, counts)[0] == 1.0


def rms(edges: FloatArray, counts: FloatArray) -> float:
    """Root mean square, each bucket spread evenly: ∫x² over its width. NaN when empty."""
    if is_empty(counts) or not np.isfinite(edges).all():
        return float("nan")
    left, right = edges[:-1], edges[1:]
    scale = float(np.max(np.abs(edges))) or 1.0
    a, b = left / scale, right / scale
    mean_square = (a * a + a * b + b * b) / 3.0
    return float(scale * np.sqrt(np.sum(counts * mean_square) / counts.sum()))


def rms_bounds(edges: FloatArray, counts: FloatArray) -> tuple[float, float]:
    """Least and greatest root mean square that the buckets allow. NaN when empty."""
    if is_empty(counts) or not np.isfinite(edges).all():
        return float("nan"), float("nan")
    near, far = _magnitudes(edges)
    scale = float(far.max()) or 1.0
    squares = (float(np.sum(counts * (m / scale) ** 2) / counts.sum()) for m in (near, far))
    least, most = (scale * float(np.sqrt(square)) for square in squares)
    return least, most


def is_constant(edges: FloatArray, counts: FloatArray) -> bool:
    """Whether all values are one: all of them in buckets of no width at the same place.

    PyTorch's buckets have a width; there the record's least and greatest value tell,
    which are the outermost edges.
    """
    if is_empty(counts) or not np.isfinite(edges).all():
        return False
    return bool(edges[0] == edges[-1])


def _magnitudes(edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The least and the greatest absolute value that each bucket can hold."""
    sizes = np.abs(edges)
    holds_zero = (edges[:-1] <= 0) & (edges[1:] >= 0)
    near = np.where(holds_zero, 0.0, np.minimum(sizes[:-1], sizes[1:]))
    return near, np.maximum(sizes[:-1], sizes[1:])


def largest(edges: FloatArray, counts: FloatArray) -> float:
    """Upper bound of the absolute values: the outermost edge of a bucket that holds any."""
    if is_empty(counts):
        return float("nan")
    kept = counts > 0
    return float(np.max(np.abs(np.concatenate([edges[:-1][kept], edges[1:][kept]]))))


def spread(edges: FloatArray, counts: FloatArray) -> float:
    """Interquartile range / 1.349: the standard deviation of a normal distribution."""
    low, high = quantiles(edges, counts, np.array([0.25, 0.75]))
    return float((high - low) / 1.349)


def identical(
    edges_a: FloatArray, counts_a: FloatArray, edges_b: FloatArray, counts_b: FloatArray
) -> bool:
    """Whether two records are the same to the bit, and so in practice the tensors."""
    return np.array_equal(edges_a, edges_b) and np.array_equal(counts_a, counts_b)


def movement(
    edges_a: FloatArray, counts_a: FloatArray, edges_b: FloatArray, counts_b: FloatArray
) -> float:
    """How far a distribution moved, in units of its first spread: mean shift of its deciles.

    A lower bound of how far the values moved: they may trade places unseen.
    """
    levels = np.linspace(0.05, 0.95, 19)
    a, b = quantiles(edges_a, counts_a, levels), quantiles(edges_b, counts_b, levels)
    width = max(spread(edges_a, counts_a), spread(edges_b, counts_b))
    shift = float(np.mean(np.abs(b - a)))
    if not np.isfinite(width) or not np.isfinite(shift):
        return float("nan")
    return shift / width if width > 0 else (0.0 if shift == 0 else float("inf"))
