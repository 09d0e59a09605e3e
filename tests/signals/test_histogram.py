"""What the buckets allow to say of the values that were counted in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tblogreport.context.layers import Tensor
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import BandChart
from tblogreport.signals import Signals
from tblogreport.signals.charts import MAX_RECORDS, band_chart, heat_map, thin
from tblogreport.signals.histogram import (
    all_zero,
    identical,
    largest,
    movement,
    quantiles,
    rms,
    spread,
    zero_share,
)
from tblogreport.signals.tensor import TensorSignal
from tests.runs import (
    Buckets,
    FloatArray,
    Histogram,
    Record,
    make_run,
    signals_of,
    tf_histogram,
    torch_histogram,
)
from tests.signals.drawn import LEVELS, few, tensor_values
from tests.tensors import both_writers

NOTHING: tuple[Record, ...] = (
    (np.full(31, np.nan), np.zeros(30)),
    (np.array([0.0]), np.array([])),
    (np.array([0.0, 1.0]), np.array([np.nan])),
)


@both_writers
@few
@given(tensor_values)
def test_quantiles_rise_and_stay_within_the_edges(buckets: Buckets, data: FloatArray) -> None:
    edges, counts = buckets(data)
    found = quantiles(edges, counts, LEVELS)
    assert np.all(np.diff(found) >= 0)
    assert found[0] >= edges[0]
    assert found[-1] <= edges[-1]
    assert data.min() == pytest.approx(edges[0], rel=1e-9, abs=1e-9)


@both_writers
@few
@given(tensor_values)
def test_quantiles_lie_in_the_bucket_of_the_true_ones(buckets: Buckets, data: FloatArray) -> None:
    edges, counts = buckets(data)
    median = float(quantiles(edges, counts, np.array([0.5]))[0])
    left = max(0, int(np.searchsorted(edges, median, "left")) - 1)
    right = min(len(counts), int(np.searchsorted(edges, median, "right")))
    below, upto = np.count_nonzero(data < edges[left]), np.count_nonzero(data <= edges[right])
    assert below <= len(data) / 2 + 1
    assert upto >= len(data) / 2 - 1


@both_writers
@few
@given(tensor_values)
def test_the_bounds_of_the_share_of_zeros_hold_the_true_share(
    buckets: Buckets, data: FloatArray
) -> None:
    low, high = zero_share(*buckets(data))
    true = float(np.mean(data == 0))
    assert low - 1e-12 <= true <= high + 1e-12


@both_writers
@few
@given(tensor_values)
def test_the_root_mean_square_is_within_what_the_buckets_allow(
    buckets: Buckets, data: FloatArray
) -> None:
    edges, counts = buckets(data)
    near = np.where(edges[:-1] * edges[1:] <= 0, 0, np.minimum(*np.abs([edges[:-1], edges[1:]])))
    far = np.maximum(*np.abs([edges[:-1], edges[1:]]))
    least, most = (np.sqrt(np.sum(counts * b * b) / counts.sum()) for b in (near, far))
    true = np.sqrt(np.mean(data**2))
    for found in (rms(edges, counts), true):
        assert least * (1 - 1e-9) <= found <= most * (1 + 1e-9)
    assert largest(edges, counts) >= np.abs(data).max() * (1 - 1e-9)


def test_zeros_that_torch_counts_are_certain() -> None:
    sparse = np.where(np.random.default_rng(0).random(1000) < 0.7, 0.0, 0.5)
    low, high = zero_share(*torch_histogram(sparse))
    assert low == high == pytest.approx(np.mean(sparse == 0))


def test_zeros_that_share_a_bucket_of_tensorflow_are_not_certain() -> None:
    sparse = np.where(np.random.default_rng(0).random(1000) < 0.7, 0.0, 0.5)
    low, high = zero_share(*tf_histogram(sparse))
    assert low == 0.0
    assert high == pytest.approx(np.mean(sparse == 0))


@both_writers
def test_nothing_but_zeros_is_certain(buckets: Buckets) -> None:
    assert all_zero(*buckets(np.zeros(20)))
    assert not all_zero(*buckets(np.array([0.0, 1e-6])))
    assert not all_zero(*buckets(np.full(20, 1e-6)))


@pytest.mark.parametrize("record", NOTHING)
def test_an_empty_record_says_nothing(record: Record) -> None:
    assert np.isnan(quantiles(*record, LEVELS)).all()
    for measure in (rms, largest, spread):
        assert np.isnan(measure(*record))
    assert np.isnan(zero_share(*record)).all()
    assert not all_zero(*record)
    assert np.isnan(movement(*record, *record))


@both_writers
def test_movement_is_measured_in_spreads(buckets: Buckets) -> None:
    data = np.random.default_rng(0).normal(size=50_000)
    here = buckets(data)
    assert movement(*here, *here) == 0.0
    assert movement(*here, *buckets(data + 0.5)) == pytest.approx(0.5, abs=0.1)
    assert movement(*buckets(1e-4 * data), *buckets(1e-4 * (data + 0.5))) == pytest.approx(
        0.5, abs=0.1
    )
    constant = tf_histogram(np.ones(9))
    assert movement(*constant, *constant) == 0.0
    assert movement(*constant, *tf_histogram(2 * np.ones(9))) == np.inf


def test_records_are_identical_to_the_bit_or_not() -> None:
    data = np.random.default_rng(0).normal(size=99)
    changed = data.copy()
    changed[np.argmax(data)] += 1e-9
    assert identical(*tf_histogram(data), *tf_histogram(data))
    assert not identical(*tf_histogram(data), *tf_histogram(changed))
    assert not identical(*tf_histogram(data), *torch_histogram(data))


def tensor(*data: FloatArray, steps: list[int] | None = None) -> Tensor:
    (found,) = logged(data, steps).layers.of(TensorKind.KERNEL)
    return found


def logged(data: Sequence[FloatArray], steps: list[int] | None = None) -> Signals:
    records = [tf_histogram(d) for d in data]
    return signals_of(make_run(Histogram("fc.weight", records, "train", steps)))


A, B, C = (np.random.default_rng(seed).normal(size=99) for seed in range(3))


@pytest.mark.parametrize(
    ("data", "since", "never", "to_the_end"),
    [
        ((A, A, A), 0, True, False),
        ((A, B, B, B), 1, False, False),
        ((A, A, B), 2, False, True),
        ((A, B, C), 2, False, True),
        ((A, B, A), 2, False, True),
        ((A,), 0, False, False),
    ],
)
def test_since_when_a_tensor_stands_still(
    data: tuple[FloatArray, ...], since: int, never: bool, to_the_end: bool
) -> None:
    signal = TensorSignal(tensor(*data))
    assert (signal.still_since, signal.never_moved, signal.moves_to_the_end) == (
        since,
        never,
        to_the_end,
    )


def test_since_when_a_tensor_is_zero() -> None:
    zero = np.zeros(9)
    assert TensorSignal(tensor(zero, A, zero, zero)).zero_since == 2
    assert TensorSignal(tensor(zero, zero)).zero_since == 0
    assert TensorSignal(tensor(zero, A)).zero_since == 2


def test_a_band_chart_shows_first_and_last_record_and_few_between() -> None:
    rng = np.random.default_rng(0)
    signals = logged([rng.normal(i, 1, 50) for i in range(500)])
    chart = band_chart(signals, signals.layers.tensors[0], "title")
    assert chart.quantiles.shape == (len(chart.steps), len(BandChart.LEVELS))
    assert len(chart.steps) <= MAX_RECORDS
    assert (chart.steps[0], chart.steps[-1]) == (0, 499)


def test_a_heat_map_has_a_cell_where_there_is_a_record() -> None:
    tensors = [tensor(A, B, steps=[0, 20]), tensor(A, B, C, steps=[0, 10, 20])]
    numbers = [np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])]
    chart = heat_map(logged([A]), tensors, numbers, title="", quantity="")
    assert chart.steps.tolist() == [0, 10, 20]
    np.testing.assert_array_equal(chart.values, [[1, np.nan, 2], [3, 4, 5]])


@few
@given(st.integers(1, 5000))
def test_thinning_keeps_first_and_last(length: int) -> None:
    kept = thin(length)
    assert len(kept) == min(length, MAX_RECORDS)
    assert (kept[0], kept[-1]) == (0, length - 1)
    assert np.all(np.diff(kept) > 0)
