"""Boxes and what feeds them → a chart of a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tblogreport.findings import GraphChart, GraphNode
from tblogreport.numbers import integer

MOST_BOXES = 40


@dataclass(frozen=True)
class Box:
    """One box: what it is, by what it is like others, and the names of those that feed it."""

    name: str
    note: str
    structure: str
    feeds: tuple[str, ...]


def drawn(title: str, boxes: Sequence[Box]) -> GraphChart | None:
    """The chart of these boxes; None where there are too few or too many to draw.

    Boxes of one structure get one colour, as in TensorBoard's graph.
    """
    if not 2 <= len(boxes) <= MOST_BOXES:
        return None
    places = {box.name: place for place, box in enumerate(boxes)}
    counts = Counter(box.structure for box in boxes)
    shared = [structure for structure, count in counts.items() if count > 1]
    edges = [
        (places[name], place)
        for place, box in enumerate(boxes)
        for name in dict.fromkeys(box.feeds)
        if name in places and places[name] != place
    ]
    nodes = tuple(
        GraphNode(
            name=box.name,
            note=box.note,
            structure=shared.index(box.structure) if box.structure in shared else None,
        )
        for box in boxes
    )
    return GraphChart(title, nodes, tuple(edges), _said(boxes, edges))


def _said(boxes: Sequence[Box], edges: Sequence[tuple[int, int]]) -> str:
    chain = edges == [(place, place + 1) for place in range(len(boxes) - 1)]
    named = ", ".join(box.name for box in boxes)
    if chain:
        return f"{integer(len(boxes))} layers in a row: {named}."
    return f"{integer(len(boxes))} layers with {integer(len(edges))} connections: {named}."
