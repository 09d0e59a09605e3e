"""The gradient norm jumps far above its level at single moments.

What it looks for
-----------------
Points of the logged norm of the whole gradient that reach five times the level before them
or more, beyond eight robust deviations and beyond the tails of its noise; the first
twentieth of the run, its warm-up, is left out. It is a warning where the loss jumped with
them, was lost soon after, or where the run did badly; otherwise a note.

Why it matters
--------------
An optimiser takes a step as long as the gradient tells it: one that is ten times too long
can undo what a thousand good ones did, and leaves Adam's averages wrong for long.

How to fix
----------
Clip the gradient norm near the 90th percentile of what was logged; look at the batches of
those steps; warm the learning rate up; where half of the steps are clipped, lower the rate.

When it is wrong
----------------
A norm that is logged before clipping may jump without any harm: then the step was short all
the same. Recurrent networks and small batches have heavy tails, which are allowed for.

Example
-------
`train/grad_norm` lies at 0.8 for 900 steps, is 41 at step 901, and back at 0.9 at step 903,
while the loss jumps from 1.2 to 3.0: 51 times its level.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.clipping import clip_advice
from tblogreport.checks.jumps import (
    MOST_SHARE,
    detailed_train_loss,
    loss_jumps,
    lost_at,
    together,
)
from tblogreport.checks.needs import points_of
from tblogreport.context.kind import Kind
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import integer, number, times
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.places import place_of, places_of
from tblogreport.signals.spikes import MIN_POINTS, SIGMAS, Spike

FACTOR = 5.0
WARM_UP_SHARE = 0.05
# How long, as a share of the run, after a spike the loss may be lost because of it.
SOON = 0.02
_MARKED = 3


@check
def gradient_spikes(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the norm of the whole gradient."""
    series = signals.context.gradient_norm
    if series is None:
        raise NotCheckable(
            "no norm of the whole gradient was logged; log it at every step (PyTorch "
            "`add_scalar('grad_norm', clip_grad_norm_(model.parameters(), float('inf')), step)`)"
        )
    curve = signals.curve(series)
    if len(curve) < MIN_POINTS:
        raise NotCheckable(
            f"`{series.label}` has {points_of(curve)} and the check needs {MIN_POINTS}; log it "
            "at every step or every few"
        )
    begin = WARM_UP_SHARE * len(curve)
    spikes = [
        spike
        for spike in signals.spikes(series)
        if spike.level > 0 and spike.factor >= FACTOR and spike.first >= begin
    ]
    share = sum(spike.half for spike in spikes) / len(curve)
    if not spikes or share > MOST_SHARE:
        return []
    return [_finding(signals, curve, spikes, share)]


def _harm(signals: Signals, curve: CurveSignal, spikes: Sequence[Spike]) -> str:
    """What the spikes did to the run, as a sentence; empty where nothing is known."""
    if signals.context.kind != Kind.SUPERVISED:
        return ""
    loss = detailed_train_loss(signals)
    if loss is not None and len(loss):
        lost = lost_at(signals, loss)
        soon = SOON * float(np.ptp(curve.wall_times))
        begun = [float(curve.wall_times[spike.first]) for spike in spikes]
        if lost is not None and any(lost - soon <= time <= lost for time in begun):
            return "The loss was lost right after."
        jumps = loss_jumps(signals, loss)
        if jumps is not None and jumps.serious:
            count = together(curve, spikes, loss, jumps.spikes)
            if count:
                where = "there" if len(spikes) == 1 else f"at {integer(count)} of them"
                return f"`{loss.series.label}` jumped {where} as well."
    return "The run did badly." if signals.bad_outcome else ""


def _finding(
    signals: Signals, curve: CurveSignal, spikes: Sequence[Spike], share: float
) -> Finding:
    largest = max(spikes, key=lambda spike: spike.factor)
    harm = _harm(signals, curve, spikes)
    label, count = curve.series.label, len(spikes)
    highest = sorted(sorted(spikes, key=lambda s: -s.factor)[:_MARKED], key=lambda s: s.first)
    places = places_of(curve.series, [spike.step for spike in highest])
    which = "" if count == 1 else ", furthest"
    return Finding(
        check="gradient-spikes",
        severity=Severity.WARNING if harm else Severity.INFO,
        confidence=0.9 if harm else 0.7,
        title=f"The gradient norm jumped {times(count)}, to {number(largest.factor, 2)} times its "
        "level" + (" at worst" if count > 1 else ""),
        message=f"`{label}` jumped {times(count)} far above its level{which} at "
        f"{place_of(curve.series, largest.step)}, from {number(largest.level)} to "
        f"{number(largest.value)}. " + (harm or "The loss shows no harm that goes with it."),
        why="A step is as long as the gradient tells: one that is many times too long undoes what "
        "many good ones did.",
        fixes=(
            clip_advice(signals),
            f"Look at the batch{'es' * (len(highest) > 1)} of {places}: values out of "
            "range, wrong labels, very long sequences.",
            "Warm the learning rate up over the first few hundred steps, and where more than half "
            "of the steps are clipped lower it three- to tenfold.",
        ),
        tags=(label,),
        steps=(spikes[0].step, spikes[-1].step),
        measured={
            "spikes": count,
            "largest_factor": largest.factor,
            "largest_in_noise": largest.sigmas,
            "level": largest.level,
            "peak_step": largest.step,
            "share_of_points": share,
        },
        thresholds={
            "largest_factor": FACTOR,
            "largest_in_noise": SIGMAS,
            "share_of_points": MOST_SHARE,
        },
        references=(
            "Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks "
            "(2013)",
        ),
        evidence=(
            CurveChart(
                title="The gradient norm jumps far above its level",
                curves=(reduce_series(curve),),
                marks=tuple(Mark("jump", s.step, s.step) for s in highest)
                if curve.increasing
                else (),
                y_label="gradient norm",
            ),
        ),
    )
