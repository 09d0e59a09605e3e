"""The page in a browser: headless Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tblogreport.findings import Diagnosis
from tblogreport.report import html

from . import factory

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Opened:
    """A report that was opened, with what it did."""

    def __init__(self, browser: sync_api.Browser, diagnosis: Diagnosis, folder: Path) -> None:
        path = folder / "report.html"
        path.write_text(html.render(diagnosis), encoding="utf-8")
        self.page = browser.new_page()
        self.said: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def column(self, number: int) -> list[str]:
        cells = self.page.locator(f"table.runs tbody tr > :nth-child({number})")
        return [text.strip() for text in cells.all_inner_texts()]


@pytest.fixture
def several(browser: sync_api.Browser, tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(browser, factory.several(), tmp_path)
    yield opened
    opened.page.close()


@pytest.mark.parametrize("name", list(factory.ALL))
def test_nothing_is_fetched_and_nothing_hostile_runs(
    name: str, browser: sync_api.Browser, tmp_path: Path
) -> None:
    opened = Opened(browser, factory.ALL[name](), tmp_path)
    assert opened.said == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    opened.page.close()


def _plain(name: str) -> str:
    """A name as dictionaries sort it: é beside e."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()


def test_the_table_of_runs_sorts_both_ways(several: Opened) -> None:
    names = several.column(1)
    several.page.get_by_role("button", name="Run", exact=True).click()
    assert several.column(1) == sorted(names, key=_plain)
    several.page.get_by_role("button", name="Run", exact=True).click()
    assert several.column(1) == sorted(names, key=_plain, reverse=True)
    heading = several.page.locator("table.runs thead th").first
    assert heading.get_attribute("aria-sort") == "descending"


def test_runs_without_a_value_stand_last_whichever_way(several: Opened) -> None:
    for _ in range(2):
        several.page.get_by_role("button", name="Duration", exact=True).click()
        durations = several.column(7)
        assert durations == sorted(durations, key=lambda text: text == "–")


def test_the_table_is_sorted_by_keyboard(several: Opened) -> None:
    several.page.get_by_role("button", name="Verdict", exact=True).focus()
    several.page.keyboard.press("Enter")
    several.page.keyboard.press("Enter")
    first = several.column(2)[0]
    assert "healthy" in first


def test_a_filter_leaves_the_runs_with_all_its_words(several: Opened) -> None:
    several.page.get_by_role("searchbox").fill("healthy")
    shown = several.page.locator("table.runs tbody tr:visible")
    assert shown.count() == 1
    assert several.page.get_by_role("status").inner_text().startswith("1 of ")
    several.page.get_by_role("searchbox").fill("")
    assert shown.count() == len(factory.several().runs)


def test_the_hyperparameters_that_differ_have_a_column(
    browser: sync_api.Browser, tmp_path: Path
) -> None:
    runs = [
        replace(factory.healthy_run(f"run-{rate}"), hparams={"lr": rate, "seed": 1.0})
        for rate in (0.01, 0.001)
    ]
    opened = Opened(browser, factory.diagnosis(*runs), tmp_path)
    assert opened.column(8) == ["0.01", "0.001"]
    opened.page.get_by_role("button", name="lr", exact=True).click()
    assert opened.column(8) == ["0.001", "0.01"]
    opened.page.close()
