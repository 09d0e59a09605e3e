"""Distributions over steps, as the percentile bands of TensorBoard's dashboard."""

from __future__ import annotations

import numpy as np

from tblogreport.findings import BandChart
from tblogreport.report.charts.canvas import (
    LINE,
    SMALL_TEXT,
    TEXT,
    Canvas,
    fitted,
    mark_steps,
    plot_height,
    step_range,
    text_width,
    tick_label,
)
from tblogreport.report.charts.colours import BAND, MUTED
from tblogreport.report.charts.curves import alone, scale_axes
from tblogreport.report.charts.marks import MarkLabels
from tblogreport.report.charts.plot import Plot, Strip, lines_of
from tblogreport.report.charts.scale import linear_scale


def draw_bands(chart: BandChart, width: float) -> Canvas:
    """Four nested bands and the median."""
    steps = np.asarray(chart.steps, float)
    quantiles = np.asarray(chart.quantiles, float).reshape(len(steps), len(BandChart.LEVELS))
    quantiles = np.where(np.isfinite(quantiles), quantiles, np.nan)
    shown = step_range(steps)
    scale = linear_scale(quantiles)
    left = max((text_width(tick_label(t), SMALL_TEXT) for t in scale.ticks), default=10) + 7
    inner = width - left - 12
    marks = MarkLabels(chart.marks, chart.axis, shown, inner)
    top = LINE + 5 + marks.height
    plot = plot_height(width)
    canvas = Canvas(width, top + plot + 2 * LINE + 3)
    said = ", ".join(filter(None, [chart.tag, scale.words]))
    canvas.text(0, TEXT, fitted(said, width, SMALL_TEXT), colour=MUTED, size=SMALL_TEXT)
    axes = canvas.axes(left, top, inner, plot)
    scale_axes(axes, scale)
    mark_steps(axes, *shown)
    marks.draw(canvas, axes, left, top)
    lines = lines_of(chart, Strip(top, plot, scale))
    canvas.plot = Plot(left, inner, shown, chart.axis, lines)
    if len(steps) == 1:
        # One moment has no width: it is drawn across the whole axes.
        steps, quantiles = np.array(shown), np.repeat(quantiles, 2, axis=0)
    values = scale.clip(quantiles)
    for low, alpha in enumerate((0.13, 0.18, 0.25, 0.35)):
        high = len(BandChart.LEVELS) - 1 - low
        axes.fill_between(
            steps, values[:, low], values[:, high], color=BAND, alpha=alpha, linewidth=0
        )
    middle = values[:, len(BandChart.LEVELS) // 2]
    axes.plot(steps, middle, color=BAND, linewidth=1.5)
    lone = alone(middle)
    axes.vlines(steps[lone], values[lone, 0], values[lone, -1], color=BAND, linewidth=1.5)
    axes.plot(steps[lone], middle[lone], color=BAND, marker="o", markersize=3, linestyle="")
    if not np.isfinite(quantiles).any():
        empty = "no finite value was logged"
        canvas.text(left + inner / 2, top + plot / 2, empty, colour=MUTED, anchor="center")
    bottom = top + plot + 2 * LINE
    canvas.text(left + inner, bottom, chart.axis, colour=MUTED, size=SMALL_TEXT, anchor="right")
    return canvas
