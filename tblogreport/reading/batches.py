"""Records of one layout → columns, without a Python object for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tblogreport.reading.framing import Places
from tblogreport.reading.windows import (
    EVERY,
    NONE,
    SHORT,
    WORD,
    Group,
    Which,
    Window,
    chunks,
    padded,
)
from tblogreport.reading.wire import Layout, Span, ValueLayout, layout_of

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Rows: TypeAlias = NDArray[np.uint8]

_FEW = 4  # so few records of one length are not worth a layout
_MOST_LAYOUTS = 16  # of one length; what is of none of them is left to protobuf
_MOST_TRIED = 16  # records of one length that have no layout, before the others are not looked at


@dataclass(frozen=True)
class Batch:
    """Records of one layout: `which` [n] of a group of one length."""

    layout: Layout
    group: Group
    which: Which

    def __len__(self) -> int:
        return self.group.count(self.which)

    def wall_times(self) -> Floats:
        """The wall times [n], in seconds; 0 where the event has none."""
        span = self.layout.wall_time
        return np.zeros(len(self)) if span is None else self._bytes(span).view("<f8").ravel()

    def steps(self) -> Ints:
        """The steps [n]; 0 where the event has none."""
        span = self.layout.step
        steps = np.zeros(len(self), np.uint64)
        if span is not None:
            digits = self._bytes(span)
            for place in range(digits.shape[1]):
                low = digits[:, place] & np.uint8(0x7F)
                steps |= low.astype(np.uint64) << np.uint64(7 * place)
        return steps.view(np.int64)

    def tags(self, value: ValueLayout) -> Rows:
        """The tags [n, bytes] of a value, in UTF-8."""
        return self._bytes(value.tag)

    def numbers(self, span: Span) -> Floats:
        """The numbers [n, k] of a span."""
        if span.dtype is None:
            raise ValueError("these bytes are no numbers")
        with np.errstate(invalid="ignore"):  # any bytes may be a NaN that signals
            return self._bytes(span).view(span.dtype).astype(np.float64, copy=False)

    def offsets(self) -> Places:
        """Where in the file the data of each record begins [n]."""
        return self.group.begin + self.group.starts[self.which]

    def indices(self) -> Places:
        """Which records of their window these are [n]."""
        return self.group.indices[self.which]

    def only(self, chosen: Flags) -> Batch:
        """The batch with some of its records."""
        return Batch(self.layout, self.group, np.arange(len(self.group))[self.which][chosen])

    def _bytes(self, span: Span) -> Rows:
        return self.group.stretch(span.first, span.end, self.which)


class Matcher:
    """Sorts the records of windows by layout; it remembers the layouts that it has met."""

    def __init__(self) -> None:
        self._layouts: dict[int, list[_Pattern]] = {}

    def batches(self, window: Window) -> tuple[list[Batch], Places]:
        """Return the batches of a window, and the indices of the records that are in none."""
        found: list[Batch] = []
        left: list[Places] = []
        for group in window.groups:
            for pattern, which in self._matches(group):
                if pattern is None:
                    left.append(group.indices[which])
                elif group.count(which):
                    found.append(Batch(pattern.layout, group, which))
        rest = np.sort(np.concatenate(left)) if left else np.empty(0, np.int64)
        return found, rest

    def _matches(self, group: Group) -> Iterator[tuple[_Pattern | None, Which]]:
        known = self._layouts.setdefault(group.length, [])
        left: Which = EVERY
        for pattern in known:
            matched, left = _divided(group, left, pattern)
            yield pattern, matched
        while group.count(left) >= _FEW and len(known) < _MOST_LAYOUTS:
            new = _new_pattern(group, left)
            if new is None:
                break
            known.append(new)
            matched, left = _divided(group, left, new)
            yield new, matched
        yield None, left


def _new_pattern(group: Group, which: Which) -> _Pattern | None:
    """The pattern of the first of some records that has a layout; only so many are tried."""
    for start in group.starts[which][:_MOST_TRIED].tolist():
        record = group.content[start : start + group.length]
        layout = layout_of(record)
        if layout is not None:
            return _Pattern.of(record, layout)
    return None


def _divided(group: Group, which: Which, pattern: _Pattern) -> tuple[Which, Which]:
    """Those of some records that are of a pattern, and the others."""
    same = pattern.matches(group, which)
    if same.all():
        return which, NONE
    if not same.any():
        return NONE, which
    indices = np.arange(len(group))[which]
    return indices[same], indices[~same]


@dataclass(frozen=True)
class _Pattern:
    """A layout with what must be equal in a record that has it, a word at a time."""

    layout: Layout
    spans: tuple[tuple[int, int], ...]  # of bytes that are compared, padded to whole words
    expected: NDArray[np.uint64]
    mask: NDArray[np.uint64]

    @classmethod
    def of(cls, record: bytes, layout: Layout) -> _Pattern:
        whole = len(record) <= SHORT
        spans = ((0, padded(len(record))),) if whole else _compared(layout.structure)
        behind = bytes(WORD)
        content = b"".join((record + behind)[first:end] for first, end in spans)
        mask = b"".join((layout.structure + behind)[first:end] for first, end in spans)
        words, masks = np.frombuffer(content, np.uint64), np.frombuffer(mask, np.uint64)
        return cls(layout, spans, words & masks, masks)

    def matches(self, group: Group, which: Which) -> Flags:
        """Whether each of these records has the layout [n]."""
        parts = [np.empty(0, bool)]
        for chunk in chunks(group.count(which), WORD * len(self.mask)):
            parts.append(self._match(group, chunk if isinstance(which, slice) else which[chunk]))
        return np.concatenate(parts)

    def _match(self, group: Group, which: Which) -> Flags:
        differ: NDArray[np.uint64] = np.zeros(group.count(which), np.uint64)
        word = 0
        for first, end in self.spans:
            words = group.stretch(first, end, which).view(np.uint64)
            for column in range(words.shape[1]):
                if self.mask[word]:
                    differ |= (words[:, column] & self.mask[word]) ^ self.expected[word]
                word += 1
        return np.equal(differ, 0)


def _compared(structure: bytes) -> tuple[tuple[int, int], ...]:
    """The stretches of words in which a structure has anything to compare."""
    words = np.frombuffer(structure.ljust(padded(len(structure)), b"\0"), np.uint64) != 0
    edges = np.flatnonzero(np.diff(words.astype(np.int8), prepend=0, append=0))
    return tuple((int(a) * WORD, int(b) * WORD) for a, b in edges.reshape(-1, 2))
