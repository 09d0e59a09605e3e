"""Which layer, which parameter and which kind of tensor a histogram tag names.

Every framework spells it otherwise: `sequential/dense/kernel/histogram` (Keras 3),
`dense_1/kernel_0` (older Keras), `fc1.weight` and `fc1.weight.grad` (PyTorch),
`gradients/dense/kernel`, `activations/dense_1`, `dense_1_out`. What is not
recognised keeps the kind `other`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class TensorKind(StrEnum):
    """What the values of a histogram tag are."""

    KERNEL = "kernel"
    BIAS = "bias"
    SCALE = "scale"  # gamma and beta of a normalisation layer
    STATISTIC = "statistic"  # moving mean and variance: not trained by the optimiser
    GRADIENT = "gradient"
    ACTIVATION = "activation"
    OTHER = "other"


@dataclass(frozen=True)
class TensorName:
    """A histogram tag taken apart: `path` is the layer's, outermost first."""

    path: tuple[str, ...]
    kind: TensorKind
    parameter: TensorKind | None  # for a gradient: the kind of what it is the gradient of
    separator: str  # how the writer joins the parts of a path


_PARAMETERS = {
    TensorKind.KERNEL: "kernel weight weights w embeddings embedding_table recurrent_kernel "
    "depthwise_kernel pointwise_kernel in_proj_weight weight_ih weight_hh",
    TensorKind.BIAS: "bias biases b recurrent_bias in_proj_bias bias_ih bias_hh",
    TensorKind.SCALE: "gamma beta scale",
    TensorKind.STATISTIC: "moving_mean moving_variance running_mean running_var "
    "num_batches_tracked",
}
_PARAMETER_OF = {name: kind for kind, names in _PARAMETERS.items() for name in names.split()}
_GRADIENT = frozenset("grad grads gradient gradients".split())
_ACTIVATION = frozenset("activation activations act acts output outputs out features".split())
# Outputs may be named by what made them: `fc1.tanh`, `relu_2`.
_FUNCTION = re.compile(
    r"((leaky_?|p)?relu6?|[ges]elu|silu|swish|mish|tanh|(hard_?|log_?)?sigmoid|soft(max|plus|sign))"
    r"(_?\d+)?"
)
_GROUPING = frozenset(
    ("histogram histograms hist weights params parameters param values train model_weights").split()
)
# What writers put behind the name of what they draw.
_DRAWN = frozenset("histogram histograms hist hists distribution".split())
_VALUES = frozenset("dist value values".split())  # layers are called so, too
_NORMALISATION = re.compile(
    r"(^|_)(batch_?norm\w*|layer_?norm\w*|norm|normalization|[bl]n)\d*(_|$)"
)


def parse_tensor_name(tag: str) -> TensorName:
    """Take a histogram tag apart."""
    instrumented = _parse_instrumented(tag)
    if instrumented is not None:
        return instrumented
    separator = "/" if "/" in tag else "."
    parts = [_without_index(part) for part in re.split(r"[/.]", tag) if part]
    parts = _without_drawn(parts)
    gradient, parts = _strip_marker(parts, _GRADIENT)
    activation = False
    if not gradient and _strip_parameter(parts)[0] is None:  # a layer may be called "output"
        activation, parts = _strip_marker(parts, _ACTIVATION)
        activation = activation or bool(parts and _FUNCTION.fullmatch(parts[-1].lower()))
    if len(parts) > 1 and parts[0].lower() in _GROUPING:
        parts = parts[1:]
    parameter = None
    if not activation:
        parameter, parts = _strip_parameter(parts)
    path = tuple(parts)
    parameter = _with_scale(parameter, path)
    if gradient:
        return TensorName(path, TensorKind.GRADIENT, parameter, separator)
    if activation:
        return TensorName(path, TensorKind.ACTIVATION, None, separator)
    return TensorName(path, parameter or TensorKind.OTHER, None, separator)


