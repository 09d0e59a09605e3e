"""The validation loss turned and rises while the train loss falls.

What it looks for
-----------------
The smoothed minimum of the validation loss lies at least a tenth of the run before
its end; from there it rose by more than 5 % of its level, by more than 5 % of the
progress made and by more than three times the noise, with a significant trend
(Kendall), or with a clear trend over a third of the run, to 15 % above, or a trend at all
to twice the minimum; and the train loss went on falling meanwhile. Or, where the validation loss
says nothing, a validation score that fell by 0.05 from its best, beyond its noise and steadily,
while the train loss fell by a tenth. A gap between the two losses alone is not overfitting.

Why it matters
--------------
From the turning point on the model memorises its training examples: each further
epoch makes it worse on new data, however good the train loss looks.

How to fix
----------
Keep the checkpoint of the best step; stop early; regularise (dropout, weight decay,
augmentation); get more data; use a smaller model.

When it is wrong
----------------
A classifier may grow overconfident while its accuracy still rises: then the
validation loss rises, but the model gets no worse at its task, and the finding is
only a warning. Small validation sets make noisy curves; noise is allowed for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.base import check
from tblogreport.checks.lost_score import score_has_turned
from tblogreport.checks.needs import MIN_POINTS, train_loss, validation_loss
from tblogreport.context.words import Direction
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_together
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.places import place_of, unit_of
from tblogreport.signals.turn import Turn, jump_for_good, measure_turn

MIN_REMAINING = 0.10
REBOUND_SHARE = 0.05
PROGRESS_SHARE = 0.05
SIGMAS = 3.0
TREND_P = 0.02
# A climb that noise does not let stand out from point to point: over so much of the run, by
# so much, and with so clear a trend.
CLIMB_REMAINING = 0.3
CLIMB_SHARE = 0.15
CLIMB_TAU = 0.5
# … or to twice its minimum, by a trend that swings may blur more.
DOUBLED = 1.0
DOUBLED_TAU = 0.3
CLIMB_P = 0.005
# … and one that needs no share of the progress.
PLAIN_SHARE, PLAIN_TAU = 0.10, 0.8
# From this rebound on it is an error, unless the metric held.
LARGE_REBOUND = 0.25
# What the train loss must still lose after the turn, and the points that must show it.
TRAIN_FALL = 0.02
MIN_TRAIN_POINTS = 3
# Points before the turn, whose median the train loss must end below.
_BEFORE = 10


_HOLD_AGAINST = (
    "Hold the inputs and labels of validation against those of training before anything else."
)


@check
def overfitting(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the validation loss."""
    train = train_loss(signals, MIN_TRAIN_POINTS)
    validation = validation_loss(signals)
    turn = measure_turn(validation)
    if (
        turn.remaining < MIN_REMAINING
        or turn.relative < REBOUND_SHARE
        or not (turn.share_of_progress >= PROGRESS_SHARE or _plainly(turn))
        or not (_stands_out(turn) or _climbs(turn))
    ):
        return score_has_turned(signals, train)
    fall = train_fall(train, validation, turn)
    if fall < TRAIN_FALL or (len(train) < MIN_POINTS and turn.relative < LARGE_REBOUND):
        return []  # few points of a train loss do not show well that it went on falling
    return [_finding(signals, train, validation, turn, fall)]


def _stands_out(turn: Turn) -> bool:
    """Whether it rose beyond noise, and steadily or so far that a trend need not be shown.

    The minimum is the best of many noisy points: some rebound follows by selection alone.
    """
    steadily = turn.tau > 0 and turn.p_value < TREND_P
    return turn.sigmas >= SIGMAS and (steadily or turn.sigmas > 3 * SIGMAS)


def _plainly(turn: Turn) -> bool:
    """Whether it rose by much and steadily, however little that is of a fall that went far."""
    return turn.relative >= PLAIN_SHARE and turn.sigmas > 10 * SIGMAS and turn.tau > PLAIN_TAU


def _climbs(turn: Turn) -> bool:
    """Whether a noisy curve climbs over a large part of the run: the trend shows it better."""
    far = turn.relative >= CLIMB_SHARE and turn.remaining >= CLIMB_REMAINING
    steep = turn.tau > CLIMB_TAU and turn.sigmas >= 1.25
    doubled = turn.relative >= DOUBLED and turn.tau > DOUBLED_TAU and turn.sigmas >= 2.0
    return far and (steep or doubled) and turn.p_value < CLIMB_P


def train_fall(train: CurveSignal, validation: CurveSignal, turn: Turn) -> float:
    """How far the train loss fell after the turn, as a share of its level there.

    The turn is looked up by wall time: train and validation may count other steps.
    """
    then = float(validation.wall_times[turn.index])
    after = train.wall_times >= then
    if not 2 <= int(after.sum()) < len(train):  # all written at once: go by the share of the run
        after = train.fraction >= float(validation.fraction[turn.index])
    inside = np.flatnonzero(after)
    if len(inside) < 2:
        return 0.0
    level = float(train.smooth[inside[0]])
    before = train.values[max(0, inside[0] - _BEFORE) : inside[0]]
    if len(before) and train.tail > float(np.median(before)):
        return 0.0  # a jump ahead lifts the smooth level
    fall = level - train.tail
    size = train.size_of(level)
    return fall / size if size > 0 else 0.0


