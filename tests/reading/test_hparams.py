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
    scalar_event,
    session_event,
    tensor_event,
    write_events,
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


@pytest.mark.parametrize("text", [b"", b"[1]", b"{", b'{"a": NaN, "b": 1e999}', b"[" * 100_000])
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
