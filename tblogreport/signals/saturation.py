"""How much of a bounded activation's output lies at the ends of its range.

The share is exact where `tblogreport.instrument` logged it, else the least that the buckets
of the histogram allow. That a layer is bounded is known from the model's config or from the tag,
or seen: outputs that reach both ends of a range and never leave it. ReLU ends at no upper bound,
and puts out exact zeros, which a sigmoid does only where it is hopelessly saturated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.keras_model import SATURATING
from tblogreport.context.layer_scalars import LayerScalar, Measure
from tblogreport.context.layers import Layers, Tensor
from tblogreport.context.series import Series
from tblogreport.context.tensor_names import TensorKind
from tblogreport.signals import Signals
from tblogreport.signals.curve import FloatArray
from tblogreport.signals.kernels import is_recurrent_layer, kernels

# Outputs so near to an end, in parts of the range, are saturated. The instruments measure the
# first; a histogram's outermost bucket is wider, and a bucket counts as a whole.
OUTER = 0.03
OUTER_OF_BUCKETS = 0.05
# In so many of its records a layer must come this near to both ends to be seen as bounded.
_REACHED = 0.03
_OFTEN = 0.5
_ROUNDING = 1e-6
# The share of a sigmoid's outputs at its upper end; a softmax over many has fewer.
_NEAR_ONE = 0.2
# Names of last layers, which need not come last where layers are in the order of their names or
# where a model has several; and of those that are to be at their ends, to let pass or not.
_OUTPUT = re.compile(
    r"(^|[^a-z])(out(put)?s?|logits?|heads?|classifier|predictions?|probs?"
    r"|masks?|objectness|gates?|gating)([^a-z]|$)"
)
_NUMBERED = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True, eq=False)
class Saturation:
    """The share of a hidden layer's outputs at the ends of its range, record by record."""

    layer: str
    steps: NDArray[np.int64]
    shares: FloatArray  # 0 to 1, NaN where not known; shape [n]
    source: Tensor | Series  # what was looked at

    @property
    def exact(self) -> bool:
        """Whether the share itself was logged; else it is the least that there can be."""
        return isinstance(self.source, Series)

    @property
    def outer(self) -> float:
        """Which part of the range, at each of its ends, the shares are of."""
        return OUTER if self.exact else OUTER_OF_BUCKETS

    @property
    def label(self) -> str:
        """How what was looked at is named to people."""
        return self.source.label


def saturations(signals: Signals) -> tuple[Saturation, ...]:
    """The hidden layers of which the share is known, in model order."""
    layers = signals.layers
    hidden = [name for name in layers.names if _is_hidden(signals, name)]
    found = (_of_layer(signals, name) for name in hidden if not is_recurrent_layer(name))
    return tuple(one for one in found if one is not None)


def _of_layer(signals: Signals, name: str) -> Saturation | None:
    scalar: LayerScalar | None = signals.layers.scalar(name, Measure.SATURATED_SHARE)
    if scalar is not None and len(scalar.series):
        return Saturation(name, scalar.series.steps, scalar.series.values, scalar.series)
    tensor = signals.layers.get(name, TensorKind.ACTIVATION)
    if tensor is None or not len(tensor):
        return None
    # The instruments log the share of every layer that they know to be bounded.
    if signals.layers.scalar(name, Measure.ZERO_SHARE) is not None:
        return None
    limits = _range_of(signals, tensor)
    if limits is None:
        return None
    margin = OUTER_OF_BUCKETS * (limits[1] - limits[0])
    shares = signals.tensor(tensor).share_at_ends(limits[0] + margin, limits[1] - margin)
    return Saturation(name, tensor.steps, shares, tensor)


def _range_of(signals: Signals, tensor: Tensor) -> tuple[float, float] | None:
    """The range of a bounded layer's outputs; None for layers that are not, as far as is seen."""
    layers = signals.layers
    declared = layers.activation_of(tensor.layer)
    if declared is not None and declared != "linear":
        return SATURATING.get(declared)
    named = _named(tensor)
    if named is not None:
        return named
    extent = signals.tensor(tensor).extent
    extent = extent[np.isfinite(extent).all(axis=1)]
    if not len(extent):
        return None
    for low, high in ((-1.0, 1.0), (0.0, 1.0)):
        near = _REACHED * (high - low)
        inside = (extent[:, 0] >= low - _ROUNDING) & (extent[:, 1] <= high + _ROUNDING)
        reached = (extent[:, 0] <= low + near) & (extent[:, 1] >= high - near)
        if inside.all() and reached.mean() >= _OFTEN:
            return (low, high) if low < 0 or _is_sigmoid(signals, tensor, extent) else None
    return None


def _named(tensor: Tensor) -> tuple[float, float] | None:
    """The range of the function that a layer or its tag is named after."""
    words = set(re.split(r"[^a-z]+", tensor.tag.lower()))
    return next((limits for name, limits in SATURATING.items() if name in words), None)


def _is_sigmoid(signals: Signals, tensor: Tensor, extent: FloatArray) -> bool:
    """Whether outputs from 0 to 1 are those of a sigmoid.

    Few ones among very many next to zero are those of a softmax. Exact zeros are those of a ReLU
    or of an input, unless exact ones come with them in every record and nothing is learned: then
    sums are so large that floats cannot tell a sigmoid from its ends.
    """
    near_one = signals.tensor(tensor).share_outside(-np.inf, 1.0 - OUTER_OF_BUCKETS)[:, 1]
    if float(np.nanmedian(near_one)) < _NEAR_ONE:
        return False
    rounded = bool((extent[:, 1] >= 1.0 - _ROUNDING).all()) and bool(signals.bad_outcome)
    return rounded or not np.any(extent[:, 0] == 0.0)


def _is_hidden(signals: Signals, name: str) -> bool:
    """Whether a layer stands before the last one with a kernel; not where that is unknown.

    An output that saturates is sure of its answer, and an input is what it is.
    """
    layers = signals.layers
    model = signals.context.model
    if model is not None and model.output is not None:
        own = model.layer(name)
        if own is not None:
            begin, at, end = map(model.layers.index, (model.weighted[0], own, model.output))
            return begin <= at < end
    weighted = list(dict.fromkeys(kernel.layer for kernel in kernels(layers)))
    logged = [tensor.layer for tensor in layers.of(TensorKind.ACTIVATION)]
    if not weighted or name not in logged:
        return name in logged[:-1]
    first, last = weighted[0], weighted[-1]
    if name in weighted[:-1]:  # however few outputs were logged
        return not _OUTPUT.search(name.lower())
    return _is_before(layers, name, last, logged) and not _is_before(layers, name, first, logged)


def _is_before(layers: Layers, name: str, kernel: str, logged: list[str]) -> bool:
    """Whether a layer's output comes before that of a layer with a kernel.

    Numbers of a PyTorch `Sequential` tell, then the order in which outputs were logged.
    """
    ours, theirs = _NUMBERED.fullmatch(name), _NUMBERED.fullmatch(kernel)
    if ours and theirs and ours[1] == theirs[1]:
        return int(ours[2]) < int(theirs[2])
    if kernel in logged:
        return logged.index(name) < logged.index(kernel)
    return kernel == _last_of(layers) and name != logged[-1]


def _last_of(layers: Layers) -> str:
    """The last layer with a kernel."""
    return kernels(layers)[-1].layer
