"""What is derived from one scalar series: noise, blocks, trend, swing, levels.

No absolute units anywhere: a loss may be in thousandths, in tens of thousands or
below zero. Levels are compared with each other, with the noise, or with the
progress that the run made.
"""

from __future__ import annotations

from functools import cache, cached_property
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.series import Series

FloatArray = NDArray[np.float64]

BLOCKS = 20  # autocorrelation makes tests on raw points far too sure; see `trend`
_MAD_TO_SIGMA = 1.4826  # of a normal distribution


class CurveSignal:
    """One series, ready to be judged. Everything is computed on first use.

    `steps`, `wall_times` and `values` hold its finite points only, as written
    (float64, shape [n]).
    """

    def __init__(self, series: Series) -> None:
        self.series = series
        finite = np.isfinite(series.values)
        self.steps: FloatArray = series.steps[finite].astype(np.float64)
        self.wall_times: FloatArray = series.wall_times[finite]
        self.values: FloatArray = series.values[finite].astype(np.float64)

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def increasing(self) -> bool:
        """Whether steps never go back, so that they can serve as an axis."""
        return bool(np.all(np.diff(self.steps) >= 0))

    @cached_property
    def fraction(self) -> FloatArray:
        """Where in the run each point lies, from 0 to 1."""
        if self.increasing and len(self) > 1 and self.steps[-1] > self.steps[0]:
            span = self.steps[-1] - self.steps[0]
            return np.asarray((self.steps - self.steps[0]) / span)
        return np.linspace(0.0, 1.0, len(self)) if len(self) > 1 else np.zeros(len(self))

    @cached_property
    def noise(self) -> float:
        """Standard deviation of the point-to-point noise, in the series' own unit.

        1.4826 · MAD of the first differences / √2: a trend or a few spikes leave it alone.
        """
        return noise_of(self.values)

    @cached_property
    def scale(self) -> float:
        """The robust range of the series: its 5th to 95th percentile, or its level if flat."""
        if not len(self):
            return 0.0
        low, high = np.percentile(self.values, [5, 95])
        return float(high - low) or float(abs(self.median))

    @cached_property
    def median(self) -> float:
        """The median of all points."""
        return float(np.median(self.values))

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """Where the blocks begin, with the end: at most `BLOCKS` blocks of equal length."""
        return block_bounds(len(self))

    @cached_property
    def blocks(self) -> FloatArray:
        """The median of each block; the points themselves when there are few."""
        return block_medians(self.values)

    @cached_property
    def block_steps(self) -> FloatArray:
        """The step in the middle of each block."""
        return block_medians(self.steps)

    @cached_property
    def block_noise(self) -> float:
        """How far noise alone moves a block's median (standard error of a median)."""
        size = max(len(self) / max(len(self.blocks), 1), 1.0)
        factor = 1.2533 if size >= 3 else 1.0  # of the mean's, for a median
        return self.noise * factor / float(np.sqrt(size))

    @cached_property
    def head(self) -> float:
        """The level at the start: the first block's median, the first point of a short series."""
        return float(self.blocks[0])

    @cached_property
    def tail(self) -> float:
        """The level at the end: the median of the last tenth, of three points at least."""
        return float(np.median(self.values[-self.tail_length :]))

    @cached_property
    def tail_length(self) -> int:
        """How many points `tail` is the median of."""
        return int(min(len(self), max(3, round(len(self) / 10))))

    @cached_property
    def first(self) -> float:
        """The median of the first points: of one, or of up to five where there are a hundred."""
        return float(np.median(self.values[: max(1, min(5, len(self) // 20))]))

    @cached_property
    def start(self) -> float:
        """The highest early level: what progress is measured from.

        A long series falls within its first block already, so that its first points count.
        """
        return max(self.first, self.head)

    @cached_property
    def smooth(self) -> FloatArray:
        """A centred running median, then mean, over a fifteenth of the series: shape [n]."""
        width = max(1, len(self) // 15)
        return running_mean(running_median(self.values, width), width)

    @cached_property
    def best_index(self) -> int:
        """The point of the lowest smoothed value (of series that should fall)."""
        return int(np.argmin(self.smooth))

    @cached_property
    def best(self) -> float:
        """The lowest smoothed value."""
        return float(self.smooth[self.best_index])

    @property
    def extent(self) -> float:
        """The progress made from the start to the best level, or the range if that is more."""
        return max(self.start - self.best, self.scale)

    def size_of(self, level: float) -> float:
        """What a change from `level` is a share of: its size, or the range if that is more.

        The range only where the series is not positive throughout: zero means nothing there.
        """
        return abs(level) if self.values.min() > 0 else max(abs(level), self.scale)

    def step_at(self, index: int) -> int:
        """The step of a point."""
        return int(self.steps[index])

    @cached_property
    def trend(self) -> tuple[float, float]:
        """Kendall's tau of the block medians against time, and its p-value."""
        return kendall(self.blocks)


def block_bounds(length: int, most: int = BLOCKS) -> NDArray[np.int64]:
    """Where at most `most` blocks of equal length begin, with the end: shape [blocks + 1]."""
    return np.linspace(0, length, min(length, most) + 1).astype(np.int64)


def block_medians(values: FloatArray) -> FloatArray:
    """The median of each of at most `BLOCKS` blocks; the values themselves when there are few."""
    if len(values) <= BLOCKS:
        return np.array(values, dtype=np.float64)
    return np.array([np.median(values[a:b]) for a, b in pairwise(block_bounds(len(values)))])


def true_at_end(flags: NDArray[np.bool_]) -> int:
    """How many entries at the end are all true."""
    return len(flags) if flags.all() else int(np.argmin(flags[::-1]))


def noise_of(values: FloatArray) -> float:
    """1.4826 · MAD of first differences / √2, in the unit of `values` [n]; 0 for n < 3."""
    if len(values) < 3:
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        differences = np.diff(values)
        spread = np.median(np.abs(differences - np.median(differences)))
    return float(_MAD_TO_SIGMA * spread / np.sqrt(2)) if np.isfinite(spread) else 0.0


def kendall(values: FloatArray) -> tuple[float, float]:
    """Kendall's tau-b of `values` against their order, and its p-value; (0, 1) if constant.

    Of few values without ties the p-value is exact, from the number of orders with so many
    inversions (Kendall, A New Measure of Rank Correlation, 1938). So does scipy, for which a short
    run would wait longer than for all else; ties and long series are left to it.
    """
    if len(values) < 4 or np.ptp(values) == 0:
        return 0.0, 1.0
    if len(values) <= BLOCKS and len(np.unique(values)) == len(values):
        later = values[None, :] < values[:, None]
        inversions, pairs = int(np.triu(later).sum()), len(values) * (len(values) - 1) // 2
        at_least = _orders_up_to(len(values))[min(inversions, pairs - inversions)]
        return 1.0 - 2.0 * inversions / pairs, min(1.0, 2.0 * at_least)
    from scipy.stats import kendalltau

    result = kendalltau(np.arange(len(values)), values)
    return float(result.statistic), float(result.pvalue)


@cache
def _orders_up_to(length: int) -> tuple[float, ...]:
    """The share of orders of so many values that have at most k inversions, for each k."""
    counts = [1]
    for size in range(2, length + 1):
        longer = [0] * (len(counts) + size - 1)
        for k, count in enumerate(counts):
            for more in range(size):
                longer[k + more] += count
        counts = longer
    total = sum(counts)
    return tuple(below / total for below in accumulate(counts))


def slope(values: FloatArray) -> float:
    """Theil–Sen slope of `values` per position, 0 for fewer than two."""
    if len(values) < 2:
        return 0.0
    from scipy.stats import theilslopes

    return float(theilslopes(values)[0])


def running_median(values: FloatArray, width: int) -> FloatArray:
    """Centred running median of an odd window; the ends use what there is. Shape [n]."""
    if width < 3 or len(values) < 3:
        return values
    from scipy.ndimage import median_filter

    return np.asarray(median_filter(values, size=width | 1, mode="nearest"), dtype=np.float64)


def running_mean(values: FloatArray, width: int) -> FloatArray:
    """Centred running mean of an odd window; the ends use what there is. Shape [n]."""
    if width < 3 or len(values) < 3:
        return values
    from scipy.ndimage import uniform_filter1d

    scale = float(np.max(np.abs(values))) or 1.0  # a running sum near 1e308 would overflow
    return np.asarray(uniform_filter1d(values / scale, size=width | 1, mode="nearest")) * scale
