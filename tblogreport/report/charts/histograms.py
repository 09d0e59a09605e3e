"""The distribution of a tensor at its first and last step, one above the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from tblogreport import numbers
from tblogreport.findings import Density, HistogramChart
from tblogreport.report.charts.canvas import (
    LINE,
    SMALL_TEXT,
    TEXT,
    Canvas,
    fitted,
    nice_ticks,
    plot_height,
    tick_label,
)
from tblogreport.report.charts.colours import BAND, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_GAP = 26.0
_BUCKETS = 40
# Buckets far outside hold single values: the axis shows all but so many of both ends.
_LEFT_OUT = 0.001


def draw_histograms(chart: HistogramChart, width: float) -> Canvas:
    """Both on one axis of values; each is as high as its densest bucket."""
    row = 0.45 * plot_height(width)
    top = 2 * LINE + 4
    canvas = Canvas(width, top + 2 * (row + _GAP) + LINE)
    canvas.text(0, TEXT, fitted(chart.tag, width, SMALL_TEXT), colour=MUTED, size=SMALL_TEXT)
    low, high = _shown(chart)
    for place, (when, density) in enumerate((("first", chart.first), ("last", chart.last))):
        above = top + place * (row + _GAP)
        axes = canvas.axes(8, above, width - 16, row)
        _draw(axes, density, low, high, labels=place == 1)
        said = f"{when}: {chart.axis} {numbers.integer(round(density.step))}"
        canvas.text(8, above - 3, said, colour=MUTED, size=SMALL_TEXT)
    return canvas


def _shown(chart: HistogramChart) -> tuple[float, float]:
    """The range of values that holds all but a thousandth at each end of either record."""
    ends = [end for one in (chart.first, chart.last) for end in _core(one)]
    low, high = min(ends), max(ends)
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        around = abs(high) * 0.1 or 0.5
        return low - around, high + around
    return low, high


def _core(one: Density) -> tuple[float, float]:
    edges = np.asarray(one.edges, float)
    below = np.cumsum(np.asarray(one.share, float))
    if not below.size or not below[-1] > 0 or not np.isfinite(edges).all():
        finite = edges[np.isfinite(edges)]
        return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    first = int(np.searchsorted(below, _LEFT_OUT * below[-1]))
    last = int(np.searchsorted(below, (1 - _LEFT_OUT) * below[-1]))
    return float(edges[first]), float(edges[min(last + 1, len(edges) - 1)])


def _draw(axes: Axes, one: Density, low: float, high: float, *, labels: bool) -> None:
    axes.grid(visible=False)
    heights, edges = _even(one, low, high)
    axes.stairs(heights, edges, fill=True, color=BAND, alpha=0.3, linewidth=0)
    axes.stairs(heights, edges, color=BAND, linewidth=1.0, baseline=None)
    if low < 0 < high:
        axes.axvline(0, color=MUTED, linewidth=0.5)
    axes.set_xlim(low, high)
    axes.set_ylim(0, 1.05)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(FixedLocator(nice_ticks(low, high, log=False)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_label(value)))
    axes.tick_params(axis="x", labelbottom=labels)


def _even(one: Density, low: float, high: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The shares of values in buckets of one width, the fullest as 1: heights [n], edges [n + 1].

    PyTorch's buckets are the narrower the nearer to zero, and hold a handful of values each there:
    as densities they are all spikes. TensorBoard's dashboard makes them even as well.
    """
    edges = np.linspace(low, high, _BUCKETS + 1)
    logged, share = np.asarray(one.edges, float), np.asarray(one.share, float)
    if not share.size or not np.isfinite(logged).all():
        return np.zeros(_BUCKETS), edges
    spread = np.diff(logged) > 0
    below = np.concatenate([[0.0], np.cumsum(np.where(spread, share, 0.0))])
    heights = np.diff(np.interp(edges, logged, below))
    # A bucket without a width is a single value that many share, such as 0.
    heights += np.histogram(logged[:-1][~spread], edges, weights=share[~spread])[0]
    peak = float(heights.max())
    return (heights / peak if peak > 0 else heights), edges
