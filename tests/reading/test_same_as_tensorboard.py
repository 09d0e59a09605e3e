"""`Accumulator` answers as TensorBoard's own does, with everything kept."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, graph_pb2, summary_pb2
from tensorboard.util import tensor_util

from tblogreport.reading.accumulator import Accumulator
from tblogreport.reading.stub import quiet_tensorboard
from tests.eventfiles import (
    event_file_name,
    file_version_event,
    histogram_event,
    message,
    record,
    scalar_event,
    session_start_event,
    tensor_event,
)

Value = summary_pb2.Summary.Value
SAMPLE_RUNS = Path(__file__).parents[2] / "sample_runs"

STEPS = st.one_of(st.integers(0, 300), st.integers(-(2**63), 2**63 - 1))
TIMES = st.one_of(st.floats(1e9, 2e9), st.floats())
FLOATS = st.floats(width=32)
TAGS = st.sampled_from(["loss", "acc.", "train/loss", "été", "", "x" * 200])


def by_hand(tag: str, tensor: bytes) -> Callable[[int, float, float], bytes]:
    """An event whose tensor is written byte for byte, as other languages' protobuf may."""

    def write(step: int, wall_time: float, value: float) -> bytes:
        content = tensor.replace(b"....", struct.pack("<f", value))
        summary = message(1, message(1, tag.encode()) + message(8, content))
        head = event_pb2.Event(step=step, wall_time=wall_time).SerializeToString()
        return head + message(5, summary)

    return write


def encoded(make: Callable[..., Any]) -> Callable[[int, float, float], bytes]:
    return lambda step, wall_time, value: make(step, wall_time, value).SerializeToString()


def several(step: int, wall_time: float, value: float) -> event_pb2.Event:
    event = scalar_event("loss", value, step, wall_time)
    event.summary.value.add(tag="acc.", simple_value=1.0)
    event.summary.value.add(tag="loss", simple_value=-value)
    event.summary.value.add(tag="nothing")
    return event


def image(step: int, wall_time: float, value: float) -> event_pb2.Event:
    event = event_pb2.Event(step=step, wall_time=wall_time)
    event.summary.value.add(tag="image").image.encoded_image_string = struct.pack("<f", value)
    event.summary.value.add(tag="sound").audio.length_frames = step & 0xFF
    return event


def old_style(step: int, wall_time: float, value: float) -> event_pb2.Event:
    event = tensor_event("", value, step, wall_time, dtype=np.float32)
    event.summary.value[0].node_name = "named by its node"
    return event


def torch_histogram(step: int, wall_time: float, value: float) -> event_pb2.Event:
    return histogram_event(
        "weights", [-1.0, 0.0, 2.5], [1, step & 7, 3], step, wall_time, sum=value
    )


