"""What reading a log directory yields: one `Run` per training run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from tblogreport.findings import Note

SCALAR_COLUMNS = ("split", "tag", "step", "wall_time", "value")
HISTOGRAM_COLUMNS = (
    "split",
    "tag",
    "step",
    "wall_time",
    "count",
    "min",
    "max",
    "sum",
    "sum_squares",
    "edges",
    "counts",
)


@dataclass(frozen=True)
class Run:
    """One training run: the series of all its splits, and what reading it met.

    `scalars` columns: split, tag (str), step (int64), wall_time (float64, seconds
    since the epoch), value (float64); ordered by tag, within a tag as written.

    `histograms` columns: split, tag (str), step (int64), wall_time, count, min,
    max, sum, sum_squares (float64; sum and sum_squares are NaN where the format
    does not carry them, as in TensorFlow 2), edges (object: float64 array of
    n + 1), counts (object: float64 array of n); in the same order.

    `split` is "train", "validation" or "test" where the directory or the tag
    says so, otherwise "".
    """

    name: str  # path below the log directory, with "/" between its parts
    path: Path  # the run's directory: the parent of its splits
    scalars: pd.DataFrame
    histograms: pd.DataFrame
    notes: tuple[Note, ...] = ()
    keras_config: dict[str, Any] | None = None  # the model's config, where Keras logged it
    # The hyperparameters, as the HParams plugin or `transformers` log them.
    hparams: Mapping[str, float | str | bool] = field(default_factory=dict)
    # Nothing but what the hyperparameters of the runs below may be (`hparams_config`).
    describes_others: bool = False
    url: str | None = None  # where it was read from, if not on this machine
    continued_at: tuple[float, ...] = ()  # wall times at which a further event file goes on
