"""When things were written: how fast a run went, where it paused, where it was resumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.series import LONG_WAIT, Series, taken_up_again
from tblogreport.reading.run import Run
from tblogreport.signals.curve import CurveSignal, FloatArray, block_bounds, noise_of

# What reading notes where a run was resumed.
RESTARTS = frozenset({"restart", "superseded-points"})
# Steps that go back more often than this count something else: batches of an epoch, rollouts.
MOST_RESTARTS = 3
# A restart takes longer than this many of the usual intervals between two writes.
_RESTART_INTERVALS = 3.0
# A jump of the loss over a pause: the points before it, so many seconds at least, as many times
# the next longest (evaluations recur), and by how many times the noise and what share of its
# level the loss must be higher after it.
MIN_FOR_JUMP = 12
_BEFORE = 5
_JUMP_WAIT = 300.0
_ALONE = 3.0
_JUMP_SIGMAS, _JUMP_SHARE = 4.0, 0.03
# Points closer together than this share of the usual interval were written at once.
_AT_ONCE = 0.01


@dataclass(frozen=True)
class Pause:
    """A time in which nothing was written. Wall times in seconds."""

    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.end - self.begin

    def overlaps(self, other: Pause) -> bool:
        """Whether the two share any time."""
        return self.begin < other.end and other.begin < self.end


@dataclass(frozen=True, eq=False)
class Pace:
    """The times at which one series was written: n ticks, and n - 1 intervals between them."""

    ticks: FloatArray  # wall times, in order; points that were written at once are one tick
    points: NDArray[np.int64]  # the last point of each tick
    steps: FloatArray  # how many steps each interval took, or how many points
    in_steps: bool  # which of the two: points where the steps do not increase

    @property
    def duration(self) -> float:
        """Seconds from the first tick to the last."""
        return float(self.ticks[-1] - self.ticks[0])

    @cached_property
    def intervals(self) -> FloatArray:
        """Seconds from each tick to the next."""
        return np.asarray(np.diff(self.ticks))

    @cached_property
    def seconds_a_step(self) -> FloatArray:
        """How long a step took, in each interval."""
        return np.asarray(self.intervals / self.steps)

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """Where blocks of two intervals or more begin, with the end: at most 20 blocks."""
        return block_bounds(len(self.intervals), min(20, len(self.intervals) // 2))

    @cached_property
    def blocks(self) -> FloatArray:
        """How long a step took in each block, typically: single pauses do not count."""
        return np.array([np.median(self.seconds_a_step[a:b]) for a, b in pairwise(self.bounds)])


def pace_of(series: Series) -> Pace | None:
    """The pace of a series, in the order written; None where its times do not tell.

    Clocks that were set back stand still here until they have caught up.
    """
    times = series.wall_times.astype(np.float64)
    if len(times) < 4 or not np.isfinite(times).all() or times.min() <= 0:
        return None
    times = np.maximum.accumulate(times)
    intervals = np.diff(times)
    usual = float(np.sum(np.sort(intervals)[:-2])) / (len(intervals) - 2)  # without two stalls
    if usual <= 0:
        return None
    last = np.append(np.flatnonzero(intervals > _AT_ONCE * usual), len(times) - 1)
    steps = np.diff(series.steps[last].astype(np.float64))
    in_steps = len(steps) > 0 and bool(steps.min() > 0)
    counted = steps if in_steps else np.diff(last).astype(np.float64)
    return Pace(times[last], last, counted, in_steps)


def wall_times(run: Run) -> FloatArray:
    """The wall time of every scalar and histogram, in no order; without what is no time."""
    times = np.concatenate([run.scalars["wall_time"], run.histograms["wall_time"]])
    times = times.astype(np.float64)
    return np.asarray(times[np.isfinite(times) & (times > 0)])


def written_at(run: Run) -> FloatArray:
    """All wall times at which a scalar or a histogram was written, each once, in order."""
    return np.unique(wall_times(run))


def longest_pause(run: Run) -> Pause | None:
    """The longest time in which nothing was written; None with fewer than two wall times."""
    times = written_at(run)
    if len(times) < 2:
        return None
    at = int(np.argmax(np.diff(times)))
    return Pause(float(times[at]), float(times[at + 1]))


def resumption(run: Run, series: Series | None = None) -> Pause | None:
    """The time between the last record before a restart and the first after it, in one series.

    Reading notes which steps were written again; where each tag counts its own steps, the
    series that waited longest at that step, for its usual intervals, is the one it speaks of.
    Without such a note the steps of `series` tell, where they go back a few times. None where
    nothing does. Of several restarts it is one.
    """
    notes = [note for note in run.notes if note.kind in RESTARTS]
    if not notes:
        return _step_back(series) if series is not None else None
    steps = next((note.steps for note in notes if note.steps is not None), None)
    if steps is not None and (found := list(_waits_at(run, steps[0]))):
        return max(found, key=lambda wait: wait[0])[1]
    pause = longest_pause(run)
    usual = float(np.median(np.diff(written_at(run)))) if pause is not None else 0.0
    return pause if pause is not None and pause.seconds > _RESTART_INTERVALS * usual else None


def _step_back(series: Series) -> Pause | None:
    """The longest time before a point at which the run was taken up again."""
    back, times = taken_up_again(series), series.wall_times
    if not 0 < len(back) <= MOST_RESTARTS or not np.isfinite(times).all():
        return None
    pauses = [Pause(float(times[at - 1]), float(times[at])) for at in back]
    return max(pauses, key=lambda pause: pause.seconds)


def jump_at_pause(curve: CurveSignal) -> Pause | None:
    """The longest pause of a loss, where the loss jumps up over it as it does nowhere else.

    A machine that stands still leaves the weights as they are. A run that was stopped and taken
    up again, without its optimiser or its place in the data, loses something.
    """
    values, times = curve.values, curve.wall_times
    waited = np.diff(times)
    if len(waited) < MIN_FOR_JUMP or not np.isfinite(waited).all():
        return None
    at = int(np.argmax(waited)) + 1
    usual = float(np.median(waited))
    alone = _ALONE * float(np.partition(waited, -2)[-2])
    if waited[at - 1] < max(LONG_WAIT * usual, _JUMP_WAIT, alone):
        return None
    if not _BEFORE <= at <= len(values) - 3:
        return None
    noise = noise_of(values[max(0, at - 50) : at])
    level = float(np.median(values[at - _BEFORE : at]))
    rise = float(np.mean(values[at : at + 2])) - level
    others = np.delete(np.diff(values), at - 1)[max(0, at - 1 - len(waited) // 4) :]
    jumps = rise > max(_JUMP_SIGMAS * noise, _JUMP_SHARE * curve.size_of(level))
    lone = values[at] - values[at - 1] > others.max()
    return Pause(float(times[at - 1]), float(times[at])) if jumps and lone else None


def _waits_at(run: Run, step: int) -> Iterator[tuple[float, Pause]]:
    """How long each series waited for its first point from a step on, in usual intervals."""
    for _, series in run.scalars.groupby(["split", "tag"], sort=False, observed=True):
        steps, times = series["step"].to_numpy(), series["wall_time"].to_numpy()
        at = int(np.argmax(steps >= step)) if len(steps) and steps.max() >= step else 0
        if at > 0 and np.isfinite(times).all():
            usual = float(np.median(np.diff(times)))
            pause = Pause(float(times[at - 1]), float(times[at]))
            yield pause.seconds / max(usual, 1e-3), pause
