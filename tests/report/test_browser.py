"""The page in a browser: nothing hostile runs, and the table of runs answers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from . import comparisons, factory
from .browser import NEEDED, Opened, chromium, sync_api

pytestmark = NEEDED


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def several(browser: sync_api.Browser, tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(browser, factory.several(), tmp_path)
    yield opened
    opened.context.close()


READY = {**factory.ALL, **{f"comparison: {name}": m for name, m in comparisons.ALL.items()}}


@pytest.mark.parametrize("name", list(READY))
def test_nothing_is_fetched_and_nothing_hostile_runs(
    name: str, browser: sync_api.Browser, tmp_path: Path
) -> None:
    opened = Opened(browser, READY[name](), tmp_path)
    assert opened.said == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    opened.context.close()


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
    opened.context.close()


def test_a_phone_sorts_the_runs_by_buttons_that_are_seen(
    browser: sync_api.Browser, tmp_path: Path
) -> None:
    opened = Opened(browser, factory.several(), tmp_path, viewport={"width": 360, "height": 740})
    button = opened.page.get_by_role("button", name="Run", exact=True)
    box = button.bounding_box()
    assert box
    assert box["height"] >= 24
    button.click()
    names = opened.column(1)
    assert names == sorted(names, key=_plain)
    opened.context.close()


def test_the_first_tab_leads_past_the_table(several: Opened) -> None:
    several.page.keyboard.press("Tab")
    link = several.page.get_by_role("link", name="Skip the table of runs")
    assert several.page.evaluate("document.activeElement.textContent") == link.inner_text()
    assert link.evaluate("a => getComputedStyle(a).clipPath") == "none"
    several.page.keyboard.press("Enter")
    several.page.keyboard.press("Tab")
    assert several.page.evaluate("Boolean(document.activeElement.closest('#run-1'))")


@pytest.mark.parametrize("name", ["failing", "several"])
def test_tab_reaches_every_link_button_field_and_chart(
    name: str, browser: sync_api.Browser, tmp_path: Path
) -> None:
    opened = Opened(browser, factory.ALL[name](), tmp_path)
    wanted = opened.page.locator("a, button, input").count()
    charts = opened.page.locator("figure svg").count()
    reached = set()
    for _ in range(wanted + 1):
        opened.page.keyboard.press("Tab")
        reached.add(
            opened.page.evaluate(
                "[...document.querySelectorAll('a, button, input')].indexOf(document.activeElement)"
            )
        )
    assert reached - {-1} == set(range(wanted))
    assert opened.page.locator("figure input").count() == charts
    opened.context.close()
