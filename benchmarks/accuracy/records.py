"""Event files taken apart into their records, and put together again.

A record is its length (uint64), a checksum of the length, the data, and a checksum of the
data. The checksums follow from the rest and cannot be compressed: the archive does without.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from tblogreport.reading.checksums import masked_crc


def split(content: bytes) -> Iterator[bytes]:
    """Return the data of every record of an event file that is whole."""
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        yield content[at + 12 : at + 12 + length]
        at += 16 + length


def join(records: Iterable[bytes]) -> bytes:
    """Return the event file that holds these records."""
    return b"".join(_framed(data) for data in records)


def bare(content: bytes) -> bytes:
    """Return an event file without its checksums."""
    return b"".join(struct.pack("<Q", len(data)) + data for data in split(content))


def whole(stripped: bytes) -> bytes:
    """Return the event file of which `bare` left this."""
    records, at = [], 0
    while at < len(stripped):
        (length,) = struct.unpack_from("<Q", stripped, at)
        records.append(stripped[at + 8 : at + 8 + length])
        at += 8 + length
    return join(records)


def _framed(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    checksums = (struct.pack("<I", masked_crc(part)) for part in (length, data))
    return length + next(checksums) + data + next(checksums)
