"""Everybody can read the page: axe-core finds nothing, in both schemes, on desks and phones."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tblogreport
from benchmarks.report import axe
from tblogreport.findings import Comparison, Diagnosis
from tblogreport.report import render

from . import comparisons, factory
from .browser import NEEDED, chromium, sync_api

SAMPLES = Path(__file__).parents[2] / "sample_runs"
pytestmark = [
    *NEEDED,
    pytest.mark.skipif(
        not axe.AXE.exists(), reason="axe-core is not installed: npm ci --prefix tests/report"
    ),
]


def two_samples(folder: Path) -> Diagnosis:
    for name in ("clipped-rnn", "circles-residual"):
        shutil.copytree(SAMPLES / name, folder / name)
    return tblogreport.analyze(folder)


READY: dict[str, Callable[[], Diagnosis | Comparison]] = {
    **factory.ALL,
    **{f"comparison: {name}": make for name, make in comparisons.ALL.items()},
}
MAKERS: dict[str, Callable[[Path], Diagnosis | Comparison]] = {
    **{name: lambda _, make=make: make() for name, make in READY.items()},
    "two sample runs": two_samples,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("name", list(MAKERS))
def test_axe_finds_nothing(name: str, browser: sync_api.Browser, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    page = tmp_path / "report.html"
    page.write_bytes(render(MAKERS[name](logs), ".html"))
    found = axe.violations(browser, page, widths=(axe.DESKTOP, axe.PHONE))
    assert len(found) == 4
    assert {view: said for view, said in found.items() if said} == {}


def test_axe_would_find_something(browser: sync_api.Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html><body><img src='data:,'><p style='color:#bbb'>pale</p></body></html>")
    for said in axe.violations(browser, page).values():
        found = {one.partition(":")[0] for one in said}
        assert {"image-alt", "html-has-lang"} <= found
    light = axe.violations(browser, page, ("light",))["light", axe.DESKTOP]
    assert any(one.startswith("color-contrast") for one in light)


@pytest.mark.parametrize("name", list(MAKERS))
def test_a_phone_never_scrolls_sideways(
    name: str, browser: sync_api.Browser, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    page = tmp_path / "report.html"
    page.write_bytes(render(MAKERS[name](logs), ".html"))
    context = browser.new_context(viewport={"width": 320, "height": 640})
    opened = context.new_page()
    opened.goto(page.as_uri())
    width = opened.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert width <= 320
