"""The hyperparameters that programs log."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tblogreport
from tblogreport.reading import hparams
from tests.eventfiles import (
    event_file_name,
    hparams_events,
    scalar_event,
    session_event,
    tensor_event,
    write_events,
    write_run,
)

CHOSEN: dict[str, float | str | bool] = {"lr": 0.1, "optimizer": "adam", "nesterov": True}


def test_the_plugin_s_are_read_whatever_their_kind(tmp_path: Path) -> None:
    events = [session_event(CHOSEN), scalar_event("loss", 1.0)]
    write_events(tmp_path / "run" / event_file_name(), events)
    (run,) = tblogreport.read(tmp_path)
    assert run.hparams == CHOSEN
    assert tblogreport.analyze(tmp_path).runs[0].hparams == CHOSEN


def test_those_beside_a_split_are_the_run_s(tmp_path: Path) -> None:
    write_events(tmp_path / "run" / event_file_name(), [session_event(CHOSEN)])
    for split in ("train", "validation"):
        events = [scalar_event("epoch_loss", 1.0)]
        write_events(tmp_path / "run" / split / event_file_name(), events)
    (run,) = tblogreport.read(tmp_path)
    assert run.hparams == CHOSEN


def test_the_arguments_of_transformers_are_read(tmp_path: Path) -> None:
    text = b'{"learning_rate": 5e-05, "fp16": false, "optim": "adamw", "nested": {}, "none": null}'
    events = [
        tensor_event("args/text_summary", text, 0, plugin="text"),
        scalar_event("train/loss", 1.0),
    ]
    write_events(tmp_path / event_file_name(), events)
    (run,) = tblogreport.read(tmp_path)
    assert run.hparams == {"learning_rate": 5e-5, "fp16": False, "optim": "adamw"}


def test_runs_without_any_have_none(tmp_path: Path) -> None:
    write_events(tmp_path / event_file_name(), [scalar_event("loss", 1.0)])
    assert tblogreport.read(tmp_path)[0].hparams == {}


@pytest.mark.parametrize("text", [b"", b"[1]", b"{", b"[" * 100_000])
def test_what_is_no_json_of_arguments_is_nothing(text: bytes) -> None:
    assert hparams.of_arguments(text) == {}


@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_are_nothing(content: bytes) -> None:
    for found in (hparams.of_plugin(content), hparams.of_arguments(content)):
        assert all(isinstance(value, float | str | bool) for value in found.values())


def test_they_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = [f"h{index}" for index in range(20)]
    events = [session_event(dict.fromkeys(names, 1.0)), scalar_event("loss", 1.0)]
    write_events(tmp_path / event_file_name(), events)
    assert list(tblogreport.read(tmp_path)[0].hparams) == sorted(names)


def test_what_is_not_finite_is_a_word() -> None:
    text = b'{"a": NaN, "b": 1e999, "c": 1' + b"0" * 400 + b"}"
    found = hparams.of_arguments(text)
    assert (found["a"], found["b"]) == ("nan", "inf")
    assert str(found["c"]).startswith("1000")


def test_a_root_that_only_describes_a_sweep_is_no_run(tmp_path: Path) -> None:
    write_events(tmp_path / event_file_name(), hparams_events()[:1])
    for name in ("a", "b"):
        events = [session_event(CHOSEN), scalar_event("loss", 1.0)]
        write_events(tmp_path / name / event_file_name(), events)
    assert [run.name for run in tblogreport.read(tmp_path)] == ["a", "b"]
    assert {run.name for run in tblogreport.analyze(tmp_path).runs} == {"a", "b"}
    alone = tmp_path / "alone"
    write_events(alone / event_file_name(), hparams_events()[:1])
    assert len(tblogreport.analyze(alone).runs) == 1


def test_several_sets_of_one_writer_leave_what_they_agree_on(tmp_path: Path) -> None:
    write_run(tmp_path, {"loss": [1.0, 0.5]})
    for index, rate in enumerate((0.1, 0.2)):
        events = [
            hparams_events()[0],
            session_event({"lr": rate, "seed": 1.0}),
            hparams_events()[2],
            scalar_event("hparam/accuracy", 0.5),
        ]
        write_events(tmp_path / f"1700000000.{index}" / event_file_name(), events)
    (run,) = tblogreport.read(tmp_path)
    assert run.hparams == {"seed": 1.0}
    assert "several-hparams" in {note.kind for note in run.notes}


def test_a_directory_beside_the_splits_is_the_run_s(tmp_path: Path) -> None:
    write_events(tmp_path / "r0" / "hparams" / event_file_name(), [session_event(CHOSEN)])
    write_run(tmp_path / "r0" / "train", {"loss": [1.0]})
    write_run(tmp_path / "r1" / "train", {"loss": [1.0]})
    runs = {run.name: run.hparams for run in tblogreport.read(tmp_path)}
    assert runs == {"r0": CHOSEN, "r1": {}}


def test_trials_of_a_writer_that_logs_nothing_else_are_runs(tmp_path: Path) -> None:
    """As in PyTorch's documentation: one writer, and `add_hparams` in a loop."""
    write_events(tmp_path / event_file_name(), [])
    for index, rate in enumerate((0.1, 0.2, 0.3)):
        events = [
            hparams_events()[0],
            session_event({"lr": rate}),
            hparams_events()[2],
            scalar_event("hparam/accuracy", rate),
        ]
        write_events(tmp_path / f"1700000000.{index}" / event_file_name(), events)
    runs = tblogreport.read(tmp_path)
    assert [run.hparams["lr"] for run in runs] == [0.1, 0.2, 0.3]
    assert [run.scalars.value.tolist() for run in runs] == [
        [pytest.approx(rate)] for rate in (0.1, 0.2, 0.3)
    ]
    assert len(tblogreport.analyze(tmp_path).runs) == 3
