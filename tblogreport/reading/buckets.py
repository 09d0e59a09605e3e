"""The buckets of histograms, by the edges between them."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_LARGEST = np.finfo(np.float64).max  # TensorFlow 1's stand-in for "no limit"


def bucket_edges(low: Floats, high: Floats, limits: Floats) -> Floats:
    """Return the n + 1 edges of n buckets that are given by their upper limits.

    For several histograms at once: `low` and `high` [m], `limits` [m, n], edges [m, n + 1].
    The outermost limits of TensorFlow 1 reach to ±DBL_MAX; the edges stay within
    the least and greatest value that were counted (`low`, `high`), and never fall.
    A NaN bound says nothing and does not clip.
    """
    low, high = low[:, None], high[:, None]
    edges = np.concatenate([low, limits], axis=1)
    np.clip(edges, low, high, out=edges)
    if limits.shape[1] and (edges[:, 1:] >= edges[:, :-1]).all() and np.isfinite(high).all():
        return edges  # as nearly all are: a NaN is no greater than anything
    upper = np.where(limits >= _LARGEST, high, limits)
    upper = np.where(upper <= -_LARGEST, low, upper)
    upper = np.fmin(np.fmax(upper, low), high)
    first = np.where(np.isnan(low), upper[:, :1], low) if upper.shape[1] else low
    return np.fmax.accumulate(np.concatenate([first, upper], axis=1), axis=1)
