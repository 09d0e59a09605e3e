"""What tells the curves of a chart apart: names at their ends, or a legend."""

from __future__ import annotations

import numpy as np

from tblogreport.findings import Curve
from tblogreport.report.charts.canvas import LINE, SMALL_TEXT, Canvas, fitted, text_width
from tblogreport.report.charts.colours import BEFORE, INK, split_of
from tblogreport.report.charts.scale import Scale

_LABEL_WIDTH = 92.0
_SWATCH = 14.0
_DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)))


def names_of(curves: tuple[Curve, ...]) -> list[str]:
    """One name a curve: its split where that is enough, otherwise its tag."""
    runs = [curve.run for curve in curves]
    if all(runs):
        return runs
    splits = [split_of(curve) for curve in curves]
    if all(splits) and len(set(splits)) == len(splits):
        return splits
    tags = [curve.tag for curve in curves]
    if len(set(tags)) < len(tags):
        tags = [f"{curve.split} {curve.tag}".strip() for curve in curves]
    return [fitted(tag, _LABEL_WIDTH) for tag in tags]


def dash_of(curves: tuple[Curve, ...], index: int) -> object:
    """Curves of one split share a colour and differ in their dashes."""
    if curves[index].run == BEFORE:
        return _DASHES[1]
    if curves[index].run:
        return _DASHES[0]
    split = split_of(curves[index])
    before = sum(bool(split) and split_of(curve) == split for curve in curves[:index])
    return _DASHES[before % len(_DASHES)]


def legend_rows(names: list[str], width: float) -> list[list[tuple[int, float]]]:
    """Where each name of a legend goes: rows of (curve, left edge)."""
    rows: list[list[tuple[int, float]]] = []
    at = width
    for index, name in enumerate(names):
        need = text_width(name, SMALL_TEXT) + _SWATCH + 16
        if at + need > width:
            rows.append([])
            at = 0
        rows[-1].append((index, at))
        at += need
    return rows


def draw_legend(
    canvas: Canvas,
    rows: list[list[tuple[int, float]]],
    names: list[str],
    styles: list[tuple[str, object]],
) -> None:
    """The names with a piece of their lines, below the first line of the sheet."""
    for row, entries in enumerate(rows):
        baseline = LINE * (row + 2)
        for index, left in entries:
            colour, dash = styles[index]
            ends = ((left, baseline - 3), (left + _SWATCH, baseline - 3))
            canvas.line(*ends, color=colour, linewidth=1.5, linestyle=dash)
            canvas.text(left + _SWATCH + 4, baseline, names[index], colour=INK, size=SMALL_TEXT)


def label_ends(
    canvas: Canvas,
    curves: tuple[Curve, ...],
    names: list[str],
    colours: list[str],
    scale: Scale,
    place: tuple[float, float, float],
) -> None:
    """Names at the right ends of their lines, pushed apart where they would meet.

    `place` is the left edge of the names, and the upper edge and height of the plot.
    """
    left, top, height = place
    wanted = sorted(
        ((1 - _end(curve, scale)) * height, index) for index, curve in enumerate(curves)
    )
    baselines: list[float] = []
    for at, _ in wanted:
        baselines.append(max(at, baselines[-1] + LINE if baselines else 0.0))
    over = max(0.0, baselines[-1] - height)
    for (_, index), baseline in zip(wanted, baselines, strict=True):
        at = top + baseline - over + 3
        canvas.text(left, at, names[index], colour=colours[index], weight="bold", size=SMALL_TEXT)


def _end(curve: Curve, scale: Scale) -> float:
    """Where on the axis a curve ends; in its middle where it has no finite value."""
    values = np.asarray(curve.middle if curve.smooth is None else curve.smooth, float)
    finite = values[np.isfinite(values)]
    return scale.share(float(finite[-1])) if finite.size else 0.5
