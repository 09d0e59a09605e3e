"""More training would have helped: the loss had not levelled off.

What it looks for
-----------------
The validation loss where there is one, else the train loss: a power law a + b·t^(−c), or a
decay a + b·e^(−rt), fitted to its block medians, describes it far better than a constant does
(by 6 or more in the corrected Akaike criterion), and even the fit that promises least lowers the
loss by another 3 % of its level, and by more than its noise, if the run were twice as long. Of a
run of 4 to 7 evaluations, each is better than the one before, and the last by 3 %. Where
the learning rate was taken down to a tenth of its peak or less, the run has ended as planned.

Why it matters
--------------
A run that is compared with others, or whose weights are to be used, was stopped before it
had shown what it can do. Nothing is wrong with it.

How to fix
----------
Train longer, from the last checkpoint where the schedule allows; a decaying learning rate
must be given the new length.

When it is wrong
----------------
A forecast is no promise: the next cut of the learning rate, or overfitting, changes the
curve. A run that was stopped on purpose, for a trial, needs no more steps.

Example
-------
A loss of 2.1, 1.6, 1.35, 1.2, 1.1, 1.03 at the end of each sixth of the run: going on as it
falls, it would come down by another twentieth to tenth in as many steps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import MIN_POINTS, judged_loss
from tblogreport.findings import CurveChart, Finding, Severity
from tblogreport.numbers import integer, number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_together
from tblogreport.signals.curve import CurveSignal, kendall
from tblogreport.signals.forecast import Forecast, forecast
from tblogreport.signals.places import place_of
from tblogreport.signals.turn import measure_turn

# AICc by which a decay must beat a constant.
ADVANTAGE = 6.0
GAIN = 0.03
# A rate that ends at this share of its peak has been decayed: what the forecast extends is over.
SPENT_RATE = 0.1
# A fit that ends this many times above the loss does not describe it.
MISFIT = 1.5
# Of a few points each must be the best so far, and the last by this share of the one before.
FEWEST = 4
STEEP = 0.03
# Trend of the later half.
TREND_P = 0.01


@check
def still_improving(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the validation loss if there is one; always a note."""
    short = _short(signals)
    if short is not None:
        return short
    curve = _judged(signals, 12)
    lost = curve.series.lost_from is not None or signals.divergence is not None
    if lost or signals.learned_nothing or _has_ended(signals):
        return []
    found = forecast(curve)
    if found is None:
        raise NotCheckable(
            f"`{curve.series.label}` has too few blocks of points for a forecast; log every epoch, "
            f"or more often ({MIN_POINTS} points are not enough)"
        )
    level = curve.size_of(found.level)
    least = max(GAIN * level, 2 * curve.block_noise)
    tau, p_value = kendall(curve.blocks[len(curve.blocks) // 2 :])
    if found.advantage < ADVANTAGE or found.low < least or tau > -0.6 or p_value > TREND_P:
        return []
    misfit = curve.values.min() > 0 and found.level > MISFIT * max(curve.tail, 0.0)
    return [] if misfit or _turned(curve) else [_finding(signals, curve, found, level)]


def _judged(signals: Signals, points: int) -> CurveSignal:
    """The validation loss where it has so many points, else the loss that is judged."""
    curve = judged_loss(signals, points=points)
    held_out = signals.context.validation_loss
    known = held_out is not None and len(signals.curve(held_out)) >= points
    return signals.curve(held_out) if held_out is not None and known else curve


def _short(signals: Signals) -> Sequence[Finding] | None:
    """What a few points say, each better than the one before, the last by much; None if nothing."""
    curve = _judged(signals, FEWEST)
    if len(curve) >= MIN_POINTS or curve.series.lost_from is not None or _has_ended(signals):
        return None
    falls = -np.diff(curve.values)
    level = curve.size_of(float(curve.values[-2]))
    if falls.min() <= 0 or level <= 0 or falls[-1] < STEEP * level:
        return None
    return [_still_steep(signals, curve, float(falls[-1]), float(falls[-1] / level))]


def _still_steep(signals: Signals, curve: CurveSignal, fall: float, share: float) -> Finding:
    label, last = curve.series.label, int(curve.steps[-1])
    end = place_of(curve.series, last)
    return Finding(
        check="still-improving",
        severity=Severity.INFO,
        confidence=0.8,
        title="The loss was falling fast when the run ended",
        message=f"`{label}` fell at each of its {integer(len(curve))} points, at the last one by "
        f"another {number(fall, 2)} ({percent(share)}), to {number(curve.tail)}.",
        why="The run was stopped before it had shown what the model can do.",
        fixes=(f"Train for two or three times as long, from the checkpoint of {end}.",),
        tags=(label,),
        steps=(int(curve.steps[0]), last),
        measured={"last_fall": share, "points": len(curve)},
        thresholds={"last_fall": STEEP, "points": FEWEST},
        evidence=(
            CurveChart(
                title="The loss was still falling fast",
                curves=reduce_together(signals, curve.series, signals.context.train_loss),
                y_label="loss",
            ),
        ),
    )


def _has_ended(signals: Signals) -> bool:
    """Whether the learning rate was taken down to next to nothing: the run was to end here."""
    schedule = signals.context.schedule
    return schedule is not None and float(schedule.rates[-1]) <= SPENT_RATE * schedule.peak


def _between(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _turned(curve: CurveSignal) -> bool:
    """Whether the loss ends above its smoothed minimum: then more of the same does not help."""
    turn = measure_turn(curve)
    return turn.remaining > 0.1 and turn.sigmas > 2.0


def _finding(signals: Signals, curve: CurveSignal, found: Forecast, level: float) -> Finding:
    label, last = curve.series.label, int(curve.steps[-1])
    first = int(curve.steps[0])
    end, goal = (place_of(curve.series, step) for step in (last, 2 * last - first))
    return Finding(
        check="still-improving",
        severity=Severity.INFO,
        confidence=0.7,
        title="The loss had not levelled off when the run ended",
        message=f"`{label}` was at {number(curve.tail)} and falling at {end}. Going "
        f"on as the decays that describe it, it would fall by another "
        f"{_between(number(found.low, 2), number(found.high, 2))} "
        f"({_between(percent(found.low / level), percent(found.high / level))}) until {goal}.",
        why="The run was stopped before it had shown what the model can do.",
        fixes=(
            f"Train until about {goal}, from the last checkpoint.",
            "Give a decaying learning rate the new length: Keras `CosineDecay(rate, decay_steps=…)`"
            ", PyTorch `CosineAnnealingLR(optimizer, T_max=…)`.",
        ),
        tags=(label,),
        steps=(first, last),
        measured={
            "gain_least": found.low / level,
            "gain_most": found.high / level,
            "advantage": found.advantage,
        },
        thresholds={"gain_least": GAIN, "advantage": ADVANTAGE},
        references=(
            "Hestness et al.: Deep Learning Scaling is Predictable, Empirically (2017)",
            "Hurvich, Tsai: Regression and time series model selection in small samples (1989)",
        ),
        evidence=(
            CurveChart(
                title="The loss is still falling at the end",
                curves=reduce_together(signals, curve.series, signals.context.train_loss),
                y_label="loss",
            ),
        ),
    )
