"""Precision against recall, at the first and at the last step."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator

from tblogreport import numbers
from tblogreport.findings import PrecisionRecallChart
from tblogreport.report.charts.canvas import LINE, SMALL_TEXT, TEXT, Canvas, plot_height
from tblogreport.report.charts.colours import MUTED, VALIDATION

_TICKS = (0.0, 0.5, 1.0)
_LEFT = 24.0


def draw_precision_recall(chart: PrecisionRecallChart, width: float) -> Canvas:
    """The last curve as a line, the first one dashed and grey."""
    plot = plot_height(width)
    top = 2 * LINE + 6
    canvas = Canvas(width, top + plot + 2 * LINE + 3)
    canvas.text(0, TEXT, "precision", colour=MUTED, size=SMALL_TEXT)
    axes = canvas.axes(_LEFT, top, width - _LEFT - 12, plot)
    styles = [(MUTED, (0, (4, 2)), 1.1), (VALIDATION, "-", 1.6)][-len(chart.curves) :]
    left = 0.0
    for curve, (colour, dash, thickness) in zip(chart.curves, styles, strict=True):
        recall, precision = np.asarray(curve.recall, float), np.asarray(curve.precision, float)
        axes.plot(recall, precision, color=colour, linewidth=thickness, linestyle=dash)
        said = f"{chart.axis} {numbers.integer(round(curve.step))}"
        ends = ((left, 2 * LINE - 3), (left + 14, 2 * LINE - 3))
        canvas.line(*ends, color=colour, linewidth=1.5, linestyle=dash)
        canvas.text(left + 18, 2 * LINE, said, colour=MUTED, size=SMALL_TEXT)
        left += 96
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.03)
    axes.xaxis.set_major_locator(FixedLocator(list(_TICKS)))
    axes.yaxis.set_major_locator(FixedLocator(list(_TICKS)))
    bottom = top + plot + 2 * LINE
    canvas.text(width - 12, bottom, "recall", colour=MUTED, size=SMALL_TEXT, anchor="right")
    return canvas
