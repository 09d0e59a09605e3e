"""Findings of `learning-rate-schedule` on rates that rise too high, by a jump or a climb."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tblogreport.context.kind import Kind
from tblogreport.context.schedule import Schedule, ScheduleKind
from tblogreport.context.series import Role
from tblogreport.findings import Curve, CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series, reduce_together
from tblogreport.signals.climb import RISE_SHARE, Climb, measure_climb
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.places import place_of

# How far, as a share of the run, a divergence may begin after a jump of the rate.
_NEAR = 0.05
# A loss that is back after this share of the run was held up, and no more.
_SHORT = 0.10
# A loss that ends at this share of where it turned, or below, made up for it: one long cycle.
_MADE_UP = 0.5
# A loss jumps where the medians of so many points lie apart by so many times its level and by this
# share of what it had gained, and is back where this share of the rise is left.
_LEVEL = 3
_STEEP = 3.0  # times the rate before, as no warm-up rises from point to point
_MOST_JUMPS = 100  # a rate that jumps more often follows no schedule
_JOLT = 2.0
_JOLT_OF_PROGRESS = 0.25
_BACK = 0.25
# A rate begins at its peak; a loss that is lost in this share of the run is so at once.
_AT_PEAK = 0.9
_EARLY = 0.2
# A rate climbs to the end where it rises at this share of its points, from this share of its
# last value; and a loss that fell by less than this has not got far.
_CLIMBING = 0.9
_BEGINS_LOW = 0.5
_LITTLE = 0.3


def jumped(signals: Signals, schedule: Schedule, curve: CurveSignal) -> Finding | None:
    """A divergence, or a jump that takes long to come back from, where the rate jumps up."""
    lost = signals.divergence
    if lost is None:
        return _jolted(schedule, curve)
    if not schedule.restarts:
        return None
    left = float(curve.wall_times[np.searchsorted(curve.steps, lost.left_step)])
    near = _NEAR * float(np.ptp(curve.wall_times))
    jumps = [i for i in schedule.restarts if -near <= left - schedule.wall_times[i] <= near]
    if not jumps:
        return None
    to = float(schedule.rates[jumps[0]])
    return _at_jump(
        schedule,
        curve,
        jumps[0],
        title="The loss leaves its best level where the learning rate jumps, at "
        f"{place_of(schedule.series, schedule.step_at(jumps[0]))}",
        then=f"from {place_of(curve.series, lost.left_step)} on `{curve.series.label}` stays above "
        f"{number(lost.limit)}, after {number(lost.best)}.",
        fixes=(
            f"Restart at a lower peak, {number(to / 3, 2)} for instance, or rise to it over a few "
            "hundred steps.",
            f"Keep the checkpoint near {place_of(curve.series, lost.best_step)}.",
        ),
        curves=reduce_together(signals, curve.series, schedule.series),
    )


def _jolted(schedule: Schedule, curve: CurveSignal) -> Finding | None:
    """A loss that jumps where the rate does, and needs long to come back."""
    for at in _jumps(schedule):
        index = int(np.searchsorted(curve.wall_times, schedule.wall_times[at]))
        before = curve.values[max(0, index - _LEVEL) : index]
        after = curve.values[index + 1 : index + 1 + _LEVEL]
        if min(len(before), len(after)) < _LEVEL:
            continue
        level, top = float(np.median(before)), float(np.median(after))
        rise = top - level
        if rise < max(_JOLT * abs(level), _JOLT_OF_PROGRESS * (curve.start - level)):
            continue
        back = np.flatnonzero(curve.values[index + 1 :] <= level + _BACK * rise)
        lasted = (int(back[0]) if len(back) else len(curve) - index) / len(curve)
        if lasted >= _SHORT:
            return _jolt(schedule, curve, at, (level, top), lasted)
    return None


def _jumps(schedule: Schedule) -> list[int]:
    """The points at which the rate jumps up, from wherever it was; none of one that always does."""
    rates = schedule.rates
    steep = np.flatnonzero(rates[1:] >= _STEEP * rates[:-1]) + 1
    if len(steep) > _MOST_JUMPS:
        return []
    return sorted({*schedule.restarts, *(int(at) for at in steep if at > _LEVEL)})


def _jolt(
    schedule: Schedule, curve: CurveSignal, at: int, levels: tuple[float, float], lasted: float
) -> Finding:
    before, to = float(schedule.rates[at - 1]), float(schedule.rates[at])
    place = place_of(schedule.series, schedule.step_at(at))
    found = _at_jump(
        schedule,
        curve,
        at,
        title=f"The loss jumps where the learning rate does, at {place}",
        then=f"`{curve.series.label}` with it from {number(levels[0])} to {number(levels[1])}; it "
        f"took {percent(lasted)} of the run to come back.",
        fixes=(
            f"Keep the rate at {number(before)}, or rise to {number(to / 10, 2)} at most, over a "
            "few hundred steps.",
            f"Keep the checkpoint of {place}.",
        ),
        curves=(reduce_series(curve),),
    )
    measured = dict(found.measured) | {"lasted": lasted}
    return replace(found, measured=measured, thresholds={"lasted": _SHORT})


def _at_jump(
    schedule: Schedule,
    curve: CurveSignal,
    at: int,
    *,
    title: str,
    then: str,
    fixes: tuple[str, ...],
    curves: tuple[Curve, ...],
) -> Finding:
    """What is said of a loss that goes wrong at the point at which the rate jumps."""
    step = schedule.step_at(at)
    before, to = float(schedule.rates[at - 1]), float(schedule.rates[at])
    return Finding(
        check="learning-rate-schedule",
        severity=Severity.WARNING,
        confidence=0.85,
        title=title,
        message=f"`{schedule.series.label}` jumps from {number(before)} to {number(to)} at "
        f"{place_of(schedule.series, step)}, and {then}",
        why="A rate that suits fresh weights may be too high for those that a low one has settled.",
        fixes=fixes,
        tags=(schedule.series.label, curve.series.label),
        steps=(step, int(curve.steps[-1])),
        measured={"rate_before": before, "rate_after": to},
        thresholds={},
        evidence=(
            CurveChart(
                title="The loss rises where the learning rate jumps",
                curves=curves,
                marks=(Mark("rate jumps", step, step),),
                y_label="loss",
            ),
        ),
    )


def began_at_peak(signals: Signals, schedule: Schedule, curve: CurveSignal) -> Finding | None:
    """A divergence right at the start of a schedule that begins at its peak and comes down."""
    lost = signals.divergence
    coming_down = schedule.kind in {ScheduleKind.DECAY, ScheduleKind.STEPS}
    if lost is None or not coming_down or schedule.rates[0] < _AT_PEAK * schedule.peak:
        return None
    if curve.series.role != Role.TRAIN_LOSS or signals.context.kind != Kind.SUPERVISED:
        return None
    if int(np.searchsorted(curve.steps, lost.left_step)) > _EARLY * len(curve):
        return None
    first, peak = int(curve.steps[0]), schedule.peak
    return Finding(
        check="learning-rate-schedule",
        severity=Severity.WARNING,
        confidence=0.8,
        title="The learning rate begins at its peak, and the loss is lost at once",
        message=f"`{schedule.series.label}` begins at {number(float(schedule.rates[0]))}, its "
        f"highest, without a warm-up, and from {place_of(curve.series, lost.left_step)} on "
        f"`{curve.series.label}` stays above {number(lost.limit)}, after {number(lost.best)}.",
        why="Fresh weights have steep losses, and an optimiser's averages know nothing yet: the "
        "first steps at the full rate throw the weights where no later one brings them back.",
        fixes=(
            "Warm the rate up from zero over the first few hundred steps, to a peak of "
            f"{number(peak / 3, 2)} at first: PyTorch `torch.optim.lr_scheduler.LinearLR(optimizer,"
            " start_factor=0.01, total_iters=500)`, Keras "
            "`CosineDecay(…, warmup_target=rate, warmup_steps=500)`.",
        ),
        tags=(schedule.series.label, curve.series.label),
        steps=(first, lost.left_step),
        measured={"first_rate": float(schedule.rates[0]), "peak": peak},
        thresholds={"first_rate": _AT_PEAK * peak},
        evidence=(
            CurveChart(
                title="The loss leaves its best level at the first rates",
                curves=reduce_together(signals, curve.series, schedule.series),
                marks=(Mark("lost", first, lost.left_step),),
                y_label="loss",
            ),
        ),
    )


def climbed(signals: Signals, schedule: Schedule, curve: CurveSignal) -> Finding | None:
    """A loss that turns while the rate climbs, and rises with it."""
    climb = measure_climb(curve, schedule)
    if climb is None:
        return None
    best = place_of(curve.series, climb.best_step)
    short = climb.lasted <= _SHORT or curve.tail <= _MADE_UP * climb.best
    return Finding(
        check="learning-rate-schedule",
        severity=Severity.INFO if short else Severity.WARNING,
        confidence=0.85,
        title="The loss rises with the learning rate, from "
        f"{number(climb.rate_at_best, 2)} to {number(climb.peak, 2)}",
        message=_climb_in_words(schedule, curve, climb),
        why="The steps were too long from there on: what the loss gained before was lost, and "
        "came back only with a lower rate.",
        fixes=(
            f"Let the warm-up end at {number(climb.rate_at_best, 2)} or below.",
            f"Keep the checkpoint near {best}, where the loss turned.",
        ),
        tags=(schedule.series.label, curve.series.label),
        steps=(climb.best_step, climb.peak_step),
        measured={
            "rate_at_turn": climb.rate_at_best,
            "peak_rate": climb.peak,
            "rise": climb.level / climb.best - 1.0,
            "share_until_back": climb.lasted,
        },
        thresholds={"rise": RISE_SHARE},
        evidence=(
            CurveChart(
                title="The loss rises while the rate climbs",
                curves=reduce_together(signals, curve.series, schedule.series),
                marks=(Mark("turns", climb.best_step, climb.peak_step),),
                y_label="loss",
            ),
        ),
    )


def unfinished(signals: Signals, schedule: Schedule, curve: CurveSignal) -> Finding | None:
    """A warm-up that is longer than the run: the rate climbs to the last point."""
    rates, progress = schedule.rates, signals.progress
    climbs = float(np.mean(np.diff(rates) > 0)) >= _CLIMBING
    if not climbs or rates[-1] < schedule.peak or rates[0] > _BEGINS_LOW * schedule.peak:
        return None
    if progress is None:
        return None
    little, drop = progress.relative_drop < _LITTLE, progress.relative_drop
    ended = signals.context.has_ended  # a log that is still written may have its peak to come
    harmed = ended and little and not signals.metric_succeeded and signals.divergence is None
    step, last = int(curve.steps[0]), int(curve.steps[-1])
    return Finding(
        check="learning-rate-schedule",
        severity=Severity.WARNING if harmed else Severity.INFO,
        confidence=0.8,
        title="The learning rate was still climbing when the run ended",
        message=f"`{schedule.series.label}` climbs from {number(float(rates[0]))} to "
        f"{number(schedule.peak)} at its end, {place_of(curve.series, last)}: the warm-up is "
        f"longer than the run. `{curve.series.label}` {'fell' if drop >= 0 else 'rose'} by "
        f"{percent(abs(drop))}.",
        why="The rate that was meant is never reached, and the part of the schedule in which a "
        "model settles never comes.",
        fixes=(
            "Make the warm-up a share of the run, a twentieth or a tenth: Hugging Face "
            "`warmup_ratio=0.05` instead of `warmup_steps`, PyTorch "
            f"`LinearLR(optimizer, total_iters={max(1, (last - step) // 20)})`.",
            "Or train for longer, if the run was cut short.",
        ),
        tags=(schedule.series.label, curve.series.label),
        steps=(step, last),
        measured={"climbs_to": schedule.peak, "relative_drop": drop},
        thresholds={"relative_drop": _LITTLE},
        evidence=(
            CurveChart(
                title="The rate climbs to the end",
                curves=(reduce_series(signals.curve(schedule.series)),),
                y_label="learning rate",
            ),
        ),
    )


def _climb_in_words(schedule: Schedule, curve: CurveSignal, climb: Climb) -> str:
    best, peak = (place_of(curve.series, step) for step in (climb.best_step, climb.peak_step))
    return (
        f"`{curve.series.label}` had come down to {number(climb.best)} by {best}, at a rate of "
        f"{number(climb.rate_at_best)}. While `{schedule.series.label}` climbed on to "
        f"{number(climb.peak)} ({peak}) it rose to {number(climb.level)}, and was not back for "
        f"{percent(climb.lasted)} of the run."
    )
