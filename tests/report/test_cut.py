"""Markdown that is too long for a comment, and Markdown that is not."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tblogreport.findings import Cause, Diagnosis, Finding, Note, RunDiagnosis, Severity
from tblogreport.report import markdown
from tblogreport.report.cut import LIMIT, cut

from . import factory

TEXTS = st.text(st.sampled_from("a `|*_#@<😀\n:.-\x1b"), min_size=1, max_size=40)


@st.composite
def diagnoses(draw: st.DrawFn) -> Diagnosis:
    """Few or many runs, with few or many findings that say little or much."""
    amount, many = draw(st.sampled_from([(1, 0), (1, 1), (1, 300), (2, 7), (20, 1), (150, 0)]))
    text, long = draw(TEXTS), draw(TEXTS) * draw(st.sampled_from([1, 20, 200]))
    findings = tuple(
        Finding("overfitting", Severity.ERROR, 0.9, f"{number} {text}", long, text, (long,) * 3,
                explained_by="data-not-shuffled" if number % 3 else None)
        for number in range(many)
    )  # fmt: skip
    run = replace(
        draw(st.sampled_from([factory.failing_run(), factory.hostile_run()])),
        headline=long,
        findings=findings,
        causes=(Cause("data-not-shuffled", 0.9, ("overfitting",), long, (long,) * 4),),
        notes=(Note("unreadable", long),) * draw(st.sampled_from([0, 1, 50])),
    )
    runs = (replace(run, name=f"{number} {text}") for number in range(amount))
    return replace(factory.diagnosis(*runs), notes=(Note("unreadable", long),))


def failing_runs(amount: int) -> list[RunDiagnosis]:
    return [factory.failing_run(f"run-{number}") for number in range(amount)]


@settings(deadline=None, max_examples=12)
@given(diagnoses())
def test_no_diagnosis_is_too_long_for_a_comment(diagnosis: Diagnosis) -> None:
    text = markdown.render(diagnosis)
    assert len(text.encode()) <= LIMIT
    assert text.startswith("# ")
    assert text.endswith("\n")
    assert text.strip().split("\n")[-1].startswith("tblogreport 0.1.0")


@settings(deadline=None, max_examples=12)
@given(diagnoses())
def test_what_is_left_out_is_whole_lines(diagnosis: Diagnosis) -> None:
    whole = cut_at(10**9, diagnosis).split("\n")
    ours = re.compile(r"Left out|The HTML report holds")
    kept = [line for line in markdown.render(diagnosis).split("\n") if not ours.match(line)]
    assert set(kept) <= set(whole)


def cut_at(limit: int, diagnosis: Diagnosis) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "cut", lambda text: cut(text, limit))
        return markdown.render(diagnosis)


@pytest.mark.parametrize("name", factory.ALL)
def test_what_fits_is_unchanged(name: str) -> None:
    text = markdown.render(factory.ALL[name]())
    assert "eft out" not in text
    assert cut(text, len(text.encode())) == text


def test_the_last_runs_are_left_out_and_counted() -> None:
    text = markdown.render(factory.diagnosis(*failing_runs(100)))
    shown = re.findall(r"^## ✗ run-(\d+): failing$", text, re.MULTILINE)
    assert shown == [str(number) for number in range(len(shown))]
    (left_out,) = re.findall(r"(\d+) further runs\. The HTML report", text)
    assert len(shown) + int(left_out) == 100
    assert len(shown) > 10


def test_a_table_of_many_runs_leaves_room_for_the_worst() -> None:
    runs = [replace(run, name=f"{'n' * 50}{run.name}") for run in failing_runs(1_000)]
    text = markdown.render(factory.diagnosis(*runs))
    rows = re.findall(r"^\| `n+run-\d+` \|.*\|$", text, re.MULTILINE)
    (left_out,) = re.findall(r"^Left out here: (\d+) more lines\.$", text, re.MULTILINE)
    assert len(rows) + int(left_out) == 1_000
    assert re.search(r"^## ✗ n+run-0: failing$", text, re.MULTILINE)
    assert "**Do first:**" in text


def test_a_run_of_many_findings_shows_the_worst_and_what_to_do() -> None:
    run = factory.failing_run()
    many = [replace(run.findings[0], title=f"dense_{number} is dead") for number in range(900)]
    text = markdown.render(factory.diagnosis(replace(run, findings=tuple(many))))
    assert "| ✗ error | dense\\_0 is dead |" in text
    assert "What to do about “learning rate too high” (very likely):\n1. Lower" in text
    assert re.search(r"^Left out here: \d{3} more lines\.$", text, re.MULTILINE)


@pytest.mark.parametrize("limit", range(900, 2_400, 50))
def test_nothing_is_left_dangling(limit: int) -> None:
    text = cut_at(limit, factory.several())
    assert len(text.encode()) <= limit
    paragraphs = text.strip().split("\n\n")
    for paragraph, following in pairwise(paragraphs):
        assert not paragraph.startswith("#") or following.startswith(("**", "|"))
        assert not paragraph.endswith((":", "|---|"))
