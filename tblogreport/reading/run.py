"""What reading a log directory yields: one `Run` per training run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from tblogreport.findings import Note
from tblogreport.reading import media_frames
from tblogreport.reading.media import Graph, Medium

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
    media: tuple[Medium, ...] = ()  # where images, sounds, texts and precision-recall curves are
    graph_at: Graph | None = None
    writers: tuple[str, ...] = ()  # the programs that wrote the files, as far as they say

    @cached_property
    def images(self) -> pd.DataFrame:
        """One row an image: split, tag, step, wall_time, number, width, height, encoded.

        `number` (int64) counts the images of one step, `encoded` (object: bytes) is the image as
        it was logged, mostly PNG. The files are read when this is first asked for, as for all
        that follows; of a run from elsewhere (`s3://…`) the first and last step are there.
        """
        return media_frames.image_frame(self.media)

    @cached_property
    def audio(self) -> pd.DataFrame:
        """One row a sound: split, tag, step, wall_time, number, label, rate (Hz), encoded.

        `rate` is NaN where the log does not say it apart from the sound, `encoded` mostly WAV.
        """
        return media_frames.audio_frame(self.media)

    @cached_property
    def text(self) -> pd.DataFrame:
        """One row a text: split, tag, step, wall_time, text.

        `text` is a string, or an object array of strings where a table was logged.
        """
        return media_frames.text_frame(self.media)

    @cached_property
    def pr_curves(self) -> pd.DataFrame:
        """One row a precision-recall curve: split, tag, step, wall_time, then float64 arrays.

        They are true_positives, false_positives, true_negatives, false_negatives, precision and
        recall, at thresholds that rise from 0 to 1.
        """
        return media_frames.pr_curve_frame(self.media)

    @cached_property
    def graph(self) -> Any:
        """The graph that was logged, as a `GraphDef` proto; None where there is none."""
        return self.graph_at.read() if self.graph_at is not None else None
