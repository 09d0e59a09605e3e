"""One scalar series, with what is known about its meaning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.words import ACCURACY_WORDS, Direction
from tblogreport.reading.splits import label


class Role(StrEnum):
    """What a scalar series means. Unknown stays unknown: `other`."""

    TRAIN_LOSS = "train_loss"
    VALIDATION_LOSS = "validation_loss"
    TRAIN_METRIC = "train_metric"
    VALIDATION_METRIC = "validation_metric"
    LEARNING_RATE = "learning_rate"
    GRADIENT_NORM = "gradient_norm"
    LOSS_SCALE = "loss_scale"
    THROUGHPUT = "throughput"
    OTHER = "other"


LOSSES = (Role.TRAIN_LOSS, Role.VALIDATION_LOSS)
METRICS = (Role.TRAIN_METRIC, Role.VALIDATION_METRIC)
CURVES = (*LOSSES, *METRICS)
# A pause of so many usual intervals, and of so many seconds at least, is no slow step.
LONG_WAIT, LEAST_WAIT = 10.0, 30.0


class Axis(StrEnum):
    """What the steps of a series count; series on different axes are never mixed."""

    EPOCH = "epoch"  # Keras' epoch_loss: 0, 1, 2 …
    ITERATION = "iteration"  # evaluation_loss_vs_iterations, batch_loss, step_loss
    STEP = "step"  # whatever the writer counts


@dataclass(frozen=True, eq=False)
class Series:
    """All points of one tag in one split, as written.

    `steps` int64, `wall_times` and `values` float64, all of shape [n].
    """

    split: str
    tag: str
    steps: NDArray[np.int64]
    wall_times: NDArray[np.float64]
    values: NDArray[np.float64]
    role: Role
    direction: Direction | None
    axis: Axis
    stem: tuple[str, ...]  # what is measured, without split and cadence

    @property
    def is_accuracy(self) -> bool:
        """Whether an accuracy is measured, by its name."""
        return bool(ACCURACY_WORDS & set(self.stem))

    @property
    def label(self) -> str:
        """How the series is named to people: `train/epoch_loss`."""
        return label(self.split, self.tag)

    @property
    def lost_from(self) -> int | None:
        """The point after the last finite one; None where the series ends finite, or is empty."""
        if not len(self.values) or np.isfinite(self.values[-1]):
            return None
        finite = np.flatnonzero(np.isfinite(self.values))
        return int(finite[-1]) + 1 if len(finite) else 0

    def at(self, places: NDArray[np.int64]) -> Series:
        """The same series with only the points at these places."""
        return replace(
            self,
            steps=self.steps[places],
            wall_times=self.wall_times[places],
            values=self.values[places],
        )

    def __len__(self) -> int:
        return len(self.values)


def steps_back(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """The points whose step lies before that of the point before them."""
    return np.asarray(np.flatnonzero(np.diff(steps) < 0) + 1)


def taken_up_again(series: Series) -> NDArray[np.int64]:
    """The points whose step goes back, or is written a second time after a long pause.

    Steps that are also repeated without a pause say nothing by being repeated.
    """
    waited = np.diff(series.wall_times)
    again = np.diff(series.steps) == 0
    if again.any() and np.isfinite(waited).all():
        long = waited > max(LONG_WAIT * float(np.median(waited)), LEAST_WAIT)
        if not (again & ~long).any():
            return np.asarray(np.flatnonzero((np.diff(series.steps) < 0) | again) + 1)
    return steps_back(series.steps)
