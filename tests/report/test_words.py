from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tblogreport import numbers
from tblogreport.report import words


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.0, "0"),
        (50.0, "50"),
        (0.6104, "0.61"),
        (0.0841, "0.0841"),
        (0.00012345, "0.000123"),
        (2.5e-6, "2.5×10⁻⁶"),
        (1e-7, "10⁻⁷"),
        (-0.63, "−0.63"),
        (999.6, "1\u202f000"),
        (1_234.5, "1\u202f234"),
        (60_000, "60\u202f000"),
        (1.23e300, "1.23×10³⁰⁰"),
        (float("nan"), "not a number"),
        (float("-inf"), "minus infinity"),
        (10**400, "10³⁰⁸"),
    ],
)
def test_numbers(value: float, shown: str) -> None:
    assert numbers.number(value) == shown


@given(st.floats(-1e300, 1e300))
def test_a_number_is_right_to_three_digits(value: float) -> None:
    shown = numbers.number(value).replace(numbers.THIN, "").replace(numbers.MINUS, "-")
    plain = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "e" + _plain(m.group()), shown)
    plain = plain.replace("×10e", "e").replace("10e", "1e")
    assert math.isclose(float(plain), value, rel_tol=6e-3, abs_tol=0)


def _plain(superscript: str) -> str:
    return superscript.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.42, "0.42 s"),
        (0.0045, "4.5 ms"),
        (3.2e-5, "under 1 ms"),
        (42, "42 s"),
        (95, "1 min 35 s"),
        (3_599.9, "1 h"),
        (6_720, "1 h 52 min"),
        (90_000, "1 d 1 h"),
        (-5, "0 s"),
        (float("nan"), "an unknown time"),
    ],
)
def test_durations(seconds: float, shown: str) -> None:
    assert words.duration(seconds) == shown


@pytest.mark.parametrize(
    ("confidence", "shown"),
    [
        (1.0, "certain"),
        (0.97, "certain"),
        (0.96, "very likely"),
        (0.6, "likely"),
        (0.3, "possible"),
    ],
)
def test_how_sure(confidence: float, shown: str) -> None:
    assert words.sure(confidence) == shown


def test_a_moment_beyond_the_calendar_is_left_out() -> None:
    assert words.moment(1_767_268_800.0) == "2026-01-01 12:00 UTC"
    assert words.moment(1e300) is None
    assert words.moment(float("nan")) is None


@given(st.floats(0, 1e9))
def test_a_duration_never_has_sixty_minutes(seconds: float) -> None:
    assert not re.search(r"\b(60 (s|min)|24 h)\b", words.duration(seconds))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the loss rose", "The loss rose."),
        ("dense is dead", "dense is dead."),
        ("It fell.", "It fell."),
        ("", ""),
    ],
)
def test_a_sentence_keeps_the_case_of_names(text: str, shown: str) -> None:
    assert words.sentence(text) == shown


def test_a_share_above_ten_is_so_many_times_the_whole() -> None:
    assert numbers.share_of(0.412, "its level") == "41 % of its level"
    assert numbers.share_of(26.0, "its level") == "26 times its level"
