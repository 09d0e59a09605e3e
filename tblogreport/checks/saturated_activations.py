"""A tanh or sigmoid layer whose outputs lie at the ends of its range.

What it looks for
-----------------
Hidden layers of which more than half of the outputs lie in the outer 3 % of the range, in
most records and in the last one, by the share that was logged as a number of its own. Else
the buckets of the histogram must show it of the outer 5 %, in layers that the model's config
names tanh or sigmoid, or whose outputs reach both ends of such a range and never leave it.
It is an error only when the run also does badly.

Why it matters
--------------
At its ends a tanh or a sigmoid is flat: its gradient is next to zero, so that neither its
own layer nor those before it learn. What it passes on is little more than a sign.

How to fix
----------
Scale the inputs to mean 0 and variance 1; initialise after Glorot; normalise before the
activation; use ReLU or GELU; lower the learning rate if the layer got there in training.

When it is wrong
----------------
A trained classifier may well saturate some layers and be right: a run that did well gets a
note. Output layers are meant to saturate, as are the gates of LSTM and GRU cells: neither is
looked at. A histogram that was logged only now and then may miss what happened between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tblogreport.checks.advice import INSTRUMENT
from tblogreport.checks.base import NotCheckable, check
from tblogreport.context.layers import Tensor
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import CurveChart, Evidence, Finding, Mark, Severity
from tblogreport.numbers import capital, integer, listed, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import band_chart, heat_map, reduce_together
from tblogreport.signals.gate import gated
from tblogreport.signals.places import place_of_record
from tblogreport.signals.saturation import Saturation, saturations

SATURATED = 0.5
PERSISTENT_SHARE = 0.7
MIN_RECORDS = 2
# So much is a warning even where nothing tells how the run did.
EXTREME = 0.9
EXTREME_OF_BUCKETS = 0.75  # of which the share is but the least that there can be


@dataclass(frozen=True)
class _Saturated:
    """A layer at its ends, with what its records say."""

    seen: Saturation
    share: float  # typical share of outputs at the ends
    records: float  # share of the records above the threshold
    since: int  # first record of those


@check
def saturated_activations(signals: Signals) -> Sequence[Finding]:
    """Fire once, naming every saturated layer."""
    known = [s for s in saturations(signals) if np.isfinite(s.shares).sum() >= MIN_RECORDS]
    logged = [t for t in signals.layers.of(TensorKind.ACTIVATION) if len(t) >= MIN_RECORDS]
    if not known and not logged:
        raise NotCheckable(f"no activations were logged at two steps or more; {INSTRUMENT}")
    found = [one for seen in known if (one := _saturated(seen))]
    return [_finding(signals, found, known)] if found else []


def _saturated(seen: Saturation) -> _Saturated | None:
    shares = seen.shares[np.isfinite(seen.shares)]
    at_ends = shares > SATURATED
    if not at_ends[-1] or at_ends.mean() < PERSISTENT_SHARE:
        return None
    since = int(np.argmax(seen.shares > SATURATED))
    return _Saturated(seen, float(np.median(shares)), float(at_ends.mean()), since)


def _finding(signals: Signals, found: list[_Saturated], known: Sequence[Saturation]) -> Finding:
    worst = max(found, key=lambda one: one.share)
    first = found[0]
    names = tuple(one.seen.layer for one in found)
    from_start = first.since == 0
    severity, outcome = gated(
        signals,
        extreme=worst.share >= (EXTREME if worst.seen.exact else EXTREME_OF_BUCKETS),
        worst=Severity.ERROR if from_start else Severity.WARNING,
    )
    step = int(first.seen.steps[first.since])
    least = "" if worst.seen.exact else "At least "
    since = place_of_record(signals, first.seen.steps, step)
    start = "from the first record on" if from_start else f"from {since} on"
    records = integer(len(first.seen.shares))
    return Finding(
        check="saturated-activations",
        severity=severity,
        confidence=0.9 if worst.seen.exact else 0.8,
        title=capital(f"{listed(names)} {'are' if len(names) > 1 else 'is'} saturated"),
        message=f"{least}{percent(worst.share)} of the outputs of {worst.seen.layer} lie in the "
        f"outer {percent(worst.seen.outer)} of their range (median; above {percent(SATURATED)} in "
        f"{percent(worst.records)} of {records} records), {start}. {outcome}",
        why="At the ends of its range a tanh or sigmoid has next to no gradient: its layer and "
        "those before it stop learning.",
        fixes=_fixes(first.seen.layer, from_start=from_start),
        tags=tuple(one.seen.label for one in found),
        layer=first.seen.layer,
        steps=(step, int(first.seen.steps[-1])),
        measured={
            "saturated_share": worst.share,
            "share_of_records": worst.records,
            "layers": len(found),
        },
        thresholds={"saturated_share": SATURATED, "share_of_records": PERSISTENT_SHARE},
        references=(
            "Glorot, Bengio: Understanding the difficulty of training deep feedforward neural "
            "networks (2010)",
        ),
        evidence=_charts(signals, first, names, known),
    )


def _fixes(layer: str, *, from_start: bool) -> tuple[str, ...]:
    inputs = (
        "Scale the inputs to mean 0 and variance 1: Keras `layers.Normalization()` after "
        "`adapt(x_train)`, PyTorch `(x - x.mean(0)) / x.std(0)`."
    )
    start = (
        f"Initialise {layer} after Glorot: Keras `kernel_initializer='glorot_uniform'`, PyTorch "
        "`nn.init.xavier_uniform_(layer.weight)`."
    )
    rate = "Lower the learning rate three- to tenfold: long steps drove the layer to its ends."
    normalise = (
        f"Normalise before the activation of {layer}: Keras `BatchNormalization()`, PyTorch "
        "`nn.BatchNorm1d(n)` or `nn.LayerNorm(n)`."
    )
    other = (
        "Use an activation without an upper end: Keras `activation='relu'` or `'gelu'`, PyTorch "
        "`nn.ReLU()` or `nn.GELU()`."
    )
    return (inputs, start, normalise, other) if from_start else (rate, inputs, normalise, other)


def _charts(
    signals: Signals, first: _Saturated, names: tuple[str, ...], known: Sequence[Saturation]
) -> tuple[Evidence, ...]:
    """All layers beside each other where their outputs were logged, and the first one."""
    tensors, shares = [], []
    for seen in known:
        tensor = signals.layers.get(seen.layer, TensorKind.ACTIVATION)
        if tensor is not None:
            value_at = dict(zip(seen.steps.tolist(), seen.shares.tolist(), strict=True))
            tensors.append(tensor)
            shares.append(np.array([value_at.get(s, np.nan) for s in tensor.steps.tolist()]))
    title = f"The outputs of {first.seen.layer} lie at the ends of their range"
    charts: list[Evidence] = []
    if len(tensors) > 1:
        charts.append(
            heat_map(
                signals,
                tensors,
                shares,
                title="Share of outputs at the ends of their range, layer by layer",
                quantity="saturated share",
                limits=(0.0, 1.0),
                marked=names,
            )
        )
    own = signals.layers.get(first.seen.layer, TensorKind.ACTIVATION)
    step = int(first.seen.steps[first.since])
    marks = (Mark("saturated from here", step, step),)
    if isinstance(own, Tensor):
        charts.append(band_chart(signals, own, title, marks))
    elif not isinstance(first.seen.source, Tensor):
        curves = reduce_together(signals, first.seen.source)
        charts.append(CurveChart(title=title, curves=curves, marks=marks, y_label="share"))
    return tuple(charts)
