"""Where the boxes of a drawn model go: in rows, each below all that feed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tblogreport.findings import GraphChart

BOX = 24.0  # the height of a box
GAP = 12.0  # between rows
BETWEEN = 10.0  # between boxes
BETWEEN_COLUMNS = 30.0
LANE = 22.0  # at the right, for lines that pass by
# More rows than this, each of a box or two, are folded into columns.
_TALL, _SLIM, _COLUMNS = 14, 2, 2


@dataclass(frozen=True)
class Place:
    """Where a box is: its row and column of the sheet, its left and upper edge, its width."""

    row: int
    column: int
    left: float
    top: float
    width: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def middle(self) -> float:
        """The middle of its width."""
        return self.left + self.width / 2


def rows_of(chart: GraphChart) -> list[list[int]]:
    """The boxes by rows: each below all that feed it. Rings are cut where they close."""
    feeds: dict[int, set[int]] = {node: set() for node in range(len(chart.nodes))}
    for source, target in chart.edges:
        feeds[target].add(source)
    level: dict[int, int] = {}
    left = list(feeds)
    while left:
        free = [node for node in left if all(source in level for source in feeds[node])]
        for node in free or left[:1]:
            known = [level[source] for source in feeds[node] if source in level]
            level[node] = max(known, default=-1) + 1
        left = [node for node in left if node not in level]
    rows: list[list[int]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for node, row in sorted(level.items()):
        rows[row].append(node)
    return _untangled(rows, feeds)


def _untangled(rows: list[list[int]], feeds: dict[int, set[int]]) -> list[list[int]]:
    """Every row ordered by where its boxes are fed from, so that fewer lines cross."""
    place = {node: index - len(row) / 2 for row in rows for index, node in enumerate(row)}
    for row in rows:
        row.sort(key=lambda node: np.mean([place[s] for s in feeds[node]] or [place[node]]))
        place |= {node: index - len(row) / 2 for index, node in enumerate(row)}
    return rows


def places_of(
    rows: Sequence[Sequence[int]], wanted: Sequence[float], width: float
) -> dict[int, Place]:
    """The place of every box on a sheet of this width; `wanted` are the widths they would have."""
    slim = max(map(len, rows), default=1) <= _SLIM
    columns = _COLUMNS if slim and len(rows) > _TALL else 1
    tall = -(-len(rows) // columns)
    span = (width - LANE - (columns - 1) * BETWEEN_COLUMNS) / columns
    places: dict[int, Place] = {}
    for number, row in enumerate(rows):
        column, line = divmod(number, tall)
        room = (span - (len(row) - 1) * BETWEEN) / len(row)
        each = min(room, max(wanted[node] for node in row))
        used = len(row) * (each + BETWEEN) - BETWEEN
        begin = column * (span + BETWEEN_COLUMNS) + (span - used) / 2
        for index, node in enumerate(row):
            left = begin + index * (each + BETWEEN)
            places[node] = Place(number, column, left, 1 + line * (BOX + GAP), each)
    return places


def gutter(places: dict[int, Place], column: int) -> float:
    """Where lines run down between a column and the one before it."""
    return min(place.left for place in places.values() if place.column == column) - BETWEEN / 2


def aside(places: dict[int, Place], source: Place, target: Place) -> float:
    """How far right a line must run to pass by the rows between; 0 where there are none."""
    passed = [
        place.right
        for place in places.values()
        if place.column == source.column and source.row < place.row < target.row
    ]
    if not passed:
        return 0.0
    # Lines that run side by side are told apart by where they begin.
    return max(*passed, source.right, target.right) + BETWEEN * (0.8 + 0.6 * (source.row % 3))
