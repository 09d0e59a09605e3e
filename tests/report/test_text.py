from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tblogreport.report.text import elide, flat, label, plain, prose, visible

from . import factory

TEXTS = st.text(st.characters(codec=None)) | st.text("\x00\x1b\x9b\u202e\u2066\ud800`$<a ")


@given(TEXTS)
def test_what_is_visible_holds_no_control_and_can_be_encoded(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    allowed = {"\u200c", "\u200d", "\u00ad"}
    categories = {unicodedata.category(c) for c in shown if c not in allowed}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_controls_are_shown_as_escapes() -> None:
    assert visible("a\x07b\u202ec\nd\ud800") == "a\\x07b\\u202ec\\nd\\ud800"


@given(TEXTS, st.integers(1, 30))
def test_an_elided_text_keeps_its_bound_its_start_and_its_end(text: str, limit: int) -> None:
    short = elide(text, limit)
    assert len(short) <= max(limit, 0) or short == text
    if len(text) > limit > 2:
        assert short[0] == text[0]
        assert short[-1] == text[-1]


def test_a_long_tag_is_short_on_the_line_and_longer_in_full() -> None:
    tag = label(factory.LONG_TAG)
    assert len(tag.shown) == 64
    assert 64 < len(tag.full) <= 1_000


def test_prose_between_backticks_is_code() -> None:
    spans = prose("set `lr=0.1` now")
    assert [(span.text, span.code) for span in spans] == [
        ("set ", False),
        ("lr=0.1", True),
        (" now", False),
    ]


@given(TEXTS)
def test_prose_loses_nothing_but_its_paired_backticks(text: str) -> None:
    clean = plain(text)
    assert flat(prose(text)).replace("`", "") == clean.replace("`", "")
    assert flat(prose(text)).count("`") == clean.count("`") % 2
