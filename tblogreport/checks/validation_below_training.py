"""The validation loss lies far below the train loss, throughout.

What it looks for
-----------------
A validation loss that is below 60 % of the train loss in at least nine of ten evaluations
of the second half of the run, held against the train loss of the same moment and of the
next epoch: an epoch's mean lags half an epoch behind.

Why it matters
--------------
Held-out data are as hard as the training data. Where they are much easier, the two sets
are not of one kind, or samples of the training set are among them, and the validation
score promises more than the model will keep.

How to fix
----------
Look for samples that are in both sets, and how the split was made; evaluate the train set
in evaluation mode once, which settles whether dropout or augmentation explains it.

When it is wrong
----------------
Dropout, augmentation, label smoothing and regularisation terms raise the train loss alone,
noisy training labels as well: it is never more than a note, and where the model's config
names dropout it asks for a gap of two thirds.

Example
-------
`val_loss` of 0.11 beside a `loss` of 0.48 in every epoch: images of the same patients stand in
both sets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import MIN_POINTS, train_loss, validation_loss
from tblogreport.findings import CurveChart, Finding, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_together
from tblogreport.signals.curve import CurveSignal, FloatArray

RATIO = 0.6
RATIO_WITH_DROPOUT = 1 / 3
PERSISTENT = 0.9
_NOISING = ("Dropout", "GaussianNoise", "Random")  # Keras' layers that only training has


@check
def validation_below_training(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the two losses; always a note."""
    held_out = validation_loss(signals)
    train = train_loss(signals)
    if train.values.min() <= 0 or held_out.values.min() <= 0:
        raise NotCheckable("a loss that is zero or below has no ratio to another")
    if signals.divergence is not None or signals.learned_nothing:
        return []
    ratios = _ratios(train, held_out)
    if len(ratios) < MIN_POINTS // 2:
        raise NotCheckable("the second half of the run has fewer than 4 evaluations")
    limit = RATIO_WITH_DROPOUT if _noised(signals) else RATIO
    below = float(np.mean(ratios < limit))
    return [_finding(signals, train, held_out, ratios, limit)] if below >= PERSISTENT else []


def _ratios(train: CurveSignal, held_out: CurveSignal) -> FloatArray:
    """Validation over train loss at the evaluations of the second half: [n].

    The train loss is its smoothed value then or an epoch later, whichever is lower.
    """
    half = held_out.wall_times >= (held_out.wall_times[0] + held_out.wall_times[-1]) / 2
    times, values = held_out.wall_times[half], held_out.values[half]
    interval = float(np.median(np.diff(held_out.wall_times)))
    level = [np.interp(times + lag, train.wall_times, train.smooth) for lag in (0.0, interval)]
    return np.asarray(values / np.minimum(*level))


def _noised(signals: Signals) -> bool:
    """Whether the model's config names layers that make training harder than evaluation."""
    model = signals.context.model
    return model is not None and any(
        layer.kind.startswith(_NOISING) or layer.kind.endswith("Dropout") for layer in model.layers
    )


def _finding(
    signals: Signals,
    train: CurveSignal,
    held_out: CurveSignal,
    ratios: FloatArray,
    limit: float,
) -> Finding:
    typical = float(np.median(ratios))
    known = signals.context.model is not None and not _noised(signals)
    excluded = (
        " The model's config names no dropout that would explain it."
        if known
        else " Dropout, augmentation, mixing and smoothed labels, which training alone has, are "
        "the usual reasons, and harmless."
    )
    return Finding(
        check="validation-below-training",
        severity=Severity.INFO,
        confidence=0.7 if known else 0.5,
        title="The validation loss lies far below the train loss",
        message=f"In the second half of the run `{held_out.series.label}` is {percent(typical)} of "
        f"`{train.series.label}` ({number(held_out.tail)} against {number(train.tail)} at the "
        f"end).{excluded}",
        why="Where held-out data are much easier than the training data, the two sets are not of "
        "one kind, and the validation score promises too much.",
        fixes=(
            "Look for samples that stand in both sets, by a hash of the inputs, and split by group "
            "(patient, document, day) where samples belong together.",
            "Evaluate the train set once in evaluation mode (Keras `model.evaluate(x_train, "
            "y_train)`, PyTorch `model.eval()`): if its loss is as low, dropout or augmentation "
            "explains the gap.",
        ),
        tags=(held_out.series.label, train.series.label),
        steps=(int(held_out.steps[len(held_out) // 2]), int(held_out.steps[-1])),
        measured={"ratio": typical, "persistence": float(np.mean(ratios < limit))},
        thresholds={"ratio": limit, "persistence": PERSISTENT},
        evidence=(
            CurveChart(
                title="Validation loss lies below train loss",
                curves=reduce_together(signals, held_out.series, train.series),
                y_label="loss",
            ),
        ),
    )
