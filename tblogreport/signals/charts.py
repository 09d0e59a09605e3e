"""Series and histograms, reduced to what a chart can show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.layer_scalars import LayerScalar
from tblogreport.context.layers import Tensor
from tblogreport.context.selection import comparable
from tblogreport.context.series import Series
from tblogreport.findings import BandChart, Curve, Density, HeatMap, HistogramChart, Mark
from tblogreport.signals import Signals
from tblogreport.signals.curve import CurveSignal, FloatArray, block_bounds
from tblogreport.signals.histogram import is_empty, quantiles
from tblogreport.signals.places import unit_of, unit_of_records

# Buckets of a long series: plain striding would drop the very spikes that matter.
MAX_BUCKETS = 200
# … and of one that is drawn as small as a word.
_FEW_BUCKETS = 40
# Records of a histogram tag that a band chart or a heat map shows.
MAX_RECORDS = 120
# Below this many points the raw line says it all.
_MIN_POINTS_TO_SMOOTH = 40
_MAX_NONFINITE = 200


def reduce_series(signal: CurveSignal) -> Curve:
    """A series as a min–max band with a median line over at most `MAX_BUCKETS` buckets."""
    series = signal.series
    bad = ~np.isfinite(series.values)
    x = signal.steps if signal.increasing else np.arange(len(signal), dtype=np.float64)
    bounds = block_bounds(len(signal), MAX_BUCKETS)
    smooth = len(signal) >= _MIN_POINTS_TO_SMOOTH
    return Curve(
        tag=series.tag,
        split=series.split,
        role=series.role.value,
        axis=unit_of(series) if signal.increasing else "point",
        steps=_each(np.median, x, bounds),
        low=_each(np.min, signal.values, bounds),
        middle=_each(np.median, signal.values, bounds),
        high=_each(np.max, signal.values, bounds),
        smooth=_each(np.median, signal.smooth, bounds) if smooth else None,
        points=len(series),
        nonfinite_steps=_spread(series.steps[bad]),
    )


def _spread(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most 200 of the steps, evenly spread, first and last among them."""
    chosen = np.linspace(0, len(steps) - 1, min(len(steps), _MAX_NONFINITE)).round()
    return steps[np.unique(chosen.astype(np.int64))]


def coarser(curve: Curve) -> Curve:
    """The curve in few buckets, for a line as small as a word."""
    bounds = block_bounds(len(curve.steps), _FEW_BUCKETS)
    return replace(
        curve,
        steps=_each(np.median, curve.steps, bounds),
        low=_each(np.min, curve.low, bounds),
        middle=_each(np.median, curve.middle, bounds),
        high=_each(np.max, curve.high, bounds),
        smooth=_each(np.median, curve.smooth, bounds) if curve.smooth is not None else None,
        nonfinite_steps=curve.nonfinite_steps[:1],
    )


def _each(
    how: Callable[[FloatArray], Any], values: FloatArray, bounds: NDArray[np.int64]
) -> FloatArray:
    """One number for each block of values; blocks of one value are that value."""
    if len(bounds) == len(values) + 1:
        return np.array(values, dtype=np.float64)
    return np.array([how(values[a:b]) for a, b in pairwise(bounds)])


def reduce_together(signals: Signals, *series: Series | None) -> tuple[Curve, ...]:
    """The series that are there and share the step axis of the first, each once."""
    present = list(dict.fromkeys(s for s in series if s is not None and len(s)))
    shared = [s for s in present if s is present[0] or comparable(present[0], s)]
    return tuple(reduce_series(signals.curve(s)) for s in shared)


def band_chart(
    signals: Signals, tensor: Tensor, title: str, marks: Sequence[Mark] = ()
) -> BandChart:
    """The percentile bands of one tensor over steps, as TensorBoard's Distributions show it."""
    chosen = thin(len(tensor))
    levels = np.array(BandChart.LEVELS)
    bands = np.array([quantiles(tensor.edges[i], tensor.counts[i], levels) for i in chosen])
    return BandChart(
        title=title,
        tag=tensor.tag,
        split=tensor.split,
        layer=tensor.layer,
        kind=tensor.kind.value,
        steps=tensor.steps[chosen].astype(np.float64),
        quantiles=bands.reshape(len(chosen), len(levels)),
        axis=unit_of_records(signals, tensor.steps),
        marks=tuple(marks),
    )


def histogram_chart(signals: Signals, tensor: Tensor, title: str) -> HistogramChart | None:
    """The first and the last record that hold values, as TensorBoard's Histograms show them."""
    filled = [i for i in range(len(tensor)) if not is_empty(tensor.counts[i])]
    if len(filled) < 2:
        return None
    first, last = (_density(tensor, i) for i in (filled[0], filled[-1]))
    return HistogramChart(
        title=title,
        tag=tensor.tag,
        split=tensor.split,
        layer=tensor.layer,
        kind=tensor.kind.value,
        first=first,
        last=last,
        axis=unit_of_records(signals, tensor.steps),
    )


def _density(tensor: Tensor, index: int) -> Density:
    counts = tensor.counts[index]
    return Density(float(tensor.steps[index]), tensor.edges[index], counts / counts.sum())


def heat_map(
    signals: Signals,
    recordings: Sequence[Tensor | LayerScalar],
    values: Sequence[FloatArray],
    *,
    title: str,
    quantity: str,
    log: bool = False,
    limits: tuple[float, float] | None = None,
    marked: Sequence[str] = (),
) -> HeatMap:
    """One quantity of every layer over the steps that any of them was recorded at.

    `values` holds for each recording one number a record, in its order; where a layer
    has no record at a step the cell is NaN.
    """
    recorded = [one.steps for one in recordings]
    steps, grid = _grid(recorded, values)
    return HeatMap(
        title=title,
        quantity=quantity,
        layers=tuple(one.layer for one in recordings),
        steps=steps.astype(np.float64),
        values=grid,
        log=log,
        limits=limits,
        axis=unit_of_records(signals, *recorded),
        marked_layers=tuple(marked),
    )


def _grid(
    recorded: Sequence[NDArray[np.int64]], values: Sequence[FloatArray]
) -> tuple[NDArray[np.int64], FloatArray]:
    """The steps of all rows together [m], and the values at them [rows, m]; NaN where none is."""
    steps = np.unique(np.concatenate(recorded))
    steps = steps[thin(len(steps))]
    grid = np.full((len(recorded), len(steps)), np.nan)
    for row, (at, numbers) in enumerate(zip(recorded, values, strict=True)):
        column = np.searchsorted(steps, at)
        inside = column < len(steps)
        hit = np.zeros(len(column), dtype=bool)
        hit[inside] = steps[column[inside]] == at[inside]
        grid[row, column[hit]] = numbers[hit]
    return steps, grid


def thin(length: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """At most `MAX_RECORDS` indices, evenly spread, first and last among them."""
    count = min(length, MAX_RECORDS)
    return np.unique(np.linspace(0, length - 1, count).round().astype(np.int64))
