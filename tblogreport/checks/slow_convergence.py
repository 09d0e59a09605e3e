"""The loss falls in a line to the very end, and hardly at all.

What it looks for
-----------------
A loss that falls at nearly every one of 20 block medians (Kendall's tau below -0.9), that
lost in the last quarter of the run at least three quarters of what a straight line would
and in the second half three fifths of what it lost in the first, and that yet came down by
less than a fifth of where it started (less than 0.45 of it where the last quarter lost nine
tenths of what the line would, and the second half four fifths of the first), with the validation
loss, where there is one, in step. With a sign from elsewhere that the steps were short, milder
limits do: weights that hardly moved, an update ratio below 1/10 000, a learning rate of 3e-5 or
below, an accuracy that is still near chance.

Why it matters
--------------
The run spends its time on a slope that a larger step would have descended in its first
tenth; what is left at the end says nothing of what the model can do.

How to fix
----------
Raise the learning rate three- to tenfold, or look for the right one with a range test;
see that no warm-up or decay keeps it low.

When it is wrong
----------------
A run that was stopped early falls to its end as well, but it bends: it lost most of what
it lost in the first half, and that is `still-improving`. Fine-tuning starts near its floor
and goes slowly on purpose; a metric that is good, or gained half of what it lacked at
first, keeps the check silent.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.base import check
from tblogreport.checks.needs import judged_loss
from tblogreport.findings import CurveChart, Finding, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_together
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.places import place_of
from tblogreport.signals.success import GOOD_SCORE

MIN_POINTS = 10
TREND_TAU = -0.9
LEAST_FALL = 0.02
# What the last quarter brought, over what a straight line would have; the fall of the second half
# over that of the first, of which a line gives 1; and the most that the loss may have fallen.
PLAIN = (0.75, 0.6, 0.2)
# … of a loss that falls as straight as can be,
STRAIGHT = (0.9, 0.8, 0.45)
# … and where the network or the rate says the same.
SUPPORTED = (0.45, 0.4, 0.5)
# What falls ever faster has only begun.
GATHERS_SPEED = 3.0
# Kernels that moved by less of their spread in the whole run, and updates of less a step.
HARDLY_MOVED = 0.1
# A score that gained so much of what it lacked at first has learned.
SCORE_GAIN = 0.5
SHORT_UPDATE = 1e-4
TINY_RATE = 3e-5


@check
def slow_convergence(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the loss by which the run is judged."""
    judged_loss(signals, MIN_POINTS)
    curve = signals.learning_curve
    if curve is None or signals.divergence is not None or signals.learned_nothing:
        return []
    if curve.series.lost_from is not None or signals.held_out_lags:
        return []
    if curve.trend[0] > TREND_TAU or _shape(curve)[0] < STRAIGHT[2]:
        curve = _clearer(signals, curve)
    fall, late, halves = _shape(curve)
    tau, p_value = curve.trend
    good = signals.best_score is not None and signals.best_score >= GOOD_SCORE
    good = good or signals.score_gain > SCORE_GAIN
    if tau > TREND_TAU or p_value > 1e-4 or fall < LEAST_FALL or good:
        return []
    signs = _signs(signals)
    if halves > GATHERS_SPEED and not signs:
        return []
    for limits in (SUPPORTED,) if signs else (PLAIN, STRAIGHT):
        if late >= limits[0] and halves >= limits[1] and fall <= limits[2]:
            return [_finding(signals, curve, signs, limits, fall, late, halves)]
    return []


def _clearer(signals: Signals, curve: CurveSignal) -> CurveSignal:
    """The loss, or that of validation where it falls in step and with less noise."""
    held_out = signals.context.validation_loss
    if not signals.held_out_follows or held_out is None:
        return curve
    other = signals.curve(held_out)
    if len(other) < MIN_POINTS or other.trend[0] > TREND_TAU:
        return curve
    return other if _noise(other) < _noise(curve) else curve


