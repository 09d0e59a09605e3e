"""Gradients of which only norms were logged, as tensors that checks can judge."""

from __future__ import annotations

import numpy as np

from tblogreport.context.layer_scalars import LayerScalar, Measure
from tblogreport.context.layers import Layers, Tensor
from tblogreport.context.tensor_names import TensorKind


def norms_as_tensors(layers: Layers) -> tuple[Tensor, ...]:
    """The gradients of kernels of which only norms were logged, in model order.

    Each record is one bucket of no width at the root mean square: that is all that is
    known of the values. Layers whose kernel was not logged are left out, as the number
    of its values is not known.
    """
    return tuple(
        _norm_as_tensor(norm, kernel)
        for kernel in layers.of(TensorKind.KERNEL)
        if (norm := layers.scalar(kernel.layer, Measure.GRADIENT_NORM, TensorKind.KERNEL))
    )


def _norm_as_tensor(norm: LayerScalar, kernel: Tensor) -> Tensor:
    series = norm.series
    rms = series.values / np.sqrt(max(kernel.size, 1.0))
    return Tensor(
        split=series.split,
        tag=series.tag,
        layer=norm.layer,
        kind=TensorKind.GRADIENT,
        parameter=TensorKind.KERNEL,
        steps=series.steps,
        wall_times=series.wall_times,
        edges=tuple(np.full(2, value) for value in rms),
        counts=tuple(np.full(1, kernel.size) for _ in rms),
    )
