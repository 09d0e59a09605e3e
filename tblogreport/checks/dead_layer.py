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
from dataclasses import dataclass

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.context.layer_scalars import Measure
from tblogreport.context.layers import Layers, Tensor
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import BandChart, Evidence, Finding, HeatMap, Mark, Severity
from tblogreport.numbers import capital, integer, listed, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import band_chart, heat_map
from tblogreport.signals.curve import FloatArray, true_at_end

ZERO_SHARE = 0.98
# Records that must agree, and the part of the run that they must cover.
MIN_RECORDS = 2
PERSISTENT_SHARE = 0.5
# From weights alone: how much of the run a layer must have stood still.
STILL_SHARE = 0.3
MIN_STILL_RECORDS = 4


@dataclass(frozen=True)
class _Dead:
    """One dead layer and how it is known."""

    layer: str
    tensor: Tensor
    since: int  # record
    share: float
    evidence: str
    confidence: float

    @property
    def step(self) -> int:
        return int(self.tensor.steps[self.since])


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
        _by_activations(signals, activations)
        or _by_gradients(signals, gradients, has_activations=bool(activations))
        or ([] if activations else _by_weights(signals, kernels))
    )
    return [_finding(signals, dead, activations)] if dead else []


def _by_activations(signals: Signals, activations: Sequence[Tensor]) -> list[_Dead]:
    found = []
    for tensor in _behind_the_input(signals, activations):
        shares = _zero_shares(signals, tensor)
        dead = shares >= ZERO_SHARE
        since = len(dead) - true_at_end(dead)
        if _persistent(tensor, since):
            found.append(
                _Dead(
                    tensor.layer,
                    tensor,
                    since,
                    float(np.median(shares[since:])),
                    "its outputs are zero",
                    0.97,
                )
            )
    return found


def _zero_shares(signals: Signals, activation: Tensor) -> FloatArray:
    """The share of zeros at every record: as logged, else the least that the buckets allow."""
    least: FloatArray = signals.tensor(activation).zero_share[:, 0]
    exact = signals.layers.scalar(activation.layer, Measure.ZERO_SHARE)
    if exact is None:
        return least
    logged = exact.at(activation.steps)
    return np.where(np.isnan(logged), least, logged)


def _behind_the_input(signals: Signals, activations: Sequence[Tensor]) -> Sequence[Tensor]:
    """The activations from the first layer on that has weights, where that is known."""
    learned = {kernel.layer for kernel in signals.layers.of(TensorKind.KERNEL)}
    first = next((i for i, t in enumerate(activations) if t.layer in learned), 0)
    return activations[first:]


def _persistent(tensor: Tensor, since: int) -> bool:
    """Whether the records from `since` on are enough of them and cover half of the run."""
    records = len(tensor) - since
    return records >= MIN_RECORDS and records >= PERSISTENT_SHARE * len(tensor)


def _by_gradients(
    signals: Signals, gradients: Sequence[Tensor], *, has_activations: bool
) -> list[_Dead]:
    """The deepest layer without any gradient while a later one gets some.

    A dead layer cuts off all layers before it: they are consequences. Where its
    activations were logged and are alive, the layer is not dead but cut off. The kernel of
    the layer behind a dead one gets nothing either, since its input is zero; its bias does.
    """
    layers = signals.layers
    silent = [t for t in gradients if _persistent(t, signals.tensor(t).zero_since)]
    alive = [t.layer for t in gradients if t not in silent]
    if not silent or has_activations:
        return []
    last = silent[-1]
    bias = layers.get(last.layer, TensorKind.GRADIENT, TensorKind.BIAS)
    since = signals.tensor(last).zero_since
    if bias is not None and _persistent(bias, signals.tensor(bias).zero_since):
        if not alive:
            return []  # nothing is learned at all, for whatever reason
        if _stands_behind(layers, last.layer, alive[-1]) or (
            since == 0 and not signals.bad_outcome
        ):
            return []  # no later layer learns, or this one was frozen, which does no harm
        return [_Dead(last.layer, last, since, 1.0, "its gradients are exactly zero", 0.85)]
    before = gradients[max(gradients.index(last) - 1, 0)]
    if before is last or before not in silent or not signals.bad_outcome:
        return []
    since = signals.tensor(before).zero_since
    if bias is not None:
        evidence = f"its kernel gets no gradient, and that of {last.layer} gets no input"
        return [_Dead(before.layer, before, since, 1.0, evidence, 0.85)]
    if not alive or since == 0 or _stands_behind(layers, last.layer, alive[-1]):
        return []
    evidence = f"it lost its gradients, and so did {last.layer} behind it"
    return [_Dead(before.layer, before, since, 1.0, evidence, 0.7)]


