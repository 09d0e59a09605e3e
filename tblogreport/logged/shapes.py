"""Shapes and numbers of parameters of Keras' layers, from their settings.

As Keras' own `compute_output_shape` and `count_params` give them, for the layers that most models
are made of; of any other layer nothing is said.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

Shape: TypeAlias = tuple[int | None, ...]  # without the batch; None where a size is open

_AS_BEFORE = frozenset(
    "Activation ReLU LeakyReLU PReLU ELU Softmax Dropout SpatialDropout1D SpatialDropout2D "
    "GaussianNoise GaussianDropout AlphaDropout BatchNormalization LayerNormalization "
    "GroupNormalization UnitNormalization RMSNormalization Normalization Rescaling Masking "
    "ActivityRegularization Identity".split()
)
_WITHOUT = frozenset(
    "InputLayer Activation ReLU LeakyReLU ELU Softmax Dropout SpatialDropout1D SpatialDropout2D "
    "GaussianNoise GaussianDropout AlphaDropout Flatten Reshape Permute RepeatVector Rescaling "
    "Masking Add Subtract Multiply Average Maximum Minimum Concatenate Dot UnitNormalization "
    "ActivityRegularization Identity ZeroPadding1D ZeroPadding2D Cropping1D Cropping2D "
    "UpSampling1D UpSampling2D RandomFlip RandomRotation RandomZoom RandomTranslation".split()
)
_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}


def spoken(shape: Shape | None) -> str:
    """Such as `8 × 8 × 16`; `?` for an open size, empty where nothing is known."""
    if shape is None:
        return ""
    return " × ".join("?" if size is None else str(size) for size in shape) or "scalar"


def output_shape(kind: str, config: dict[str, Any], fed: Shape | None) -> Shape | None:
    """What a layer gives out where it is fed with `fed`; None where that is not known here."""
    if kind == "InputLayer":
        stated = config.get("batch_shape") or config.get("batch_input_shape")
        return _sizes(stated[1:]) if isinstance(stated, list) else None
    if fed is None:
        return None
    if kind in _AS_BEFORE:
        return fed
    units = config.get("units")
    if kind == "Dense" and isinstance(units, int) and fed:
        return (*fed[:-1], units)
    if kind in _GATES and isinstance(units, int) and len(fed) == 2:
        return (fed[0], units) if config.get("return_sequences") else (units,)
    if kind == "Flatten":
        return (math.prod(size for size in fed if size is not None),) if None not in fed else None
    if kind == "Reshape" and isinstance(target := config.get("target_shape"), list):
        return _sizes(target)
    if kind.startswith("Global") and "Pooling" in kind and fed:
        return (fed[-1],)
    if kind == "Embedding" and isinstance(width := config.get("output_dim"), int):
        return (*fed, width)
    return _windowed(kind, config, fed)


def _windowed(kind: str, config: dict[str, Any], fed: Shape) -> Shape | None:
    """The shape behind a convolution or a pooling whose channels stand last."""
    pooling = "Pooling" in kind
    convolution = kind.startswith(("Conv", "SeparableConv", "DepthwiseConv"))
    if not (pooling or convolution) or config.get("data_format") == "channels_first" or not fed:
        return None
    window = _pair(config.get("pool_size" if pooling else "kernel_size"), len(fed) - 1)
    strides = _pair(config.get("strides") or (window if pooling else 1), len(fed) - 1)
    if window is None or strides is None:
        return None
    same = config.get("padding") == "same"
    dilation = _pair(config.get("dilation_rate") or 1, len(fed) - 1) or [1] * len(window)
    out: list[int | None] = []
    for size, reach, stride, wide in zip(fed[:-1], window, strides, dilation, strict=True):
        if size is None:
            out.append(None)
        elif "Transpose" in kind:
            out.append(size * stride if same else size * stride + max(reach - stride, 0))
        else:
            free = size if same else size - (reach - 1) * wide
            out.append(max(0, math.ceil(free / stride)))
    if pooling:
        return (*out, fed[-1])
    if kind.startswith("Depthwise"):
        multiplier = config.get("depth_multiplier", 1)
        last = fed[-1] * multiplier if fed[-1] and isinstance(multiplier, int) else None
        return (*out, last)
    filters = config.get("filters")
    return (*out, filters if isinstance(filters, int) else None)


def parameters(kind: str, config: dict[str, Any], fed: Shape | None) -> int | None:
    """How many weights a layer has; None where its kind or its input is not known."""
    if kind in _WITHOUT or "Pooling" in kind:
        return 0
    if kind == "Embedding":
        rows, width = config.get("input_dim"), config.get("output_dim")
        return rows * width if isinstance(rows, int) and isinstance(width, int) else None
    features = fed[-1] if fed else None
    if features is None:
        return None
    bias = config.get("use_bias") is not False
    units = config.get("units", config.get("filters"))
    if kind == "BatchNormalization":
        learned = (config.get("center") is not False) + (config.get("scale") is not False)
        return features * (2 + learned)
    if kind == "LayerNormalization":
        return features * ((config.get("center") is not False) + (config.get("scale") is not False))
    if not isinstance(units, int):
        return None
    if kind == "Dense":
        return units * (features + bias)
    if kind in _GATES:
        biases = 2 if kind == "GRU" and config.get("reset_after") is not False else 1
        return _GATES[kind] * units * (features + units + biases * bias)
    if kind in {f"Conv{n}D{t}" for n in (1, 2, 3) for t in ("", "Transpose")}:
        window = _list_of_sizes(config.get("kernel_size"))
        groups = config.get("groups", 1)
        if window and isinstance(groups, int) and groups > 0:
            return units * (math.prod(window) * features // groups + bias)
    return None


def _sizes(found: list[Any]) -> Shape | None:
    good = all(size is None or (isinstance(size, int) and size >= 0) for size in found)
    return tuple(found) if good else None


def _list_of_sizes(found: object) -> list[int]:
    if isinstance(found, list) and all(isinstance(size, int) and size > 0 for size in found):
        return found
    return []


def _pair(found: object, dimensions: int) -> list[int] | None:
    """One size for each dimension: a single one stands for all."""
    if isinstance(found, int) and found > 0:
        return [found] * dimensions
    sizes = _list_of_sizes(found)
    return sizes if len(sizes) == dimensions else None
