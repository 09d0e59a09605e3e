from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tblogreport.findings import CurveChart, Evidence, HeatMap
from tblogreport.report import charts
from tblogreport.report.readings import readings

from . import factory


def read(*drawn: Evidence) -> dict[str, Any]:
    plots = {}
    for number, chart in enumerate(drawn):
        plot = charts.draw(chart, key="k", title="", description="", palette=charts.PAGE).plot
        assert plot
        plots[f"chart-{number}"] = plot
    found: dict[str, Any] = json.loads(readings(plots))
    return found


def test_numbers_are_short_and_what_is_not_finite_is_null() -> None:
    values = [1 / 3, 123_456.789, np.nan, 1e-12 / 7, 2.0]
    found = read(CurveChart("t", (factory.curve("x", "", "other", values),)))
    assert [0.3333, 123500, None, 1.429e-13, 2] in found["series"]


def test_charts_of_the_same_numbers_share_them() -> None:
    curve = factory.curve("x", "train", "train_loss", [3.0, 2.0, 1.0])
    once = read(CurveChart("t", (curve,)))
    twice = read(CurveChart("t", (curve,)), CurveChart("again", (curve,)))
    assert twice["series"] == once["series"]
    assert len(twice["plots"]) == 2


def test_steps_without_a_finite_value_are_read_too() -> None:
    curve = replace(
        factory.curve("x", "", "", [3, 2, 1]), nonfinite_steps=np.array([1, 90], np.int64)
    )
    found = read(CurveChart("t", (curve,)))
    (line,) = found["plots"]["chart-0"]["lines"]
    assert found["series"][line["steps"]] == [0, 1, 2, 90]
    assert found["series"][line["values"][0]] == [3, 2, 1, None]


@pytest.mark.parametrize("values", [[1.0, 2.0], [1.0, 1e6]])
def test_the_scale_of_the_axis_is_told(values: list[float]) -> None:
    found = read(CurveChart("t", (factory.curve("x", "", "", values),)))
    (line,) = found["plots"]["chart-0"]["lines"]
    _, _, low, high, log = line["y"]
    assert low < values[0]
    assert high > values[1]
    assert log is (values[1] == 1e6)


def test_the_rows_of_a_map_follow_each_other() -> None:
    heat = HeatMap("t", "q", ("a", "b"), np.arange(2.0), np.ones((2, 2)), False)
    (first, second) = read(heat)["plots"]["chart-0"]["lines"]
    assert (first["name"], second["name"]) == ("a", "b")
    assert second["y"][0] == pytest.approx(sum(first["y"]))
