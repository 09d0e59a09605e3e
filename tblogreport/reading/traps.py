"""Records that would take up far more memory, and time, than their bytes.

An empty message is two bytes in protobuf's wire format and a hundred in memory, so that one record
can hold millions of them. How many fields a record has is counted before it is decoded.
"""

from __future__ import annotations

from typing import Any

from tensorboard.compat.proto import event_pb2

from tblogreport.reading.wire import BYTES, FIXED32, FIXED64, VARINT, NoLayoutError, varint

# A record of a training holds a few fields for each of its tags; histograms are packed into one.
MOST_FIELDS = 100_000
# What is shorter cannot hold more: a field has two bytes at least.
HARMLESS = 2 * MOST_FIELDS
_GROUP, _END_OF_GROUP = 3, 4  # what is between them is taken for fields of the message itself
_SIZE = {FIXED64: 8, FIXED32: 4, _GROUP: 0, _END_OF_GROUP: 0}


def has_too_many_fields(record: bytes) -> bool:
    """Whether an event, with all that it holds, has more than `MOST_FIELDS` fields.

    What is no event is left to protobuf, which refuses it.
    """
    if len(record) <= HARMLESS:
        return False
    left = MOST_FIELDS
    messages: list[tuple[Any, int, int]] = [(event_pb2.Event.DESCRIPTOR, 0, len(record))]
    try:
        while messages:
            descriptor, at, end = messages.pop()
            while at < end:
                key, at = varint(record, at)
                wire = key & 7
                left -= 1
                if left < 0:
                    return True
                if wire == VARINT:
                    _, at = varint(record, at)
                elif wire == BYTES:
                    length, at = varint(record, at)
                    field = descriptor.fields_by_number.get(key >> 3)
                    if field is not None and field.message_type is not None:
                        messages.append((field.message_type, at, at + length))
                    at += length
                else:
                    at += _SIZE[wire]
    except (IndexError, KeyError, NoLayoutError):
        pass
    return False
