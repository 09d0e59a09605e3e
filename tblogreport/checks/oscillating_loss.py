"""The loss goes up and down without settling.

What it looks for
-----------------
After the first third of the run and less its trend: a swing (10th to 90th
percentile) that is large against the level of the loss and against all progress
made, in a loss that is not solved, and that is more than noise. More than noise
means that values alternate (lag-1 autocorrelation below -0.35), or that averaging
over many points does not remove the swing, or that the same rise and fall comes again
and again, or that the points are averages over an epoch already, where batch noise is
gone. Else the validation loss, if it swings by a quarter of its level and half of its
progress, and a metric with it: averages over an epoch hide what the weights do, and the
validation set is the same each time.

Why it matters
--------------
Steps that are too long jump across the valley that they should descend into; the
loss stays at the height of the jumps and the best weights are a matter of luck.

How to fix
----------
Lower the learning rate three- to tenfold, or let it decay; warm it up; clip the
gradient norm; use a larger batch.

When it is wrong
----------------
Noise of small batches is not oscillation and does not fire. A cyclic learning rate
makes the loss swing on purpose; a data set read in a fixed order makes it repeat, which is
known where it repeats from one evaluation to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.clipping import clip_advice, wall_time_at
from tblogreport.checks.needs import judged_loss
from tblogreport.context.schedule import ScheduleKind
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number, share_of
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_together
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.places import place_of, stretch_of
from tblogreport.signals.swing import Swing

MIN_POINTS = 12
# Swing against the level of the loss.
RELATIVE_SWING = 0.15
# … and without alternation, where size must tell it from noise and from a bumpy descent.
RELATIVE_SWING_OF_AVERAGES = 0.25
# Swing against all progress since the start.
SHARE_OF_PROGRESS = 0.33
# … of a validation loss, which averages over an epoch do not calm.
SHARE_HELD_OUT = 0.5
# How far its metric (0 to 1) must swing with it.
SCORE_SWING = 0.04
# Swing against what the trend still gains over the same part of the run.
SWING_OVER_TREND = 1.0
ALTERNATION = -0.35
# How much more than independent noise chunk means must spread.
EXCESS = 2.5
# Excursions over many points: a single hump is no oscillation.
WANDERING = 0.3
MIN_CYCLES = 3
# One way down is no swing.
MIN_RISES = 1
# How far up again a validation loss must go, in parts of its swing.
COMES_BACK = 0.5
# An order of the data does harm where the score is poor and the loss swings by its whole level.
POOR_SCORE = 0.6
WHOLE_LEVEL = 1.0
# Error rather than warning from here on.
LARGE_SWING = 0.30


@check
def oscillating_loss(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the loss by which the run is judged."""
    curve = judged_loss(signals, MIN_POINTS)
    if signals.divergence is not None:
        return []
    if not curve.increasing:
        raise NotCheckable("the steps go back and forth, so that there is no order to judge by")
    schedule = signals.context.schedule
    if schedule is not None and schedule.kind == ScheduleKind.CYCLIC:
        raise NotCheckable("the learning rate goes up and down itself, which explains a swing")
    if signals.begins_anew is not None:
        raise NotCheckable(signals.begins_anew)
    found = _of_train(signals, curve)
    if found is not None and signals.follows_the_data:
        return [_order_of_data(signals, found)]
    found = found or _of_held_out(signals)
    return [_finding(signals, found)] if found is not None else []


@dataclass(frozen=True)
class _Oscillation:
    """A swing that is more than noise, and of which loss."""

    curve: CurveSignal
    swing: Swing
    amplitude: float
    words: str  # in what way it is more than noise

    @property
    def relative(self) -> float:
        """The amplitude as a share of the level that the loss swings about."""
        return self.amplitude / max(self.curve.size_of(self.swing.level), 1e-300)

    @property
    def height(self) -> float:
        """How far the loss began above that level, in its own unit; below 0 where it rose."""
        return self.curve.start - self.swing.level


