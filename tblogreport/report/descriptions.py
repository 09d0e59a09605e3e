"""What is seen on a chart, in words, for readers who cannot see it; from its data alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tblogreport.findings import (
    BandChart,
    Curve,
    CurveChart,
    Density,
    Evidence,
    HeatMap,
    HistogramChart,
    PrecisionRecallChart,
)
from tblogreport.numbers import integer, number
from tblogreport.report import words
from tblogreport.report.text import label

_MOST_CURVES = 4
_MOST_BAD = 200  # a curve keeps no more steps at which its value is not finite
_OUTER_LOW, _MEDIAN, _OUTER_HIGH = 1, 4, 7  # of BandChart.LEVELS

Values = NDArray[np.float64]


def describe(chart: Evidence) -> str:
    """One or two sentences on what the chart shows."""
    if isinstance(chart, CurveChart):
        return _curves(chart)
    if isinstance(chart, BandChart):
        return _bands(chart)
    if isinstance(chart, HeatMap):
        return _heat_map(chart)
    if isinstance(chart, HistogramChart):
        return _histograms(chart)
    return "Precision against recall." if isinstance(chart, PrecisionRecallChart) else ""


def _curves(chart: CurveChart) -> str:
    if not chart.curves:
        return "Line chart without a series."
    told = [_curve(curve) for curve in chart.curves[:_MOST_CURVES]]
    more = len(chart.curves) - len(told)
    if more:
        told.append(f"and {words.count(more, 'more curve')}")
    steps = np.concatenate([np.asarray(curve.steps, float) for curve in chart.curves])
    marks = "; ".join(label(mark.label).shown for mark in chart.marks)
    kind = f"Line chart{_over(steps, chart.curves[0].axis)}"
    return f"{kind}. {'; '.join(told)}." + (f" Marked: {marks}." if marks else "")


def _curve(curve: Curve) -> str:
    """Where the curve went, by the extremes of each bucket and the medians of its ends."""
    name = curve.tag if curve.split in curve.tag else f"{curve.split} {curve.tag}"
    return f"{label(name).shown} {', '.join([*_course(curve), *_not_finite(curve)])}"


def _course(curve: Curve) -> list[str]:
    steps, middle = (np.asarray(part, float) for part in (curve.steps, curve.middle))
    kept = np.isfinite(middle)
    if not kept.any():
        return ["holds no finite value"]
    steps, middle = steps[kept], middle[kept]
    low, high = (np.asarray(part, float)[kept] for part in (curve.low, curve.high))
    ends = float(middle[0]), float(middle[-1])
    if low.min() == high.max():
        return [f"is {number(ends[0])} throughout"]
    said = [f"goes from {number(ends[0])} to {number(ends[1])}"]
    if low.min() < min(ends):
        said.append(_extreme("lowest", float(low.min()), steps[low.argmin()], curve.axis))
    if high.max() > max(ends):
        said.append(_extreme("highest", float(high.max()), steps[high.argmax()], curve.axis))
    return said


def _extreme(which: str, value: float, step: float, axis: str) -> str:
    return f"{which} {number(value)} at {_at(step, axis)}"


def _not_finite(curve: Curve) -> list[str]:
    bad = len(curve.nonfinite_steps)
    if not bad:
        return []
    amount = ("at least " if bad >= _MOST_BAD else "") + words.count(bad, "value")
    return [f"{amount} not finite, first at {_at(curve.nonfinite_steps[0], curve.axis)}"]


def _bands(chart: BandChart) -> str:
    steps = np.asarray(chart.steps, float)
    quantiles = np.asarray(chart.quantiles, float).reshape(len(steps), len(BandChart.LEVELS))
    kept = np.isfinite(quantiles).all(axis=1)
    kind = f"Percentile bands of {label(chart.tag).shown}{_over(steps, chart.axis)}"
    if not kept.any():
        return f"{kind}. They hold no finite value."
    first, last = quantiles[kept][0], quantiles[kept][-1]
    empty = len(steps) - int(kept.sum())
    return (
        f"{kind}. The median goes {_moved(first[[_MEDIAN]], last[[_MEDIAN]])}, the 7th and 93rd "
        f"percentile {_moved(*(row[[_OUTER_LOW, _OUTER_HIGH]] for row in (first, last)))}"
        + (f"; {words.count(empty, 'record')} without a finite value." if empty else ".")
    )


def _moved(first: Values, last: Values) -> str:
    before, after = (" and ".join(number(float(value)) for value in part) for part in (first, last))
    return f"from {before} to {after}"


def _heat_map(chart: HeatMap) -> str:
    steps = np.asarray(chart.steps, float)
    values = np.asarray(chart.values, float).reshape(len(chart.layers), len(steps))
    layers = words.count(len(chart.layers), "layer")
    kind = f"Heat map of {label(chart.quantity).shown} in {layers}{_over(steps, chart.axis)}"
    finite = np.isfinite(values)
    if not finite.any():
        return f"{kind}. It holds no finite value."
    bad = int(values.size - finite.sum())
    rest = f"; {words.count(bad, 'value')} not finite." if bad else "."
    if values[finite].min() == values[finite].max():
        return f"{kind}. Every value is {number(float(values[finite][0]))}{rest}"
    largest = _cell(chart, values, int(np.where(finite, values, -np.inf).argmax()))
    least = _cell(chart, values, int(np.where(finite, values, np.inf).argmin()))
    return f"{kind}. The largest is {largest}, the least {least}{rest}"


def _cell(chart: HeatMap, values: Values, place: int) -> str:
    layer, column = divmod(place, values.shape[1])
    where = f"{label(chart.layers[layer]).shown} at {_at(chart.steps[column], chart.axis)}"
    return f"{number(float(values[layer, column]))} in {where}"


def _over(steps: Values, axis: str) -> str:
    finite = steps[np.isfinite(steps)]
    if not finite.size:
        return ""
    ends = round(float(finite.min())), round(float(finite.max()))
    return f" over {words.span(ends, axis)}" if ends[0] < ends[1] else f" at {_at(ends[0], axis)}"


def _at(step: float, axis: str) -> str:
    return f"{axis} {integer(round(float(step)))}"


def _histograms(chart: HistogramChart) -> str:
    """The middle halves of both records."""
    told = (
        f"at {chart.axis} {integer(round(one.step))} {_middle_half(one)}"
        for one in (chart.first, chart.last)
    )
    return f"The distribution of {label(chart.tag).shown}: {'; '.join(told)}."


def _middle_half(one: Density) -> str:
    edges = np.asarray(one.edges, float)
    share = np.asarray(one.share, float)
    if not share.sum() > 0 or not np.isfinite(edges).all():
        return "it holds no finite value"
    below = np.concatenate([[0.0], np.cumsum(share)]) / share.sum()
    low, high = np.interp([0.25, 0.75], below, edges)
    return f"half of its values lie between {number(float(low))} and {number(float(high))}"
