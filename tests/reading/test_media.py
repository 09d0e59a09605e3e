"""Images, sounds, texts, precision-recall curves and graphs, as `Run` gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, graph_pb2, summary_pb2

import tblogreport
from tblogreport.reading.run import Run
from tests.eventfiles import (
    event_file_name,
    graph_event,
    scalar_event,
    session_start_event,
    strings_event,
    tensor_event,
    value_event,
    write_events,
)
from tests.media import png, tone


def read(*events: Any, root: Path) -> Run:
    write_events(root / event_file_name(), events)
    (run,) = tblogreport.read(root)
    return run


def tf1_image(tag: str, encoded: bytes, step: int) -> Any:
    image = summary_pb2.Summary.Image(width=12, height=8, encoded_image_string=encoded)
    return value_event(summary_pb2.Summary.Value(tag=tag, image=image), step)


def tf2_image(tag: str, step: int, *encoded: bytes, plugin: str | None = "images") -> Any:
    return strings_event(tag, [b"12", b"8", *encoded], step, plugin=plugin)


def test_images_of_both_generations_are_rows_of_one_frame(tmp_path: Path) -> None:
    first, second = png(seed=1), png(seed=2)
    run = read(
        tf1_image("old", first, 3), tf2_image("new", 4, first, second), root=tmp_path / "run"
    )
    rows = run.images[["tag", "step", "number", "width", "height", "encoded"]].to_numpy().tolist()
    assert rows == [
        ["new", 4, 0, 12, 8, first],
        ["new", 4, 1, 12, 8, second],
        ["old", 3, 0, 12, 8, first],
    ]


def test_only_the_first_value_of_a_tag_need_name_its_plugin(tmp_path: Path) -> None:
    events = [tf2_image("x", step, png(), plugin="images" if not step else None) for step in (0, 1)]
    assert read(*events, root=tmp_path / "run").images["step"].tolist() == [0, 1]


def test_what_a_pytorch_writer_logs_is_what_the_accumulator_gives(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(tmp_path / "run")) as writer:
        for step in range(3):
            pixels = np.random.default_rng(step).random((3, 8, 12))
            writer.add_image("image", pixels, step)
            writer.add_audio("audio", np.zeros(100), step, sample_rate=8_000)
            writer.add_text("text", f"**{step}**", step)
            writer.add_pr_curve("pr", np.array([0, 1, 1]), np.array([0.1, 0.4, 0.9]), step)
    (run,) = tblogreport.read(tmp_path / "run")
    plain = EventAccumulator(str(tmp_path / "run"), size_guidance={"images": 0, "tensors": 0})
    plain.Reload()
    images = [event.encoded_image_string for event in plain.Images("image")]
    assert run.images["encoded"].tolist() == images
    sounds = [event.encoded_audio_string for event in plain.Audio("audio")]
    assert run.audio["encoded"].tolist() == sounds
    assert run.audio["rate"].tolist() == [8_000.0] * 3
    assert run.text["text"].tolist() == ["**0**", "**1**", "**2**"]
    assert run.pr_curves["step"].tolist() == [0, 1, 2]
    assert run.pr_curves["recall"].iloc[0][0] == 1.0


def test_sounds_keep_their_labels(tmp_path: Path) -> None:
    strings = [tone(), b"a", tone(), b"b"]
    run = read(strings_event("s", strings, plugin="audio", shape=[2, 2]), root=tmp_path / "run")
    assert run.audio["label"].tolist() == ["a", "b"]
    assert run.audio["encoded"].tolist() == strings[::2]
    assert run.audio["rate"].isna().all()


def test_a_table_of_texts_keeps_its_shape(tmp_path: Path) -> None:
    event = strings_event("t", [b"a", b"b", b"c", b"d"], plugin="text", shape=[2, 2])
    (text,) = read(event, root=tmp_path / "run").text["text"]
    assert text.tolist() == [["a", "b"], ["c", "d"]]


def test_the_graph_is_the_one_that_was_logged(tmp_path: Path) -> None:
    graph = graph_pb2.GraphDef()
    graph.node.add(name="x", op="Placeholder")
    run = read(graph_event(graph), scalar_event("loss", 1.0), root=tmp_path / "run")
    assert run.graph == graph


def test_the_split_is_that_of_the_directory(tmp_path: Path) -> None:
    for split in ("train", "validation"):
        write_events(tmp_path / "run" / split / event_file_name(), [tf2_image("x", 0, png())])
    (run,) = tblogreport.read(tmp_path / "run")
    assert run.images["split"].tolist() == ["train", "validation"]


def test_images_that_were_logged_again_after_a_restart_replace_the_first(tmp_path: Path) -> None:
    before, after = png(seed=1), png(seed=2)
    events = [tf1_image("x", before, step) for step in range(4)]
    events += [session_start_event(2), *(tf1_image("x", after, step) for step in range(2, 4))]
    run = read(*events, root=tmp_path / "run")
    assert run.images["encoded"].tolist() == [before, before, after, after]
    assert run.images["step"].tolist() == [0, 1, 2, 3]


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    run = read(tf2_image("x", 0, png()), root=tmp_path / "run")
    (tmp_path / "run" / event_file_name()).unlink()
    assert run.images.empty
    assert run.images.columns.tolist()[:4] == ["split", "tag", "step", "wall_time"]


def test_the_ends_of_what_lies_elsewhere_are_kept(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    encoded = [png(seed=step) for step in range(3)]
    read(*(tf2_image("x", step, encoded[step]) for step in range(3)), root=tmp_path / "run")
    files = fsspec.filesystem("memory")
    files.put(str(tmp_path / "run"), "/media/", recursive=True)
    try:
        (run,) = tblogreport.read("memory://media")
        assert run.images["step"].tolist() == [0, 2]
        assert run.images["encoded"].tolist() == encoded[::2]
    finally:
        files.rm("/media", recursive=True)


@pytest.mark.parametrize(
    "event",
    [
        strings_event("x", [], plugin="images"),
        strings_event("x", [b"12"], plugin="images"),
        tensor_event("x", 1.0, dtype=np.float32, plugin="images"),
        tensor_event("x", np.zeros((6, 0)), dtype=np.float32, plugin="pr_curves"),
        tensor_event("x", np.zeros((3, 4)), dtype=np.float32, plugin="pr_curves"),
        strings_event("x", [b"\xff"], plugin="pr_curves"),
        strings_event("x", [], plugin="text"),
    ],
)
def test_what_is_not_what_its_tag_says_is_left_out(event: Any, tmp_path: Path) -> None:
    run = read(event, scalar_event("loss", 1.0), root=tmp_path / "run")
    assert run.images.empty
    assert run.text.empty
    assert run.pr_curves.empty


def test_a_shape_that_no_memory_holds_is_not_made(tmp_path: Path) -> None:
    event = tensor_event("x", np.zeros((6, 2)), dtype=np.float32, plugin="pr_curves")
    shape = event.summary.value[0].tensor.tensor_shape
    shape.dim[1].size = 2**40
    text = strings_event("t", [b"a", b"b"], plugin="text", shape=[2**40, 2**40])
    run = read(event, text, root=tmp_path / "run")
    assert run.pr_curves.empty
    assert run.text["text"].iloc[0].tolist() == ["a", "b"]


def test_a_broken_graph_is_none(tmp_path: Path) -> None:
    event = event_pb2.Event(wall_time=1.0, graph_def=b"\xff\xff")
    assert read(event, scalar_event("loss", 1.0), root=tmp_path / "run").graph is None
