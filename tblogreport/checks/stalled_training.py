"""Training stood still for long, or its steps began to take many times longer.

What it looks for
-----------------
In the wall times of the longest series, split by split as written, and in what the run itself
says that a step takes (`step_time`, `data_time`): one pause of ten usual intervals or more in
which nothing at all was written and which is a fifth of the whole time; two to five of them
after unequal numbers of steps, without an evaluation, that are two fifths of it together; or a
last part, a fifth of the run at least, in which every step takes four and a half times as long
as in the best part before it. Pauses that recur, such as a validation after every epoch, and
the time that a restart took are not counted, nor is what costs less than ten seconds.

Why it matters
--------------
The machine was paid for and did nothing, or a fraction of what it can do. Nothing of that
shows in the loss.

How to fix
----------
Look at what feeds the model (prefetching, workers, the disk), at checkpoints and evaluation,
at memory that is swapped, and at other jobs on the machine or a queue that stopped this one.

When it is wrong
----------------
A long evaluation or a change of the data (longer sequences, larger images) in the middle of
a run looks the same, and so does a notebook that was left alone and continued.

Example
-------
Ten seconds lie between two records for two hours, then four hours, then ten seconds again: the
machine slept, the disk was full, or the job waited in a queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.context.kind import Kind
from tblogreport.context.series import Role, Series
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.pauses import Pace, Pause, pace_of
from tblogreport.signals.places import place_of, unit_of
from tblogreport.signals.slowdown import (
    LAST_SHARE,
    MIN_LOST,
    SLOWER,
    Slowdown,
    slowdown_of,
    told_paces,
)
from tblogreport.signals.stages import near_a_change

MIN_POINTS = 20
# A pause: so many usual intervals, and this share of the whole time.
PAUSE_INTERVALS = 10.0
PAUSE_SHARE = 0.2
# Another that is this long, as a share of it, makes it one that recurs.
_ALIKE_SHARE = 1 / 3
# … but for a few that come irregularly and take this share together.
PAUSES_SHARE = 0.4
_MOST_PAUSES = 5
_BEGINNING = 0.05
# Pauses whose distances vary by less than this share of their mean are planned.
_REGULAR = 0.25
# Ticks that must lie before and after it: the end of a run may be written much later.
_ON_EITHER_SIDE = 3


@check
def stalled_training(signals: Signals) -> Sequence[Finding]:
    """Fire once: on the longest pause, else on steps that became slow."""
    told = [(series, slowdown_of(pace), pace) for series, pace in told_paces(signals.context)]
    slow = [_slow_finding(series, pace, found) for series, found, pace in told if found]
    series = max(signals.context.series, key=len, default=None)
    if series is None:
        raise NotCheckable("no scalars were logged; log the loss every step or every few")
    pace = pace_of(series)
    if pace is None or len(pace.ticks) < MIN_POINTS:
        if slow:
            return slow[:1]
        count = 0 if pace is None else len(pace.ticks)
        raise NotCheckable(
            f"`{series.label}` was written at {count} different times and the check needs "
            f"{MIN_POINTS}; log at every step or every few, with the time at which it happens"
        )
    pause = _pause(signals, pace)
    if pause is not None:
        return [_pause_finding(series, pace, pause)]
    slowdown = _unplanned(signals, pace)
    return [_slow_finding(series, pace, slowdown)] if slowdown is not None else slow[:1]


def _pause(signals: Signals, pace: Pace) -> Pause | None:
    """The longest pause of the run where it is a stall that no restart explains."""
    pause, resumed = signals.longest_pause, signals.resumption
    if pause is None or (resumed is not None and resumed.overlaps(pause)):
        return None
    before, after = np.sum(pace.ticks <= pause.begin), np.sum(pace.ticks >= pause.end)
    usual = float(np.median(pace.intervals))
    alike = int(np.sum(pace.intervals > _ALIKE_SHARE * pause.seconds))
    long = pause.seconds >= max(PAUSE_INTERVALS * usual, PAUSE_SHARE * pace.duration, MIN_LOST)
    inside = min(before, after) >= _ON_EITHER_SIDE
    if long and inside and alike <= 1:
        return pause
    return pause if _recurs_irregularly(signals, pace, usual) else None


def _unplanned(signals: Signals, pace: Pace) -> Slowdown | None:
    """Where steps became slow, and no stage of the task began.

    The episodes of an agent take longer as it learns to last.
    """
    found = slowdown_of(pace)
    if found is None or signals.context.kind == Kind.REINFORCEMENT:
        return None
    ticks = pace.ticks
    when = float(ticks[found.first])
    staged = near_a_change(signals.stage_changes, when, float(ticks[0]), float(ticks[-1]))
    return None if staged else found


def _recurs_irregularly(signals: Signals, pace: Pace, usual: float) -> bool:
    """Whether a few pauses that nothing plans took a large part of the time together.

    An evaluation or a checkpoint comes after equally many points each time, and an
    evaluation writes what it found.
    """
    long = np.flatnonzero(pace.intervals >= max(PAUSE_INTERVALS * usual, MIN_LOST))
    count = len(pace.intervals)
    begun = max(_ON_EITHER_SIDE, round(_BEGINNING * count))  # compiling, and filling caches
    long = long[(long >= begun) & (long < count - _ON_EITHER_SIDE)]
    if not 2 <= len(long) <= _MOST_PAUSES or signals.resumption is not None:
        return False
    if np.sum(pace.intervals[long]) < PAUSES_SHARE * pace.duration:
        return False
    apart = np.diff(np.concatenate([[0], long]))
    regular = float(np.std(apart)) < _REGULAR * float(np.mean(apart))
    ends = pace.ticks[long + 1]
    held_out = signals.context.validation_loss
    evaluated = held_out is not None and all(
        np.any(np.abs(held_out.wall_times - end) <= usual) for end in ends
    )
    return not regular and not evaluated


def _pause_finding(series: Series, pace: Pace, pause: Pause) -> Finding:
    before = int(series.steps[pace.points[np.sum(pace.ticks <= pause.begin) - 1]])
    after = int(series.steps[pace.points[np.sum(pace.ticks < pause.end)]])
    begun = place_of(series, before)
    usual, share = float(np.median(pace.intervals)), pause.seconds / pace.duration
    return _finding(
        series,
        pace,
        title=f"Training stood still for {_duration(pause.seconds)} after {begun}",
        message=f"Nothing was written for {_duration(pause.seconds)} between {begun} and "
        f"{place_of(series, after)} of `{series.label}`: {percent(share)} of the whole time. "
        f"Usually the next point came after {_duration(usual)}.",
        steps=(before, after),
        measured={
            "pause": pause.seconds,
            "pause_in_intervals": pause.seconds / usual,
            "share_of_time": share,
        },
        thresholds={
            "pause": MIN_LOST,
            "pause_in_intervals": PAUSE_INTERVALS,
            "share_of_time": PAUSE_SHARE,
        },
        first=(
            f"See what the machine did after {begun}: a queue that stopped the "
            "job, a checkpoint or an evaluation that hung, a full disk, a network that was away.",
            "Give the job its time limit and let it resume from its last checkpoint: Keras "
            "`BackupAndRestore('backup')`, PyTorch `torch.save` of model, optimiser and step "
            "every few minutes.",
        ),
    )


def _slow_finding(series: Series, pace: Pace, found: Slowdown) -> Finding:
    begin = int(series.steps[pace.points[found.first]])
    ratio = found.after / found.before
    place, unit = place_of(series, begin), _unit(series, pace)
    return _finding(
        series,
        pace,
        title=f"From {place} on every {unit} took {number(ratio, 2)} times as long",
        message=f"By `{series.label}`, each {unit} took {_duration(found.before)} at best until "
        f"{place}, and {_duration(found.after)} from there to the end: "
        f"{number(ratio, 2)} times as long. {_duration(found.lost)} were lost that way.",
        steps=(begin, int(series.steps[-1])),
        measured={
            "slower": ratio,
            "seconds_before": found.before,
            "seconds_after": found.after,
            "lost": found.lost,
            "share_of_run": 1 - found.first / len(pace.intervals),
        },
        thresholds={"slower": SLOWER, "lost": MIN_LOST, "share_of_run": LAST_SHARE},
        first=(
            f"See what changed on the machine near {place}: other jobs on it, a GPU "
            "that throttles (`nvidia-smi -q -d PERFORMANCE`), memory that is swapped (`free -h`).",
            "Look for lists that grow with every step: losses that are kept with their graph "
            "(PyTorch: keep `loss.item()`), a model or dataset that is built again every epoch.",
        ),
    )


def _finding(
    series: Series,
    pace: Pace,
    *,
    title: str,
    message: str,
    steps: tuple[int, int],
    measured: dict[str, float],
    thresholds: dict[str, float],
    first: tuple[str, ...],
) -> Finding:
    return Finding(
        check="stalled-training",
        severity=Severity.WARNING,
        confidence=0.8,
        title=title,
        message=message,
        why="The machine was paid for and did nothing, or a fraction of what it can do. Nothing "
        "of that shows in the loss.",
        fixes=(
            *first,
            "Feed the model ahead of time: TensorFlow `dataset.cache().prefetch(tf.data.AUTOTUNE)`,"
            " PyTorch `DataLoader(…, num_workers=4, pin_memory=True, persistent_workers=True)`.",
        ),
        tags=(series.label,),
        steps=steps,
        measured=measured,
        thresholds=thresholds,
        evidence=(_chart(series, pace, steps),),
    )


def _chart(series: Series, pace: Pace, steps: tuple[int, int]) -> CurveChart:
    """How long a step or an epoch took over the run."""
    unit = _unit(series, pace)
    times = replace(
        series,
        tag=f"seconds per {unit}",
        role=Role.THROUGHPUT,
        steps=series.steps[pace.points[1:]],
        wall_times=pace.ticks[1:],
        values=pace.seconds_a_step,
    )
    return CurveChart(
        title=f"How long each {unit} took",
        curves=(reduce_series(CurveSignal(times)),),
        marks=(Mark("slow", *map(float, steps)),) if pace.in_steps else (),
        y_label="seconds",
    )


def _unit(series: Series, pace: Pace) -> str:
    return unit_of(series) if pace.in_steps else "point"


def _duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{number(seconds / size, 2)} {unit}"
    return f"{number(seconds, 2)} seconds"
