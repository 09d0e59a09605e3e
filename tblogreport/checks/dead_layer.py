"""A layer that outputs zero for everything, and so cannot learn any more.

What it looks for
-----------------
In the activations: a layer of which at least 98 % of the values are certainly zero
in all records of the last half, by the share of zeros where it was logged as a number
of its own, else by the buckets of the histogram. In the gradients, where no
activations were logged: a layer whose kernel and bias get gradients that are exactly
zero, while later layers get some, and that lost them in training or stands in a run
that does badly; in such a run also two kernels in a row without any, where the bias of
the second shows that it lacks but an input, or both had one once. In the weights alone: kernel and
bias that moved at first and then stay identical to the bit while other layers still
move, or that stand still before a layer whose bias is updated and whose kernel is not,
because nothing but zeros reaches it.

Why it matters
--------------
A ReLU unit that is negative for every input has no gradient: nothing brings it back.
When a whole layer is dead, no signal passes it and no layer before it learns.

How to fix
----------
Lower the learning rate; He initialisation with zero or slightly positive bias; Leaky
ReLU, ELU or GELU; scale the inputs to mean 0 and variance 1; normalise.

When it is wrong
----------------
Sparse is not dead: 50 to 80 % zeros are normal after ReLU, and a bucket that holds
zeros together with small values proves nothing. Layers frozen on purpose keep their
weights, or a gradient of zero, from the first record on: where the run does well, or no
bias tells them from dead ones, they are not reported here. Nor are layers before the
first one with weights: they encode the input, and one-hot vectors are mostly zeros.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.dead_parts import (
    MIN_RECORDS,
    MIN_STILL_RECORDS,
    ZERO_SHARE,
    Dead,
    by_activations,
    by_gradients,
    by_weights,
    zero_shares,
)
from tblogreport.context.layers import Tensor
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import BandChart, Evidence, Finding, HeatMap, Mark, Severity
from tblogreport.numbers import capital, integer, listed, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import band_chart, heat_map
from tblogreport.signals.places import place_of_record


@check
def dead_layer(signals: Signals) -> Sequence[Finding]:
    """Fire once, naming every dead layer; by the most direct tensors that were logged."""
    layers = signals.layers
    activations = [t for t in layers.of(TensorKind.ACTIVATION) if len(t) >= MIN_RECORDS]
    gradients = [
        t for t in layers.of(TensorKind.GRADIENT, TensorKind.KERNEL) if len(t) >= MIN_RECORDS
    ]
    kernels = [t for t in layers.of(TensorKind.KERNEL) if len(t) >= MIN_STILL_RECORDS]
    if not (activations or gradients or kernels):
        raise NotCheckable(
            "no histograms of activations, gradients or weights were logged at two steps or more; "
            "log activations per layer (`tblogreport.instrument`, or PyTorch "
            "`add_histogram('activations/fc1', …)`)"
        )
    dead = (
        by_activations(signals, activations)
        or by_gradients(signals, gradients, has_activations=bool(activations))
        or ([] if activations else by_weights(signals, kernels))
    )
    return [_finding(signals, dead, activations)] if dead else []


def _finding(signals: Signals, dead: list[Dead], activations: Sequence[Tensor]) -> Finding:
    first = dead[0]
    names = tuple(d.layer for d in dead)
    many = len(names) > 1
    known = (
        f"{percent(min(d.share for d in dead))} of the outputs are zero"
        if first.evidence == "its outputs are zero"
        else first.evidence
    )
    since = place_of_record(signals, first.tensor.steps, first.step)
    start = " from the first record on" if first.since == 0 else f" since {since}"
    wholly = all(d.share == 1.0 for d in dead)
    state = "dead" if wholly else "all but dead"
    passes = "no signal passes and no layer before it learns"
    if not wholly:
        passes = "hardly any signal passes, and layers before it learn from what is left"
    return Finding(
        check="dead-layer",
        severity=Severity.ERROR,
        confidence=first.confidence,
        title=capital(f"{listed(names)} {'are' if many else 'is'} {state}"),
        message=capital(f"{listed(names)}: {known}{start} ")
        + f"({integer(len(first.tensor) - first.since)} of {integer(len(first.tensor))} records of "
        f"`{first.tensor.label}`), so that {passes}.",
        why="A ReLU unit that is negative for every input has no gradient: nothing brings it back, "
        "and a dead layer cuts off every layer before it.",
        fixes=(
            "Start with He initialisation and zero bias: Keras "
            "`Dense(…, activation='relu', kernel_initializer='he_normal')`, PyTorch "
            "`nn.init.kaiming_normal_(layer.weight)`.",
            "Lower the learning rate three- to tenfold if the layer died during training.",
            "Use an activation that cannot die: Keras `activation='leaky_relu'` or `'gelu'`, "
            "PyTorch `nn.LeakyReLU()` or `nn.GELU()`.",
            "Scale inputs to mean 0 and variance 1, and normalise before the activation.",
        ),
        tags=tuple(d.tensor.label for d in dead),
        layer=first.layer,
        steps=(first.step, int(first.tensor.steps[-1])),
        measured={
            "zero_share": min(d.share for d in dead),
            "records": len(first.tensor) - first.since,
            "layers": len(dead),
        },
        thresholds={"zero_share": ZERO_SHARE, "records": MIN_RECORDS},
        references=("Lu, Shin, Su, Karniadakis: Dying ReLU and Initialization (2019)",),
        evidence=_charts(signals, first, names, activations),
    )


def _caption(dead: Dead) -> str:
    if dead.share < 1.0:
        return f"Nearly all values of {dead.layer} are zero"
    if dead.since:
        return f"The values of {dead.layer} collapse to one"
    return f"The values of {dead.layer} never differ"


def _charts(
    signals: Signals, first: Dead, names: tuple[str, ...], activations: Sequence[Tensor]
) -> tuple[Evidence, ...]:
    bands: BandChart = band_chart(
        signals,
        first.tensor,
        _caption(first),
        (Mark("dead from here", first.step, first.step),),
    )
    if len(activations) < 2 or first.tensor.kind != TensorKind.ACTIVATION:
        return (bands,)
    shares = [zero_shares(signals, t) for t in activations]
    heat: HeatMap = heat_map(
        signals,
        activations,
        shares,
        title="Share of outputs that are zero, layer by layer",
        quantity="share of zeros",
        limits=(0.0, 1.0),
        marked=names,
    )
    return (heat, bands)
