"""CRC-32C of many records at once.

A record's checksum is the CRC-32C of its data, rotated and offset (TensorFlow,
`tensorflow/core/lib/io/record_writer.h`). The CRC is linear over GF(2): that of a record is
that of another one of its length, XORed with what each byte in which they differ adds at its
place. So records that share most of their bytes need only a table look-up for each of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

import google_crc32c
import numpy as np
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Crcs: TypeAlias = NDArray[np.uint32]

_POLYNOMIAL = 0x82F63B78  # Castagnoli's, reflected
_MASK_DELTA = 0xA282EAD8


def masked_crc(data: bytes) -> int:
    """Return the CRC-32C of `data`, rotated and offset as TFRecord wants it."""
    crc: int = google_crc32c.value(data)
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def unmasked(stored: Crcs) -> Crcs:
    """Return the plain CRC-32Cs [n] of the ones that the records hold."""
    rotated = stored - np.uint32(_MASK_DELTA)
    return (rotated << np.uint32(15)) | (rotated >> np.uint32(17))


def crcs(records: Iterable[bytes]) -> Crcs:
    """Return the CRC-32C of each record, one after the other: the faster way for long ones."""
    value = google_crc32c.value
    return np.array([value(record) for record in records], np.uint32)


def crcs_like(model: bytes, rows: Bytes, places: Sequence[int]) -> Crcs:
    """Return the CRC-32C of each row [n, ≥ length] that equals `model` but for some places."""
    found = np.full(len(rows), google_crc32c.value(model), np.uint32)
    for place in places:
        table = _table(len(model) - 1 - place)
        found ^= (table ^ table[model[place]])[rows[:, place]]
    return found


@lru_cache(maxsize=4096)
def _table(behind: int) -> Crcs:
    """What each byte adds to the CRC [256] when so many bytes follow it."""
    if behind == 0:
        return _byte_table()
    before = _table(behind - 1)
    return np.asarray((before >> np.uint32(8)) ^ _byte_table()[before & np.uint32(0xFF)])


@lru_cache(maxsize=1)
def _byte_table() -> Crcs:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        odd = (table & 1).astype(bool)
        table = (table >> np.uint32(1)) ^ np.where(odd, np.uint32(_POLYNOMIAL), np.uint32(0))
    return table
