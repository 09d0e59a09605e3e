from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tblogreport.findings import BandChart, Curve, CurveChart, HeatMap, Mark
from tblogreport.report.descriptions import describe

from . import factory

ANY = st.lists(st.floats() | st.sampled_from([0.0, 1e308, -1e308]), max_size=8)


def train(values: list[float], split: str = "train") -> Curve:
    return factory.curve("loss", split, f"{split}_loss", values)


def test_a_curve_is_told_by_its_ends_and_by_extremes_between_them() -> None:
    chart = CurveChart("t", (train([2.0, 0.25, 7.5, 1.0]), train([3.0, 2.0, 1.0], "validation")))
    assert describe(chart) == (
        "Line chart over epochs 0–3. train loss goes from 2 to 1, lowest 0.25 at epoch 1, "
        "highest 7.5 at epoch 2; validation loss goes from 3 to 1."
    )


def test_an_extreme_inside_a_bucket_is_told() -> None:
    curve = replace(train([3.0, 2.0, 1.0]), high=np.array([3.0, 9.0, 1.0]))
    assert "highest 9 at epoch 1" in describe(CurveChart("t", (curve,)))


def test_values_that_are_not_finite_are_counted() -> None:
    chart = CurveChart("t", (train([2.0, np.nan, np.inf]), train([np.nan], "validation")))
    assert describe(chart) == (
        "Line chart over epochs 0–2. train loss is 2 throughout, 2 values not finite, first at "
        "epoch 1; validation loss holds no finite value, 1 value not finite, first at epoch 0."
    )


def test_marks_are_named_and_many_curves_are_counted() -> None:
    curves = tuple(factory.curve(f"loss_{i}", "", "other", [2.0, 1.0]) for i in range(6))
    said = describe(CurveChart("t", curves, (Mark("best", 1, 1),)))
    assert said.endswith("loss_3 goes from 2 to 1; and 2 more curves. Marked: best.")
    assert "loss_4" not in said


def test_a_map_is_told_by_the_places_of_its_extremes() -> None:
    values = np.array([[1e-6, 2.0], [np.nan, 40.0]])
    heat = HeatMap("t", "gradient RMS", ("dense", "out"), np.array([0.0, 1500.0]), values, True)
    assert describe(heat) == (
        "Heat map of gradient RMS in 2 layers over steps 0–1\u202f500. The largest is 40 in out at "
        "step 1\u202f500, the least 10⁻⁶ in dense at step 0; 1 value not finite."
    )
    alike = replace(heat, values=np.ones((2, 2)))
    assert describe(alike).endswith("Every value is 1.")


def test_bands_are_told_by_their_median_and_outer_percentiles() -> None:
    chart = factory.bands("t", "dense/kernel", "dense", "kernel", np.array([1.0, 0.5]))
    assert describe(chart) == (
        "Percentile bands of dense/kernel over epochs 0–1. The median goes from 0 to 0.1, the 7th "
        "and 93rd percentile from −1.5 and 1.5 to −0.65 and 0.85."
    )
    gone = np.vstack([chart.quantiles, np.full((1, 9), np.nan)])
    hole = replace(chart, steps=np.arange(3.0), quantiles=gone)
    assert describe(hole).endswith("; 1 record without a finite value.")


@given(ANY, st.booleans())
def test_any_chart_is_told(values: list[float], log: bool) -> None:
    steps = np.arange(len(values), dtype=float)
    quantiles = np.repeat(np.array(values, float)[:, None], 9, axis=1)
    for chart in (
        CurveChart("t", (train(values),)),
        BandChart("t", "tag", "train", None, "kernel", steps, quantiles),
        HeatMap("t", "q", ("a",), steps, np.array([values], float), log),
    ):
        said = describe(chart)
        assert said.endswith(".")
        assert "nan" not in said
