"""What all frameworks share: the names of the tags, and the arithmetic behind the numbers.

The names are those of the table in `tblogreport.instrument`.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

WEIGHTS = "weights"
GRADIENTS = "gradients"
ACTIVATIONS = "activations"
GRADIENT_NORM = "gradient_norm"
UPDATE_RATIO = "update_ratio"
ZERO_SHARE = "zero_share"
INACTIVE_UNITS = "inactive_units"
SATURATED_SHARE = "saturated_share"
LEARNING_RATE = "learning_rate"
BATCH_LOSS = "batch_loss"

DEFAULT_EVERY = 100
# TensorFlow 2's number of buckets.
BUCKETS = 30
# An activation's histogram is made from so many of its values; the shares from all.
HISTOGRAM_VALUES = 100_000
# An output this close to an end of its range, in parts of the range, is saturated.
SATURATION = 0.03
# The ranges of bounded activations by their name in lower case, without underscores.
RANGES = {
    "sigmoid": (0.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
    "sparsesigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "hardtanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
}


@dataclass(frozen=True)
class Buckets:
    """A histogram: `edges` float64 [n + 1], `counts` float64 [n], sums of all values."""

    edges: FloatArray
    counts: FloatArray
    sum: float
    sum_squares: float


def buckets(values: ArrayLike) -> Buckets:
    """The histogram of an array of any shape in 30 buckets, as TensorFlow 2 makes it.

    Buckets of equal width from the least to the greatest value; of no width, with the
    whole count in the last, where all values are one; NaN and empty as soon as one value
    is not finite; zero and empty where there is no value.
    """
    flat = np.asarray(values).astype(np.float64).ravel()
    if not flat.size:
        return Buckets(np.zeros(BUCKETS + 1), np.zeros(BUCKETS), 0.0, 0.0)
    low, high = float(flat.min()), float(flat.max())
    if not np.isfinite(low) or not np.isfinite(high):
        return Buckets(np.full(BUCKETS + 1, np.nan), np.zeros(BUCKETS), np.nan, np.nan)
    with np.errstate(all="ignore"):  # ranges of a few subnormal numbers, or of all numbers
        sums = float(flat.sum()), float(flat @ flat)
        if low == high:
            return Buckets(np.full(BUCKETS + 1, low), np.eye(BUCKETS)[-1] * flat.size, *sums)
        edges = 2 * np.linspace(low / 2, high / 2, BUCKETS + 1)
        edges[0], edges[-1] = low, high
        flat /= 2
        flat -= low / 2
        flat /= (high / 2 - low / 2) / BUCKETS
    places = np.nan_to_num(flat, posinf=BUCKETS).astype(np.int64)
    counts = np.bincount(np.minimum(places, BUCKETS - 1), minlength=BUCKETS)
    return Buckets(edges, counts.astype(np.float64), *sums)


def norm(values: ArrayLike) -> float:
    """The 2-norm of an array of any shape; overflows to infinity only where it must."""
    flat = np.asarray(values).astype(np.float64).ravel()
    with np.errstate(all="ignore"):
        return float(np.sqrt(flat @ flat))


def update_ratio(before: ArrayLike, after: ArrayLike) -> float | None:
    """‖after − before‖ / ‖before‖; None where all of `before` is 0 and no ratio exists."""
    length = norm(before)
    if length == 0:
        return None
    with np.errstate(all="ignore"):
        change = np.asarray(after, np.float64) - np.asarray(before, np.float64)
    return norm(change) / length


def saturation_bounds(activation: str) -> tuple[float, float] | None:
    """Below the first and above the second an output is saturated; None if not bounded."""
    found = RANGES.get(activation.lower().replace("_", ""))
    return inner_bounds(*found) if found else None


def inner_bounds(low: float, high: float) -> tuple[float, float]:
    """The bounds of what is not saturated in an activation's range from `low` to `high`."""
    margin = SATURATION * (high - low)
    return low + margin, high - margin


class Names:
    """Gives every thing a name of its own, the same one each time."""

    def __init__(self) -> None:
        self._of: dict[Hashable, str] = {}
        self._taken: set[str] = set()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._of

    def name(self, key: Hashable, wanted: str) -> str:
        """The name of `key`: `wanted`, or where another has that, `wanted_2` and so on."""
        if key not in self._of:
            number, name = 1, wanted
            while name in self._taken:
                number += 1
                name = f"{wanted}_{number}"
            self._taken.add(name)
            self._of[key] = name
        return self._of[key]


class Clock:
    """Wall time that never stands still: readers order tensors by when they were written."""

    def __init__(self) -> None:
        self._last = 0.0

    def now(self) -> float:
        """Seconds since the epoch, at least a microsecond after the last answer."""
        self._last = max(time.time(), self._last + 1e-6)
        return self._last


class Schedule:
    """At which steps to record: at 0, `every`, 2·`every` …, or as soon after as possible."""

    def __init__(self, every: int) -> None:
        """Raises `ValueError` for `every` below 1."""
        if every < 1:
            raise ValueError(f"every must be at least 1, not {every}")
        self.every = every
        self._next = 0

    def start(self, step: int) -> None:
        """Begin at `step`, which is not 0 in a run that goes on."""
        self._next = -(-step // self.every) * self.every

    def due(self, step: int) -> bool:
        """Whether `step` is to be recorded."""
        return step >= self._next

    def done(self, step: int) -> None:
        """Note that `step` was recorded."""
        self._next = (step // self.every + 1) * self.every
