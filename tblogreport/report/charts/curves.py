"""Scalar series over steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from tblogreport.findings import Curve, CurveChart
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
from tblogreport.report.charts.colours import BAD, MUTED, RATE, series_colours
from tblogreport.report.charts.labels import dash_of, draw_legend, label_ends, legend_rows, names_of
from tblogreport.report.charts.marks import MarkLabels
from tblogreport.report.charts.plot import Plot, Strip, line_of
from tblogreport.report.charts.scale import Scale, scale_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_RATE_HEIGHT, _GAP = 26.0, 20.0
_MOST_DIRECT = 4
_MOST_CROSSES = 30


def draw_curves(chart: CurveChart, width: float) -> Canvas:
    """The curves, the learning rate on small axes of its own below them."""
    rates = tuple(curve for curve in chart.curves if curve.role == "learning_rate")
    main = tuple(curve for curve in chart.curves if curve.role != "learning_rate")
    if not main:
        main, rates = rates, ()
    if any(curve.run for curve in main):
        rates = ()
    steps = step_range(
        *(part for curve in chart.curves for part in (curve.steps, curve.nonfinite_steps))
    )
    axis = chart.curves[0].axis if chart.curves else "step"

    scale = scale_for(_shown_values(main))
    rate_scale = scale_for(_shown_values(rates))
    names = names_of(main)
    dashes = [dash_of(main, index) for index in range(len(main))]
    direct = 1 < len(main) <= _MOST_DIRECT
    right = max((text_width(name) for name in names), default=0) + 10 if direct else 12
    left = _left_margin(scale, rate_scale if rates else None)
    inner = width - left - right

    marks = MarkLabels(chart.marks, axis, steps, inner)
    legend = [] if direct or len(main) < 2 else names
    rows = legend_rows(legend, width)
    top = LINE * (1 + len(rows)) + 5 + marks.height
    plot = plot_height(width)
    height = top + plot + (_RATE_HEIGHT + _GAP if rates else 0) + LINE * 2 + 3
    canvas = Canvas(width, height)

    said = ", ".join(filter(None, [chart.y_label, scale.words]))
    canvas.text(0, TEXT, fitted(said, width), colour=MUTED, size=SMALL_TEXT)
    colours = series_colours(main)
    draw_legend(canvas, rows, names, list(zip(colours, dashes, strict=True)))
    axes = canvas.axes(left, top, inner, plot)
    scale_axes(axes, scale)
    mark_steps(axes, *steps, labels=not rates)
    marks.draw(canvas, axes, left, top)
    for curve, colour, dash in zip(main, colours, dashes, strict=True):
        _draw_curve(axes, curve, colour, dash, scale)
    if direct:
        label_ends(canvas, main, names, colours, scale, (left + inner + 5, top, plot))
    if not np.isfinite(_shown_values(main)).any():
        empty = "no finite value was logged"
        canvas.text(left + inner / 2, top + plot / 2, empty, colour=MUTED, anchor="center")
    bottom = top + plot
    strip = Strip(top, plot, scale)
    lines = [line_of(curve, name, strip) for curve, name in zip(main, names, strict=True)]
    if rates:
        bottom += _GAP
        _draw_rates(canvas, rates, rate_scale, steps, (left, bottom, inner))
        strip = Strip(bottom, _RATE_HEIGHT, rate_scale)
        lines += [line_of(rate, name, strip) for rate, name in _named_rates(rates)]
        bottom += _RATE_HEIGHT
    canvas.plot = Plot(left, inner, steps, axis, tuple(lines))
    canvas.text(
        left + inner, bottom + LINE * 2, axis, colour=MUTED, size=SMALL_TEXT, anchor="right"
    )
    return canvas


def _shown_values(curves: tuple[Curve, ...]) -> NDArray[np.float64]:
    parts = [values for curve in curves for values in (curve.low, curve.middle, curve.high)]
    return np.concatenate([np.asarray(part, float) for part in parts]) if parts else np.empty(0)


def _left_margin(*scales: Scale | None) -> float:
    ticks = [tick_label(tick) for scale in scales if scale for tick in scale.ticks]
    return max((text_width(tick, SMALL_TEXT) for tick in ticks), default=10) + 7


def scale_axes(axes: Axes, scale: Scale) -> None:
    """Put a vertical scale on the axes."""
    axes.set_yscale("log" if scale.log else "linear")
    axes.set_ylim(scale.low, scale.high)
    axes.yaxis.set_major_locator(FixedLocator(list(scale.ticks)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick_label(value)))


def _draw_curve(axes: Axes, curve: Curve, colour: str, dash: object, scale: Scale) -> None:
    steps = np.asarray(curve.steps, float)
    low, middle, high = (
        scale.clip(np.where(np.isfinite(values), values, np.nan))
        for values in (np.asarray(part, float) for part in (curve.low, curve.middle, curve.high))
    )
    if np.any(high > low):
        axes.fill_between(steps, low, high, color=colour, alpha=0.2, linewidth=0)
    if curve.smooth is None:
        axes.plot(steps, middle, color=colour, linewidth=1.5, linestyle=dash)
    else:
        smooth = scale.clip(np.asarray(curve.smooth, float))
        axes.plot(steps, middle, color=colour, linewidth=0.7, alpha=0.4)
        axes.plot(steps, smooth, color=colour, linewidth=1.7, linestyle=dash)
    lone = alone(middle)
    axes.plot(steps[lone], middle[lone], color=colour, marker="o", markersize=3, linestyle="")
    _mark_nonfinite(axes, curve, scale)


def alone(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Finite values without a finite neighbour, which a line would not show."""
    finite = np.isfinite(values)
    padded = np.concatenate([[False], finite, [False]])
    lone: NDArray[np.bool_] = finite & ~padded[:-2] & ~padded[2:]
    return lone


