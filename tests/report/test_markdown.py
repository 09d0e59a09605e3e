from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from tblogreport.report import markdown

from . import factory


def test_the_short_report_of_a_failing_run(snapshot: SnapshotAssertion) -> None:
    assert markdown.render(factory.failing()) == snapshot


def test_several_runs(snapshot: SnapshotAssertion) -> None:
    assert markdown.render(factory.several()) == snapshot


def test_hostile_names_are_escaped() -> None:
    text = markdown.render(factory.hostile())
    # An escaped backtick is a character, not the edge of a code span.
    outside_code = "".join(text.replace("\\`", "").split("`")[::2])
    assert "\\<script\\>" in outside_code
    assert "<script>" not in outside_code.replace("\\<", "").replace("\\>", "")
    assert "@everyone" not in outside_code
    assert "\x1b" not in text


@given(st.text("`|a ", min_size=1, max_size=12).filter(lambda text: text.strip()))
def test_code_is_fenced_by_more_backticks_than_it_holds(text: str) -> None:
    shown = markdown.code(text)
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    assert shown.endswith(fence)
    assert fence not in shown[len(fence) : -len(fence)]


def test_addresses_mentions_and_lists_stay_text() -> None:
    assert markdown.escape("see https://x.org") == "see https\\://x.org"
    assert markdown.escape("www.x.org") == "www\\.x.org"
    assert "@team" not in markdown.escape("@team")
    assert markdown.escape("1. x") == "1\\. x"
    assert markdown.escape("- x\n# y") == "\\- x \\# y"