def _noise(curve: CurveSignal) -> float:
    """The noise as a share of the whole fall."""
    return curve.noise / max(curve.start - curve.best, 1e-300)


def _shape(curve: CurveSignal) -> tuple[float, float, float]:
    """The fall as a share of the start, and how straight it is: late, and by halves."""
    blocks = curve.blocks
    n = len(blocks)
    whole, first = blocks[0] - blocks[-1], blocks[0] - blocks[n // 2]
    level = curve.size_of(blocks[0])
    if whole <= 0 or first <= 0 or level == 0:
        return 0.0, 0.0, 0.0
    quarter = max(1, n // 4)
    late = float(blocks[-1 - quarter] - blocks[-1]) / whole * (n - 1) / quarter
    return float(whole / level), late, float(blocks[n // 2] - blocks[-1]) / first


def _signs(signals: Signals) -> tuple[str, ...]:
    """What says, apart from the loss, that the steps were too short."""
    found = []
    farthest = max(signals.kernel_movements, default=0.0)
    if 0 < farthest < HARDLY_MOVED:
        found.append(
            f"no kernel moved by more than {percent(farthest)} of its spread in the whole run"
        )
    longest = max(signals.update_ratios, default=None)
    if longest is not None and longest < SHORT_UPDATE:
        found.append(f"a step moves no kernel by more than {number(longest, 2)} of its norm")
    rate = signals.highest_learning_rate
    if rate is not None and rate <= TINY_RATE:
        found.append(f"the learning rate never exceeds {number(rate)}")
    if signals.metric is not None and signals.near_chance:
        found.append(f"`{signals.metric.label}` is still near chance")
    return tuple(found)


def _finding(
    signals: Signals,
    curve: CurveSignal,
    signs: tuple[str, ...],
    limits: tuple[float, float, float],
    fall: float,
    late: float,
    halves: float,
) -> Finding:
    label = curve.series.label
    rate, last = signals.highest_learning_rate, int(curve.steps[-1])
    order = " threefold, then tenfold"
    if rate is not None:
        order = f" from {number(rate)} to {number(3 * rate, 2)}, then to {number(10 * rate, 2)}"
    support = f" Besides, {'; '.join(signs)}." if signs else ""
    return Finding(
        check="slow-convergence",
        severity=Severity.WARNING,
        confidence=min(0.95, 0.75 + 0.1 * len(signs)),
        title="The loss still falls in a line when the run ends",
        message=f"`{label}` came down from {number(curve.start)} to {number(curve.tail)}, by "
        f"{percent(fall)}, all but evenly: the last quarter of the run brought {percent(late)} of "
        f"what a straight line would, and it ends at {place_of(curve.series, last)} without "
        f"levelling off.{support}",
        why="A larger step would have come here in a fraction of the time; the run ended before "
        "it could show what the model is able to do.",
        fixes=(
            f"Raise the learning rate{order}, and keep "
            "the largest at which the loss still falls steadily over the first tenth of the run.",
            "Or look for it with a range test: Lightning `Tuner(trainer).lr_find(model)`, Keras a "
            "`LearningRateScheduler` that doubles it every few steps.",
            "See that no warm-up or decay keeps it low for the whole run.",
        ),
        tags=(label,),
        steps=(int(curve.steps[0]), last),
        measured={
            "fall": fall,
            "late_share": late,
            "second_half_over_first": halves,
            "trend_tau": curve.trend[0],
        },
        thresholds={
            "fall": limits[2],
            "late_share": limits[0],
            "second_half_over_first": limits[1],
            "trend_tau": TREND_TAU,
        },
        references=("Smith: Cyclical Learning Rates for Training Neural Networks (2017)",),
        evidence=(
            CurveChart(
                title="The loss falls in a line to the end",
                curves=reduce_together(signals, curve.series, signals.context.validation_loss),
                y_label="loss",
            ),
        ),
    )