def _metric_held(signals: Signals, turn: Turn) -> bool | None:
    """Whether the validation metric ended no worse than at the turn; None where not logged."""
    series = signals.context.validation_metric
    if series is None or series.direction is None:
        return None
    metric = signals.curve(series)
    if len(metric) < 4:
        return None
    sign = 1.0 if series.direction == Direction.HIGHER else -1.0
    at_turn = metric.smooth[min(len(metric) - 1, round((1 - turn.remaining) * (len(metric) - 1)))]
    loss = sign * (float(at_turn) - metric.tail)
    return loss <= max(2 * metric.block_noise, 0.01 * abs(float(at_turn)))


def _risen_by(turn: Turn) -> str:
    """The rise as a share of the lowest value, which only a loss above zero has."""
    if turn.lowest <= 0:
        return ""
    return f", by {percent(turn.tail / turn.lowest - 1.0)}"


def _place(validation: CurveSignal, point: int) -> str:
    return place_of(validation.series, validation.step_at(point))


def _reading(validation: CurveSignal, turn: Turn, jump: int | None) -> str:
    if jump is not None:
        return (
            f"it rose at once, between {_place(validation, jump - 1)} and "
            f"{_place(validation, jump)}, and stayed there. What is learned by heart shows bit by "
            "bit: the data of the evaluation may be other ones since."
        )
    if turn.index == 0:
        return "from its first value on, nothing that is learned holds for the validation data."
    return "the model is memorising."


def _finding(
    signals: Signals, train: CurveSignal, validation: CurveSignal, turn: Turn, fall: float
) -> Finding:
    best = place_of(validation.series, turn.step)
    jump = jump_for_good(validation, turn)
    held = _metric_held(signals, turn) if jump is None else None
    error = turn.relative >= LARGE_REBOUND and not held
    message = (
        f"`{validation.series.label}` has risen from {number(turn.lowest)} ({best}) "
        f"to {number(turn.tail)}{_risen_by(turn)}, while "
        f"`{train.series.label}` fell by {percent(fall)}: " + _reading(validation, turn, jump)
    )
    metric = signals.context.validation_metric
    if held and metric is not None and not signals.learned_by_heart:
        message += (
            f" `{metric.label}` did not get worse over the same {unit_of(validation.series)}s, so "
            "that this is growing overconfidence more than lost skill."
        )
    return Finding(
        check="overfitting",
        severity=Severity.ERROR if error else Severity.WARNING,
        confidence=0.95 if turn.sigmas > 3 * SIGMAS and turn.relative > 2 * REBOUND_SHARE else 0.8,
        title=f"The validation loss has risen since {best}"
        if jump is None
        else f"The validation loss rose at once by {_place(validation, jump)}",
        message=message,
        why="Every epoch after the turning point makes the model worse on new data, however good "
        "the train loss looks.",
        fixes=(
            *(() if turn.index and jump is None else (_HOLD_AGAINST,)),
            f"Keep the checkpoint of {best}, and stop early next time: Keras "
            "`EarlyStopping(patience=5, restore_best_weights=True)`, Lightning "
            "`EarlyStopping('val_loss', patience=5)`.",
            "Regularise: Keras `Dropout(0.3)` or `AdamW(weight_decay=1e-2)`, PyTorch "
            "`nn.Dropout(0.3)` or `AdamW(…, weight_decay=1e-2)`; augment the training data.",
            "Get more data, or use a smaller model.",
        ),
        tags=(validation.series.label, train.series.label),
        steps=(turn.step, int(validation.steps[-1])),
        measured={
            "best": turn.lowest,
            "best_step": turn.step,
            "turned_at": float(validation.fraction[turn.index]),
            "end": turn.tail,
            "rebound": turn.relative,
            "rebound_in_noise": turn.sigmas,
            "rebound_of_progress": turn.share_of_progress,
            "trend_p": turn.p_value,
            "train_fall_since": fall,
        }
        | ({"jumped_at": int(validation.steps[jump])} if jump is not None else {}),
        thresholds={
            "rebound": REBOUND_SHARE,
            "rebound_in_noise": SIGMAS,
            "rebound_of_progress": PROGRESS_SHARE,
            "trend_p": TREND_P,
            "train_fall_since": TRAIN_FALL,
        },
        references=("Prechelt: Early Stopping — But When? (1998)",),
        evidence=(
            CurveChart(
                title="Validation loss rises while train loss falls",
                curves=reduce_together(signals, validation.series, train.series),
                marks=(
                    Mark("best", turn.step, turn.step),
                    Mark("memorising", turn.step, float(validation.steps[-1])),
                ),
                y_label="loss",
            ),
        ),
    )
