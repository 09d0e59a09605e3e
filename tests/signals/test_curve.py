from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import kendalltau

from tblogreport.signals.charts import MAX_BUCKETS, reduce_series
from tblogreport.signals.curve import kendall, noise_of, slope
from tests.families import exponential, noisy
from tests.runs import FloatArray, curve_of
from tests.signals.drawn import few

finite = st.floats(-1e9, 1e9, allow_subnormal=False)


@pytest.mark.parametrize("sigma", [1e-4, 0.3, 50.0])
@pytest.mark.parametrize("trend", [0.0, 1.0, -20.0])
def test_noise_is_sigma_whatever_the_trend_and_the_spikes(sigma: float, trend: float) -> None:
    rng = np.random.default_rng(0)
    values = sigma * rng.standard_normal(4000) + trend * sigma * np.arange(4000)
    values[::97] += 1000 * sigma
    assert noise_of(values) == pytest.approx(sigma, rel=0.1)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [3.0] * 50, np.arange(50.0)])
def test_a_line_has_no_noise(values: list[float]) -> None:
    assert noise_of(np.array(values)) == 0.0


@few
@given(arrays(np.float64, st.integers(3, 60), elements=finite), st.floats(1e-3, 1e3), finite)
def test_noise_scales_with_the_unit_and_ignores_the_level(
    values: FloatArray, unit: float, level: float
) -> None:
    tolerance = 1e-6 * (np.abs(values).max() + abs(level) + 1) * max(unit, 1)
    assert noise_of(unit * values) == pytest.approx(unit * noise_of(values), abs=tolerance)
    assert noise_of(values + level) == pytest.approx(noise_of(values), abs=tolerance)


def test_only_finite_points_are_judged() -> None:
    signal = curve_of([1.0, np.nan, 2.0, np.inf, 3.0], [0, 10, 20, 30, 40])
    assert signal.values.tolist() == [1.0, 2.0, 3.0]
    assert signal.steps.tolist() == [0.0, 20.0, 40.0]


@few
@given(arrays(np.float64, st.integers(1, 300), elements=finite))
def test_levels_and_blocks_stay_within_the_values(values: FloatArray) -> None:
    signal = curve_of(values)
    low, high = values.min(), values.max()
    slack = 1e-9 * max(abs(low), abs(high))
    for level in (signal.head, signal.tail, signal.start, signal.best, signal.median):
        assert low - slack <= level <= high + slack
    assert len(signal.blocks) == min(len(values), 20)
    assert len(signal.smooth) == len(values)
    assert signal.smooth.min() >= low - slack
    assert signal.smooth.max() <= high + slack


def test_trend_and_slope_of_a_fall() -> None:
    values = noisy(np.random.default_rng(0), np.linspace(2, 1, 500), 0.02)
    tau, p_value = curve_of(values).trend
    assert tau < -0.95
    assert p_value < 1e-6
    assert slope(np.linspace(2, 1, 11)) == pytest.approx(-0.1)
    assert (slope(np.array([1.0])), kendall(np.ones(9))) == (0.0, (0.0, 1.0))


@pytest.mark.parametrize(
    ("steps", "increasing"),
    [([0, 1, 2], True), ([5, 5, 9], True), ([0, 2, 1], False), ([2, 1, 0], False)],
)
def test_steps_that_go_back_are_no_axis(steps: list[int], increasing: bool) -> None:
    signal = curve_of([1.0, 2.0, 3.0], steps)
    assert signal.increasing is increasing
    assert signal.fraction[0] == 0.0
    assert signal.fraction[-1] == 1.0
    assert np.all(np.diff(signal.fraction) >= 0)


def test_the_share_of_the_run_goes_by_steps() -> None:
    assert curve_of([1, 1, 1], [0, 10, 100]).fraction.tolist() == [0.0, 0.1, 1.0]
    assert curve_of([1, 1, 1], [7, 7, 7]).fraction.tolist() == [0.0, 0.5, 1.0]


def test_the_level_at_the_start_is_the_first_fall_s_top() -> None:
    values = exponential(np.random.default_rng(1), 5000)
    assert curve_of(values).start == pytest.approx(values[0], rel=0.05)


@few
@given(
    arrays(np.float64, st.integers(1, 450), elements=st.floats(-1e300, 1e300)),
    st.lists(st.integers(0, 899), max_size=5),
)
def test_a_reduced_series_keeps_its_least_and_greatest_value(
    values: FloatArray, lost: list[int]
) -> None:
    values = values.copy()
    values[[index for index in lost if index < len(values)]] = np.nan
    kept = values[np.isfinite(values)]
    reduced = reduce_series(curve_of(values))
    assert reduced.points == len(values)
    assert len(reduced.steps) == len(reduced.middle) == min(len(kept), MAX_BUCKETS)
    assert len(reduced.nonfinite_steps) == len(values) - len(kept)
    assert np.all(reduced.low <= reduced.middle)
    assert np.all(reduced.middle <= reduced.high)
    if len(kept):
        assert (reduced.low.min(), reduced.high.max()) == (kept.min(), kept.max())


def test_a_reduced_series_of_steps_that_go_back_is_drawn_by_point() -> None:
    reduced = reduce_series(curve_of([1.0, 2.0, 3.0], [5, 1, 9]))
    assert (reduced.axis, reduced.steps.tolist()) == ("point", [0.0, 1.0, 2.0])


@given(
    values=st.lists(
        st.floats(-1e6, 1e6, allow_subnormal=False), min_size=4, max_size=24, unique=True
    )
)
def test_kendall_is_that_of_scipy(values: list[float]) -> None:
    """Its exact p-value for few values is our own, so that a short run need not import scipy."""
    expected = kendalltau(np.arange(len(values)), values)
    tau, p_value = kendall(np.array(values))
    assert tau == pytest.approx(expected.statistic, abs=1e-12)
    assert p_value == pytest.approx(expected.pvalue, rel=1e-9)
