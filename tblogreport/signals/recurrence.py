"""What a gradient that exploded through a recurrent layer leaves behind in a log.

It often comes in a step that was not recorded. Then the weights or the loss tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tblogreport.context.layers import Tensor
from tblogreport.context.series import Axis, Role, Series
from tblogreport.context.tensor_names import TensorKind
from tblogreport.signals import Signals
from tblogreport.signals.kernels import gains, has_recurrence, is_recurrent, kernels

_MIN_RECORDS = 3
# A rise of the loss is sudden within so many steps; so many points are no log of epochs.
LOSS_STEPS = 5
_MIN_STEPS = 100


@dataclass(frozen=True)
class AgainstWeights:
    """The largest gradient of a recurrent kernel, against its weights and its usual size."""

    kernel: Tensor
    gradient: Tensor
    at: int  # record of the gradient
    over_weights: float
    over_typical: float


@dataclass(frozen=True)
class LossRise:
    """The steepest rise of the loss of single steps within `LOSS_STEPS` of them."""

    series: Series
    first: int  # step before the rise
    last: int
    factor: float


def against_weights(signals: Signals) -> AgainstWeights | None:
    """The recurrent kernel whose gradient once stood out most; None without histograms."""
    weights = [t for t in kernels(signals.layers) if is_recurrent(t)]
    gradients = [t for t in kernels(signals.layers, TensorKind.GRADIENT) if is_recurrent(t)]
    found = [
        _against(signals, kernel, gradient)
        for kernel in weights
        for gradient in gradients
        if (kernel.layer, kernel.size) == (gradient.layer, gradient.size)
    ]
    known = [one for one in found if one is not None]
    return max(known, key=lambda one: one.over_weights, default=None)


def _against(signals: Signals, kernel: Tensor, gradient: Tensor) -> AgainstWeights | None:
    rms = signals.tensor(gradient).rms
    weights = float(np.nanmax(signals.tensor(kernel).rms, initial=0.0))
    typical = float(np.nanmedian(rms)) if np.isfinite(rms).any() else 0.0
    if len(rms) < _MIN_RECORDS or weights <= 0 or typical <= 0:
        return None
    at = int(np.nanargmax(rms))
    return AgainstWeights(kernel, gradient, at, float(rms[at]) / weights, float(rms[at]) / typical)


def largest_gain(signals: Signals) -> tuple[Tensor, float] | None:
    """The recurrent kernel with the largest gain in any record; None where none is known."""
    found = []
    for kernel in (t for t in kernels(signals.layers) if is_recurrent(t)):
        values = gains(signals.layers, kernel, signals.tensor(kernel).rms)
        if values is not None and np.isfinite(values).any():
            found.append((kernel, float(np.nanmax(values))))
    return max(found, key=lambda one: one[1], default=None)


def loss_rise(signals: Signals) -> LossRise | None:
    """The steepest sudden rise of the loss of single steps, in a model that is recurrent.

    None where the loss was logged by epoch, or is not above zero.
    """
    if not has_recurrence(signals.context.layers):
        return None
    found = []
    for series in signals.context.of_role(Role.TRAIN_LOSS):
        if series.axis != Axis.EPOCH and len(series) >= _MIN_STEPS:
            rise = _rise(series)
            found += [rise] if rise else []
    return max(found, key=lambda one: one.factor, default=None)


def _rise(series: Series) -> LossRise | None:
    """Over finite points in a row alone: what lies between others is not known."""
    values = np.where(np.isfinite(series.values), series.values, np.nan)
    if not np.isfinite(values).any() or np.nanmin(values) <= 0:
        return None
    best: LossRise | None = None
    for apart in range(1, LOSS_STEPS + 1):
        ratio = values[apart:] / values[:-apart]
        if np.isfinite(ratio).any():
            at = int(np.nanargmax(ratio))
            factor = float(ratio[at])
            if best is None or factor > best.factor:
                best = LossRise(
                    series, int(series.steps[at]), int(series.steps[at + apart]), factor
                )
    return best
