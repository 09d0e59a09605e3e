"""The layout of an event in protobuf's wire format: where in its bytes each number stands.

Most records of a log are of few forms: a step, a wall time and, under a tag, a number or a
histogram. `layout_of` walks one of them; every record of the same length whose *structure* (field
numbers, lengths, whether a varint goes on) is the same has its numbers in the same places. What is
anything else (metadata, images, graphs, fields that come twice) has no layout and is left to
protobuf (protobuf.dev, "Encoding"; tensorflow/core/util/event.proto, framework/summary.proto).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types
_WIDEST_VARINT = 10
# TensorFlow writes 30 buckets; what states more is no histogram and may be a trap.
MOST_BUCKETS = 100_000


class Kind(Enum):
    """What a value is, by how it was written."""

    SIMPLE = "simple_value"
    HISTO = "histo"
    TENSOR = "tensor"


@dataclass(frozen=True)
class Span:
    """Bytes `first` up to `end` of a record; `dtype` says what numbers they are."""

    first: int
    end: int
    dtype: np.dtype[np.generic] | None = None


@dataclass(frozen=True)
class ValueLayout:
    """Where one value of an event has its tag and its numbers.

    `numbers` is one number for a scalar, [k, 3] numbers row by row for a histogram of
    TensorFlow 2 (`rows` = k), and for a `HistogramProto` its upper limits, with `counts` and
    the five `facts` (min, max, num, sum, sum_squares; None where protobuf left out a 0).
    """

    kind: Kind
    tag: Span
    numbers: Span
    rows: int = 0
    counts: Span | None = None
    facts: tuple[Span | None, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where an event has its numbers; `structure` masks the bits that make it this layout."""

    length: int
    wall_time: Span | None
    step: Span | None
    values: tuple[ValueLayout, ...]
    structure: bytes  # 0xFF for bytes that must be equal, 0x80 within a step, 0 for the rest


class NoLayoutError(ValueError):
    """A record is of no form that columns are made of."""


@dataclass(frozen=True)
class _Field:
    number: int
    wire: int
    first: int  # where its content begins
    end: int


def layout_of(record: bytes) -> Layout | None:
    """Return the layout of a record; None where it must be left to protobuf."""
    try:
        return _event(record)
    except (NoLayoutError, IndexError):
        return None


def _event(record: bytes) -> Layout:
    fields = _fields(record, 0, len(record), {1: FIXED64, 2: VARINT, 5: BYTES})
    if 5 not in fields:
        raise NoLayoutError
    summary, wall, step = fields[5], fields.get(1), fields.get(2)
    values = tuple(
        _value(record, field) for field in _walk(record, summary.first, summary.end, only=1)
    )
    structure = np.full(len(record), 0xFF, np.uint8)
    if wall is not None:
        structure[wall.first : wall.end] = 0
    for span in _variable(values):
        structure[span.first : span.end] = 0
    if step is not None:
        structure[step.first : step.end] = 0x80
    return Layout(
        length=len(record),
        wall_time=_span(wall) if wall else None,
        step=_span(step) if step else None,
        values=values,
        structure=structure.tobytes(),
    )


def _variable(values: tuple[ValueLayout, ...]) -> Iterator[Span]:
    for value in values:
        yield value.tag
        yield value.numbers
        if value.counts is not None:
            yield value.counts
        yield from (fact for fact in value.facts if fact is not None)


def _value(record: bytes, value: _Field) -> ValueLayout:
    fields = _fields(record, value.first, value.end, {1: BYTES, 2: FIXED32, 5: BYTES, 8: BYTES})
    tag = fields.pop(1, None)
    if tag is None or len(fields) != 1:
        raise NoLayoutError
    where = Span(tag.first, tag.end)
    ((number, field),) = fields.items()
    if number == 2:
        numbers = Span(field.first, field.end, np.dtype("<f4"))
        return ValueLayout(Kind.SIMPLE, where, numbers)
    if number == 5:
        return _histo(record, field, where)
    return _tensor(record, field, where)