def _of_train(signals: Signals, curve: CurveSignal) -> _Oscillation | None:
    """The swing of the loss by which the run is judged."""
    swing = signals.swing
    pattern = _pattern(signals, curve, swing) if swing is not None else None
    if swing is None or pattern is None:
        return None
    words, amplitude = pattern
    found = _Oscillation(curve, swing, amplitude, words)
    least = RELATIVE_SWING if swing.lag1 < ALTERNATION else RELATIVE_SWING_OF_AVERAGES
    of_progress = max(SHARE_OF_PROGRESS * found.height, SWING_OVER_TREND * swing.progress)
    return None if found.relative < least or amplitude < of_progress else found


def _of_held_out(signals: Signals) -> _Oscillation | None:
    """The swing of a validation loss and of its metric, which the same samples make each time."""
    series, swing = signals.context.validation_loss, signals.held_out_swing
    score = signals.score_swing
    if series is None or swing is None or score is None or len(series) < MIN_POINTS:
        return None
    if signals.held_out_examples is not None or not _comes_back(signals.curve(series), swing):
        return None  # a dozen samples swing by themselves, and one late fall is no swing
    words = f"`{_label_of(signals)}` swings with it by {number(score.amplitude, 2)}"
    found = _Oscillation(signals.curve(series), swing, swing.amplitude, words)
    of_progress = max(SHARE_HELD_OUT * found.height, SWING_OVER_TREND * abs(swing.progress))
    if found.relative < RELATIVE_SWING_OF_AVERAGES or found.amplitude < of_progress:
        return None
    return found if score.amplitude >= SCORE_SWING else None


def _comes_back(curve: CurveSignal, swing: Swing) -> bool:
    """Whether the loss also goes up by half of its swing, where it was measured."""
    values = curve.values[(curve.steps >= swing.first_step) & (curve.steps <= swing.last_step)]
    rise = np.max(values - np.minimum.accumulate(values), initial=0.0)
    return bool(rise >= COMES_BACK * swing.amplitude)


def _order_of_data(signals: Signals, found: _Oscillation) -> Finding:
    """What is said of a loss that repeats with every epoch: a note, where it learns even so."""
    score = signals.best_score
    poor = score is not None and score < POOR_SCORE
    curve, swing = found.curve, found.swing
    label = f"`{curve.series.label}`"
    return Finding(
        check="oscillating-loss",
        severity=Severity.WARNING if poor and found.relative > WHOLE_LEVEL else Severity.INFO,
        confidence=0.85,
        title="The loss repeats with every epoch: the data come in one order",
        message=f"{label} swings by {number(found.amplitude)} "
        f"({share_of(found.relative, 'its level')}), and does so alike between one evaluation and "
        "the next.",
        why="A model that sees one kind of example for a while unlearns the others: its steps lead "
        "to and fro, and the loss of single batches says nothing of its progress.",
        fixes=(
            "Shuffle the examples anew for each epoch: PyTorch `DataLoader(…, shuffle=True)`, "
            "tf.data `.shuffle(n, reshuffle_each_iteration=True)`.",
            "Where files hold one class each, read several at a time and mix them.",
        ),
        tags=(curve.series.label,),
        steps=(swing.first_step, swing.last_step),
        measured={"swing": found.amplitude, "swing_of_level": found.relative, "repeats": "yes"},
        thresholds={"swing_of_level": WHOLE_LEVEL},
        evidence=(
            CurveChart(
                title="The loss repeats with every epoch",
                curves=reduce_together(signals, curve.series, signals.context.validation_loss),
                y_label="loss",
            ),
        ),
    )


def _label_of(signals: Signals) -> str:
    metric = signals.context.validation_metric
    return metric.label if metric is not None else ""


