"""Gradients of which only norms were logged, as tensors that checks can judge."""

from __future__ import annotations

import numpy as np

from tblogreport.context.layer_scalars import LayerScalar, Measure
from tblogreport.context.layers import Layers, Tensor
from tblogreport.context.tensor_names import TensorKind


def norms_as_tensors(layers: Layers) -> tuple[Tensor, ...]:
    """The gradients of kernels of which only norms were logged, in model order.

    Each record is one bucket of no width at the root mean square: that is all that is
    known of the values. Where kernels were logged, layers whose kernel was not are left out, as
    the number of its values is not known. Where none was, it is not known of any: then the
    bucket is at the norm itself, which between kernels of usual sizes differs by less than
    checks ask for.
    """
    kernels = {kernel.layer: kernel.size for kernel in layers.of(TensorKind.KERNEL)}
    return tuple(
        _norm_as_tensor(norm, kernels.get(name, 1.0))
        for name in layers.names
        if (not kernels or name in kernels)
        and (norm := layers.scalar(name, Measure.GRADIENT_NORM, TensorKind.KERNEL))
    )


def _norm_as_tensor(norm: LayerScalar, size: float) -> Tensor:
    series = norm.series
    rms = series.values / np.sqrt(max(size, 1.0))
    return Tensor(
        split=series.split,
        tag=series.tag,
        layer=norm.layer,
        kind=TensorKind.GRADIENT,
        parameter=TensorKind.KERNEL,
        steps=series.steps,
        wall_times=series.wall_times,
        edges=tuple(np.full(2, value) for value in rms),
        counts=tuple(np.full(1, size) for _ in rms),
    )
