"""A quantity of every layer over steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from tblogreport.findings import HeatMap
from tblogreport.report.charts.canvas import (
    LINE,
    SMALL_TEXT,
    TEXT,
    Canvas,
    fitted,
    mark_steps,
    nice_ticks,
    step_range,
    text_width,
    tick_label,
)
from tblogreport.report.charts.colours import INK, MARK, MUTED
from tblogreport.report.charts.plot import Plot, rows_of
from tblogreport.report.charts.scale import Scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLUMNS = 400
_ROW = 14.0
_LEAST_ROW = 3.0
_MOST_HEIGHT = 260.0
_DECADES = 12.0
_LEAST_RATIO = 10.0
_ZERO = (0.55, 0.55, 0.55, 1.0)


def draw_heat_map(chart: HeatMap, width: float) -> Canvas:
    """Layers in model order, input at the top; a pointer at each marked layer."""
    values = np.asarray(chart.values, float).reshape(len(chart.layers), -1)
    steps = np.asarray(chart.steps, float)
    rows = max(1, len(chart.layers))
    row = max(_LEAST_ROW, min(_ROW, _MOST_HEIGHT / rows))
    names = [fitted(name, width * 0.3, SMALL_TEXT) for name in chart.layers]
    # The names of marked layers are bold, a tenth wider.
    left = 1.1 * max((text_width(name, SMALL_TEXT) for name in names), default=10) + 14
    scale = _scale(values, log=chart.log, limits=chart.limits)
    right = max((text_width(tick_label(tick), SMALL_TEXT) for tick in scale.ticks), default=10) + 26
    inner, height, top = width - left - right, row * rows, LINE + 8

    notes = _notes(values, log=chart.log)
    canvas = Canvas(width, top + height + LINE * (2 + bool(notes)) + 4)
    said = chart.quantity + (", log scale" if chart.log else "")
    canvas.text(0, TEXT, fitted(said, width, SMALL_TEXT), colour=MUTED, size=SMALL_TEXT)
    axes = canvas.axes(left, top, inner, height)
    shown = step_range(steps)
    axes.grid(visible=False)
    axes.imshow(
        _picture(values, steps, shown, scale),
        extent=(*shown, rows, 0),
        aspect="auto",
        interpolation="none",
    )
    axes.set_yticks([])
    mark_steps(axes, *shown)
    lines = rows_of(chart, top, row)
    canvas.plot = Plot(left, inner, shown, chart.axis, lines, is_map=True)
    stride = max(1, round(10 / row))
    for index, (layer, name) in enumerate(zip(chart.layers, names, strict=True)):
        marked = layer in chart.marked_layers
        if marked or (index % stride == 0 and row >= _LEAST_ROW):
            baseline = top + (index + 0.5) * row + 3
            canvas.text(
                left - 11,
                baseline,
                name,
                anchor="right",
                size=SMALL_TEXT,
                colour=MARK if marked else INK,
                weight="bold" if marked else "normal",
            )
            if marked:
                canvas.text(left - 9, baseline, "▸", colour=MARK, size=SMALL_TEXT)
    _draw_key(canvas, scale, (left + inner + 10, top, height))
    bottom = top + height + 2 * LINE
    canvas.text(left + inner, bottom, chart.axis, colour=MUTED, size=SMALL_TEXT, anchor="right")
    if notes:
        canvas.text(left, bottom + LINE, notes, colour=MUTED, size=SMALL_TEXT)
    return canvas


def _scale(values: NDArray[np.float64], *, log: bool, limits: tuple[float, float] | None) -> Scale:
    """The range of the colours; on a log scale of positive values, at most 12 decades."""
    if limits is not None:
        return Scale(*limits, log, tuple(nice_ticks(*limits, log=log, most=3)))
    finite = values[np.isfinite(values)]
    if log:
        finite = finite[finite > 0]
    if not finite.size:
        return Scale(0.1, 1.0, True, ()) if log else Scale(0.0, 1.0, False, ())
    low, high = (float(np.clip(end, -1e300, 1e300)) for end in (finite.min(), finite.max()))
    if log:
        low = max(low, high / 10**_DECADES, 1e-305)
        if high < _LEAST_RATIO * low:  # alike values look alike, and the key has a power of ten
            middle = float(np.sqrt(low) * np.sqrt(max(high, low)))
            low, high = middle / _LEAST_RATIO**0.5, middle * _LEAST_RATIO**0.5
    elif high - low <= 1e-12 * max(abs(low), abs(high)):
        around = abs(high) * 0.1 or 0.5
        low, high = low - around, high + around
    return Scale(low, high, log, tuple(nice_ticks(low, high, log=log, most=3)))


def _picture(
    values: NDArray[np.float64],
    steps: NDArray[np.float64],
    shown: tuple[float, float],
    scale: Scale,
) -> NDArray[np.uint8]:
    """Colours as an image of shape [layers, columns, 4]: steps need not be evenly spaced."""
    if not values.size:
        return np.zeros((1, 1, 4), np.uint8)
    at = np.linspace(*shown, min(_COLUMNS, 8 * max(len(steps), 2)))
    nearest = np.abs(at[:, None] - steps[None, :]).argmin(axis=1)
    chosen = values[:, nearest]
    low, high = scale.low, scale.high
    with np.errstate(all="ignore"):
        if scale.log:
            shares = (np.log10(chosen) - np.log10(low)) / (np.log10(high) - np.log10(low))
        else:
            shares = (chosen / 2 - low / 2) / (high / 2 - low / 2)
    colours = mpl.colormaps["viridis"](np.clip(np.nan_to_num(shares), 0, 1))
    if scale.log:
        colours[chosen <= 0] = _ZERO
    colours[~np.isfinite(chosen)] = (0, 0, 0, 0)
    return np.asarray(np.round(colours * 255), np.uint8)


def _notes(values: NDArray[np.float64], *, log: bool) -> str:
    """What the colours outside the scale mean, where there are any."""
    said = []
    if log and np.any(values <= 0):
        said.append("grey: zero")
    if values.size and not np.isfinite(values).all():
        said.append("empty: no finite value")
    return " · ".join(said)


def _draw_key(canvas: Canvas, scale: Scale, place: tuple[float, float, float]) -> None:
    """The colours and their values, at the right of the map."""
    left, top, height = place
    axes = canvas.axes(left, top, 7, height)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    ramp = mpl.colormaps["viridis"](np.linspace(1, 0, 64))[:, None, :]
    axes.imshow(np.asarray(np.round(ramp * 255), np.uint8), aspect="auto", interpolation="none")
    for tick in _with_room(scale, height):
        baseline = top + (1 - scale.share(tick)) * height + 3
        canvas.text(left + 11, baseline, tick_label(tick), colour=MUTED, size=SMALL_TEXT)


def _with_room(scale: Scale, height: float) -> list[float]:
    """The ticks from the least on, without those whose text would touch that of the one before."""
    kept: list[float] = []
    for tick in sorted(scale.ticks):
        if not kept or (scale.share(tick) - scale.share(kept[-1])) * height >= SMALL_TEXT:
            kept.append(tick)
    return kept
