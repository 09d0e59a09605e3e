from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tblogreport.findings import BandChart, Curve, CurveChart, Evidence, HeatMap, Mark
from tblogreport.report import charts
from tblogreport.report.charts.scale import scale_for
from tblogreport.report.charts.svg import short_path

from . import factory

NAMESPACE = "{http://www.w3.org/2000/svg}"


def draw(chart: Evidence, key: str = "c") -> str:
    return charts.draw(chart, key=key, title="A <b>", description="d", palette=charts.PAGE).svg


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(element.itertext()) for element in root.iter(f"{NAMESPACE}text")]


def points(path: str) -> np.ndarray:
    """The corners of one line, which says after its first how far it goes."""
    first, _, steps = path.removeprefix("M").partition("l")
    numbers = re.findall(r"-?[0-9.]+", f"{first} {steps}")
    return np.cumsum(np.array(numbers, float).reshape(-1, 2), axis=0)


def chart_of(*curves: Curve, marks: tuple[Mark, ...] = ()) -> CurveChart:
    return CurveChart("t", curves, marks, "loss")


VALUES = st.lists(
    st.floats(allow_nan=True, allow_infinity=True)
    | st.sampled_from([0.0, 1e-300, 1e300, -1e300, 5e-324]),
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(VALUES, st.lists(st.integers(-(2**40), 2**60), max_size=30))
def test_any_series_is_drawn(values: list[float], steps: list[int]) -> None:
    size = min(len(values), len(steps))
    curve = factory.curve(
        "x", "train", "train_loss", values[:size], [float(s) for s in steps[:size]]
    )
    marks = (Mark("m", steps[0], steps[-1]),) if steps else ()
    rate = factory.curve("lr", "", "learning_rate", values[:size], [float(s) for s in steps[:size]])
    ElementTree.fromstring(draw(chart_of(curve, rate, marks=marks)))


@settings(max_examples=25, deadline=None)
@given(VALUES, st.booleans())
def test_any_distribution_and_any_map_is_drawn(values: list[float], log: bool) -> None:
    steps = np.arange(len(values), dtype=float)
    quantiles = np.repeat(np.array(values, float)[:, None], 9, axis=1)
    band = BandChart("t", "tag", "train", None, "kernel", steps, quantiles)
    ElementTree.fromstring(draw(band))
    heat = HeatMap("t", "q", ("a",), steps, np.array([values], float), log)
    ElementTree.fromstring(draw(heat))


def test_the_same_chart_gives_the_same_bytes_and_other_keys_other_ids() -> None:
    chart = factory.failing_run().overview
    assert chart is not None
    assert draw(chart) == draw(chart)

    def ids(svg: str) -> set[str]:
        found = {e.get("id") for e in ElementTree.fromstring(svg).iter()}
        return {ident for ident in found if ident}

    assert ids(draw(chart, "a"))
    assert not ids(draw(chart, "a")) & ids(draw(chart, "b"))


def test_every_reference_inside_a_chart_leads_somewhere() -> None:
    svg = draw(factory.failing_run().layers[0])
    root = ElementTree.fromstring(svg)
    known = {element.get("id") for element in root.iter()}
    wanted = {
        value.strip("url()#") for e in root.iter() for value in e.attrib.values() if "#c-" in value
    }
    assert wanted
    assert wanted <= known


def test_a_name_and_a_description_are_given_to_screen_readers() -> None:
    root = ElementTree.fromstring(draw(chart_of()))
    assert root.get("role") == "img"
    labelled = (root.get("aria-labelledby") or "").split()
    named = {e.get("id"): e.text for e in root}
    assert [named[ident] for ident in labelled] == ["A <b>", "d"]


def test_colours_follow_the_page_or_are_fixed() -> None:
    chart = factory.failing_run().overview
    assert chart is not None
    on_page = draw(chart)
    assert "var(--train)" in on_page
    assert "#0000" not in on_page
    in_print = charts.draw(chart, key="c", title="t", description="d", palette=charts.PRINT).svg
    assert "#0072b2" in in_print
    assert "var(" not in in_print


def test_hostile_text_comes_out_as_it_went_in() -> None:
    tag = '$x_1$ id="c" #000001 url(#a) <b>'
    shown = texts(draw(CurveChart("t", (), (), tag)))
    assert tag in shown


def test_lines_are_named_at_their_ends_by_their_split() -> None:
    train = factory.curve("epoch_loss", "train", "train_loss", [3, 2, 1])
    valid = factory.curve("epoch_loss", "validation", "validation_loss", [3, 2, 1])
    shown = texts(draw(chart_of(train, valid)))
    assert {"train", "validation"} <= set(shown)


def test_many_curves_are_named_in_a_legend_by_their_tags() -> None:
    curves = [factory.curve(f"loss_{i}", "train", "train_loss", [3, 2, 1]) for i in range(6)]
    assert {f"loss_{i}" for i in range(6)} <= set(texts(draw(chart_of(*curves))))


def test_a_moment_is_marked_with_its_step_and_a_range_with_its_label() -> None:
    curve = factory.curve("x", "train", "train_loss", np.ones(3_000))
    marks = (
        Mark("best", 1_200, 1_200),
        Mark("rises", 1_300, 2_900),
        Mark("dies at 1 500", 1_500, 1_500),
    )
    shown = texts(draw(chart_of(curve, marks=marks)))
    assert {"best, epoch 1\u202f200", "rises", "dies at 1 500"} <= set(shown)


def test_values_that_are_not_finite_are_marked() -> None:
    assert "× not finite" in texts(draw(chart_of(factory.curve("x", "", "", [1, np.nan, 2]))))
    assert "× not finite" not in texts(draw(chart_of(factory.curve("x", "", "", [1, 2]))))


def test_steps_without_a_finite_value_are_on_the_axis_too() -> None:
    curve = replace(
        factory.curve("x", "", "", [3, 2, 1]), nonfinite_steps=np.array([90, 100], np.int64)
    )
    assert "100" in texts(draw(chart_of(curve)))


@pytest.mark.parametrize(
    ("values", "log"),
    [
        ([1, 200], True),
        ([1, 99], False),
        ([-1, 200], False),
        ([0, 200], False),
        ([1, np.nan], False),
    ],
)
def test_the_scale_is_logarithmic_beyond_two_positive_decades(
    values: list[float], log: bool
) -> None:
    scale = scale_for(np.array(values))
    assert scale.log is log
    assert ("log scale" in scale.words) is log


def test_one_far_value_does_not_flatten_the_rest_and_is_named() -> None:
    values = np.append(np.linspace(-1, 1, 200), 5e6)
    scale = scale_for(values)
    assert scale.high < 10
    assert scale.words == "↑ up to 5×10⁶"


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_the_bounds_hold_the_data_or_say_what_they_leave_out(values: list[float]) -> None:
    scale = scale_for(np.array(values))
    assert scale.low < scale.high
    assert scale.high >= max(values) or scale.above == max(values)
    assert scale.low <= min(values) or scale.below == min(values)


def test_a_zero_in_a_logarithmic_map_is_explained() -> None:
    heat = HeatMap(
        "t", "RMS", ("a", "b"), np.arange(2.0), np.array([[0, 1.0], [1e-3, np.nan]]), True
    )
    assert "grey: zero · empty: no finite value" in texts(draw(heat))


def test_the_users_own_style_does_not_reach_the_charts() -> None:
    import matplotlib as mpl

    chart = factory.failing_run().overview
    assert chart is not None
    plain = draw(chart)
    with mpl.rc_context({"lines.linewidth": 9, "svg.fonttype": "path", "axes.grid": True}):
        assert draw(chart) == plain


@pytest.mark.parametrize("level", [1e-9, 0.03, 0.1, 4.0, 1e12])
def test_the_key_of_a_heat_map_has_a_number_however_alike_its_values_are(level: float) -> None:
    alike = HeatMap("t", "q", ("a", "b"), np.arange(2.0), np.zeros((2, 2)), log=True)
    values = level * np.array([[1.0, 1.1], [1.2, 1.05]])
    drawn, without = (set(texts(draw(replace(alike, values=v)))) for v in (values, 0.0 * values))
    assert drawn - without


def test_a_path_is_short_and_keeps_its_points() -> None:
    chart = chart_of(factory.curve("x", "train", "train_loss", [4.0, 1.0, 2.0]))
    root = ElementTree.fromstring(draw(chart))
    (line,) = (
        path.get("d") or ""
        for path in root.iter(f"{NAMESPACE}path")
        if "--train" in (path.get("style") or "")
    )
    xs, ys = points(line).T
    assert len(xs) == 3
    assert xs[2] - xs[1] == pytest.approx(xs[1] - xs[0], abs=0.11)
    assert (ys[1] - ys[0]) / (ys[1] - ys[2]) == pytest.approx(3.0, abs=0.02)


def test_steps_of_a_path_do_not_add_up_to_an_error() -> None:
    corners = [(1.04 * x, 7.123 * (x % 5)) for x in range(400)]
    path = "M 0 0 " + " ".join(f"L {x:.6f} {y:.6f}" for x, y in corners[1:])
    assert points(short_path(path)) == pytest.approx(np.array(corners), abs=0.0501)


def test_a_path_that_was_closed_or_bent_goes_on_where_it_stands() -> None:
    path = "M 1 2 L 3.04 1 z M 5 6 L 5 6.05 Q 1 2 3 4 L 9 9 L 8 8 "
    assert short_path(path) == "M1 2l2-1zM5 6l0 0Q1 2 3 4L9 9l-1-1"
