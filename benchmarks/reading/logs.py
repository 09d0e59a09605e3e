"""Logs to read, as frameworks write them, made once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_DOUBLE, DT_FLOAT
from tensorboard.summary.writer.record_writer import RecordWriter

BEGUN = 1_750_000_000.0
TAGS = ("train/loss", "train/accuracy", "learning_rate", "validation/loss", "gradient_norm")
LAYERS = 10
BUCKETS = 30
IMAGE_BYTES = 50_000


@dataclass(frozen=True)
class Log:
    """A kind of log: `size` is how many of its values there are in the benchmark."""

    values: Callable[[int], Iterator[Summary.Value]]
    tags: int  # how many values share a step
    size: int


def write(log: Log, size: int, directory: Path) -> Path:
    """Write an event file with so many values below a directory, unless it is there."""
    path = directory / f"events.out.tfevents.{BEGUN:.0f}.0"
    if path.exists():
        return path
    directory.mkdir(parents=True, exist_ok=True)
    unfinished = directory / "unfinished"
    seconds = np.random.default_rng(1).random(size)
    with unfinished.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=BEGUN, file_version="brain.Event:2").SerializeToString())
        for i, value in enumerate(log.values(size)):
            event = Event(
                wall_time=BEGUN + 0.1 * (i + seconds[i]),
                step=i // log.tags,
                summary=Summary(value=[value]),
            )
            writer.write(event.SerializeToString())
    unfinished.rename(path)
    return path


def _tf1_scalars(size: int) -> Iterator[Summary.Value]:
    values = np.random.default_rng(0).random(size)
    for i in range(size):
        yield Summary.Value(tag=TAGS[i % len(TAGS)], simple_value=values[i])


def _tf2_scalars(size: int) -> Iterator[Summary.Value]:
    values = np.random.default_rng(0).random(size).astype("<f4")
    for i in range(size):
        tensor = TensorProto(
            dtype=DT_FLOAT, tensor_shape=TensorShapeProto(), tensor_content=values[i].tobytes()
        )
        yield _declared(i, len(TAGS), "scalars", TAGS[i % len(TAGS)], tensor=tensor)


def _tf2_histograms(size: int) -> Iterator[Summary.Value]:
    rng = np.random.default_rng(0)
    dims = [TensorShapeProto.Dim(size=BUCKETS), TensorShapeProto.Dim(size=3)]
    for i in range(size):
        edges = np.linspace(-1.0, 1.0, BUCKETS + 1) * (1.0 + rng.random())
        rows = np.stack([edges[:-1], edges[1:], rng.integers(0, 1_000, BUCKETS)], axis=1)
        tensor = TensorProto(
            dtype=DT_DOUBLE,
            tensor_shape=TensorShapeProto(dim=dims),
            tensor_content=rows.astype("<f8").tobytes(),
        )
        tag = f"layer_{i % LAYERS}/kernel/histogram"
        yield _declared(i, LAYERS, "histograms", tag, tensor=tensor)


def _torch_histograms(size: int) -> Iterator[Summary.Value]:
    rng = np.random.default_rng(0)
    positive = 1e-12 * 1.1 ** np.arange(775)
    limits = np.concatenate([-positive[::-1], [0.0], positive])
    for i in range(size):
        values = rng.normal(0.0, 10 ** rng.uniform(-3.0, 0.0), 400)
        counts, _ = np.histogram(values, limits)
        full = np.flatnonzero(counts)
        first, last = int(full[0]), int(full[-1])
        histogram = HistogramProto(
            min=values.min(),
            max=values.max(),
            num=len(values),
            sum=values.sum(),
            sum_squares=values @ values,
            bucket_limit=limits[first : last + 2].tolist(),
            bucket=[0.0, *counts[first : last + 1].tolist()],
        )
        yield Summary.Value(tag=f"layers.{i % LAYERS}.weight", histo=histogram)


def _images(size: int) -> Iterator[Summary.Value]:
    """A scalar in ten values, and pictures."""
    rng = np.random.default_rng(0)
    for i in range(size):
        if i % 10 == 0:
            yield Summary.Value(tag="loss", simple_value=1.0 / (1 + i))
        else:
            image = Summary.Image(
                height=128, width=128, encoded_image_string=rng.bytes(IMAGE_BYTES)
            )
            yield Summary.Value(tag=f"samples/{i % 10}", image=image)


def _declared(i: int, tags: int, plugin: str, tag: str, **value: Any) -> Summary.Value:
    """A value with the metadata that TensorFlow 2 writes with the first of each tag."""
    if i >= tags:
        return Summary.Value(tag=tag, **value)
    data = SummaryMetadata.PluginData(plugin_name=plugin)
    return Summary.Value(tag=tag, metadata=SummaryMetadata(plugin_data=data), **value)


LOGS = {
    "tf1-scalars": Log(_tf1_scalars, len(TAGS), 1_000_000),
    "tf2-scalars": Log(_tf2_scalars, len(TAGS), 1_000_000),
    "tf2-histograms": Log(_tf2_histograms, LAYERS, 100_000),
    "torch-histograms": Log(_torch_histograms, LAYERS, 100_000),
    "images": Log(_images, 10, 4_400),
}
