"""What else a run logged, on the page, in the PDF, and for programs."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tblogreport.findings import Density, GraphChart, GraphNode, HistogramChart
from tblogreport.report import charts, html
from tblogreport.report import json as report_json
from tblogreport.report.charts.colours import INK, MUTED
from tblogreport.report.charts.graph_layout import BOX, places_of, rows_of
from tblogreport.report.descriptions import describe

from . import factory, logged_factory
from .pages import Page


@pytest.fixture(scope="module")
def page() -> Page:
    run = logged_factory.rich(factory.healthy_run())
    return Page(html.render(factory.diagnosis(run)))


def test_images_are_in_the_page_with_words_for_them(page: Page) -> None:
    shown = page.all("img")
    assert len(shown) == 4
    logged = logged_factory.logged().pictures[0]
    contents = [picture.content for picture in (*logged.first, *logged.last)]
    found = [base64.b64decode(str(image["src"]).partition(",")[2]) for image in shown]
    assert found == contents
    assert all("reconstructions" in str(image["alt"]) for image in shown)
    assert all(int(str(image["width"])) >= 60 for image in shown), "12 pixels are too small to see"


def test_a_sound_can_be_played_where_there_was_room_for_it(page: Page) -> None:
    (player,) = page.all("audio")
    source = str(player["src"])
    assert source.startswith("data:audio/wav;base64,")
    assert base64.b64decode(source.partition(",")[2])[:4] == b"RIFF"
    assert "tones" in str(player["aria-label"])
    assert "There was no room to keep it." in page.text


def test_model_texts_hyperparameters_and_what_is_missing_are_told(page: Page) -> None:
    for said in (
        "dense_1",
        "Dense, relu (frozen)",
        "4\u202f160",
        "A net of **3** layers.",
        "nesterov",
        "3 more of the tags with images are not shown.",
        "Precision against recall of cat",
    ):
        assert said in page.text


def test_a_run_that_logged_nothing_else_has_no_such_section() -> None:
    page = Page(html.render(factory.healthy()))
    assert "What else was logged" not in page.text


def test_programs_get_all_but_the_bytes() -> None:
    run = logged_factory.rich(factory.healthy_run())
    told = report_json.document(factory.diagnosis(run))["runs"][0]["logged"]
    assert [layer["parameters"] for layer in told["model"]["layers"]] == [4_160] * 3
    assert told["images"][0]["shown"] == [0, 40]
    assert told["audio"][0]["rate"] == 8_000
    assert [curve["step"] for curve in told["pr_curves"]] == [0, 40]


@settings(deadline=None)
@given(
    st.integers(1, 12).flatmap(
        lambda size: st.tuples(
            st.just(size),
            st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=25),
        )
    )
)
def test_boxes_do_not_overlap_and_data_flow_down(
    drawn: tuple[int, list[tuple[int, int]]],
) -> None:
    size, pairs = drawn
    edges = tuple({(a, b) for a, b in pairs if a != b})
    chart = GraphChart("t", tuple(GraphNode(str(n), "", None) for n in range(size)), edges)
    rows = rows_of(chart)
    assert sorted(node for row in rows for node in row) == list(range(size))
    places = places_of(rows, [90.0] * size, 360.0)
    level = {node: row for row, nodes in enumerate(rows) for node in nodes}
    if all(a < b for a, b in edges):
        assert all(level[a] < level[b] for a, b in edges)
    boxes = list(places.values())
    for index, one in enumerate(boxes):
        assert one.left >= -1e-6
        assert one.right <= 360.0 + 1e-6
        for other in boxes[index + 1 :]:
            apart = one.right <= other.left + 1e-6 or other.right <= one.left + 1e-6
            assert apart or abs(one.top - other.top) >= BOX


def test_many_equal_values_are_seen_although_their_bucket_has_no_width() -> None:
    zeros = Density(0.0, np.array([0.0, 0.0]), np.array([1.0]))
    spread = Density(9.0, np.linspace(-1, 1, 11), np.full(10, 0.1))
    chart = HistogramChart("t", "tag", "train", None, "gradient", zeros, spread)
    drawn = charts.draw(chart, key="c", title="t", description="d", palette=charts.PAGE).svg
    heights = [float(y) for y in re.findall(r"[ML ]-?[\d.]+ (-?[\d.]+)", drawn)]
    assert max(heights) - min(heights) > 30
    assert "half of its values lie between 0 and 0" in describe(chart)


def test_boxes_of_one_structure_have_one_colour() -> None:
    chart = logged_factory.graph("a", "b", "c")
    drawn = charts.draw(chart, key="c", title="t", description="d", palette=charts.PRINT).svg
    root = ElementTree.fromstring(drawn)
    fills = re.findall(r"fill:(#[0-9a-f]{6});", ElementTree.tostring(root, encoding="unicode"))
    boxes = [fill for fill in fills if fill not in {charts.PRINT[INK], charts.PRINT[MUTED]}]
    assert len(boxes) == 2
    assert len(set(boxes)) == 1


VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20, unique=True)


@settings(deadline=None, max_examples=30)
@given(VALUES, st.floats(0, 1e6))
def test_any_histogram_is_drawn(edges: list[float], level: float) -> None:
    ends = np.array(sorted(edges))
    one = Density(0.0, ends, np.full(len(ends) - 1, level))
    other = Density(9.0, np.array([0.0, 0.0]), np.array([0.0]))
    chart = HistogramChart("t", "tag", "train", None, "kernel", one, other)
    ElementTree.fromstring(
        charts.draw(chart, key="c", title="t", description="d", palette=charts.PAGE).svg
    )
