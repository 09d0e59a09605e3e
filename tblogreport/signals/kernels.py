"""Which tensors are kernels that mix their inputs, how wide their layers are, and their gain.

Embeddings are tables, of which a batch touches a few rows, and the scales of normalisation
layers act on one channel each: rules about kernels do not hold for them.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.layers import Layers, Tensor
from tblogreport.context.tensor_names import TensorKind

_EMBEDDING = re.compile(r"(?<![a-z])(embed\w*|wte|wpe)(?![a-z])", re.IGNORECASE)
_RECURRENT = re.compile(r"recurrent_kernel|weight_hh", re.IGNORECASE)
_RECURRENT_LAYER = re.compile(r"(?<![a-z])(\w*rnn|lstm|gru)(?![a-z])", re.IGNORECASE)
# So many buckets that hold values can all be multiples of a number by chance only rarely.
_COINCIDENCE = 1e-6


def kernels(
    layers: Layers, kind: TensorKind = TensorKind.KERNEL, records: int = 1
) -> tuple[Tensor, ...]:
    """All kernels with so many records, or their gradients, in model order.

    A recurrent layer has two of them.
    """
    found = [
        t
        for t in layers.tensors
        if t.kind == kind
        and TensorKind.KERNEL in {t.kind, t.parameter}
        and len(t) >= records
        and _mixes(layers, t)
    ]
    return tuple(sorted(found, key=lambda t: layers.names.index(t.layer)))


def one_a_layer(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Of each layer the tensor with most records, the first of those with as many."""
    best: dict[str, Tensor] = {}
    for tensor in tensors:
        known = best.get(tensor.layer)
        if known is None or len(tensor) > len(known):
            best[tensor.layer] = tensor
    return tuple(best.values())


def is_embedding(name: str) -> bool:
    """Whether a tag or a layer is named as an embedding."""
    return bool(_EMBEDDING.search(name))


def is_recurrent(tensor: Tensor) -> bool:
    """Whether the kernel, or the gradient of one, leads a layer's output back into it."""
    return bool(_RECURRENT.search(tensor.tag))


def has_recurrence(layers: Layers) -> bool:
    """Whether a layer of the model is recurrent, by the names of tensors and layers."""
    tags = (t.tag for t in layers.tensors)
    named = any(_RECURRENT_LAYER.search(name) for name in layers.names)
    return named or any(_RECURRENT.search(tag) for tag in tags)


def is_recurrent_layer(layer: str) -> bool:
    """Whether a layer is named as a recurrent one."""
    return bool(_RECURRENT_LAYER.search(layer))


def units(layers: Layers, kernel: Tensor) -> int | None:
    """How many units the kernel's layer has: as many as its bias has values; None without."""
    bias = layers.get(kernel.layer, TensorKind.BIAS)
    return int(bias.size) or None if bias is not None else None


def fan_in(layers: Layers, kernel: Tensor) -> float | None:
    """How many inputs one unit adds up: the kernel's values over the units; None if unknown."""
    count = units(layers, kernel)
    return kernel.size / count if count else None


def gains(layers: Layers, kernel: Tensor, rms: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Root mean square times √(fan-in), record by record; None where the fan-in is unknown.

    By so much a layer multiplies the size of an input without bias: 1 after Glorot's
    initialisation, 1.4 after He's, 0.6 after PyTorch's own.
    """
    fan = fan_in(layers, kernel)
    return rms * np.sqrt(fan) if fan else None


def likely_gains(layers: Layers, kernel: Tensor, rms: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gains where the fan-in is known, else those of a kernel as wide as it is high."""
    return np.asarray(rms * np.sqrt(fan_in(layers, kernel) or np.sqrt(max(kernel.size, 1.0))))


def is_symmetric(layers: Layers, kernel: Tensor) -> bool:
    """Whether every value occurs once for each unit, in all records: the units are all one.

    Units that begin alike get the same gradients and stay alike. Then the count of every
    bucket is a multiple of their number.
    """
    count = units(layers, kernel)
    if not count or count < 2 or not len(kernel):
        return False
    for counts in kernel.counts:
        full = counts[counts > 0]
        coincidence = float(count) ** -(len(full) - 1)
        if coincidence > _COINCIDENCE or np.any(full % count != 0):
            return False
    return True


def _mixes(layers: Layers, tensor: Tensor) -> bool:
    if is_embedding(tensor.tag) or tensor.size < 2:
        return False
    kinds = (
        (TensorKind.GRADIENT, TensorKind.BIAS)
        if tensor.kind == TensorKind.GRADIENT
        else (TensorKind.BIAS, None)
    )
    bias = layers.get(tensor.layer, *kinds)
    return bias is None or tensor.size > bias.size
