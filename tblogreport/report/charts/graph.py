"""A model as boxes, input at the top, and lines from what gives to what takes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from tblogreport.findings import GraphChart, GraphNode
from tblogreport.report.charts.canvas import SMALL_TEXT, Canvas, fitted, text_width
from tblogreport.report.charts.colours import INK, MUTED, STRUCTURES
from tblogreport.report.charts.graph_layout import (
    BETWEEN,
    BOX,
    Place,
    aside,
    gutter,
    places_of,
    rows_of,
)

_PADDING = 6.0
_LEAST_TEXT = 60.0
_NOTE_TEXT = SMALL_TEXT - 1
_LINE: dict[str, Any] = {"color": MUTED, "linewidth": 0.8}


def draw_graph(chart: GraphChart, width: float) -> Canvas:
    """Boxes of one structure have one colour, all others none."""
    places = places_of(rows_of(chart), [_wanted(node) for node in chart.nodes], width)
    canvas = Canvas(width, max(place.top for place in places.values()) + BOX + 2)
    for source, target in ((places[a], places[b]) for a, b in chart.edges):
        if source.column == target.column:
            at = min(aside(places, source, target), width - 2)
        else:
            at = gutter(places, target.column)
        _draw_edge(canvas, source, target, at)
    for node, place in places.items():
        _draw_box(canvas, chart.nodes[node], place)
    return canvas


def _wanted(node: GraphNode) -> float:
    texts = (text_width(node.name, SMALL_TEXT) * 1.1, text_width(node.note, _NOTE_TEXT))
    return max(*texts, _LEAST_TEXT) + 2 * _PADDING


def _draw_box(canvas: Canvas, node: GraphNode, place: Place) -> None:
    shared = node.structure is not None
    colour = STRUCTURES[(node.structure or 0) % len(STRUCTURES)] if shared else MUTED
    canvas.box(
        place.left,
        place.top,
        place.width,
        BOX,
        facecolor=colour if shared else "none",
        edgecolor=colour,
        alpha=0.22 if shared else 1.0,
        linewidth=0.8,
    )
    room = place.width - 2 * _PADDING
    name, note = fitted(node.name, room / 1.1, SMALL_TEXT), fitted(node.note, room, _NOTE_TEXT)
    base = place.top + (10.5 if note else 15)
    centred: dict[str, Any] = {"anchor": "center"}
    canvas.text(place.middle, base, name, colour=INK, size=SMALL_TEXT, weight="bold", **centred)
    if note:
        canvas.text(place.middle, base + 9, note, colour=MUTED, size=_NOTE_TEXT, **centred)


def _draw_edge(canvas: Canvas, source: Place, target: Place, at: float) -> None:
    """Straight down to the next row, around the rows between, or over into the next column."""
    begin, end = (source.middle, source.top + BOX), (target.middle, target.top)
    right = source.right, source.top + BOX / 2
    if source.column == target.column and source.row < target.row and not at:
        canvas.line(begin, end, **_LINE)
        _draw_head(canvas, end, (2.5, -4.0), (-2.5, -4.0))
        return
    if source.column < target.column:
        into, middle = (target.left, target.top + BOX / 2), at
    else:  # around, or back up where a ring was cut
        into = target.right, target.top + BOX / 2
        middle = at or max(source.right, target.right) + BETWEEN
    for first, second in pairwise([right, (middle, right[1]), (middle, into[1]), into]):
        canvas.line(first, second, **_LINE)
    back = 4.0 if middle > into[0] else -4.0
    _draw_head(canvas, into, (back, 2.5), (back, -2.5))


def _draw_head(canvas: Canvas, end: tuple[float, float], *barbs: tuple[float, float]) -> None:
    """The head of an arrow: lines from its end, by how far they go right and down."""
    for right, down in barbs:
        canvas.line((end[0] + right, end[1] + down), end, **_LINE)
