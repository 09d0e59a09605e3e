"""Series of TensorBoard events → the pandas frames of a `Run`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tblogreport.reading.run import HISTOGRAM_COLUMNS, SCALAR_COLUMNS
from tblogreport.reading.splits import SPLITS

_LARGEST = np.finfo(np.float64).max  # TensorFlow 1's stand-in for "no limit"


@dataclass(frozen=True)
class Series:
    """The points of one tag of one split, in the order written."""

    split: str
    tag: str
    points: Sequence[Any]  # ScalarEvents or HistogramEvents


def scalar_frame(series: Iterable[Series]) -> pd.DataFrame:
    """Return the frame `Run.scalars` of series of `ScalarEvent`s."""
    ordered = _ordered(series)
    points = [point for one in ordered for point in one.points]
    columns = _shared_columns(ordered, points)
    columns["value"] = np.array([point.value for point in points], np.float64)
    return pd.DataFrame(columns, columns=list(SCALAR_COLUMNS))


def histogram_frame(series: Iterable[Series]) -> pd.DataFrame:
    """Return the frame `Run.histograms` of series of `HistogramEvent`s."""
    ordered = _ordered(series)
    points = [point for one in ordered for point in one.points]
    values = [point.histogram_value for point in points]
    columns = _shared_columns(ordered, points)
    for column, attribute in (("count", "num"), ("min", "min"), ("max", "max"), ("sum", "sum")):
        columns[column] = np.array([getattr(value, attribute) for value in values], np.float64)
    columns["sum_squares"] = np.array([value.sum_squares for value in values], np.float64)
    columns["edges"] = _arrays([bucket_edges(v.min, v.max, v.bucket_limit) for v in values])
    columns["counts"] = _arrays([np.array(value.bucket, np.float64) for value in values])
    return pd.DataFrame(columns, columns=list(HISTOGRAM_COLUMNS))


def bucket_edges(low: float, high: float, limits: Sequence[float]) -> NDArray[np.float64]:
    """Return the n + 1 edges of n buckets that are given by their upper limits.

    The outermost limits of TensorFlow 1 reach to ±DBL_MAX; the edges stay within
    the least and greatest value that were counted (`low`, `high`), and never fall.
    A NaN bound says nothing and does not clip.
    """
    upper = np.array(limits, np.float64)
    upper[upper >= _LARGEST] = high
    upper[upper <= -_LARGEST] = low
    upper = np.fmin(np.fmax(upper, low), high)
    first = upper[0] if np.isnan(low) and len(upper) else low
    return np.fmax.accumulate(np.concatenate([[first], upper]))


def _ordered(series: Iterable[Series]) -> list[Series]:
    kept = [one for one in series if len(one.points)]
    return sorted(kept, key=lambda one: (one.tag, SPLITS.index(one.split)))


def _shared_columns(series: Sequence[Series], points: Sequence[Any]) -> dict[str, Any]:
    lengths = [len(one.points) for one in series]
    return {
        "split": _text([one.split for one in series], lengths),
        "tag": _text([one.tag for one in series], lengths),
        "step": np.array([point.step for point in points], np.int64),
        "wall_time": np.array([point.wall_time for point in points], np.float64),
    }


def _text(values: Sequence[str], lengths: Sequence[int]) -> pd.Series[str]:
    """Return a string column in which each value is repeated."""
    return pd.Series(np.repeat(np.array(values, dtype=object), lengths), dtype="str")


def _arrays(arrays: Sequence[NDArray[np.float64]]) -> NDArray[np.object_]:
    """Return a column of arrays; numpy alone would make a matrix of equal lengths."""
    column = np.empty(len(arrays), dtype=object)
    for index, array in enumerate(arrays):
        column[index] = array
    return column
