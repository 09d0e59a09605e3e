"""The records of an event file, read past truncation and damage.

An event file is a sequence of TFRecords: length (uint64), masked CRC-32C of the
length, the data, masked CRC-32C of the data, all little-endian (TensorFlow,
`tensorflow/core/lib/io/record_writer.h`). TensorBoard's own reader stops for good at
the first bad byte; here whatever is intact behind it is read as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tblogreport.reading.damage import Damage
from tblogreport.reading.framing import HEADER, OVERHEAD, Framed, Framer, length_of
from tblogreport.reading.windows import WORD, Window

Flags: TypeAlias = NDArray[np.bool_]

# Bytes that are read and looked at together: few enough for a cache, but of long records, which
# are of many lengths, enough to have several of each.
_WINDOW = 1 << 22
_WIDE_WINDOW = 1 << 24
_LONG_RECORD = 512
MOST_RECORD = 1 << 26  # bytes; what is longer is passed over
_FIRST_CHUNK = 1 << 12  # most damage is small: the next record is near
_MOST_CHUNK = 1 << 20

# Looking for a lost record costs a pass over a part of the file; a file made to
# trigger it at every byte must still be read in linear time.
_MOST_REALIGNMENTS = 1000


@dataclass
class RecordReader:
    """Iterates over the intact records of a file; afterwards says what was wrong.

    Iterating raises `OSError` when the file cannot be opened or read.
    """

    path: Path
    begin: int = 0  # where to begin, in bytes
    window: int | None = None  # bytes that are read at once
    end: int = field(default=0, init=False)  # behind the last record that was read
    size: int = field(default=0, init=False)  # bytes, when it was opened
    headers: int = field(default=0, init=False)  # records whose length field was intact
    records: int = field(default=0, init=False)  # records that were intact as a whole
    damage: Damage = field(default_factory=Damage, init=False)  # before the last intact record
    too_long: int = field(default=0, init=False)  # records that were passed over unread
    stopped_at: int | None = field(default=None, init=False)  # nothing intact from here on
    cut_off: bool = field(default=False, init=False)  # the record there only lacks its end
    zero_tail: bool = field(default=False, init=False)  # only zero bytes from there on
    _realignments: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[bytes]:
        for window in self.windows():
            yield from window

    def windows(self) -> Iterator[Window]:
        """Yield the intact records, as many together as lie behind each other in a window."""
        least = self.window or _WINDOW
        framer, wanted = Framer(), least
        with self.path.open("rb") as file:
            self.size = os.fstat(file.fileno()).st_size
            offset: int | None = self.begin
            while offset is not None and offset < self.size:
                file.seek(offset)
                content = file.read(min(wanted, self.size - offset))
                last = offset + len(content) == self.size
                content += bytes(WORD * last)  # no record
                framed = framer.frame(content, len(content) - WORD)
                window = Window(content, offset, framed.starts, framed.lengths)
                good = window.intact()
                self.headers += len(window)
                self.records += int(good.sum())
                self.damage.saved += _behind_the_first(self.damage, good)
                if good.any():
                    yield window if good.all() else window.only(good)
                self.end = offset + framed.end
                offset, wanted = self._behind(file, window, good, framed), least
                if offset is not None:
                    wide = framed.end > _LONG_RECORD * max(1, len(window))
                    wanted = max(
                        _WIDE_WINDOW if wide and not self.window else wanted,
                        WORD + OVERHEAD + (length_of(_header_at(file, offset)) or 0),
                    )

    def data_at(self, offset: int) -> bytes:
        """The data of an intact record, read again, by where it begins in the file."""
        with self.path.open("rb") as file:
            length = length_of(_header_at(file, offset - HEADER.size))
            return file.read(length or 0)

    def _behind(self, file: BinaryIO, window: Window, good: Flags, framed: Framed) -> int | None:
        """Where to go on behind the records of a window; counts those that are damaged."""
        end = window.begin + framed.end
        header = _header_at(file, end)
        length = length_of(header)
        for index in np.flatnonzero(~good).tolist():
            start = window.begin + int(window.starts[index]) - HEADER.size
            last = index == len(window) - 1
            if last and length is None and self._realignments < _MOST_REALIGNMENTS:
                # Bytes were changed in it, or lost from it: then the next record begins
                # before the end that its length promises.
                self._realignments += 1
                return self._resume(file, start, cut_off=False)
            self.damage.add(start, start + OVERHEAD + int(window.lengths[index]))
        if end == self.size:
            return None
        if length is None or end + OVERHEAD + length > self.size:
            self.headers += length is not None
            return self._resume(file, end, length is not None or len(header) < HEADER.size)
        if OVERHEAD + length > MOST_RECORD:
            self.too_long += 1
            return end + OVERHEAD + length
        return end

    def _resume(self, file: BinaryIO, bad: int, cut_off: bool) -> int | None:
        """Go to the next intact length field after the bad one, if there is any."""
        self.zero_tail = True
        file.seek(bad)
        start, wanted = bad, _FIRST_CHUNK
        while chunk := file.read(wanted):
            found = _find_header(chunk, start, self.size, first=1 if start == bad else 0)
            if found is not None:
                self.zero_tail = False
                self.damage.add(bad, found)
                file.seek(found)
                return found
            self.zero_tail = self.zero_tail and not chunk.strip(b"\0")
            if len(chunk) < wanted:
                break
            wanted = min(2 * wanted, _MOST_CHUNK)
            start += len(chunk) - HEADER.size + 1  # a header may straddle two chunks
            file.seek(start)
        self.stopped_at = bad
        self.cut_off = cut_off and not self.zero_tail
        return None


def _behind_the_first(damage: Damage, good: Flags) -> int:
    """How many records of a window are intact and lie behind the first damage of the file."""
    if damage:
        return int(good.sum())
    return 0 if good.all() else int(good[int(np.argmin(good)) :].sum())


def _find_header(chunk: bytes, start: int, size: int, first: int) -> int | None:
    """Return the offset in the file of the first intact header in `chunk`.

    `chunk` lies at `start` in a file of `size` bytes; positions before `first` in it
    are not considered. Only a record that fits in the file counts.
    """
    count = len(chunk) - HEADER.size + 1
    if count <= first:
        return None
    # No record is 4 GiB long: the upper half of its length is zero, the lower is not.
    # Testing that for all positions at once leaves few for the checksum.
    zero = np.frombuffer(chunk, np.uint8) == 0
    low, high = zero[: count + 3], zero[4 : count + 7]
    possible = ~_four_in_a_row(low) & _four_in_a_row(high)
    for position in np.flatnonzero(possible[first:]) + first:
        length = length_of(chunk[position : position + HEADER.size])
        if length is not None and start + int(position) + OVERHEAD + length <= size:
            return start + int(position)
    return None


def _four_in_a_row(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return at each position whether it and the three after it are set."""
    return flags[:-3] & flags[1:-2] & flags[2:-1] & flags[3:]


def _header_at(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.read(HEADER.size)
