import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tblogreport.reading import buckets
from tblogreport.reading.frames import histogram_frame, scalar_frame
from tblogreport.reading.run import HISTOGRAM_COLUMNS, SCALAR_COLUMNS

MOST = float(np.finfo(np.float64).max)
finite = st.floats(-1e6, 1e6)


def bucket_edges(low: float, high: float, limits: list[float]) -> np.ndarray:
    table = np.array([limits], np.float64)
    return buckets.bucket_edges(np.array([low]), np.array([high]), table)[0]


def test_empty_frames_have_the_columns_and_dtypes_of_full_ones() -> None:
    scalars, histograms = scalar_frame([]), histogram_frame([])
    assert tuple(scalars.columns) == SCALAR_COLUMNS
    assert tuple(histograms.columns) == HISTOGRAM_COLUMNS
    assert scalars.step.dtype == np.int64
    assert scalars.value.dtype == np.float64
    assert histograms["min"].dtype == np.float64
    assert histograms.edges.dtype == object


def test_outermost_limits_become_the_extremes() -> None:
    edges = bucket_edges(-2.0, 3.0, [-MOST, -1.0, 0.0, MOST])
    np.testing.assert_array_equal(edges, [-2, -2, -1, 0, 3])


def test_limits_beyond_the_values_are_clipped() -> None:
    np.testing.assert_array_equal(bucket_edges(0.2, 0.7, [0.0, 0.5, 1.0]), [0.2, 0.2, 0.5, 0.7])


def test_constant_tensor_has_buckets_of_no_width() -> None:
    np.testing.assert_array_equal(bucket_edges(1.0, 1.0, [1.0, 1.0]), [1, 1, 1])


def test_unknown_extremes_do_not_clip() -> None:
    nan = float("nan")
    np.testing.assert_array_equal(bucket_edges(nan, nan, [0.0, 1.0]), [0, 0, 1])
    np.testing.assert_array_equal(bucket_edges(nan, nan, [0.0, 1.0, MOST]), [0, 0, 1, 1])


def test_infinite_extremes_stay_infinite() -> None:
    np.testing.assert_array_equal(bucket_edges(0.0, np.inf, [1.0, MOST]), [0, 1, np.inf])


def test_no_buckets() -> None:
    np.testing.assert_array_equal(bucket_edges(0.0, 0.0, []), [0])


@given(finite, finite, st.lists(finite | st.sampled_from([MOST, -MOST]), max_size=30))
def test_edges_never_fall_and_lie_within_the_extremes(
    a: float, b: float, limits: list[float]
) -> None:
    low, high = min(a, b), max(a, b)
    edges = bucket_edges(low, high, sorted(limits))
    assert len(edges) == len(limits) + 1
    assert (np.diff(edges) >= 0).all()
    assert low <= edges[0]
    assert edges[-1] <= high
    inside = [limit for limit in limits if low < limit < high]
    assert set(inside) <= set(edges)
