"""The report on a comparison: page, PDF, Markdown, JSON."""

from __future__ import annotations

import importlib.resources
import json
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from jsonschema import Draft202012Validator
from syrupy.assertion import SnapshotAssertion

from tblogreport.findings import Comparison
from tblogreport.report import COMPARISON_SUFFIXES, ReportError, comparison_json
from tblogreport.report.comparison import render_html, render_markdown, render_pdf
from tests.outputs import strict_json

from . import comparisons, factory
from .pages import Page


@pytest.fixture(params=list(comparisons.ALL))
def compared(request: pytest.FixtureRequest) -> Comparison:
    return comparisons.ALL[request.param]()


def test_the_page_is_well_formed_and_nothing_hostile_is_in_it(compared: Comparison) -> None:
    source = render_html(compared)
    page = Page(source)
    assert page.unbalanced == page.open == []
    assert factory.SCRIPT not in source
    levels = [int(name[1]) for name, _ in page.elements if name in {f"h{n}" for n in range(1, 7)}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    identities = [a["id"] for _, a in page.elements if "id" in a]
    assert len(identities) == len(set(identities))


def test_the_first_screen_says_what_the_change_did() -> None:
    text = Page(render_html(comparisons.repaired())).text
    for said in (
        "From failing to healthy: validation accuracy is 90 % against 40 %",
        "The loss never settled",
        "Nothing is wrong that these logs can show.",
        "went",
        "lr",
    ):
        assert said in text


def test_what_became_worse_is_said_first_of_several() -> None:
    text = Page(render_html(comparisons.several())).text
    assert "1 became worse" in text
    assert "Became worse" in text
    assert "Only before, and so with nothing to be held against: old." in text


def test_json_follows_its_schema(compared: Comparison) -> None:
    source = importlib.resources.files("tblogreport.report") / "comparison.schema.json"
    schema = json.loads(source.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(strict_json(comparison_json.render(compared)))


def test_the_pdf_says_what_the_page_says(compared: Comparison) -> None:
    document = pypdfium2.PdfDocument(render_pdf(compared))
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert len(document) <= 4 * len(compared.pairs) + 2
    if len(compared.pairs) == 1:
        assert "Before" in text
    else:
        assert ("became worse" in text) == compared.regressed


def test_the_same_comparison_gives_the_same_bytes() -> None:
    assert render_pdf(comparisons.repaired()) == render_pdf(comparisons.repaired())
    assert render_html(comparisons.repaired()) == render_html(comparisons.repaired())


def test_markdown_of_a_repair(snapshot: SnapshotAssertion) -> None:
    assert render_markdown(comparisons.repaired()) == snapshot


def test_json_of_a_repair(snapshot: SnapshotAssertion) -> None:
    assert comparison_json.render(comparisons.repaired()) == snapshot


def test_every_format_is_written_and_others_are_refused(tmp_path: Path) -> None:
    compared = comparisons.repaired()
    for suffix in COMPARISON_SUFFIXES:
        compared.write(tmp_path / f"report{suffix}")
        assert (tmp_path / f"report{suffix}").stat().st_size > 500
    with pytest.raises(ReportError, match=r"must be one of \.html, \.json, \.md, \.pdf"):
        compared.write(tmp_path / "report.csv")


def test_a_notebook_shows_it_in_a_frame() -> None:
    assert comparisons.repaired()._repr_html_().startswith("<iframe srcdoc=")
