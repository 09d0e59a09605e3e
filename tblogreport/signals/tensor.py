"""What is derived from the histograms of one tensor over the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.layers import Tensor
from tblogreport.signals import histogram
from tblogreport.signals.curve import FloatArray, true_at_end


class TensorSignal:
    """One tensor, ready to be judged; arrays have one entry a record (shape [n])."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __len__(self) -> int:
        return len(self.tensor)

    @cached_property
    def rms(self) -> FloatArray:
        """Root mean square of the values; NaN where a record holds none."""
        return np.array([histogram.rms(e, c) for e, c in self._records])

    @cached_property
    def rms_bounds(self) -> FloatArray:
        """Least and greatest root mean square that the buckets allow: shape [n, 2]."""
        return self._intervals(histogram.rms_bounds(e, c) for e, c in self._records)

    @cached_property
    def extent(self) -> FloatArray:
        """Least and greatest value: shape [n, 2]; NaN where a record holds none."""
        ends = np.array([0.0, 1.0])
        return self._intervals(histogram.quantiles(e, c, ends) for e, c in self._records)

    @cached_property
    def spread(self) -> FloatArray:
        """The interquartile range over 1.349: the standard deviation, if the values are normal."""
        return np.array([histogram.spread(e, c) for e, c in self._records])

    @cached_property
    def constant(self) -> NDArray[np.bool_]:
        """Whether all values of a record are one and the same."""
        return np.array([histogram.is_constant(e, c) for e, c in self._records], dtype=bool)

    def share_outside(self, low: float, high: float) -> FloatArray:
        """Least and greatest share of values outside that the buckets allow: shape [n, 2]."""
        return self._intervals(histogram.share_outside(e, c, low, high) for e, c in self._records)

    def share_at_ends(self, low: float, high: float) -> FloatArray:
        """Least share of values outside, if it is the denser the farther out: shape [n]."""
        found = [histogram.share_at_ends(e, c, low, high) for e, c in self._records]
        return np.array(found, np.float64)

    @cached_property
    def zero_share(self) -> FloatArray:
        """Least and greatest share of exact zeros that the buckets allow: shape [n, 2]."""
        return self._intervals(histogram.zero_share(e, c) for e, c in self._records)

    @cached_property
    def zero_since(self) -> int:
        """First record from which on every value is certainly zero; n where none is."""
        certain = self.zero_share[:, 0] == 1.0
        return len(self) - true_at_end(certain)

    @cached_property
    def still_since(self) -> int:
        """First record from which on all records are identical to the bit; n - 1 if it moves."""
        edges, counts = self.tensor.edges, self.tensor.counts
        same = np.array(
            [
                histogram.identical(edges[i], counts[i], edges[i + 1], counts[i + 1])
                for i in range(len(self) - 1)
            ],
            dtype=bool,
        )
        return len(self) - 1 - true_at_end(same)

    @property
    def never_moved(self) -> bool:
        """Whether every record is identical to the first, over two steps at least."""
        return len(np.unique(self.tensor.steps)) >= 2 and self.still_since == 0

    @property
    def moves_to_the_end(self) -> bool:
        """Whether the last record still differs from the one before."""
        return len(self) >= 2 and self.still_since == len(self) - 1

    @cached_property
    def movement(self) -> float:
        """How far the distribution moved from first to last record, in its own spread."""
        if len(self) < 2:
            return float("nan")
        edges, counts = self.tensor.edges, self.tensor.counts
        return histogram.movement(edges[0], counts[0], edges[-1], counts[-1])

    @staticmethod
    def _intervals(pairs: Iterable[Sequence[float] | FloatArray]) -> FloatArray:
        return np.array([tuple(pair) for pair in pairs], np.float64).reshape(-1, 2)

    @property
    def _records(self) -> list[tuple[FloatArray, FloatArray]]:
        return list(zip(self.tensor.edges, self.tensor.counts, strict=True))
