"""How far the training is stands on a terminal, and nowhere else."""

from __future__ import annotations

import sys

import pytest

from tblogreport.trainer.progress import training_progress
from tests.outputs import File


def _shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> str:
    file = File(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", file)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with training_progress(scenarios=3) as progress:
        progress("first", 1, 4)(4, 1.0)
        tick = progress("second", 2, 40)
        tick(1, 0.75)
        tick(30, 0.25)
    return file.getvalue()


def test_scenario_epoch_and_loss_are_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = _shown(monkeypatch, terminal=True).replace("\x1b[0m", "")
    last = shown[shown.rindex("second") - 10 :]
    assert "2/3 second" in shown
    assert all(words in shown for words in ("30/40", "loss 0.25"))
    assert "first" not in last


def test_nothing_is_shown_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _shown(monkeypatch, terminal=False) == ""