def _pattern(signals: Signals, curve: CurveSignal, swing: Swing) -> tuple[str, float] | None:
    """In what way the swing is more than noise, and its height; None when it may be noise."""
    significance = 2.5 / np.sqrt(swing.points)
    if swing.lag1 < min(ALTERNATION, -significance):
        return "values alternate between high and low", swing.amplitude
    if swing.cycles >= MIN_CYCLES and swing.excess > EXCESS:
        return "averaging over many points does not remove the swing", swing.excursion
    if swing.cycles >= MIN_CYCLES and swing.lag1 > max(WANDERING, 1.5 * significance):
        return "it goes up for many points, then down again", swing.amplitude
    if swing.repeats:
        return "the same rise and fall comes again and again", swing.amplitude
    if signals.averaged(curve.series) and swing.cycles >= MIN_RISES:
        return "averages over whole epochs swing as widely", swing.amplitude
    return None


def _finding(signals: Signals, found: _Oscillation) -> Finding:
    curve, swing, amplitude = found.curve, found.swing, found.amplitude
    label = curve.series.label
    period = stretch_of(curve.series, swing.period)
    every = "" if np.isnan(swing.period) else f" about every {period}"
    relative = found.relative
    return Finding(
        check="oscillating-loss",
        severity=Severity.ERROR if relative >= LARGE_SWING else Severity.WARNING,
        confidence=0.9 if swing.lag1 < ALTERNATION or swing.excess > 2 * EXCESS else 0.8,
        title="The loss goes up and down without settling",
        message=f"From {place_of(curve.series, swing.first_step)} on `{label}` swings by "
        f"{number(amplitude)} ({share_of(relative, 'its level')}){every}, "
        f"while its trend moved by {number(-swing.progress)}; {found.words}.",
        why=_why(signals),
        fixes=_fixes(signals, wall_time_at(curve.series, swing.first_step)),
        tags=(label,),
        steps=(swing.first_step, swing.last_step),
        measured={
            name: value
            for name, value in {
                "swing": amplitude,
                "swing_of_level": relative,
                "swing_of_progress": amplitude / found.height if found.height > 0 else float("inf"),
                "lag1_autocorrelation": swing.lag1,
                "spread_over_noise": swing.excess,
                "period": swing.period,
            }.items()
            if not np.isnan(value)  # too few points, or too few cycles, to be measured
        },
        thresholds={
            "swing_of_level": RELATIVE_SWING,
            "swing_of_progress": SHARE_OF_PROGRESS,
            "lag1_autocorrelation": ALTERNATION,
            "spread_over_noise": EXCESS,
        },
        references=("LeCun, Bottou, Orr, Müller: Efficient BackProp (1998), section 5",),
        evidence=(
            CurveChart(
                title="The loss swings without settling",
                curves=reduce_together(signals, curve.series, signals.context.validation_loss),
                marks=(Mark("swing measured here", swing.first_step, swing.last_step),),
                y_label="loss",
            ),
        ),
    )


def _why(signals: Signals) -> str:
    if signals.held_out_is_calm:
        return (
            "The validation loss does not swing with it: single batches do, or steps that are too "
            "long for them."
        )
    return (
        "Steps that are too long jump across the valley that they should descend into: the loss "
        "stays at the height of the jumps."
    )


def _fixes(signals: Signals, began: float) -> tuple[str, ...]:
    rate = (
        f"Lower the learning rate{_suggested_rate(signals)}, and see whether the swing shrinks "
        "within the first tenth of the run."
    )
    batches = (
        "Look at the batches whose loss is high, as the validation loss falls calmly: scale, "
        "missing values, labels."
    )
    return (
        *((batches,) if signals.held_out_is_calm else ()),
        rate,
        "Let it decay: Keras `keras.optimizers.schedules.CosineDecay(rate, steps)`, PyTorch "
        "`torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)`.",
        clip_advice(signals, began),
        "Use a larger batch if the rate must stay.",
    )


def _suggested_rate(signals: Signals) -> str:
    current = signals.highest_learning_rate
    if current is None:
        return " three- to tenfold"
    return f" from {number(current)} to {number(current / 10, 2)} or below"
