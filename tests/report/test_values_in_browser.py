"""The values of charts under the pointer and at the keys, in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tblogreport.findings import Curve, CurveChart, Diagnosis, Evidence, HeatMap
from tblogreport.report import charts

from . import factory
from .browser import NEEDED, Opened, chromium, sync_api

pytestmark = NEEDED
Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: sync_api.Browser, tmp_path: Path) -> Iterator[Open]:
    opened: list[Opened] = []

    def open_one(diagnosis: Diagnosis, **options: Any) -> Opened:
        opened.append(Opened(browser, diagnosis, tmp_path, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.context.close()


def showing(chart: Evidence) -> Diagnosis:
    """A report whose first chart is this one."""
    run = factory.unknown_run()
    return factory.diagnosis(replace(run, curves=(chart,)))  # type: ignore[arg-type]


def loss(values: Any, split: str = "train", steps: Any = None) -> Curve:
    return factory.curve(f"{split}/loss", split, f"{split}_loss", values, steps, "step")


def place(opened: Opened, chart: Evidence, step: float, down: float = 0.5) -> tuple[float, float]:
    """Where a step stands on the screen, `down` the height of the first line's strip."""
    drawn = charts.draw(
        chart, key="k", title="", description="", palette=charts.PAGE, width=charts.SMALL
    )
    plot = drawn.plot
    assert plot
    box = opened.page.locator("figure svg").first.bounding_box()
    width = opened.page.locator("figure svg").first.evaluate("s => s.viewBox.baseVal.width")
    assert box
    share = (step - plot.steps[0]) / (plot.steps[1] - plot.steps[0])
    strip = plot.lines[0].strip
    unit = box["width"] / width
    return (
        box["x"] + unit * (plot.left + share * plot.width),
        box["y"] + unit * (strip.top + down * strip.height),
    )


def shown(opened: Opened) -> list[str]:
    return opened.page.locator("p.values").first.inner_text().split("\n")


def pointed(opened: Opened) -> list[tuple[float, float]]:
    """The middles of the dots on the lines, on the screen."""
    path = opened.page.locator("path.pointed").first
    matrix = path.evaluate("p => { const m = p.getScreenCTM(); return [m.a, m.e, m.d, m.f]; }")
    dots = (path.get_attribute("d") or "").split("M")[2:]
    found = []
    for dot in dots:
        x, y = (float(number) for number in dot.split("a")[0].split())
        found.append((matrix[0] * (x + 2) + matrix[1], matrix[2] * y + matrix[3]))
    return found


def test_the_value_under_the_pointer_is_shown_beside_it(open_page: Open) -> None:
    chart = CurveChart("Falls", (loss([4.0, 2.0, 1.0, 0.5], steps=[0, 1000, 2000, 3000]),))
    opened = open_page(showing(chart))
    assert opened.page.locator("p.values").first.is_hidden()
    x, y = place(opened, chart, 1_020)
    opened.page.mouse.move(x, y)
    assert shown(opened) == ["step 1\u202f000", "train 2"]
    ((dot, _),) = pointed(opened)
    assert dot == pytest.approx(place(opened, chart, 1_000)[0], abs=0.5)
    opened.page.mouse.move(2, 2)
    assert opened.page.locator("p.values").first.is_hidden()


@pytest.mark.parametrize("values", [[8.0, 4.0, 2.0, 6.0], [1e3, 10.0, 1e-3, 1.0]])
def test_the_dot_stands_on_the_drawn_line(open_page: Open, values: list[float]) -> None:
    chart = CurveChart("Falls", (loss(values),))
    opened = open_page(showing(chart))
    curve = opened.page.locator("figure svg path[style*='--train']").first
    corners = curve.evaluate(
        """path => {
          let y = 0;
          const numbers = path.getAttribute("d").match(/-?[0-9.]+/g).map(Number);
          const matrix = path.getScreenCTM();
          const steps = numbers.filter((_, i) => i % 2);
          return steps.map((step) => matrix.d * (y += step) + matrix.f);
        }"""
    )
    for step, corner in enumerate(corners):
        opened.page.mouse.move(*place(opened, chart, step))
        ((_, dot),) = pointed(opened)
        assert dot == pytest.approx(corner, abs=0.3)
        assert shown(opened)[1] == f"train {values[step]:,g}".replace(",", "\u202f")


