"""Findings of `learning-rate-schedule` on rates that rise too high, by a jump or a climb."""

from __future__ import annotations

import numpy as np

from tblogreport.context.schedule import Schedule
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import integer, number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_together
from tblogreport.signals.climb import RISE_SHARE, Climb, measure_climb
from tblogreport.signals.curve import CurveSignal

# How far, as a share of the run, a divergence may begin after a jump of the rate.
_NEAR = 0.05
# A loss that is back after this share of the run was held up, and no more.
_SHORT = 0.10


def jumped(signals: Signals, schedule: Schedule, curve: CurveSignal) -> Finding | None:
    """A divergence that begins where the rate jumps up."""
    lost = signals.divergence
    if lost is None or not schedule.restarts:
        return None
    left = float(curve.wall_times[np.searchsorted(curve.steps, lost.left_step)])
    near = _NEAR * float(np.ptp(curve.wall_times))
    jumps = [i for i in schedule.restarts if -near <= left - schedule.wall_times[i] <= near]
    if not jumps:
        return None
    step = schedule.step_at(jumps[0])
    to, before = float(schedule.rates[jumps[0]]), float(schedule.rates[jumps[0] - 1])
    return Finding(
        check="learning-rate-schedule",
        severity=Severity.WARNING,
        confidence=0.85,
        title=f"The loss leaves its best level where the learning rate jumps, at step {step}",
        message=f"`{schedule.series.label}` jumps from {number(before)} to {number(to)} at step "
        f"{integer(step)}, and from step {integer(lost.left_step)} on `{curve.series.label}` "
        f"stays above {number(lost.limit)}, after {number(lost.best)}.",
        why="A rate that suits fresh weights may be too high for those that a low one has settled.",
        fixes=(
            f"Restart at a lower peak, {number(to / 3, 2)} for instance, or rise to it over a few "
            "hundred steps.",
            f"Keep the checkpoint near step {integer(lost.best_step)}.",
        ),
        tags=(schedule.series.label, curve.series.label),
        steps=(step, int(curve.steps[-1])),
        measured={"rate_before": before, "rate_after": to},
        thresholds={},
        evidence=(
            CurveChart(
                title="The loss rises where the learning rate jumps",
                curves=reduce_together(signals, curve.series, schedule.series),
                marks=(Mark("rate jumps", step, step),),
                y_label="loss",
            ),
        ),
    )


def climbed(signals: Signals, schedule: Schedule, curve: CurveSignal) -> Finding | None:
    """A loss that turns while the rate climbs, and rises with it."""
    climb = measure_climb(curve, schedule)
    if climb is None:
        return None
    short = climb.lasted <= _SHORT
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
            f"Keep the checkpoint near step {integer(climb.best_step)}, where the loss turned.",
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


def _climb_in_words(schedule: Schedule, curve: CurveSignal, climb: Climb) -> str:
    return (
        f"`{curve.series.label}` had come down to {number(climb.best)} by step "
        f"{integer(climb.best_step)}, at a rate of {number(climb.rate_at_best)}. While "
        f"`{schedule.series.label}` climbed on to {number(climb.peak)} (step "
        f"{integer(climb.peak_step)}) it rose to {number(climb.level)}, and was not back for "
        f"{percent(climb.lasted)} of the run."
    )
