"""The records of an event file, read past truncation and damage.

An event file is a sequence of TFRecords: length (uint64), masked CRC-32C of the
length, the data, masked CRC-32C of the data, all little-endian (TensorFlow,
`tensorflow/core/lib/io/record_writer.h`). TensorBoard's own reader stops for good at
the first bad byte; here whatever is intact behind it is read as well.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import google_crc32c
import numpy as np
from numpy.typing import NDArray

_HEADER = struct.Struct("<QI")
_CRC = struct.Struct("<I")
_OVERHEAD = _HEADER.size + _CRC.size
_FIRST_CHUNK = 1 << 12  # most damage is small: the next record is near
_MOST_CHUNK = 1 << 20

# Looking for a lost record costs a pass over a part of the file; a file made to
# trigger it at every byte must still be read in linear time.
_MOST_REALIGNMENTS = 1000


def masked_crc(data: bytes) -> int:
    """Return the CRC-32C of `data`, rotated and offset as TFRecord wants it."""
    crc: int = google_crc32c.value(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


@dataclass
class RecordReader:
    """Iterates over the intact records of a file; afterwards says what was wrong.

    Iterating raises `OSError` when the file cannot be opened or read.
    """

    path: Path
    size: int = field(default=0, init=False)  # bytes, when it was opened
    headers: int = field(default=0, init=False)  # records whose length field was intact
    records: int = field(default=0, init=False)  # records that were intact as a whole
    places: int = field(default=0, init=False)  # damaged places before the last intact record
    first_damage: int = field(default=0, init=False)  # byte offset of the first of them
    damaged_bytes: int = field(default=0, init=False)  # their bytes in total
    stopped_at: int | None = field(default=None, init=False)  # nothing intact from here on
    cut_off: bool = field(default=False, init=False)  # the record there only lacks its end
    zero_tail: bool = field(default=False, init=False)  # only zero bytes from there on

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            self.size = os.fstat(file.fileno()).st_size
            offset: int | None = 0
            while offset is not None and offset < self.size:
                header = file.read(_HEADER.size)
                length = _length(header)
                if length is None or offset + _OVERHEAD + length > self.size:
                    self.headers += length is not None
                    cut_off = length is not None or len(header) < _HEADER.size
                    offset = self._resume(file, offset, cut_off)
                    continue
                self.headers += 1
                data = file.read(length)
                end = offset + _OVERHEAD + length
                if file.read(_CRC.size) == _CRC.pack(masked_crc(data)):
                    self.records += 1
                    yield data
                    offset = end
                else:
                    offset = self._after_bad_data(file, offset, end)

    def _after_bad_data(self, file: BinaryIO, start: int, end: int) -> int | None:
        """Go past a record whose length is intact and whose data is not.

        Bytes may have been changed in it, or lost from it: then the next record
        begins before the end that the length promises.
        """
        aligned = _length(file.read(_HEADER.size)) is not None
        if not aligned and self.places < _MOST_REALIGNMENTS:
            return self._resume(file, start, cut_off=False)
        self._skip(start, end)
        file.seek(end)
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
                self._skip(bad, found)
                file.seek(found)
                return found
            self.zero_tail = self.zero_tail and not chunk.strip(b"\0")
            if len(chunk) < wanted:
                break
            wanted = min(2 * wanted, _MOST_CHUNK)
            start += len(chunk) - _HEADER.size + 1  # a header may straddle two chunks
            file.seek(start)
        self.stopped_at = bad
        self.cut_off = cut_off and not self.zero_tail
        return None

    def _skip(self, start: int, end: int) -> None:
        if not self.places:
            self.first_damage = start
        self.places += 1
        self.damaged_bytes += end - start


def _length(header: bytes) -> int | None:
    """Return the length that an intact header gives, otherwise None."""
    if len(header) < _HEADER.size:
        return None
    length, crc = _HEADER.unpack(header)
    return int(length) if masked_crc(header[:8]) == crc else None


def _find_header(chunk: bytes, start: int, size: int, first: int) -> int | None:
    """Return the offset in the file of the first intact header in `chunk`.

    `chunk` lies at `start` in a file of `size` bytes; positions before `first` in it
    are not considered. Only a record that fits in the file counts.
    """
    count = len(chunk) - _HEADER.size + 1
    if count <= first:
        return None
    # No record is 4 GiB long: the upper half of its length is zero, the lower is not.
    # Testing that for all positions at once leaves few for the checksum.
    zero = np.frombuffer(chunk, np.uint8) == 0
    low, high = zero[: count + 3], zero[4 : count + 7]
    possible = ~_four_in_a_row(low) & _four_in_a_row(high)
    for position in np.flatnonzero(possible[first:]) + first:
        length = _length(chunk[position : position + _HEADER.size])
        if length is not None and start + int(position) + _OVERHEAD + length <= size:
            return start + int(position)
    return None


def _four_in_a_row(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return at each position whether it and the three after it are set."""
    return flags[:-3] & flags[1:-2] & flags[2:-1] & flags[3:]
