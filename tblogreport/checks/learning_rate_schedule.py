"""A learning rate that is next to nothing long before the end, or that rises and harms.

What it looks for
-----------------
A logged learning rate that stays at 1 % of its peak or below for the last fifth of the run
or more, while the loss was still falling when the rate ran out (a tenth of its fall came in
the last quarter of what the rate allowed, or in the later half of the time before the cut)
and stood still from then on; or that did so for half of the run while the loss never moved
again. And a loss that leaves its best level for good where the rate jumps up, or in the first
fifth of a schedule that begins at its peak and comes down, without a warm-up; or one that turns
while the rate climbs to its peak, and rises with it by a fifth and five times its noise.
And a rate that climbs to the last point, as a warm-up does that is longer than the run: a note,
and a warning where the loss fell by less than 30 % and the log says that the run had ended.

Why it matters
--------------
With a rate of nearly zero nothing is learned: the rest of the run only costs. It happens
when a schedule was made for fewer steps than the run has.

How to fix
----------
Give the schedule the length of the run; count in the unit it expects (steps or epochs);
put a floor under the decay.

When it is wrong
----------------
A rate that is cut because nothing improved any more looks the same once the loss is at its
floor: where the loss had levelled off before, or a metric is good, it is only a note.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import judged_loss
from tblogreport.checks.rate_rises import began_at_peak, climbed, jumped, unfinished
from tblogreport.context.schedule import SPENT, Schedule
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series, reduce_together
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.places import place_of

MIN_POINTS = 8
# The share of the run over which the rate must be spent, and where that alone is enough.
SPENT_SHARE = 0.2
SPENT_HALF = 0.5
# Of the fall until the rate was spent, what its last quarter (by the sum of rates) brought.
STILL_FALLING = 0.1
# Points at which a rate between two cuts was logged, all the same.
HELD = 3
# What the loss may still fall after that, as a share of its fall before.
MOVES_AFTER = 0.1
# A score that a longer schedule would hardly have raised.
GOOD_ENOUGH = 0.95


@check
def learning_rate_schedule(signals: Signals) -> Sequence[Finding]:
    """Fire once: on a rate that ran out, else on one that rose too high."""
    schedule = signals.context.schedule
    if schedule is None or len(schedule.rates) < MIN_POINTS:
        raise NotCheckable(
            "no learning rate was logged at 8 points or more; Keras logs it by itself "
            "(`TensorBoard(log_dir)`), PyTorch `add_scalar('lr', scheduler.get_last_lr()[0], step)`"
        )
    curve = judged_loss(signals)
    found = (
        _ran_out(signals, schedule, curve)
        or jumped(signals, schedule, curve)
        or began_at_peak(signals, schedule, curve)
        or climbed(signals, schedule, curve)
        or unfinished(signals, schedule, curve)
    )
    return [found] if found else []


def _ran_out(signals: Signals, schedule: Schedule, curve: CurveSignal) -> Finding | None:
    point = 1.0 / len(schedule.rates)
    if schedule.spent_share - point <= SPENT_SHARE or signals.divergence is not None:
        return None
    at = float(schedule.wall_times[schedule.spent_from])
    after = curve.values[curve.wall_times > at]
    before = curve.values[curve.wall_times <= at]
    if len(after) < 3 or not len(before):
        return None
    quarter = max(1, len(after) // 4)
    fall = float(before[0] - np.median(after))
    moved = float(np.median(after[:quarter]) - np.median(after[-quarter:]))
    stands = moved <= max(MOVES_AFTER * fall, 3 * curve.noise / np.sqrt(quarter))
    cut = _last_cut(schedule)
    late = (
        _late_share(schedule, curve, at) if cut is None else _share_before_cut(schedule, curve, cut)
    )
    starved = late is not None and late >= STILL_FALLING
    if not stands or not (starved or (late is None and schedule.spent_share >= SPENT_HALF)):
        return None
    return _ran_out_finding(signals, schedule, curve, late)


def _last_cut(schedule: Schedule) -> int | None:
    """The cut before the one that left next to nothing, where the rate was held in between.

    The point 0 where there is no other; None for a decay, which may look like a cut where the
    rate was logged rarely.
    """
    cuts = (0, *(cut for cut in schedule.cuts if cut < schedule.spent_from))
    held = schedule.rates[cuts[-1] : schedule.spent_from]
    steps = schedule.spent_from in schedule.cuts and len(held) >= HELD
    return cuts[-1] if steps and np.ptp(held) == 0 else None


def _share_before_cut(schedule: Schedule, curve: CurveSignal, cut: int) -> float | None:
    """What the later half of the time at the last rate brought of the fall until the cut.

    A cut lets the loss fall at once: that is what it is for, and a fall that is over by the
    next one lacks nothing. None where too few points were logged in between.
    """
    begin, end = schedule.wall_times[cut], schedule.wall_times[schedule.spent_from]
    later = curve.values[(curve.wall_times >= (begin + end) / 2) & (curve.wall_times < end)]
    half = len(later) // 2
    if half < 2:
        return None
    fall = 2.0 * float(np.median(later[:half]) - np.median(later[half:]))
    noise = 2.0 * curve.noise * float(np.sqrt(2.0 / half))
    whole = curve.start - float(np.median(later[half:]))
    return min(1.0, fall / whole) if fall > 3 * noise and whole > 0 else 0.0


def _late_share(schedule: Schedule, curve: CurveSignal, at: float) -> float | None:
    """What the last quarter of the sum of rates brought of the fall until wall time `at`.

    None where too few points were logged before, or where noise hides the answer.
    """
    before = curve.wall_times <= at
    values, times = curve.values[before], curve.wall_times[before]
    if len(values) < 2 * MIN_POINTS:
        return None
    inside = schedule.wall_times <= at
    spent = np.cumsum(schedule.rates[inside])
    progress = np.interp(times, schedule.wall_times[inside], spent / spent[-1])
    level = [
        float(np.median(values[part]))
        for part in (progress <= 0.1, (progress > 0.6) & (progress <= 0.85), progress > 0.9)
        if part.any()
    ]
    if len(level) < 3 or level[0] <= level[2]:
        return None
    noise = curve.noise * float(np.sqrt(2.0 / max(int((progress > 0.9).sum()), 1)))
    late, whole = level[1] - level[2], level[0] - level[2]
    if late > 3 * noise:
        return late / whole
    return 0.0 if STILL_FALLING * whole > 3 * noise else None


def _ran_out_finding(
    signals: Signals, schedule: Schedule, curve: CurveSignal, late: float | None
) -> Finding:
    step, last = schedule.step_at(schedule.spent_from), int(schedule.series.steps[-1])
    spent, end = (place_of(schedule.series, at) for at in (step, last))
    share = schedule.spent_share
    good = signals.best_score is not None and signals.best_score >= GOOD_ENOUGH
    falling = (
        f", though it had been falling until then: the last updates before had brought "
        f"{percent(late)} of its fall"
        if late
        else ""
    )
    return Finding(
        check="learning-rate-schedule",
        severity=Severity.INFO if good else Severity.WARNING,
        confidence=0.9 if late else 0.8,
        title=f"The learning rate is next to nothing from {spent} on",
        message=f"`{schedule.series.label}` fell from its peak of {number(schedule.peak)} to "
        f"{percent(SPENT)} of it by {spent} and stayed there for {percent(share)} of "
        f"the run; `{curve.series.label}` stood still from there on{falling}.",
        why="With a learning rate of nearly zero nothing is learned: the rest of the run only "
        "cost time.",
        fixes=(
            f"Make the schedule as long as the run, which ended at {end}: "
            "Keras `CosineDecay(rate, decay_steps=epochs * steps_per_epoch)`, PyTorch "
            "`CosineAnnealingLR(optimizer, T_max=…)` in the unit in which `scheduler.step()` is "
            "called.",
            f"Or put a floor under it: Keras `CosineDecay(…, alpha=0.05)`, PyTorch "
            f"`CosineAnnealingLR(…, eta_min={number(0.05 * schedule.peak, 2)})`.",
            f"Or stop at {spent}: nothing came after it.",
        ),
        tags=(schedule.series.label, curve.series.label),
        steps=(step, last),
        measured={"spent_share": share, **({"late_share": late} if late is not None else {})},
        thresholds={"spent_share": SPENT_SHARE, "rate_of_peak": SPENT, "late_share": STILL_FALLING},
        evidence=(
            CurveChart(
                title="The loss stands still once the learning rate is spent",
                curves=reduce_together(signals, curve.series, schedule.series),
                marks=(Mark("rate spent", step, last),),
                y_label="loss",
            ),
            CurveChart(
                title="How the learning rate ran out",
                curves=(reduce_series(signals.curve(schedule.series)),),
                y_label="learning rate",
            ),
        ),
    )
