"""Every second epoch sees no data, or next to none.

What it looks for
-----------------
Losses and metrics that are averages over an epoch and of which every second point, and none of
the others, is exactly 0, a loss of the whole among them; or, in two series or more and half of
all, three times as noisy as the points between (rank sum, p below 0.001). Or every second train
loss lies above the ones beside it, or below, by a tenth of the level, and no validation loss does.

Why it matters
--------------
The input had run out: a generator or data set that does not begin again serves one epoch, and
the next one finds what is left over, a batch or nothing. Half of the epochs train nothing, and
what is measured in them is luck: the best checkpoint and early stopping go by it.

How to fix
----------
Let the framework find the end of the data by itself, or repeat the data without end and say
how many batches make an epoch.

When it is wrong
----------------
Two tasks or two data sets that take turns look the same. A learning rate that is too high makes
a loss alternate as well, but the validation loss with it, and not one half of its points calm
and the other noisy.

Example
-------
Keras prints `loss: 0.9`, `loss: 0.0`, `loss: 0.7`, `loss: 0.0` … and warns that the input ran out
of data: `steps_per_epoch` is as long as the whole data set, which does not repeat.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import abstain_by_kind
from tblogreport.context.series import CURVES
from tblogreport.findings import CurveChart, Finding, Severity
from tblogreport.numbers import integer, listed, number
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.parity import (
    MIN_SHIFTED,
    MIN_ZEROS,
    NOISE_RATIO,
    Parity,
    ParityKind,
    alternation,
    measure_parity,
)

# Series that must agree where points are noisier, and not plainly empty, and their share of all.
_AGREEING = 2
_AGREEING_SHARE = 0.5
# The validation loss may alternate by this part of what the train loss does.
_CALM = 0.25
_TITLES = {
    ParityKind.EMPTY: "Every second epoch sees no data",
    ParityKind.NOISY: "Every second epoch sees hardly any data",
    ParityKind.SHIFTED: "Every second epoch sees other data",
}


@check
def uneven_epochs(signals: Signals) -> Sequence[Finding]:
    """Fire once, on all series that agree."""
    abstain_by_kind(signals)
    series = [
        one
        for one in signals.context.series
        if one.role in CURVES and len(one) >= MIN_ZEROS and signals.averaged(one)
    ]
    if not series:
        raise NotCheckable(
            f"no loss or metric of {MIN_ZEROS} epochs or more was logged; log averages over each "
            "epoch (Keras does so by itself, Lightning `self.log(…, on_epoch=True)`)"
        )
    found = [parity for one in series if (parity := measure_parity(signals.curve(one)))]
    empty = [parity for parity in found if parity.kind == ParityKind.EMPTY]
    whole = (signals.context.train_loss, signals.context.validation_loss)
    if any(parity.series in whole for parity in empty):
        return [_finding(signals, empty)]
    shifted = [p for p in found if p.kind == ParityKind.SHIFTED]
    if _only_training_alternates(signals, shifted):
        return [_finding(signals, shifted)]
    if signals.swing is not None and signals.swing.repeats:
        return []  # a wave of four epochs is calm at every second one, too
    for first in (0, 1):
        noisy = [p for p in found if p.first == first and p.kind == ParityKind.NOISY]
        if len(noisy) >= max(_AGREEING, _AGREEING_SHARE * len(series)):
            return [_finding(signals, noisy)]
    return []


def _only_training_alternates(signals: Signals, shifted: Sequence[Parity]) -> bool:
    """Whether the train loss is at two levels by turns, and the validation loss is not.

    A network that is thrown to and fro by its steps is so for the validation data as well.
    """
    train, held_out = signals.context.train_loss, signals.context.validation_loss
    parity = next((p for p in shifted if p.series is train), None)
    if parity is None or train is None or held_out is None:
        return False
    ours, theirs = signals.curve(train).values, signals.curve(held_out).values
    if len(theirs) < MIN_SHIFTED:
        return False
    turns = abs(float(np.median(alternation(theirs)))) * float(np.median(np.abs(ours)))
    return turns < _CALM * abs(parity.size) * float(np.median(np.abs(theirs)))


def _finding(signals: Signals, found: Sequence[Parity]) -> Finding:
    first, kind = found[0], found[0].kind
    curve = signals.curve(first.series)
    steps = f"{integer(curve.step_at(first.first))}, {integer(curve.step_at(first.first + 2))}, …"
    labels = tuple(parity.series.label for parity in found)
    noisy = kind == ParityKind.NOISY
    named = listed([f"`{label}`" for label in labels])
    if kind == ParityKind.EMPTY:
        seen = f"{named}: exactly 0 at every second epoch ({steps}), and never in between."
    elif kind == ParityKind.SHIFTED:
        seen = (
            f"{named}: every second epoch ({steps}) lies {number(abs(first.size), 2)} "
            f"{'higher' if first.size > 0 else 'lower'} than those beside it, while the "
            "validation loss does not."
        )
    else:
        seen = (
            f"{named}: every second epoch ({steps}) is far noisier than those between; "
            f"`{labels[0]}` scatters by {number(first.size, 2)} there, and by "
            f"{number(first.others, 2)} in between."
        )
    return Finding(
        check="uneven-epochs",
        severity=Severity.WARNING,
        confidence=0.95 if kind == ParityKind.EMPTY else 0.85,
        title=_TITLES[kind],
        message=f"{seen} The input runs out after one epoch, and the next finds what is left"
        + ("." if kind == ParityKind.EMPTY else ", unless two tasks or data sets take turns."),
        why="Half of the epochs train next to nothing, and a checkpoint or a stop that goes by "
        "what was measured in them goes by luck.",
        fixes=(
            "Keras: leave out `steps_per_epoch` and `validation_steps`, so that an epoch ends "
            "with the data; or repeat the data, `dataset.repeat()`, and keep them.",
            "A generator of your own must begin again: make a new iterator for every epoch, and "
            "let `steps_per_epoch` be `len(data) // batch_size`.",
        ),
        tags=labels,
        steps=(curve.step_at(first.first), int(curve.steps[-1])),
        measured={"series": len(found)}
        | ({"noise_ratio": first.size / max(first.others, 1e-300)} if noisy else {}),
        thresholds={"noise_ratio": NOISE_RATIO} if noisy else {},
        evidence=(
            CurveChart(
                title="Every second epoch is of another kind",
                curves=(reduce_series(curve),),
                y_label=" ".join(first.series.stem) or "value",
            ),
        ),
    )
