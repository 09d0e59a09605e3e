from __future__ import annotations

import io
import re

import pytest
from syrupy.assertion import SnapshotAssertion

from tblogreport.report.terminal import print_summary
from tests.outputs import File

from . import factory


def printed(name: str) -> str:
    file = io.StringIO()
    print_summary(factory.ALL[name](), file)
    return file.getvalue()


@pytest.mark.parametrize("name", ["failing", "healthy", "unknown", "several", "nothing"])
def test_the_summary(name: str, snapshot: SnapshotAssertion) -> None:
    assert printed(name) == snapshot


def test_the_verdict_comes_first() -> None:
    text = printed("failing").strip()
    assert text.startswith("✗ failing")
    assert text.index("Do first") < text.index("Cause:") < text.index("2 findings explained")


def test_hostile_names_reach_the_terminal_as_text() -> None:
    text = printed("hostile")
    assert "<script>alert(1)</script>" in text
    assert "\\x1b[31m" in text
    assert all(
        character == "\n" or character.isprintable() or character == "\u202f" for character in text
    )


def test_colour_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = File(terminal=True)
    print_summary(factory.failing(), terminal)
    assert "\x1b[" in terminal.getvalue()
    assert "\x1b[" not in printed("failing")


def test_lines_keep_to_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("TERM", "xterm")
    terminal = File(terminal=True)
    print_summary(factory.failing(), terminal)
    plain = re.sub("\x1b\\[[0-9;]*m", "", terminal.getvalue())
    assert max(map(len, plain.splitlines())) <= 50
    assert "epoch 2 (validation loss 0.61" in plain


def test_a_terminal_without_unicode_gets_ascii() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    print_summary(factory.several(), file)
    file.flush()
    assert b"x failing" in raw.getvalue()
    assert b"steps 0-5 000" in raw.getvalue()