def writers(tag: str) -> list[Callable[[int, float, float], bytes]]:
    dtypes = (np.float32, np.float64, np.float16, np.int32, np.int64, np.uint8)
    finite = [lambda x, t=t: t(0 if not np.isfinite(x) else x % 100) for t in dtypes]
    return [
        encoded(lambda s, w, v: scalar_event(tag, v, s, w)),
        *(encoded(lambda s, w, v, c=c: tensor_event(tag, c(v), s, w)) for c in finite),
        encoded(lambda s, w, v: tensor_event(tag, v, s, w, dtype=np.float32, plugin="scalars")),
        encoded(lambda s, w, v: tensor_event(tag, [[v, 1, 2]] * 3, s, w, dtype=np.float32)),
        encoded(lambda s, w, v: tensor_event(tag, [v, 1.0], s, w, dtype=np.float64, plugin="own")),
        encoded(lambda s, w, v: tensor_event(tag, b"text", s, w, plugin="text")),
        by_hand(tag, b"\x08\x01\x12\x00\x2a\x04...."),  # float_val, packed
        by_hand(tag, b"\x08\x01\x12\x00\x2d...."),  # float_val, not packed
        by_hand(tag, b"\x08\x01\x12\x00\x22\x04...."),  # tensor_content
        by_hand(tag, b"\x08\x01\x2a\x04...."),  # without a shape
        by_hand(tag, b"\x12\x08\x12\x02\x08\x02\x12\x02\x08\x03\x08\x01\x2a\x04...."),  # repeats it
        by_hand(tag, b"\x08\x01\x08\x02\x12\x00\x22\x04...."),  # a field twice
        encoded(several),
        encoded(image),
        encoded(old_style),
        encoded(torch_histogram),
    ]


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Event streams in which some writers come often, as they do in logs, in any order."""
    chosen = draw(st.lists(st.tuples(TAGS, st.integers(0, 20)), min_size=1, max_size=4))
    written = [writers(tag)[kind % len(writers(tag))] for tag, kind in chosen]
    order = draw(st.lists(st.integers(0, len(written) - 1), max_size=40))
    steps = draw(st.lists(STEPS, min_size=len(order), max_size=len(order)))
    times = draw(st.lists(TIMES, min_size=len(order), max_size=len(order)))
    values = draw(st.lists(FLOATS, min_size=len(order), max_size=len(order)))
    events = [written[i](*p) for i, *p in zip(order, steps, times, values, strict=True)]
    if draw(st.booleans()):
        events.insert(0, file_version_event().SerializeToString())
    others = (
        session_start_event(draw(st.integers(0, 50))),
        event_pb2.Event(graph_def=graph_pb2.GraphDef().SerializeToString() + b"\x0a\x00"),
        event_pb2.Event(source_metadata=event_pb2.SourceMetadata(writer="some.writer")),
        event_pb2.Event(),
    )
    for other in draw(st.lists(st.sampled_from(others), max_size=3)):
        events.insert(draw(st.integers(0, len(events))), other.SerializeToString())
    return events


def said(accumulator: Any) -> dict[str, Any]:
    """Everything that an accumulator can be asked, as text: NaN is like NaN there."""
    tags = accumulator.Tags()
    asked = {
        "scalars": accumulator.Scalars,
        "histograms": accumulator.Histograms,
        "distributions": accumulator.CompressedHistograms,
        "images": accumulator.Images,
        "audio": accumulator.Audio,
        "tensors": accumulator.Tensors,
    }
    found: dict[str, Any] = {"tags": tags, "version": accumulator.file_version}
    for kind, ask in asked.items():
        for tag in tags[kind]:
            found[f"{kind} {tag}"] = repr(ask(tag))
        with pytest.raises(KeyError):
            ask("no such tag")
    found["metadata"] = {
        t: str(accumulator.SummaryMetadata(t)) for t in accumulator.summary_metadata
    }
    for plugin in ("scalars", "text", "own"):
        try:
            found[plugin] = accumulator.PluginTagToContent(plugin)
        except KeyError:
            found[plugin] = None
    found["graph"] = str(accumulator.Graph()) if tags["graph"] else None
    found["writer"] = accumulator.GetSourceWriter()
    try:
        found["begun"] = repr(accumulator.FirstEventTimestamp())
    except ValueError:
        found["begun"] = None
    return found


def both(path: Path, purge: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    keep = event_accumulator.STORE_EVERYTHING_SIZE_GUIDANCE
    with quiet_tensorboard():
        theirs = event_accumulator.EventAccumulator(str(path), keep, purge_orphaned_data=purge)
        ours = Accumulator(path, purge_orphaned_data=purge)
        return said(ours.Reload()), said(theirs.Reload())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@settings(deadline=None, max_examples=300)
@given(streams(), st.booleans())
def test_one_file(folder: Path, stream: list[bytes], purge: bool) -> None:
    path = folder / event_file_name()
    path.write_bytes(b"".join(map(record, stream)))
    ours, theirs = both(path, purge)
    assert ours == theirs


@settings(deadline=None, max_examples=60)
@given(st.lists(streams(), min_size=1, max_size=3), st.booleans())
def test_a_directory(folder: Path, parts: list[list[bytes]], purge: bool) -> None:
    directory = folder / "several"
    directory.mkdir(exist_ok=True)
    for file in directory.iterdir():
        file.unlink()
    for number, stream in enumerate(parts):
        path = directory / event_file_name(1e9 + number)
        path.write_bytes(b"".join(map(record, stream)))
    ours, theirs = both(directory, purge)
    assert ours == theirs


@settings(deadline=None, max_examples=40)
@given(streams(), st.integers(0, 40))
def test_a_file_that_grows(folder: Path, stream: list[bytes], first: int) -> None:
    path = folder / event_file_name()
    path.write_bytes(b"".join(map(record, stream[:first])))
    with quiet_tensorboard():
        ours = Accumulator(path).Reload()
        with path.open("ab") as file:
            file.write(b"".join(map(record, stream[first:])))
        grown = said(ours.Reload())
    assert grown == both(path, purge=True)[1]


@pytest.mark.parametrize(
    "path", sorted(SAMPLE_RUNS.rglob("*tfevents*")), ids=lambda p: str(p.relative_to(SAMPLE_RUNS))
)
def test_the_sample_runs(path: Path) -> None:
    ours, theirs = both(path, purge=True)
    assert ours == theirs


def test_the_values_are_those_of_the_tensors(folder: Path) -> None:
    path = folder / event_file_name()
    events = [tensor_event("t", [[i, 1.5]], i, dtype=np.float64) for i in range(8)]
    path.write_bytes(b"".join(record(event.SerializeToString()) for event in events))
    found = Accumulator(path).Reload().Tensors("t")
    assert [tensor_util.make_ndarray(e.tensor_proto)[0, 0] for e in found] == list(range(8))
