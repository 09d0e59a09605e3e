"""Logs whose tags mean harm, through the whole way from event file to every report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tblogreport.report import templates
from tests.commands import LOST, run
from tests.eventfiles import event_file_name, histogram_event, scalar_event, write_events, write_run
from tests.report.pages import Page

HOSTILE = [
    "<script>alert(1)</script>",
    "x" * 10_000,
    "loss\x00\x1b[31m\x07\r\n\u202e",
    "]]>&{{7*7}}",
]
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202e]")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in a strange place whose tags, layers and losses all mean harm."""
    directory = tmp_path_factory.mktemp("h") / "ein Lauf <b> ü & 'quotes'"
    events = [
        event
        for step in range(30)
        for event in (
            *(scalar_event(f"{tag} loss", LOST[step + 10], step) for tag in HOSTILE),
            *(scalar_event(f"{tag} accuracy", 0.5 + step / 99, step) for tag in HOSTILE),
            *(histogram_event(f"{tag}.weight", [0.0, 1.0], [1.0, 2.0], step) for tag in HOSTILE),
            histogram_event("/", [0.0, 1.0], [1.0, 2.0], step),
            scalar_event("loss", LOST[step + 10], step),
        )
    ]
    write_events(directory / event_file_name(), events)
    return directory


def test_hostile_tags_are_text_in_every_format(
    hostile: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = ["r.html", "r.json", "r.md", "r.pdf"]
    assert run("analyze", hostile, *(word for name in outputs for word in ("-o", name))) == 0
    captured = capsys.readouterr()
    assert not CONTROL.search(captured.out + captured.err)
    html = (elsewhere / "r.html").read_text(encoding="utf-8")
    page = Page(html)
    data, ours = page.scripts
    assert page.all("script") == [{"type": "application/json", "id": "values"}, {}]
    assert "<" not in data
    assert ours == templates.source("values.js")
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert "&lt;script&gt;alert(1)" in html
    assert not CONTROL.search(html)
    found = json.loads((elsewhere / "r.json").read_text(encoding="utf-8"))
    (only,) = found["runs"]
    assert {c["status"] for c in only["checks"]} <= {"fired", "clean", "not-checkable"}
    assert only["verdict"] == "failing"
    markdown = (elsewhere / "r.md").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in re.sub(r"(`+).*?\1", "", markdown)
    assert (elsewhere / "r.pdf").read_bytes().startswith(b"%PDF-")


def test_a_hostile_tag_that_fails_is_named_harmlessly(
    tmp_path: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for index, tag in enumerate(HOSTILE):
        logs = write_run(tmp_path / f"{index}", {f"{tag} loss": LOST}).parent
        assert run("analyze", logs, "-o", "r.html", "-o", "r.json") == 0
        (only,) = json.loads((elsewhere / "r.json").read_text(encoding="utf-8"))["runs"]
        assert [f["check"] for f in only["findings"]] == ["nan-or-inf"]
        assert "\x1b" not in capsys.readouterr().out
