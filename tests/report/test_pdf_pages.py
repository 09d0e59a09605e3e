"""The PDF as it is leafed through: its outline, its margins, and where its pages end."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tblogreport.findings import Event, RunDiagnosis
from tblogreport.report import pdf

from . import factory
from .paper import Paper

LABELS = {"What to do", "Why it matters", "Measured against", "What speaks for it"}


def with_more_moments(amount: int) -> RunDiagnosis:
    """A run whose sections fall elsewhere on the page with every moment that it had."""
    run = factory.failing_run(f"moments-{amount}")
    moments = tuple(Event("m", step, 1_767_269_100.0, "Something") for step in range(amount))
    return replace(run, timeline=moments, headline="The loss never settled. " * (1 + amount % 4))


REPORTS = {
    **factory.ALL,
    "every length": lambda: factory.diagnosis(*map(with_more_moments, range(1, 40, 2))),
}


@pytest.fixture(scope="module")
def papers() -> dict[str, Paper]:
    return {name: Paper(pdf.render(make())) for name, make in REPORTS.items()}


@pytest.fixture(params=list(REPORTS))
def paper(request: pytest.FixtureRequest, papers: dict[str, Paper]) -> Paper:
    return papers[request.param]


def letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def test_every_entry_of_the_outline_leads_to_the_page_of_its_title(paper: Paper) -> None:
    entries = paper.outline()
    assert entries
    astray = [one for one in entries if letters(one.title) not in letters(paper.texts[one.page])]
    assert astray == []


def test_the_outline_names_runs_and_goes_down_to_findings(papers: dict[str, Paper]) -> None:
    entries = [(entry.level, entry.title) for entry in papers["several"].outline()]
    assert entries[0] == (0, "4 training runs")
    assert (0, "20260101-120000 ✗ failing") in entries
    assert (2, "Cause: learning rate too high (very likely)") in entries
    assert (3, "✗ error · dense_2 is dead") in entries


def test_no_page_ends_with_a_heading_or_a_label(paper: Paper) -> None:
    titles = {entry.title for entry in paper.outline()} | LABELS
    ends = [paper.lines(page)[-2:] for page in range(len(paper.texts))]
    assert [end for end in ends if any(title.endswith(end[0]) for title in titles)] == []


def test_pages_are_numbered_and_name_their_run(paper: Paper) -> None:
    total = len(paper.texts)
    for page in range(total):
        lines = paper.lines(page)
        assert lines[-1] == f"{page + 1} / {total}"
        assert lines[0].endswith("tblogreport") == (page > 0)


def test_the_head_of_a_page_is_the_run_that_it_shows(papers: dict[str, Paper]) -> None:
    paper = papers["several"]
    runs = [entry for entry in paper.outline() if entry.level == 0][1:]
    assert len(runs) == 4
    for run, following in zip(runs, [*runs[1:], None], strict=True):
        name = run.title.rsplit(" ", 2)[0]
        last = following.page if following else len(paper.texts)
        for page in range(run.page, last):
            assert paper.lines(page)[0] == f"{name} tblogreport"


def test_no_page_is_blank(paper: Paper) -> None:
    for picture in paper.pictures():
        inked = np.argwhere(picture[70:-70] < 250)
        assert len(inked) > 100


def test_the_first_page_begins_with_the_verdict(papers: dict[str, Paper]) -> None:
    lines = papers["failing"].lines(0)
    assert lines[0] == "20260101-120000 ✗ failing"
    assert lines[1].startswith("The loss never settled")
    assert any(line.startswith("Do first") for line in lines[:5])


def test_no_time_of_writing_is_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def rendered(epoch: str) -> bytes:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        return pdf.render(factory.unknown())

    once = rendered("1700000000")
    assert once == rendered("1800000000")
    assert not re.search(rb"CreationDate|ModDate|CreateDate|ModifyDate", once)
