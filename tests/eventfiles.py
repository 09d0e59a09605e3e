"""Event files for tests: events built from TensorBoard's own protos, framed by hand.

    write_events(tmp_path / "run" / event_file_name(), [scalar_event("loss", 0.5, step=1)])

PyTorch's `SummaryWriter` writes `scalar_event` and `histogram_event`, TensorFlow 2 and
Keras write `tensor_scalar_event` and `tensor_histogram_event`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import google_crc32c
import numpy as np
from numpy.typing import ArrayLike
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

WALL_TIME = 1_700_000_000.0

Event: TypeAlias = Any  # event_pb2.Event: TensorBoard ships no types


def event_file_name(begun: float = WALL_TIME, suffix: str = "host.1.0") -> str:
    return f"events.out.tfevents.{begun:.0f}.{suffix}"


def record(data: bytes) -> bytes:
    """Frame data as a TFRecord."""
    return header(len(data)) + data + _masked_crc(data)


def header(length: int) -> bytes:
    """The header of a TFRecord, with its checksum; the length may be a lie."""
    field = struct.pack("<Q", length)
    return field + _masked_crc(field)


def record_starts(content: bytes) -> list[int]:
    """Where the records of a sound file begin."""
    starts, at = [], 0
    while at < len(content):
        starts.append(at)
        at += 16 + int.from_bytes(content[at : at + 8], "little")
    return starts


def varint(number: int) -> bytes:
    """A number as protobuf writes it."""
    digits = bytearray()
    while number >= 0x80:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*digits, number])


def message(number: int, content: bytes) -> bytes:
    """A field of a protobuf message that holds bytes, or another message."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def encode(events: Iterable[Event]) -> bytes:
    """Return the bytes of an event file that holds just these events."""
    return b"".join(record(event.SerializeToString()) for event in events)


def write_events(path: Path, events: Iterable[Event], *, header: bool = True) -> Path:
    """Write an event file, with the usual `file_version` event first; return its path."""
    events = list(events)
    if header:
        begun = events[0].wall_time if events else WALL_TIME
        events.insert(0, file_version_event(begun))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(events))
    return path


def write_run(
    directory: Path,
    scalars: Mapping[str, Sequence[float]],
    *,
    begun: float = WALL_TIME,
    first_step: int = 0,
    tensors: bool = False,
) -> Path:
    """Write an event file in `directory` with one point a step and second of each tag.

    `tensors` writes them as TensorFlow 2 does, with the metadata on the first value only.
    """
    events = []
    for tag, values in scalars.items():
        for index, value in enumerate(values):
            step, wall_time = first_step + index, begun + index
            if tensors:
                plugin = "scalars" if index == 0 else None
                events.append(tensor_scalar_event(tag, value, step, wall_time, plugin=plugin))
            else:
                events.append(scalar_event(tag, value, step, wall_time))
    return write_events(directory / event_file_name(begun), events)


def file_version_event(wall_time: float = WALL_TIME) -> Event:
    return event_pb2.Event(wall_time=wall_time, file_version="brain.Event:2")


def session_start_event(step: int = 0, wall_time: float = WALL_TIME) -> Event:
    """What TensorFlow 1 writes when training starts, and when it is resumed."""
    log = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    return event_pb2.Event(wall_time=wall_time, step=step, session_log=log)


def value_event(
    value: summary_pb2.Summary.Value, step: int = 0, wall_time: float = WALL_TIME
) -> Event:
    return event_pb2.Event(
        step=step, wall_time=wall_time, summary=summary_pb2.Summary(value=[value])
    )


def scalar_event(tag: str, value: float, step: int = 0, wall_time: float = WALL_TIME) -> Event:
    """A scalar of TensorFlow 1 and PyTorch (`simple_value`, a float32)."""
    return value_event(summary_pb2.Summary.Value(tag=tag, simple_value=value), step, wall_time)


def tensor_event(
    tag: str,
    value: Any,
    step: int = 0,
    wall_time: float = WALL_TIME,
    *,
    dtype: type[np.generic] | None = None,
    plugin: str | None = None,
) -> Event:
    """A tensor; without `plugin` it has no metadata."""
    proto = summary_pb2.Summary.Value(
        tag=tag, tensor=tensor_util.make_tensor_proto(np.asarray(value, dtype=dtype))
    )
    if plugin is not None:
        proto.metadata.plugin_data.plugin_name = plugin
    return value_event(proto, step, wall_time)


