"""What TensorBoard reads, we read: plain `EventAccumulator` is the reference."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

import tblogreport
from tests.eventfiles import (
    Event,
    event_file_name,
    histogram_event,
    image_event,
    scalar_event,
    session_start_event,
    tensor_event,
    tensor_histogram_event,
    tensor_scalar_event,
    value_event,
    write_events,
)

# No word in these names a split, so that the split column stays "".
tags = st.text("abcxyz/ <>&\x01\x1bé\u202e", min_size=1, max_size=12)
steps = st.integers(-(2**63), 2**63 - 1)
times = st.floats(0, 4e9)
floats32 = st.floats(width=32)
scalar_points = st.lists(st.tuples(tags, floats32, steps, times), max_size=40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs") / "some" / "logs"


def read_events(folder: Path, events: list[Event]) -> tblogreport.Run:
    write_events(folder / event_file_name(), events)
    (run,) = tblogreport.read(folder)
    return run


def plain(folder: Path) -> EventAccumulator:
    keep_all = {"scalars": 0, "tensors": 0, "histograms": 0, "compressedHistograms": 1}
    path = str(folder / event_file_name())
    return EventAccumulator(path, keep_all, purge_orphaned_data=False).Reload()


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return list(zip(*(frame[column] for column in columns), strict=True))


def same(left: list[tuple[Any, ...]], right: list[tuple[Any, ...]]) -> bool:
    return len(left) == len(right) and all(
        a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))
        for row, other in zip(left, right, strict=True)
        for a, b in zip(row, other, strict=True)
    )


@settings(deadline=None, max_examples=60)
@given(scalar_points)
def test_simple_values_are_those_of_plain_tensorboard(folder: Path, points: list[Any]) -> None:
    run = read_events(folder, [scalar_event(*point) for point in points])
    reference = plain(folder)
    expected = [
        (tag, event.step, event.wall_time, event.value)
        for tag in sorted(reference.Tags()["scalars"])
        for event in reference.Scalars(tag)
    ]
    assert same(rows(run.scalars, "tag", "step", "wall_time", "value"), expected)


@settings(deadline=None, max_examples=60)
@given(scalar_points, st.sampled_from([np.float16, np.float32, np.float64, np.int32, np.int64]))
def test_tensor_scalars_are_those_of_plain_tensorboard(
    folder: Path, points: list[Any], dtype: type[np.generic]
) -> None:
    if issubclass(dtype, np.integer):
        points = [(t, hash(v) % 2**31, s, w) for t, v, s, w in points]
    with np.errstate(over="ignore"):
        events = [tensor_scalar_event(*point, dtype=dtype) for point in points]
    run = read_events(folder, events)
    reference = plain(folder)
    expected = [
        (tag, event.step, event.wall_time, float(tensor_util.make_ndarray(event.tensor_proto)))
        for tag in sorted(reference.Tags()["tensors"])
        for event in reference.Tensors(tag)
    ]
    assert same(rows(run.scalars, "tag", "step", "wall_time", "value"), expected)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(tags, st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20)), max_size=8)
)
def test_histograms_of_tensorflow_1_are_those_of_plain_tensorboard(
    folder: Path, records: list[Any]
) -> None:
    events = [
        histogram_event(tag, sorted(limits), range(len(limits)), step, sum=1.5, sum_squares=2.5)
        for step, (tag, limits) in enumerate(records)
    ]
    run = read_events(folder, events)
    reference = plain(folder)
    expected = [
        (tag, e.step, h.num, h.min, h.max, h.sum, h.sum_squares, tuple(h.bucket))
        for tag in sorted(reference.Tags()["histograms"])
        for e in reference.Histograms(tag)
        for h in [e.histogram_value]
    ]
    frame = run.histograms.assign(counts=run.histograms["counts"].map(tuple))
    columns = ("tag", "step", "count", "min", "max", "sum", "sum_squares", "counts")
    assert rows(frame, *columns) == expected


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=20), max_size=8))
def test_histograms_of_tensorflow_2_have_the_edges_and_counts_of_the_tensor(
    folder: Path, records: list[list[float]]
) -> None:
    records = [sorted(edges) for edges in records]
    events = [
        tensor_histogram_event("weights", edges, range(len(edges) - 1), step)
        for step, edges in enumerate(records)
    ]
    frame = read_events(folder, events).histograms
    assert len(frame) == len(records)
    assert frame[["sum", "sum_squares"]].isna().all(axis=None)
    for edges, (_, row) in zip(records, frame.iterrows(), strict=True):
        np.testing.assert_array_equal(row["edges"], edges)
        np.testing.assert_array_equal(row["counts"], np.arange(len(edges) - 1))
        assert (row["min"], row["max"]) == (edges[0], edges[-1])
        assert row["count"] == sum(range(len(edges) - 1))


def test_both_generations_end_in_the_same_frames_in_the_order_written(folder: Path) -> None:
    run = read_events(
        folder,
        [
            scalar_event("loss", 3.0, 0),
            tensor_scalar_event("loss", 2.0, 1),
            scalar_event("loss", 1.0, 2),
            histogram_event("w", [1.0, 2.0], [0, 3], 0),
            tensor_histogram_event("w", [1.0, 2.0], [3], 1),
        ],
    )
    assert run.scalars.value.tolist() == [3, 2, 1]
    assert run.histograms.step.tolist() == [0, 1]
    assert run.scalars.dtypes.astype(str).to_dict() | {"split": "", "tag": ""} == {
        "split": "",
        "tag": "",
        "step": "int64",
        "wall_time": "float64",
        "value": "float64",
    }


def test_metadata_may_stand_on_the_first_value_only(folder: Path) -> None:
    run = read_events(
        folder,
        [
            tensor_scalar_event("loss", 1.0, 0),
            tensor_scalar_event("loss", 0.5, 1, plugin=None),
            tensor_histogram_event("w", [0.0, 1.0], [3], 0),
            tensor_histogram_event("w", [0.0, 2.0], [3], 1, plugin=None),
        ],
    )
    assert run.scalars.value.tolist() == [1.0, 0.5]
    assert run.histograms["max"].tolist() == [1.0, 2.0]


def test_metadata_may_stand_in_an_earlier_file(tmp_path: Path) -> None:
    first = [tensor_histogram_event("w", [0.0, 1.0], [3], 0, 100.0)]
    second = [tensor_histogram_event("w", [0.0, 2.0], [3], 1, 200.0, plugin=None)]
    write_events(tmp_path / event_file_name(1, "z"), first)
    write_events(tmp_path / event_file_name(1, "a"), second)
    (run,) = tblogreport.read(tmp_path)
    assert run.histograms["max"].tolist() == [1.0, 2.0]


def test_what_is_a_scalar_and_what_is_not(folder: Path) -> None:
    run = read_events(
        folder,
        [
            tensor_event("bare number", 1.0, dtype=np.float64),
            tensor_event("one element", [2.0], dtype=np.float32, plugin="scalars"),
            tensor_event("bare vector", [1.0, 2.0], dtype=np.float32),
            tensor_event("bare text", b"text"),
            tensor_event("other plugin", 1.0, dtype=np.float32, plugin="pr_curves"),
            image_event(),
        ],
    )
    assert rows(run.scalars, "tag", "value") == [("bare number", 1.0), ("one element", 2.0)]
    assert run.notes == ()


def test_malformed_values_are_noted_and_cost_nothing_else(folder: Path) -> None:
    lying = tensor_event("lying", [1.0, 2.0, 3.0], dtype=np.float32, plugin="histograms")
    lying.summary.value[0].tensor.tensor_shape.dim.add().size = 10**12
    uneven = histogram_event("uneven", [1.0, 2.0], [1])
    text = tensor_event("text", b"text", plugin="scalars")
    empty = value_event(tensor_event("none", 1.0, plugin="scalars").summary.value[0])
    empty.summary.value[0].tensor.Clear()
    run = read_events(folder, [lying, uneven, text, empty, scalar_event("loss", 1.0)])
    assert run.scalars.tag.tolist() == ["loss"]
    (note,) = run.notes
    assert note.kind == "damaged-file"
    assert "4 values" in note.message


def test_nan_weights_of_tensorflow_2_are_kept(folder: Path) -> None:
    event = tensor_histogram_event("w", np.full(31, np.nan), np.zeros(30))
    frame = read_events(folder, [event]).histograms
    assert frame["count"].tolist() == [0.0]
    assert np.isnan(frame.edges[0]).all()
    assert len(frame.edges[0]) == 31
    assert math.isnan(frame["min"][0])


def test_one_element_tensor_of_tensorflow_2_has_buckets_of_no_width(folder: Path) -> None:
    event = tensor_histogram_event("b", np.full(31, 0.25), [0] * 29 + [1])
    frame = read_events(folder, [event]).histograms
    np.testing.assert_array_equal(frame.edges[0], np.full(31, 0.25))
    assert frame["count"][0] == 1


def test_a_session_start_inside_a_file_supersedes_what_is_written_again(folder: Path) -> None:
    events = [session_start_event()]
    events += [scalar_event("loss", 1.0, step) for step in range(5)]
    events += [session_start_event(3)]
    events += [scalar_event("loss", 2.0, step) for step in range(3, 7)]
    events += [tensor_histogram_event("w", [0.0, 1.0], [1], step) for step in range(2)]
    run = read_events(folder, events)
    assert run.scalars.step.tolist() == list(range(7))
    assert run.scalars.value.tolist() == [1, 1, 1, 2, 2, 2, 2]
    assert len(run.histograms) == 2
    assert [note.kind for note in run.notes] == ["superseded-points"]


def test_steps_that_go_back_without_a_session_start_stay(folder: Path) -> None:
    steps = [0, 10, 20, 0, 10, 20]
    run = read_events(folder, [scalar_event("episode_reward", 1.0, step) for step in steps])
    assert run.scalars.step.tolist() == steps
    assert run.notes == ()


@pytest.mark.parametrize(
    "tag",
    ["<script>alert(1)</script>", "x" * 10_000, "a\x00b\x1b[31m\n", "\u202egnp", "$\\frac{1}{2}$"],
)
def test_hostile_tags_survive_exactly(folder: Path, tag: str) -> None:
    run = read_events(folder, [scalar_event(tag, 1.0), histogram_event(tag, [1.0], [1])])
    assert run.scalars.tag.tolist() == [tag]
    assert run.histograms.tag.tolist() == [tag]
