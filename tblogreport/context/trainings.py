"""Several trainings in one log: the steps begin again, and so does the loss.

A loop over folds or settings that keeps its writer does this, and so does a second training
with the log directory of the first. A resumed run goes on from a checkpoint instead: its loss
goes on, too, where the steps are counted anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tblogreport.context.series import LOSSES, Series, steps_back
from tblogreport.reading.run import Run

# The loss at either end of a training is the median of so many points, and each has as many.
_POINTS = 3
# A training that begins anew gives up this share of what the one before had gained. That is
# itself this share of the loss that it began with, or more, and was kept over its later half
# by this share of the points: noise and swings gain and lose as much all the time.
_GIVEN_UP = 0.5
_GAINED = 0.2
_KEPT = 0.9

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Trainings:
    """How many trainings a log holds, and from when on it is the last one (wall time)."""

    count: int
    since: float

    def last(self, run: Run) -> Run:
        """The run with what the last training wrote alone."""

        def later(frame: pd.DataFrame) -> pd.DataFrame:
            return frame[frame["wall_time"] > self.since].reset_index(drop=True)

        return replace(run, scalars=later(run.scalars), histograms=later(run.histograms))


def find_trainings(run: Run, series: Iterable[Series]) -> Trainings | None:
    """The trainings of a log, where it holds more than one."""
    for loss in series:
        if loss.role in LOSSES and _begins_anew(loss):
            count = len(begins(loss.steps)) + 1
            since = _end_of_the_last_but_one(run, count)
            return Trainings(count, since) if since is not None else None
    return None


def begins(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """The points at which steps go back to the first one, or before it."""
    back = steps_back(steps)
    return np.asarray(back[steps[back] <= steps[0]]) if len(back) else back


def _begins_anew(loss: Series) -> bool:
    """Whether all steps that go back go to the first, and the loss with them to its start."""
    at = begins(loss.steps)
    if not len(at) or len(at) != len(steps_back(loss.steps)):
        return False
    parts = np.split(loss.values, at)
    if min(len(part) for part in parts) < _POINTS:
        return False
    gains = [_gain(part) for part in parts[:-1]]
    return any(gain > 0 for gain in gains) and all(
        _start(after) - _end(before) >= _GIVEN_UP * gain
        for before, after, gain in zip(parts[:-1], parts[1:], gains, strict=True)
        if gain > 0
    )


def _start(values: FloatArray) -> float:
    return float(np.median(values[:_POINTS]))


def _end(values: FloatArray) -> float:
    return float(np.median(values[-_POINTS:]))


def _gain(values: FloatArray) -> float:
    """By how much a training brought its loss down and kept it there; 0 where it did not.

    One that ends with NaN did not.
    """
    gain = _start(values) - _end(values)
    later = values[len(values) // 2 :]
    kept = float(np.mean(later <= _start(values) - _GIVEN_UP * gain))
    return gain if gain >= _GAINED * abs(_start(values)) and kept >= _KEPT else 0.0


def _end_of_the_last_but_one(run: Run, count: int) -> float | None:
    """The last wall time before the last training; None where the two overlap.

    Every tag whose steps begin again as often as the loss's tells of it.
    """
    ends, starts = [], []
    for times, steps in _tags(run.scalars, run.histograms):
        at = begins(steps)
        if len(at) == count - 1:
            ends.append(float(times[at[-1] - 1]))
            starts.append(float(times[at[-1]]))
    return max(ends) if ends and max(ends) < min(starts) else None


def _tags(
    *frames: pd.DataFrame,
) -> Iterator[tuple[FloatArray, NDArray[np.int64]]]:
    """The wall times and the steps of each tag."""
    for frame in frames:
        for _, rows in frame.groupby(["split", "tag"], sort=False, observed=True):
            yield rows["wall_time"].to_numpy(), rows["step"].to_numpy()