def _histo(record: bytes, field: _Field, tag: Span) -> ValueLayout:
    allowed = dict.fromkeys(range(1, 6), FIXED64) | {6: BYTES, 7: BYTES}
    fields = _fields(record, field.first, field.end, allowed)
    limits, counts = fields.get(6), fields.get(7)
    if limits is None or counts is None or (limits.end - limits.first) % 8:
        raise NoLayoutError
    if limits.end - limits.first != counts.end - counts.first or limits.first == limits.end:
        raise NoLayoutError
    double = np.dtype("<f8")
    facts = tuple(_span(fields[n], double) if n in fields else None for n in range(1, 6))
    return ValueLayout(
        Kind.HISTO, tag, _span(limits, double), counts=_span(counts, double), facts=facts
    )


# The dtypes of TensorFlow (framework/types.proto) whose `tensor_content` numpy can read.
_CONTENT = {
    1: "<f4", 2: "<f8", 3: "<i4", 4: "|u1", 5: "<i2", 6: "|i1", 9: "<i8", 17: "<u2", 19: "<f2",
    22: "<u4", 23: "<u8",
}  # fmt: skip
_FLOAT, _DOUBLE = 1, 2


def _tensor(record: bytes, field: _Field, tag: Span) -> ValueLayout:
    allowed = {1: VARINT, 2: BYTES, 4: BYTES, 5: BYTES, 6: BYTES}
    fields = _fields(record, field.first, field.end, allowed)
    kind, shape = fields.pop(1, None), fields.pop(2, None)
    if kind is None or len(fields) != 1:
        raise NoLayoutError
    ((number, content),) = fields.items()
    dtype, _ = varint(record, kind.first)
    if (number == 5 and dtype != _FLOAT) or (number == 6 and dtype != _DOUBLE):
        raise NoLayoutError
    if dtype not in _CONTENT:
        raise NoLayoutError
    numbers = _span(content, np.dtype(_CONTENT[dtype]))
    dims = list(_dims(record, shape)) if shape else []
    size = (content.end - content.first) / np.dtype(_CONTENT[dtype]).itemsize
    if not dims and size == 1:
        return ValueLayout(Kind.TENSOR, tag, numbers)
    # A shape may promise more than is there, one value standing for all: protobuf's business.
    if len(dims) == 2 and dims[1] == 3 and 0 < dims[0] <= MOST_BUCKETS and size == 3 * dims[0]:
        return ValueLayout(Kind.TENSOR, tag, numbers, rows=dims[0])
    raise NoLayoutError


def _dims(record: bytes, shape: _Field) -> Iterator[int]:
    for dim in _walk(record, shape.first, shape.end, only=2):
        size = _fields(record, dim.first, dim.end, {1: VARINT}).get(1)
        yield varint(record, size.first)[0] if size else 0


def _span(field: _Field, dtype: np.dtype[np.generic] | None = None) -> Span:
    return Span(field.first, field.end, dtype)


def _fields(record: bytes, first: int, end: int, allowed: dict[int, int]) -> dict[int, _Field]:
    """The fields of a message, each of which may be there once and as these wire types."""
    found: dict[int, _Field] = {}
    for field in _walk(record, first, end):
        if field.number in found or allowed.get(field.number) != field.wire:
            raise NoLayoutError
        found[field.number] = field
    return found


def _walk(record: bytes, first: int, end: int, only: int | None = None) -> Iterator[_Field]:
    """The fields between two places; `only` allows but one number, of the wire type bytes."""
    at = first
    while at < end:
        key, at = varint(record, at)
        number, wire = key >> 3, key & 7
        if number == 0 or (only is not None and (number, wire) != (only, BYTES)):
            raise NoLayoutError
        begin = at
        if wire == VARINT:
            _, at = varint(record, at)
        elif wire == FIXED64:
            at += 8
        elif wire == FIXED32:
            at += 4
        elif wire == BYTES:
            length, begin = varint(record, at)
            at = begin + length
        else:
            raise NoLayoutError
        if at > end:
            raise NoLayoutError
        yield _Field(number, wire, begin, at)


def varint(record: bytes, at: int) -> tuple[int, int]:
    """A varint, and where it ends. Raises `NoLayoutError` and `IndexError` where there is none."""
    value = 0
    for place in range(_WIDEST_VARINT):
        byte = record[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at + place + 1
    raise NoLayoutError