def _stands_behind(layers: Layers, one: str, other: str) -> bool:
    return layers.names.index(one) > layers.names.index(other)


def _by_weights(signals: Signals, kernels: Sequence[Tensor]) -> list[_Dead]:
    """Layers that stopped moving while others moved on, or that starve the next layer."""
    if not kernels or not any(signals.tensor(t).moves_to_the_end for t in signals.layers.tensors):
        return []
    return [
        _Dead(t.layer, t, since, 1.0, evidence, 0.75)
        for t, following in zip(kernels, [*kernels[1:], None], strict=True)
        for since, evidence in [_stopped(signals, t) or _starves(signals, t, following)]
        if evidence
    ]


def _stopped(signals: Signals, kernel: Tensor) -> tuple[int, str] | None:
    """Since which record kernel and bias stand still after having moved, if they do."""
    since = signals.tensor(kernel).still_since
    if since == 0 or not _still_long_enough(kernel, since) or _gets_gradient(signals, kernel):
        return None
    bias = signals.layers.get(kernel.layer, TensorKind.BIAS)
    if bias is not None and signals.tensor(bias).still_since > since + 1:
        return None
    return since, "its weights stopped changing to the bit"


def _starves(signals: Signals, kernel: Tensor, following: Tensor | None) -> tuple[int, str]:
    """Since which record a still layer sends only zeros to the next; no words if it does not.

    The gradient of a kernel is its input times an error, that of the bias the error
    alone: a bias that moves over a kernel that does not tells of an input of zeros.
    """
    if following is None:
        return 0, ""
    bias = signals.layers.get(following.layer, TensorKind.BIAS)
    since = max(signals.tensor(t).still_since for t in (kernel, following))
    if bias is None or not _still_long_enough(kernel, since):
        return 0, ""
    if _gets_gradient(signals, following):
        return 0, ""  # its input is not zero, however little float32 adds of it to the weights
    own = signals.layers.get(kernel.layer, TensorKind.BIAS)
    if own is not None and signals.tensor(own).still_since > since + 1:
        return 0, ""  # it is trained: only the kernels are frozen
    if signals.tensor(bias).still_since <= since + 1:
        return 0, ""
    return since, f"the bias of {following.layer} moves while its kernel gets no input"


def _gets_gradient(signals: Signals, kernel: Tensor) -> bool:
    """Whether the gradient of a kernel was logged and is not zero at the end."""
    gradient = signals.layers.get(kernel.layer, TensorKind.GRADIENT, TensorKind.KERNEL)
    return gradient is not None and signals.tensor(gradient).zero_since >= len(gradient)


def _still_long_enough(tensor: Tensor, since: int) -> bool:
    return len(tensor) - since >= max(MIN_STILL_RECORDS, STILL_SHARE * len(tensor))


def _finding(signals: Signals, dead: list[_Dead], activations: Sequence[Tensor]) -> Finding:
    first = dead[0]
    names = tuple(d.layer for d in dead)
    many = len(names) > 1
    known = (
        f"{percent(min(d.share for d in dead))} of the outputs are zero"
        if first.evidence == "its outputs are zero"
        else first.evidence
    )
    start = " from the first record on" if first.since == 0 else f" since step {first.step}"
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


def _caption(dead: _Dead) -> str:
    if dead.share < 1.0:
        return f"Nearly all values of {dead.layer} are zero"
    if dead.since:
        return f"The values of {dead.layer} collapse to one"
    return f"The values of {dead.layer} never differ"


def _charts(
    signals: Signals, first: _Dead, names: tuple[str, ...], activations: Sequence[Tensor]
) -> tuple[Evidence, ...]:
    bands: BandChart = band_chart(
        signals,
        first.tensor,
        _caption(first),
        (Mark("dead from here", first.step, first.step),),
    )
    if len(activations) < 2 or first.tensor.kind != TensorKind.ACTIVATION:
        return (bands,)
    shares = [_zero_shares(signals, t) for t in activations]
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
