"""Which layers are dead, and how it is known: by activations, gradients or weights alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tblogreport.context.layer_scalars import Measure
from tblogreport.context.layers import Layers, Tensor
from tblogreport.context.tensor_names import TensorKind
from tblogreport.signals import Signals
from tblogreport.signals.curve import FloatArray, true_at_end

ZERO_SHARE = 0.98
# Records that must agree, and the part of the run that they must cover.
MIN_RECORDS = 2
PERSISTENT_SHARE = 0.5
# From weights alone: how much of the run a layer must have stood still.
STILL_SHARE = 0.3
MIN_STILL_RECORDS = 4


@dataclass(frozen=True)
class Dead:
    """One dead layer and how it is known."""

    layer: str
    tensor: Tensor
    since: int  # record
    share: float
    evidence: str
    confidence: float

    @property
    def step(self) -> int:
        """The step of the first record from which on it is dead."""
        return int(self.tensor.steps[self.since])


def by_activations(signals: Signals, activations: Sequence[Tensor]) -> list[Dead]:
    """The layers whose outputs are zero, for every input, to the end of the run."""
    found = []
    for tensor in _behind_the_input(signals, activations):
        shares = zero_shares(signals, tensor)
        dead = shares >= ZERO_SHARE
        since = len(dead) - true_at_end(dead)
        if _persistent(tensor, since):
            found.append(
                Dead(
                    tensor.layer,
                    tensor,
                    since,
                    float(np.median(shares[since:])),
                    "its outputs are zero",
                    0.97,
                )
            )
    return found


def zero_shares(signals: Signals, activation: Tensor) -> FloatArray:
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


def by_gradients(
    signals: Signals, gradients: Sequence[Tensor], *, has_activations: bool
) -> list[Dead]:
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
        return [Dead(last.layer, last, since, 1.0, "its gradients are exactly zero", 0.85)]
    before = gradients[max(gradients.index(last) - 1, 0)]
    if before is last or before not in silent or not signals.bad_outcome:
        return []
    since = signals.tensor(before).zero_since
    if bias is not None:
        evidence = f"its kernel gets no gradient, and that of {last.layer} gets no input"
        return [Dead(before.layer, before, since, 1.0, evidence, 0.85)]
    if not alive or since == 0 or _stands_behind(layers, last.layer, alive[-1]):
        return []
    evidence = f"it lost its gradients, and so did {last.layer} behind it"
    return [Dead(before.layer, before, since, 1.0, evidence, 0.7)]


def _stands_behind(layers: Layers, one: str, other: str) -> bool:
    return layers.names.index(one) > layers.names.index(other)


def by_weights(signals: Signals, kernels: Sequence[Tensor]) -> list[Dead]:
    """Layers that stopped moving while others moved on, or that starve the next layer."""
    if not kernels or not any(signals.tensor(t).moves_to_the_end for t in signals.layers.tensors):
        return []
    return [
        Dead(t.layer, t, since, 1.0, evidence, 0.75)
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