def _spread(steps: NDArray[np.float64], shown: tuple[float, float]) -> NDArray[np.float64]:
    """The first of the steps that fall into each of `_MOST_CROSSES` parts of the axis."""
    low, high = shown
    inside = steps[(steps >= low) & (steps <= high)]
    parts = np.floor((inside - low) / (high - low) * _MOST_CROSSES)
    return inside[np.unique(parts, return_index=True)[1]]


def _mark_nonfinite(axes: Axes, curve: Curve, scale: Scale) -> None:
    steps = _spread(np.asarray(curve.nonfinite_steps, float), axes.get_xlim())
    if not steps.size:
        return
    axes.plot(
        steps,
        np.full(len(steps), scale.high),
        color=BAD,
        marker="x",
        markersize=4.5,
        markeredgewidth=1.1,
        linestyle="",
        clip_on=False,
        zorder=5,
    )
    axes.annotate(
        "× not finite",
        (1, 1),
        (-2, -11),
        xycoords="axes fraction",
        textcoords="offset points",
        color=BAD,
        fontsize=SMALL_TEXT,
        ha="right",
        parse_math=False,
    )


def _named_rates(rates: tuple[Curve, ...]) -> list[tuple[Curve, str]]:
    """The rates by their tags where there are several."""
    if len(rates) == 1:
        return [(rates[0], "learning rate")]
    return list(zip(rates, names_of(rates), strict=True))


def _draw_rates(
    canvas: Canvas,
    rates: tuple[Curve, ...],
    scale: Scale,
    steps: tuple[float, float],
    place: tuple[float, float, float],
) -> None:
    left, top, inner = place
    axes = canvas.axes(left, top, inner, _RATE_HEIGHT)
    ends = tuple(dict.fromkeys(scale.ticks[:1] + scale.ticks[-1:]))
    scale_axes(axes, Scale(scale.low, scale.high, scale.log, ends))
    mark_steps(axes, *steps)
    for rate in rates:
        values = scale.clip(np.asarray(rate.middle, float))
        axes.plot(rate.steps, values, color=RATE, linewidth=1.2, linestyle=(0, (4, 2)))
    said = ", ".join(filter(None, ["learning rate", scale.words]))
    canvas.text(left, top - 5, said, colour=RATE, size=SMALL_TEXT)