def test_all_curves_are_named_and_those_logged_elsewhere_say_where(open_page: Open) -> None:
    train = loss([3.0, 2.0, np.nan], steps=[0, 10, 20])
    validation = loss([3.5, 2.5], "validation", steps=[0, 20])
    chart = CurveChart("Both", (train, validation))
    opened = open_page(showing(chart))
    opened.page.mouse.move(*place(opened, chart, 20))
    assert shown(opened) == ["step 20", "train not finite", "validation 2.5"]
    opened.page.mouse.move(*place(opened, chart, 11))
    assert shown(opened) == ["step 10", "train 2", "validation 3.5 at step 0"]
    assert len(pointed(opened)) == 1


def test_a_map_shows_the_layer_the_step_and_the_value(open_page: Open) -> None:
    values = np.array([[1e-9, 2.0, 3.0], [4.0, 5.0, np.nan]])
    chart = HeatMap("Map", "RMS", ("dense", "dense_1"), np.array([0.0, 1.0, 10.0]), values, True)
    opened = open_page(showing(chart))
    opened.page.mouse.move(*place(opened, chart, 0))
    assert shown(opened) == ["step 0", "dense 1×10⁻⁹"]
    opened.page.mouse.move(*place(opened, chart, 9, down=1.5))
    assert shown(opened) == ["step 10", "dense_1 not finite"]


def test_bands_show_the_median_and_the_outer_percentiles(open_page: Open) -> None:
    chart = factory.bands("t", "tag", "dense", "kernel", np.array([1.0, 0.5]))
    opened = open_page(showing(chart))
    opened.page.mouse.move(*place(opened, chart, 0))
    assert shown(opened) == [
        "epoch 0",
        "median 0",
        "7th to 93rd percentile −1.5 to 1.5",
        "least to greatest −3 to 3",
    ]


def test_the_range_of_a_bucket_is_shown_beside_its_median(open_page: Open) -> None:
    curve = factory.curve("x", "train", "train_loss", [4.0, 2.0], spread=0.5)
    chart = CurveChart("Falls", (curve,))
    opened = open_page(showing(chart))
    opened.page.mouse.move(*place(opened, chart, 1))
    assert shown(opened) == ["epoch 1", "train 2 (1.5 to 2.5)"]


def test_the_keys_move_through_a_map_and_escape_ends_it(open_page: Open) -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    chart = HeatMap("Map", "RMS", ("dense", "dense_1"), np.array([0.0, 5.0]), values, False)
    opened = open_page(showing(chart))
    slider = opened.page.get_by_role("slider", name="Values by step: Map")
    slider.focus()
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("ArrowDown")
    assert shown(opened) == ["step 5", "dense_1 4"]
    assert slider.get_attribute("aria-valuetext") == "step 5, dense_1 4"
    outline = "s => getComputedStyle(s).outlineStyle"
    assert opened.page.locator("figure svg").first.evaluate(outline) == "solid"
    opened.page.keyboard.press("Escape")
    assert opened.page.locator("p.values").first.is_hidden()


def test_a_tap_shows_the_values_until_another_place_is_tapped(open_page: Open) -> None:
    chart = CurveChart("Falls", (loss([4.0, 2.0, 1.0]),))
    options = {"has_touch": True, "viewport": {"width": 360, "height": 740}}
    opened = open_page(showing(chart), **options)
    opened.page.touchscreen.tap(*place(opened, chart, 1))
    assert shown(opened) == ["step 1", "train 2"]
    opened.page.touchscreen.tap(5, 5)
    assert opened.page.locator("p.values").first.is_hidden()


def test_the_box_stays_inside_the_page_at_both_ends(open_page: Open) -> None:
    chart = CurveChart("Falls", (loss([4.0, 2.0, 1.0]),))
    opened = open_page(showing(chart), viewport={"width": 360, "height": 740})
    for step in (0, 2):
        opened.page.mouse.move(*place(opened, chart, step))
        box = opened.page.locator("p.values").first.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


def test_hostile_names_are_shown_as_text(open_page: Open) -> None:
    closing = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    chart = HeatMap("Map", "RMS", (closing,), np.arange(2.0), np.ones((1, 2)), False)
    opened = open_page(showing(chart))
    opened.page.mouse.move(*place(opened, chart, 1))
    assert shown(opened)[1] == f"{closing} 1"
    assert opened.said == []
    assert opened.page.locator("img").count() == 0
