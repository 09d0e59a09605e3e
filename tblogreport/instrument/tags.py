"""What all frameworks share: the names of the tags, and the arithmetic behind the numbers.

The names are those of the table in `tblogreport.instrument`.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

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
STEP_LOSS = "step_loss"  # not Keras' own `batch_loss`, which may stand in the same directory

DEFAULT_EVERY = 100
# TensorFlow 2's number of buckets.
BUCKETS = 30
# An activation's histogram is made from so many of its values; the shares from all.
HISTOGRAM_VALUES = 50_000
# So few that they stay in the cache, and that no product of them is spread over threads.
_PART = 8_192
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
    flat = np.asarray(values).ravel()
    if not flat.size:
        return Buckets(np.zeros(BUCKETS + 1), np.zeros(BUCKETS), 0.0, 0.0)
    low, high = float(flat.min()), float(flat.max())
    if not np.isfinite(low) or not np.isfinite(high):
        return Buckets(np.full(BUCKETS + 1, np.nan), np.zeros(BUCKETS), np.nan, np.nan)
    total, squares, counts = 0.0, 0.0, np.zeros(BUCKETS + 1)
    with np.errstate(all="ignore"):  # a range may span all numbers
        scale = BUCKETS / (np.float64(high) / 2 - low / 2)  # infinite where all are one value
        for part in _parts(flat):
            total += float(part.sum())
            squares += float(part @ part)
            places = (part / 2 - low / 2) * scale if np.isfinite(scale) else part * 0 + BUCKETS
            counts += np.bincount(places.astype(np.int64), minlength=BUCKETS + 1)
    counts[-2] += counts[-1]  # the greatest value belongs to the last bucket
    edges = np.clip(2 * np.linspace(low / 2, high / 2, BUCKETS + 1), low, high)
    edges[0], edges[-1] = low, high
    return Buckets(edges, counts[:-1], total, squares)


def norm(values: ArrayLike) -> float:
    """The 2-norm of an array of any shape; overflows to infinity only where it must."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(sum(part @ part for part in _parts(np.asarray(values).ravel()))))


def update_ratio(before: ArrayLike, after: ArrayLike) -> float | None:
    """‖after − before‖ / ‖before‖; None where all of `before` is 0 and no ratio exists."""
    length = norm(before)
    if length == 0:
        return None
    parts = zip(*(_parts(np.asarray(values).ravel()) for values in (before, after)), strict=True)
    with np.errstate(all="ignore"):
        squares = sum((b - a) @ (b - a) for a, b in parts)
    return float(np.sqrt(squares)) / length


def _parts(flat: NDArray[Any]) -> Iterator[FloatArray]:
    """A flat array in float64, in parts."""
    return (flat[i : i + _PART].astype(np.float64) for i in range(0, flat.size, _PART))


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