def _without_drawn(parts: list[str]) -> list[str]:
    """The parts without a last one that says that values are drawn."""
    if len(parts) < 2:
        return parts
    last, of_parameter = parts[-1].lower(), _strip_parameter(parts[:-1])[0] is not None
    return parts[:-1] if last in _DRAWN or (last in _VALUES and of_parameter) else parts


def _parse_instrumented(tag: str) -> TensorName | None:
    """Take a tag of `tblogreport.instrument` apart; None for those of other writers.

    The layer is what stands between two slashes, whatever words it is made of: a layer
    may be called `grad.0` or `output`. It keeps the dots that PyTorch joins its path with.
    """
    head, _, rest = tag.partition("/")
    layer, _, parameter = rest.rpartition("/")
    if head == "activations" and rest and parameter != "histogram":
        return TensorName(_parts(rest), TensorKind.ACTIVATION, None, _separator(rest))
    if not layer or head not in {"weights", "gradients"} or "." in parameter:
        return None
    if parameter.lower() in _GRADIENT | {"histogram"}:
        return None
    path = _parts(layer)
    kind = _with_scale(_strip_parameter([layer, parameter])[0], path)
    if head == "gradients":
        return TensorName(path, TensorKind.GRADIENT, kind, _separator(layer))
    return TensorName(path, kind or TensorKind.OTHER, None, _separator(layer))


def _parts(layer: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[/.]", layer) if part)


def _separator(layer: str) -> str:
    return "." if "." in layer and "/" not in layer else "/"


def _with_scale(parameter: TensorKind | None, path: tuple[str, ...]) -> TensorKind | None:
    """The kind of a parameter, given its layer: PyTorch calls a normalisation's scale `weight`."""
    weight = parameter in {TensorKind.KERNEL, TensorKind.BIAS}
    return TensorKind.SCALE if weight and path and _is_normalisation(path[-1]) else parameter


def _without_index(part: str) -> str:
    """`kernel_0` and `kernel:0` are Keras' names for the kernel; `dense_1` keeps its number."""
    bare = re.sub(r"(:\d+|_\d+)$", "", part)
    known = bare.lower() in _PARAMETER_OF or bare.lower() in _ACTIVATION | _GRADIENT
    cut = re.sub(r"_(grad|out)$", "", bare)
    return bare if known or cut != bare else re.sub(r":\d+$", "", part)


def _strip_marker(parts: list[str], markers: frozenset[str]) -> tuple[bool, list[str]]:
    """Whether a part, or the end or beginning of one, is a marker; and the parts without it."""
    for index, part in enumerate(parts):
        if part.lower() in markers and len(parts) > 1:
            return True, parts[:index] + parts[index + 1 :]
    for index in (len(parts) - 1, 0) if parts else ():
        words = parts[index].split("_")
        if len(words) > 1 and words[-1].lower() in markers:
            return True, [*parts[:index], "_".join(words[:-1]), *parts[index + 1 :]]
        if len(words) > 1 and words[0].lower() in markers:
            return True, [*parts[:index], "_".join(words[1:]), *parts[index + 1 :]]
    return False, parts


def _strip_parameter(parts: list[str]) -> tuple[TensorKind | None, list[str]]:
    if not parts:
        return None, parts
    last = re.sub(r"_l\d+(_reverse)?$", "", _without_index(parts[-1]))  # torch RNNs: weight_ih_l0
    kind = _PARAMETER_OF.get(last.lower())
    if kind is not None:
        return kind, parts[:-1]
    for separator in ("_", "-"):
        head, _, tail = parts[-1].rpartition(separator)
        if head and tail.lower() in {"kernel", "weight", "weights", "bias"}:
            return _PARAMETER_OF[tail.lower()], [*parts[:-1], head]
    return None, parts


def _is_normalisation(layer: str) -> bool:
    return bool(_NORMALISATION.search(layer.lower()))
