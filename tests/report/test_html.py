from __future__ import annotations

import base64
import hashlib
import json
import re
from itertools import pairwise

import pytest

from tblogreport.report import html, notebook, templates

from . import factory
from .pages import Page


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    return {name: Page(html.render(make())) for name, make in factory.ALL.items()}


@pytest.fixture(params=list(factory.ALL))
def page(request: pytest.FixtureRequest, pages: dict[str, Page]) -> Page:
    return pages[request.param]


def test_elements_are_closed_and_ids_are_unique(page: Page) -> None:
    assert page.unbalanced == []
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))


def test_links_inside_the_page_lead_somewhere(page: Page) -> None:
    ids = {attributes.get("id") for _, attributes in page.elements}
    inside = [a["href"] for a in page.all("a") if (a.get("href") or "").startswith("#")]
    assert {(href or "")[1:] for href in inside} <= ids


def _has_use_for_a_script(page: Page) -> bool:
    return bool(page.all("figure")) or any(a.get("class") == "runs" for a in page.all("table"))


def test_nothing_else_runs_and_nothing_is_fetched(page: Page) -> None:
    names = {name for name, _ in page.elements}
    assert not names & {"iframe", "object", "embed", "form", "base"}
    data = [{"type": "application/json", "id": "values"}] if page.all("figure") else []
    assert page.all("script") == data + ([{}] if _has_use_for_a_script(page) else [])
    for _, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes)
        source = attributes.get("src") or attributes.get("srcset") or ""
        assert re.fullmatch(r"|data:(image/(png|jpeg)|audio/wav);base64,[\w+/=]+", source)
    images = [a.get("href") or "" for a in page.all("image")]
    assert all(href.startswith("data:image/png;base64,") for href in images)
    assert not page.all("link")
    assert "url(" not in templates.source("report.css")
    assert "@import" not in templates.source("report.css")


def test_the_policy_forbids_what_the_page_does_not_need(page: Page) -> None:
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()) for s in page.scripts]
    allowed = [f"script-src 'sha256-{ours.decode()}';" for ours in hashes[-1:]]
    assert [one for one in allowed if one in policy] == allowed
    assert ("script-src" in policy) == _has_use_for_a_script(page)
    assert policy.count("script-src") <= 1


def test_headings_go_down_one_level_at_a_time(page: Page) -> None:
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch("h[1-6]", name)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_headers(page: Page) -> None:
    assert all(header.get("scope") in {"col", "row"} for header in page.all("th"))
    assert len(page.all("thead")) == len(page.all("table"))


def test_every_chart_is_named(page: Page) -> None:
    for svg in page.all("svg"):
        assert svg.get("aria-hidden") == "true" or (
            svg.get("role") == "img" and svg.get("aria-labelledby")
        )


def test_hostile_names_are_shown_as_text(pages: dict[str, Page]) -> None:
    page = pages["hostile"]
    assert factory.SCRIPT in page.text
    assert "\\x07\\x1b[31m\\u202egnp.exe" in page.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page.text)
    assert all((a.get("href") or "").startswith(("#", "https://")) for a in page.all("a"))
    words = max(map(len, page.text.split()))
    assert words <= 120


def test_the_verdict_comes_first_and_the_sections_in_their_order(pages: dict[str, Page]) -> None:
    text = pages["failing"].text
    order = [
        "failing",
        "The loss never settled",
        "Do first",
        "Why we say so",
        "Restore",
        "Wasted",
        "2 findings explained by this cause",
        "Cause: learning rate too high",
        "dense_2 is dead",
        "Besides",
        "What happened when",
        "is at its best, 0.61",
        "Loss and metrics",
        "Layers",
        "Why, and what to log",
        "Log next time",
        "Met while reading",
        "The run",
        "To reproduce it",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_several_runs_start_with_a_table_that_links_to_each(pages: dict[str, Page]) -> None:
    page = pages["several"]
    anchors = {a.get("id") for a in page.all("article")}
    assert len(anchors) == 4
    assert {f"#{anchor}" for anchor in anchors} <= {a.get("href") for a in page.all("a")}
    assert page.text.index("4 training runs") < page.text.index("Do first")
    assert page.text.index("1 failing · 1 suspect · 1 unknown · 1 healthy") > 0


def test_the_page_is_small_and_always_the_same() -> None:
    once, again = html.render(factory.failing()), html.render(factory.failing())
    assert once == again
    assert len(once.encode()) < 400_000


def test_a_notebook_gets_a_frame_without_scripts() -> None:
    shown = Page(notebook(factory.failing()))
    (frame,) = shown.all("iframe")
    assert frame["sandbox"] == ""
    assert "The loss never settled" in (frame["srcdoc"] or "")
    assert len(shown.elements) == 1


SCHEMES = re.findall(r":root \{(.*?)\}", templates.source("report.css"), re.S)[:2]


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark"])
def test_text_has_enough_contrast(scheme: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", scheme))
    text = set(colours) - {"paper", "rule", "grid", "code"}
    assert {"ink", "muted", "error", "train", "mark"} <= text
    poor = {name for name in text if _contrast(colours[name], colours["paper"]) < 4.5}
    assert poor == set()
    assert _contrast(colours["ink"], colours["code"]) >= 4.5


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_values_of_charts_are_data_that_nothing_in_a_tag_can_end(
    pages: dict[str, Page],
) -> None:
    data, _ = pages["hostile"].scripts
    assert "<" not in data
    lines = [line for plot in json.loads(data)["plots"].values() for line in plot["lines"]]
    assert any(factory.SCRIPT in line["name"] for line in lines)