def tensor_scalar_event(
    tag: str,
    value: float,
    step: int = 0,
    wall_time: float = WALL_TIME,
    *,
    dtype: type[np.generic] = np.float32,
    plugin: str | None = "scalars",
) -> Event:
    """A scalar of TensorFlow 2."""
    return tensor_event(tag, value, step, wall_time, dtype=dtype, plugin=plugin)


def histogram_event(
    tag: str,
    limits: Sequence[float],
    counts: Sequence[float],
    step: int = 0,
    wall_time: float = WALL_TIME,
    **totals: float,
) -> Event:
    """A histogram of TensorFlow 1 and PyTorch: `limits` are the buckets' upper limits.

    `totals` sets min, max, num, sum and sum_squares of the proto; by default the buckets'
    ends and their counts.
    """
    defaults = {
        "min": limits[0] if len(limits) else 0.0,
        "max": limits[-1] if len(limits) else 0.0,
        "num": float(np.sum(counts)),
    }
    proto = summary_pb2.HistogramProto(bucket_limit=limits, bucket=counts, **(defaults | totals))
    return value_event(summary_pb2.Summary.Value(tag=tag, histo=proto), step, wall_time)


def tensor_histogram_event(
    tag: str,
    edges: ArrayLike,
    counts: ArrayLike,
    step: int = 0,
    wall_time: float = WALL_TIME,
    *,
    plugin: str | None = "histograms",
) -> Event:
    """A histogram of TensorFlow 2: a tensor of rows (left edge, right edge, count)."""
    rows = np.stack([np.asarray(edges)[:-1], np.asarray(edges)[1:], np.asarray(counts)], axis=1)
    return tensor_event(tag, rows, step, wall_time, dtype=np.float32, plugin=plugin)


def keras_model_event(config: Mapping[str, Any] | str) -> Event:
    """The model config as the Keras callback logs it under the tag `keras`."""
    text = config if isinstance(config, str) else json.dumps(config)
    proto = summary_pb2.Summary.Value(tag="keras")
    proto.tensor.dtype = types_pb2.DT_STRING
    proto.tensor.string_val.append(text.encode())
    proto.metadata.plugin_data.plugin_name = "graph_keras_model"
    return value_event(proto)


def hparams_events() -> list[Event]:
    """What PyTorch's `add_hparams` writes besides the metrics: metadata without values."""
    events = []
    for tag in ("experiment", "session_start_info", "session_end_info"):
        proto = summary_pb2.Summary.Value(tag=f"_hparams_/{tag}")
        proto.metadata.plugin_data.plugin_name = "hparams"
        events.append(value_event(proto))
    return events


def session_event(hparams: Mapping[str, float | str | bool]) -> Event:
    """The hyperparameters of a session, as the HParams plugin keeps them."""
    data = plugin_data_pb2.HParamsPluginData(version=0)
    for name, value in hparams.items():
        kind = {bool: "bool_value", str: "string_value"}.get(type(value), "number_value")
        setattr(data.session_start_info.hparams[name], kind, value)
    proto = summary_pb2.Summary.Value(tag="_hparams_/session_start_info")
    proto.metadata.plugin_data.plugin_name = "hparams"
    proto.metadata.plugin_data.content = data.SerializeToString()
    return value_event(proto)


def image_event() -> Event:
    """An image as PyTorch writes it: not read, and not to be in the way."""
    image = summary_pb2.Summary.Image(height=1, width=1, encoded_image_string=b"\x89" * 100)
    return value_event(summary_pb2.Summary.Value(tag="image", image=image))


def _masked_crc(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def strings_event(
    tag: str,
    strings: Sequence[bytes],
    step: int = 0,
    wall_time: float = WALL_TIME,
    *,
    plugin: str | None,
    shape: Sequence[int] | None = None,
) -> Event:
    """A tensor of strings, as TensorFlow 2 writes images, sounds and texts."""
    proto = summary_pb2.Summary.Value(tag=tag)
    proto.tensor.dtype = types_pb2.DT_STRING
    proto.tensor.string_val.extend(strings)
    for size in [len(strings)] if shape is None else shape:
        proto.tensor.tensor_shape.dim.add(size=size)
    if plugin is not None:
        proto.metadata.plugin_data.plugin_name = plugin
    return value_event(proto, step, wall_time)


def graph_event(graph: Any) -> Event:
    """A `GraphDef`, as all writers log it."""
    return event_pb2.Event(wall_time=WALL_TIME, graph_def=graph.SerializeToString())
