"""Series of points → the pandas frames of a `Run`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tblogreport.reading.columns import Column, Columns
from tblogreport.reading.run import HISTOGRAM_COLUMNS, SCALAR_COLUMNS
from tblogreport.reading.splits import SPLITS

_DTYPES: dict[str, type] = {"step": np.int64, "edges": object, "counts": object}


@dataclass(frozen=True)
class Series:
    """The points of one tag of one split, in the order written."""

    split: str
    tag: str
    points: Columns  # `step`, `wall_time`, and what the frame has besides


def scalar_frame(series: Iterable[Series]) -> pd.DataFrame:
    """Return the frame `Run.scalars` of series of scalars."""
    return _frame(series, SCALAR_COLUMNS)


def histogram_frame(series: Iterable[Series]) -> pd.DataFrame:
    """Return the frame `Run.histograms` of series of histograms."""
    return _frame(series, HISTOGRAM_COLUMNS)


def _frame(series: Iterable[Series], columns: Sequence[str]) -> pd.DataFrame:
    kept = [one for one in series if len(one.points["step"])]
    ordered = sorted(kept, key=lambda one: (one.tag, SPLITS.index(one.split)))
    lengths = [len(one.points["step"]) for one in ordered]
    frame: dict[str, Any] = {
        "split": _text([one.split for one in ordered], lengths),
        "tag": _text([one.tag for one in ordered], lengths),
    }
    for name in columns[2:]:
        empty: Column = np.empty(0, _DTYPES.get(name, np.float64))
        frame[name] = np.concatenate([empty, *(one.points[name] for one in ordered)])
    return pd.DataFrame(frame, columns=list(columns))


def _text(values: Sequence[str], lengths: Sequence[int]) -> Any:
    """Return a string column in which each value is repeated."""
    return pd.array(values, dtype="str").take(np.repeat(np.arange(len(values)), lengths))
