"""What buckets allow: intervals that hold what the values themselves give."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tblogreport.signals.histogram import (
    is_constant,
    quantile_bounds,
    quantiles,
    rms,
    rms_bounds,
    share_at_ends,
    share_outside,
)
from tests.runs import Buckets, FloatArray
from tests.signals.drawn import LEVELS, few, tensor_values
from tests.tensors import both_writers

NOTHING = (np.full(31, np.nan), np.zeros(30))


@both_writers
@few
@given(tensor_values)
def test_quantiles_lie_within_their_bounds(buckets: Buckets, data: FloatArray) -> None:
    edges, counts = buckets(data)
    low, high = quantile_bounds(edges, counts, LEVELS).T
    slack = 1e-9 * np.abs(data).max()
    true = np.quantile(data, LEVELS, method="inverted_cdf")
    for found in (true, quantiles(edges, counts, LEVELS)):
        assert np.all(low - slack <= found)
        assert np.all(found <= high + slack)


@both_writers
@few
@given(tensor_values, st.floats(-2.0, 1.0), st.floats(0.1, 2.0))
def test_the_bounds_of_the_share_outside_hold_the_true_share(
    buckets: Buckets, data: FloatArray, place: float, width: float
) -> None:
    scale = float(np.abs(data).max()) or 1.0
    low, high = scale * (place - 0.0123), scale * (place + width)
    least, most = share_outside(*buckets(data), low, high)
    true = float(np.mean((data < low) | (data > high)))
    assert least - 1e-9 <= true <= most + 1e-9


@both_writers
@few
@given(st.floats(0.3, 6.0), st.integers(0, 50))
def test_the_share_at_the_ends_is_no_more_than_the_true_share(
    buckets: Buckets, gain: float, seed: int
) -> None:
    data = np.tanh(gain * np.random.default_rng(seed).normal(size=4_000))
    edges, counts = buckets(data)
    least, most = share_outside(edges, counts, -0.9, 0.9)
    found = share_at_ends(edges, counts, -0.9, 0.9)
    assert least <= found <= most
    assert found <= float(np.mean(np.abs(data) > 0.9)) + 0.02


@both_writers
def test_a_saturated_layer_is_seen_whatever_its_buckets(buckets: Buckets) -> None:
    data = 0.5 + 0.5 * np.tanh(20 * np.random.default_rng(0).normal(size=4_000))
    assert share_at_ends(*buckets(data), 0.05, 0.95) > 0.6


@both_writers
@few
@given(tensor_values)
def test_the_bounds_of_size_hold_the_true_size(buckets: Buckets, data: FloatArray) -> None:
    record = buckets(data)
    least, most = rms_bounds(*record)
    assert least * (1 - 1e-9) <= np.sqrt(np.mean(data**2)) <= most * (1 + 1e-9)
    assert least * (1 - 1e-9) <= rms(*record) <= most * (1 + 1e-9)


@both_writers
def test_the_bounds_of_size_are_narrow_for_many_values(buckets: Buckets) -> None:
    data = np.random.default_rng(0).normal(size=20_000)
    least, most = rms_bounds(*buckets(data))
    assert 0.8 < least < 1.0 < most < 1.2


@both_writers
def test_only_one_value_is_constant(buckets: Buckets) -> None:
    assert is_constant(*buckets(np.full(20, 0.3)))
    assert is_constant(*buckets(np.zeros(20)))
    assert not is_constant(*buckets(np.array([0.3] * 19 + [0.3 + 1e-9])))


def test_a_bucket_that_a_bound_cuts_may_be_on_either_side() -> None:
    edges, counts = np.array([0.0, 1.0, 2.0]), np.array([3.0, 1.0])
    assert share_outside(edges, counts, -1.0, 1.0) == (0.25, 0.25)
    assert share_outside(edges, counts, -1.0, 1.5) == (0.0, 0.25)
    assert share_outside(edges, counts, -1.0, 0.5) == (0.25, 1.0)


def test_an_empty_record_says_nothing() -> None:
    assert np.isnan(quantile_bounds(*NOTHING, LEVELS)).all()
    assert np.isnan(share_outside(*NOTHING, -1.0, 1.0)).all()
    assert np.isnan(rms_bounds(*NOTHING)).all()
    assert not is_constant(*NOTHING)
