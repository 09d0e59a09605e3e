"""Points of many tags in columns that grow window by window."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tblogreport.reading.windows import WORD, Rows, padded

Column: TypeAlias = NDArray[Any]
Columns: TypeAlias = dict[str, Column]
Codes: TypeAlias = NDArray[np.int64]

MOST_TAG = 1 << 16  # bytes; what is longer is no name, and is looked at for very long
_FEW = 64  # so few tags are looked up one by one
_MOST_PEELED = 32  # distinct tags that are looked for one after the other, before all are sorted


class Tags:
    """The tags of a log by number."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._codes: dict[bytes, int] = {}

    def code(self, tag: str) -> int:
        """The number of a tag, a new one where it has none."""
        return self._code(tag.encode())

    def codes(self, rows: Rows) -> Codes:
        """The numbers [n] of tags in UTF-8 [n, bytes]; -1 for what is no UTF-8, or too long."""
        if rows.shape[1] > MOST_TAG:
            return np.full(len(rows), -1)
        if not rows.shape[1]:
            return np.full(len(rows), self._code(b""))
        if (rows == rows[0]).all():
            return np.full(len(rows), self._code(rows[0].tobytes()))
        if len(rows) <= _FEW:
            return np.array([self._code(row.tobytes()) for row in rows])
        return self._many(rows)

    def _many(self, rows: Rows) -> Codes:
        words = np.zeros((len(rows), padded(rows.shape[1])), np.uint8)
        words[:, : rows.shape[1]] = rows
        keys = words.view(np.uint64)
        found = np.full(len(rows), -1)
        left = np.arange(len(rows))
        for _ in range(_MOST_PEELED):
            same = (keys[left] == keys[left[0]]).all(axis=1)
            found[left[same]] = self._code(rows[left[0]].tobytes())
            left = left[~same]
            if not len(left):
                return found
        whole = keys[left].view(f"V{WORD * keys.shape[1]}").ravel()
        _, firsts, inverse = np.unique(whole, return_index=True, return_inverse=True)
        each = np.array([self._code(rows[left[first]].tobytes()) for first in firsts])
        found[left] = each[inverse]
        return found

    def _code(self, tag: bytes) -> int:
        code = self._codes.get(tag)
        if code is None:
            try:
                name = tag.decode()
            except UnicodeDecodeError:
                return -1
            code = self._codes[tag] = len(self.names)
            self.names.append(name)
        return code


class Store:
    """Points of one kind, in columns: `code` of the tag, `position` of the record in the log,
    `place` of the value in the record, and what else they have.

    Windows come in their order, and within a window chunks in any: points of one record are given
    in the order of their values.
    """

    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self._chunks: list[Columns] = []
        self._rows: dict[str, list[Any]] = defaultdict(list)
        self._windows: list[Columns] = []
        self._table: Columns | None = None

    @property
    def empty(self) -> bool:
        """Whether it holds no point."""
        return not (self._chunks or self._rows or self._windows)

    def add(self, columns: Columns) -> None:
        """Add points: columns [n] of every name that this store has."""
        self._chunks.append(columns)

    def add_one(self, tag: str, row: Mapping[str, Any]) -> None:
        """Add one point."""
        for name, value in {"code": self._tags.code(tag), **row}.items():
            self._rows[name].append(value)

    def close_window(self) -> None:
        """Put the points since the last window into their order."""
        if self._rows:
            self._chunks.append({name: _column(values) for name, values in self._rows.items()})
            self._rows.clear()
        if not self._chunks:
            return
        window = joined(self._chunks)
        self._chunks.clear()
        self._table = None
        position = window["position"]
        if (position[1:] < position[:-1]).any():
            order = np.argsort(position, kind="stable")
            window = {name: column[order] for name, column in window.items()}
        self._windows.append(window)

    def by_tag(self) -> Iterator[tuple[str, Columns]]:
        """The tags in the order of their first points, each with its points as written."""
        table = self._sorted()
        if table is None:
            return
        codes = table["code"]
        firsts = np.flatnonzero(np.diff(codes, prepend=-1))
        ends = [*firsts[1:].tolist(), len(codes)]
        spans = sorted(
            zip(firsts.tolist(), ends, strict=True),
            key=lambda span: (table["position"][span[0]], table["place"][span[0]]),
        )
        for first, end in spans:
            points = {name: column[first:end] for name, column in table.items()}
            yield self._tags.names[int(codes[first])], points

    def _sorted(self) -> Columns | None:
        if self._table is None and self._windows:
            places = _places_by_code([w["code"] for w in self._windows], len(self._tags.names))
            table: Columns = {}
            for name in list(self._windows[0]):  # one by one, to hold none of them twice for long
                parts = [window.pop(name) for window in self._windows]
                column = np.empty(sum(map(len, parts)), np.result_type(*parts))
                for part, (order, place) in zip(parts, places, strict=True):
                    column[place] = part[order]
                table[name] = column
            self._table, self._windows = table, [table]
        return self._table


def _places_by_code(codes: Sequence[Column], count: int) -> list[tuple[Column, Column]]:
    """How each window is sorted by code, and where its points go among those of all windows.

    A window at a time fits into the processor's cache, where all points at once do not: the time
    then grows with their number alone.
    """
    kind = np.uint16 if count < 1 << 16 else np.int64  # few tags are sorted by radix
    counts = [np.bincount(window, minlength=count) for window in codes]
    begins = np.cumsum(np.sum(counts, axis=0)) - np.sum(counts, axis=0)
    places = []
    for window, many in zip(codes, counts, strict=True):
        inside = np.cumsum(many) - many  # where each code begins in the sorted window
        place = np.arange(len(window)) + np.repeat(begins - inside, many)
        places.append((np.argsort(window.astype(kind), kind="stable"), place))
        begins = begins + many
    return places


def chosen(columns: Columns, which: Column | slice) -> Columns:
    """Some of the points: `which` is a mask [n], indices, or a slice."""
    return {name: column[which] for name, column in columns.items()}


def in_order(columns: Columns) -> Columns:
    """The points in the order in which they were written."""
    return chosen(columns, np.lexsort((columns["place"], columns["position"])))


def joined(parts: Sequence[Columns]) -> Columns:
    """The points of several columns of the same names, one behind the other."""
    if len(parts) == 1:
        return dict(parts[0])
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _column(values: list[Any]) -> Column:
    if values and (values[0] is None or isinstance(values[0], np.ndarray)):
        column = np.empty(len(values), object)
        for index, value in enumerate(values):
            column[index] = value
        return column
    return np.array(values)
