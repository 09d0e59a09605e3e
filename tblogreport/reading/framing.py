"""Where the records of a stretch of an event file lie, by their length fields.

A length field has a checksum of its own, which depends on the length alone: it is verified once
for each distinct length. Logs repeat themselves, a few tags at every step, so that the lengths of
records recur with a period; as long as they do, all headers are compared at once.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tblogreport.reading.checksums import masked_crc

Places: TypeAlias = NDArray[np.int64]

HEADER = struct.Struct("<QI")  # the length of the data, and the checksum of the length
CRC = struct.Struct("<I")  # the checksum of the data
OVERHEAD = HEADER.size + CRC.size

_LONGEST_PERIOD = 64  # records
_TRY_EVERY = 128  # records that lie by no period, before one is looked for again
_MOST_KNOWN = 100_000  # lengths that are remembered


@dataclass(frozen=True)
class Framed:
    """Records that lie one behind the other.

    `starts` and `lengths` [n] say where the data of each is in the stretch; `end` is where the
    next header should begin.
    """

    starts: Places
    lengths: Places
    end: int


def length_of(header: bytes) -> int | None:
    """Return the length that an intact header gives, otherwise None."""
    if len(header) < HEADER.size:
        return None
    length, crc = HEADER.unpack(header)
    return int(length) if masked_crc(header[:8]) == crc else None


class Framer:
    """Frames stretches of one file; it remembers the lengths that were verified."""

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}

    def frame(self, stretch: bytes, limit: int) -> Framed:
        """Follow the length fields from the beginning of a stretch, up to a limit."""
        starts: list[Places] = []
        lengths: list[Places] = []
        at, more = 0, True
        while more:
            found, at, more = self._one_by_one(stretch, at, limit)
            lengths.append(np.array(found, np.int64))
            starts.append(_starts(lengths[-1], at))
            period = _period(found)
            if not period or not more:
                continue
            repeats = _repeats(stretch, at, limit, found[-period:])
            if repeats:
                lengths.append(np.tile(lengths[-1][-period:], repeats))
                at += int(lengths[-1].sum()) + OVERHEAD * len(lengths[-1])
                starts.append(_starts(lengths[-1], at))
        return Framed(np.concatenate(starts), np.concatenate(lengths), at)

    def _one_by_one(self, stretch: bytes, at: int, limit: int) -> tuple[list[int], int, bool]:
        """The lengths of up to `_TRY_EVERY` records, where they end, and whether more follow."""
        found: list[int] = []
        known = self._known
        while len(found) < _TRY_EVERY:
            header = stretch[at : at + HEADER.size]
            length = known.get(header)
            if length is None:
                length = self._length(header)
            if length is None or at + OVERHEAD + length > limit:
                return found, at, False
            found.append(length)
            at += OVERHEAD + length
        return found, at, True

    def _length(self, header: bytes) -> int | None:
        length = self._known.get(header)
        if length is None:
            length = length_of(header)
            if length is not None and len(self._known) < _MOST_KNOWN:
                self._known[header] = length
        return length


def _starts(lengths: Places, end: int) -> Places:
    """Where the data of records of these lengths starts, the last of which ends at `end`."""
    ends = end - CRC.size - (lengths + OVERHEAD)[::-1].cumsum()[::-1] + lengths + OVERHEAD
    return np.asarray(ends - lengths)


def _period(lengths: list[int]) -> int | None:
    """The number of records after which the last lengths recur, if they do."""
    if len(lengths) < _TRY_EVERY:
        return None
    for period in range(1, _LONGEST_PERIOD + 1):
        if lengths[-period:] == lengths[-2 * period : -period]:
            return period
    return None


def _repeats(stretch: bytes, at: int, limit: int, lengths: list[int]) -> int:
    """How many times records of these lengths follow, all with the same headers as before."""
    size = sum(lengths) + OVERHEAD * len(lengths)
    most = (limit - at) // size
    before = np.frombuffer(stretch, np.uint8, size, at - size)
    headers = np.concatenate(
        [np.arange(HEADER.size) + start - HEADER.size for start in _starts_within(lengths)]
    )
    expected = before[headers]
    done, chunk = 0, 16
    while done < most:
        count = min(chunk, most - done)
        table = np.frombuffer(stretch, np.uint8, count * size, at + done * size)
        same = (table.reshape(count, size)[:, headers] == expected).all(axis=1)
        if not same.all():
            return done + int(np.argmin(same))
        done += count
        chunk = min(4 * chunk, 1 << 14)
    return done


def _starts_within(lengths: list[int]) -> list[int]:
    ends = np.cumsum(np.array(lengths) + OVERHEAD) - CRC.size
    return [int(end) - length for end, length in zip(ends, lengths, strict=True)]
