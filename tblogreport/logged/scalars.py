"""Scalars that are neither a loss nor a metric, nor of a single layer: whatever they mean."""

from __future__ import annotations

import numpy as np

from tblogreport.context.layer_scalars import parse_layer_scalar
from tblogreport.context.series import Role, Series
from tblogreport.findings import CurveChart
from tblogreport.numbers import listed
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series

_SHOWN = (Role.OTHER, Role.THROUGHPUT, Role.LOSS_SCALE)
_MOST_CHARTS = 10
_MOST_NAMES = 6


def scalars_of(signals: Signals, left_out: list[str]) -> tuple[CurveChart, ...]:
    """A chart for each of the first ten; the names of the others are said."""
    found = [series for series in signals.context.series if _is_shown(series)]
    if len(found) > _MOST_CHARTS:
        names = listed([f"`{series.label}`" for series in found[_MOST_CHARTS:]], _MOST_NAMES)
        left_out.append(f"These scalars have no chart: {names}.")
    return tuple(_chart(signals, series) for series in found[:_MOST_CHARTS])


def _is_shown(series: Series) -> bool:
    curve = len(series) > 1 and bool(np.isfinite(series.values).any())
    return curve and series.role in _SHOWN and parse_layer_scalar(series.tag) is None


def _chart(signals: Signals, series: Series) -> CurveChart:
    curve = reduce_series(signals.curve(series))
    return CurveChart(title=series.label, curves=(curve,), y_label=series.tag)
