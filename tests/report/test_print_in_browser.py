"""The page on paper, as Chromium prints it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from . import factory
from .browser import NEEDED, Opened, chromium, sync_api
from .paper import Paper

pytestmark = NEEDED


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as browser:
        yield browser


def printed(
    browser: sync_api.Browser, name: str, folder: Path, scheme: str = "light"
) -> tuple[Paper, list[str]]:
    """The pages, and the headings that stand on them."""
    opened = Opened(browser, factory.ALL[name](), folder, color_scheme=scheme)
    paper = Paper(opened.page.pdf(format="A4", prefer_css_page_size=True))
    headings = opened.page.locator("h1, h2, h3, h4, h5, .label, figcaption").all_inner_texts()
    opened.context.close()
    return paper, headings


@pytest.mark.parametrize(
    ("name", "most"),
    [("failing", 6), ("healthy", 2), ("unknown", 1), ("several", 12), ("nothing", 1)],
)
def test_a_report_takes_few_pages_and_none_is_blank(
    name: str, most: int, browser: sync_api.Browser, tmp_path: Path
) -> None:
    paper, _ = printed(browser, name, tmp_path)
    assert len(paper.texts) <= most
    assert all(len(text.split()) >= 5 for text in paper.texts)


def test_nothing_that_only_a_screen_can_use_is_printed(
    browser: sync_api.Browser, tmp_path: Path
) -> None:
    paper, _ = printed(browser, "several", tmp_path)
    text = " ".join(paper.texts)
    assert "Duration" in text
    assert not any(words in text for words in ("Show runs with", "Skip the table", "Sort by"))


def test_paper_is_light_whatever_the_screen_is(browser: sync_api.Browser, tmp_path: Path) -> None:
    light, dark = (
        printed(browser, "failing", tmp_path, scheme)[0].pictures() for scheme in ("light", "dark")
    )
    assert len(light) == len(dark)
    assert all(np.array_equal(one, other) for one, other in zip(light, dark, strict=True))


@pytest.mark.parametrize("name", ["failing", "several", "hostile"])
def test_no_page_ends_with_a_heading(name: str, browser: sync_api.Browser, tmp_path: Path) -> None:
    paper, headings = printed(browser, name, tmp_path)
    ends = [paper.lines(page)[-1] for page in range(len(paper.texts))]
    assert [end for end in ends if any(heading.endswith(end) for heading in headings)] == []
