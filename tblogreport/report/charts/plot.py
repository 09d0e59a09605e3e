"""Where the values of a drawn chart stand, for whoever points at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tblogreport.findings import BandChart, Curve, HeatMap
from tblogreport.report.charts.scale import Scale
from tblogreport.report.text import label

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Strip:
    """A vertical axis, or one row of a map: its place in the picture, and its scale if it has one.

    `top` and `height` count in units of the picture, from its upper edge.
    """

    top: float
    height: float
    scale: Scale | None = None

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height


@dataclass(frozen=True)
class Line:
    """The values of one series: a middle, a range, or both; NaN where nothing finite was logged."""

    name: str
    steps: Values
    strip: Strip
    middle: Values | None = None
    low: Values | None = None
    high: Values | None = None


@dataclass(frozen=True)
class Plot:
    """What is read off a chart: the range of steps over its width, and its series.

    The lines of a map are its rows, of which a reader points at one.
    """

    left: float
    width: float
    steps: tuple[float, float]
    axis: str
    lines: tuple[Line, ...]
    is_map: bool = False


def line_of(curve: Curve, name: str, strip: Strip) -> Line:
    """A curve, with the steps of its values that are not finite."""
    steps = np.asarray(curve.steps, float)
    bad = np.setdiff1d(np.asarray(curve.nonfinite_steps, float), steps)
    order = np.argsort(np.concatenate([steps, bad]), kind="stable")
    low, middle, high = (
        np.concatenate([np.asarray(part, float), np.full(len(bad), np.nan)])[order]
        for part in (curve.low, curve.middle, curve.high)
    )
    steps = np.concatenate([steps, bad])[order]
    if np.array_equal(low, high, equal_nan=True):
        return Line(name, steps, strip, middle)
    return Line(name, steps, strip, middle, low, high)


def lines_of(chart: BandChart, strip: Strip) -> tuple[Line, ...]:
    """The median, the outer percentiles, and the least and greatest value."""
    steps = np.asarray(chart.steps, float)
    quantiles = np.asarray(chart.quantiles, float).reshape(len(steps), len(BandChart.LEVELS))
    least, outer_low, median, outer_high, greatest = quantiles[:, [0, 1, 4, 7, 8]].T
    return (
        Line("median", steps, strip, median),
        Line("7th to 93rd percentile", steps, strip, None, outer_low, outer_high),
        Line("least to greatest", steps, strip, None, least, greatest),
    )


def rows_of(chart: HeatMap, top: float, height: float) -> tuple[Line, ...]:
    """One row a layer, each of this height."""
    steps = np.asarray(chart.steps, float)
    values = np.asarray(chart.values, float).reshape(len(chart.layers), len(steps))
    return tuple(
        Line(label(layer).shown, steps, Strip(top + index * height, height), row)
        for index, (layer, row) in enumerate(zip(chart.layers, values, strict=True))
    )
