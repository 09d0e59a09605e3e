"""Windows of an event file: records that lie behind each other, taken apart together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tblogreport.reading.checksums import crcs, crcs_like, unmasked
from tblogreport.reading.framing import CRC, Places

Rows: TypeAlias = NDArray[np.uint8]
Which: TypeAlias = Places | slice  # of the records of a group
WORD = 8
# Longer records, and few of one length, are faster checked one by one.
SHORT = 256
_FEW = 16
EVERY: Which = slice(None)
NONE: Which = slice(0, 0)
_CHUNK = 1 << 19  # bytes of rows that are handled together: they should fit into a cache


@dataclass(frozen=True)
class Window:
    """Records of a stretch of a file: `starts` and `lengths` [n] of their data in `content`.

    `content` is followed by at least a word that belongs to no record.
    """

    content: bytes
    begin: int  # where in the file the content begins
    starts: Places
    lengths: Places

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[bytes]:
        for index in range(len(self)):
            yield self.record(index)

    def record(self, index: int) -> bytes:
        """The data of one record."""
        start = int(self.starts[index])
        return self.content[start : start + int(self.lengths[index])]

    def only(self, chosen: NDArray[np.bool_] | Places) -> Window:
        """The window with some of its records."""
        return Window(self.content, self.begin, self.starts[chosen], self.lengths[chosen])

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The records by their lengths."""
        lengths = self.lengths
        if len(lengths) and int(lengths.max()) < 1 << 16:
            lengths = lengths.astype(np.uint16)  # which are sorted by radix
        order = np.argsort(lengths, kind="stable")
        in_order = self.lengths[order]
        ends = np.flatnonzero(np.diff(in_order, append=-1)) + 1
        parts = (order[first:end] for first, end in pairwise([0, *ends.tolist()]))
        return tuple(
            Group(self.content, self.begin, part, self.starts[part], int(self.lengths[part[0]]))
            for part in parts
        )

    def intact(self) -> NDArray[np.bool_]:
        """Whether each record [n] has the checksum that is stored behind it."""
        good = np.ones(len(self), bool)
        for group in self.groups:
            stored = group.stretch(group.length, group.length + CRC.size).view("<u4").ravel()
            good[group.indices] = group.crcs() == unmasked(stored)
        return good


@dataclass(frozen=True)
class Group:
    """Records of one length in a window: which they are [n], in their order, and where they start.

    It does not hold its window: windows would be kept in circles until they are looked for.
    """

    content: bytes
    begin: int  # where in the file the content begins
    indices: Places
    starts: Places
    length: int  # bytes of each record

    def __len__(self) -> int:
        return len(self.indices)

    def count(self, which: Which) -> int:
        """How many records are meant."""
        return len(range(*which.indices(len(self)))) if isinstance(which, slice) else len(which)

    @cached_property
    def rows(self) -> Rows:
        """The records side by side [n, whole words]; of longer ones their beginning."""
        return self._gather(self.starts, padded(min(self.length, SHORT)))

    def stretch(self, first: int, end: int, which: Which = EVERY) -> Rows:
        """The bytes from `first` up to `end` of all records, or of some of them."""
        if end <= self.rows.shape[1]:
            return np.ascontiguousarray(self.rows[which, first:end])
        return self._gather(self.starts[which] + first, end - first)

    def crcs(self) -> NDArray[np.uint32]:
        """The CRC-32C of each record [n]."""
        rows, length = self.rows, self.length
        if not length:
            return np.zeros(len(self), np.uint32)
        if length > SHORT or len(self) < _FEW:
            content = self.content
            return crcs(content[start : start + length] for start in self.starts.tolist())
        found = np.empty(len(rows), np.uint32)
        for part in chunks(len(rows), rows.shape[1]):
            words = rows[part].view(np.uint64)
            differ = np.bitwise_or.reduce(words ^ words[0], axis=0).view(np.uint8)[:length]
            first = rows[part.start, :length].tobytes()
            found[part] = crcs_like(first, rows[part], np.flatnonzero(differ).tolist())
        return found

    def _gather(self, starts: Places, width: int) -> Rows:
        places = len(self.content) - width + 1
        table = np.ndarray((max(places, 0), width), np.uint8, self.content, strides=(1, 1))
        return table[starts]


def chunks(count: int, width: int) -> Iterator[slice]:
    """Stretches of so many rows of a width in bytes, each of which fits into a cache."""
    step = max(_FEW, _CHUNK // max(width, 1))
    return (slice(first, min(first + step, count)) for first in range(0, count, step))


def padded(length: int) -> int:
    """The bytes of as many whole words as hold `length` bytes."""
    return -(-length // WORD) * WORD
