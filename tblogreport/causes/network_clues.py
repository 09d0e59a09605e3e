"""What the weights, gradients and activations of a run say for or against a cause."""

from __future__ import annotations

import numpy as np

from tblogreport.causes.case import Case
from tblogreport.causes.model_clues import constant_by_config, spread_by_config
from tblogreport.context.layers import Tensor
from tblogreport.context.tensor_names import TensorKind
from tblogreport.signals.histogram import is_empty, largest
from tblogreport.signals.kernels import fan_in, has_recurrence, kernels, one_a_layer

# Kernels that move by less of their spread have not been trained in any sense.
STILL_MOVEMENT = 0.005
# With more losses before it a record is not of the start.
FIRST_LOSSES = 3
# A slope between that of a sigmoid and that of ReLU, and the layers that show it.
HOLDS_BACK = 0.4
MIN_DEPTH = 5
# Outputs below this are far from the ends of tanh.
SMALL_OUTPUT = 0.5
# Updates of so much of a kernel's norm are far too long, and far too short.
LONG_UPDATE, SHORT_UPDATE = 0.1, 1e-5


def weights_move(case: Case) -> bool:
    """Whether every logged kernel changes."""
    kernels = case.signals.layers.of(TensorKind.KERNEL)
    return len(kernels) > 0 and not any(case.signals.tensor(k).never_moved for k in kernels)


def activations_bounded(case: Case) -> bool:
    """Whether hidden activations stay within (-1, 1) or (0, 1) as after tanh or sigmoid.

    ReLU is told apart by its exact zeros, and a linear signal by its size.
    """
    tensors = case.signals.layers.of(TensorKind.ACTIVATION)[:-1]
    edges = [e for t in tensors for e in t.edges if len(e) and np.isfinite(e).all()]
    if not edges:
        return False
    low, high = min(float(e[0]) for e in edges), max(float(e[-1]) for e in edges)
    zeros = max(float(np.nanmedian(case.signals.tensor(t).zero_share[:, 0])) for t in tensors)
    return zeros < 0.05 and low >= -1.0 and 0.5 < high <= 1.0


def signal_is_small(case: Case) -> bool:
    """Whether no hidden layer ever puts out more than half of what would saturate it.

    tanh is linear there, so that the gradient is lost in the weights and not in the
    activations; sigmoid never is, as its outputs lie about one half.
    """
    hidden = case.signals.layers.of(TensorKind.ACTIVATION)[:-1]
    reached = [largest(e, c) for t in hidden for e, c in zip(t.edges, t.counts, strict=True)]
    finite = [value for value in reached if np.isfinite(value)]
    return bool(finite) and max(finite) < SMALL_OUTPUT


def activations_hold_back(case: Case) -> bool:
    """Whether gradients shrink from layer to layer by more than the weights explain.

    Going back through a layer, a gradient of independent entries is multiplied by the root
    mean square of the weights times √(fan-out), and by the slope of the activation: about
    0.7 for ReLU, at most 1 for tanh, at most 0.25 for a sigmoid (Glorot, Bengio, 2010).
    """
    layers = case.signals.layers
    gradients = one_a_layer(kernels(layers, TensorKind.GRADIENT))
    weights = {t.layer: t for t in one_a_layer(kernels(layers))}
    rms = [float(np.nanmedian(case.signals.tensor(t).rms)) for t in gradients]
    behind = [_backward_gain(case, weights.get(t.layer)) for t in gradients[1:]]
    known = [gain for gain in behind if gain]
    if len(gradients) < MIN_DEPTH or len(known) < len(behind) or not min(rms) > 0:
        return False
    passed = (rms[0] / rms[-1]) ** (1 / len(known))
    return bool(passed / np.exp(np.mean(np.log(known))) < HOLDS_BACK)


def _backward_gain(case: Case, kernel: Tensor | None) -> float | None:
    """By how much a kernel multiplies the gradient that goes back through it, typically."""
    inputs = fan_in(case.signals.layers, kernel) if kernel is not None else None
    if kernel is None or not inputs:
        return None
    return float(np.nanmedian(case.signals.tensor(kernel).rms) * np.sqrt(kernel.size / inputs))


def dead_from_start(case: Case) -> bool:
    """Whether a layer was dead at its first record, before which hardly any loss was logged."""
    finding, loss = case.findings.get("dead-layer"), case.signals.loss
    if finding is None or finding.steps is None:
        return False
    firsts = [
        float(t.wall_times[0])
        for t in case.signals.layers.tensors
        if t.label in finding.tags and int(t.steps[0]) == finding.steps[0]
    ]
    before = np.sum(loss.wall_times < min(firsts)) if firsts and loss is not None else 0
    return bool(firsts) and int(before) <= FIRST_LOSSES


def weights_stand_still(case: Case) -> bool:
    """Whether no kernel moved by more than a two-hundredth of its spread in the whole run."""
    return 0 < max(case.signals.kernel_movements, default=0.0) < STILL_MOVEMENT


def weights_hardly_move(case: Case) -> bool:
    """Whether no kernel moved by more than a twentieth of its spread, and all did move."""
    return weights_move(case) and max(case.signals.kernel_movements, default=1.0) < 0.05


def constant_kernels(case: Case) -> bool:
    """Whether some kernel starts with one value throughout, by its histogram or the config."""
    kernels = case.signals.layers.of(TensorKind.KERNEL)
    logged = [k for k in kernels if k.size > 1 and len(k)]
    constant = any(case.signals.tensor(k).constant[0] for k in logged)
    return constant or constant_by_config(case)


def found_constant(case: Case) -> bool:
    """Whether it was found that kernels are constant, at their first record or throughout."""
    return case.measured("poor-initialization", "constant_layers") is not None


def starts_badly(case: Case) -> bool:
    """Whether the first weights do not fit, by what was logged of them or by the config."""
    poor = case.fired("poor-initialization")
    return poor or constant_kernels(case) or spread_by_config(case)


def recurrent(case: Case) -> bool:
    """Whether the network has recurrent layers, by its config or by the names of its tensors."""
    model = case.signals.context.model
    kinds = [layer.kind for layer in model.layers] if model is not None else []
    declared = any(kind.endswith(("RNN", "LSTM", "GRU")) for kind in kinds)
    return declared or has_recurrence(case.signals.context.layers)


def gradients_reach_all_layers(case: Case) -> bool:
    """Whether gradients were logged and do not vanish."""
    logged = case.signals.layers.of(TensorKind.GRADIENT, TensorKind.KERNEL)
    return len(logged) > 1 and "vanishing-gradients" not in case.findings


def dead_layer_excluded(case: Case) -> bool:
    """Whether activations were logged and none of them is dead."""
    return bool(case.signals.layers.of(TensorKind.ACTIVATION)) and not case.fired("dead-layer")


def updates_are_long(case: Case) -> bool:
    """Whether single updates move some kernel by a tenth of its norm or more, typically."""
    return max(case.signals.update_ratios, default=0.0) > LONG_UPDATE


def updates_are_short(case: Case) -> bool:
    """Whether no kernel is moved by more than a hundred-thousandth of its norm, typically."""
    return max(case.signals.update_ratios, default=1.0) < SHORT_UPDATE


def weights_lost_first(case: Case) -> bool:
    """Whether tensors were not finite while the loss still was, and before it rose."""
    loss, lost = case.signals.loss, case.signals.divergence
    if loss is None or not case.fired("nan-or-inf") or not np.isfinite(loss.values).all():
        return False
    empty = [
        float(time)
        for t in case.signals.context.layers.tensors
        for time, counts in zip(t.wall_times, t.counts, strict=True)
        if is_empty(counts)
    ]
    if lost is None or not empty:
        return bool(empty)
    left = loss.wall_times[loss.steps >= lost.left_step]
    interval = float(np.median(np.diff(loss.wall_times)))
    return min(empty) <= float(left[0]) + interval


def nothing_is_updated(case: Case) -> bool:
    """Whether no layer of several is ever updated."""
    layers = case.measured("unchanged-weights", "unchanged_layers")
    return bool(layers and layers > 1 and not case.measured("unchanged-weights", "changing_layers"))


def others_move(case: Case) -> bool:
    """Whether, beside layers that are never updated, others are."""
    return bool(case.measured("unchanged-weights", "changing_layers"))


def weights_collapse(case: Case) -> bool:
    """Whether weights shrink to next to nothing."""
    growth = case.measured("weight-growth", "growth")
    return case.fired("weight-growth") and growth is not None and growth < 1


def no_gradient_anywhere(case: Case) -> bool:
    """Whether gradients of all kernels, or their norm, were logged, and are zero throughout."""
    norm = case.signals.context.gradient_norm
    if norm is not None and len(norm) > 1 and np.nanmax(np.abs(norm.values), initial=0.0) == 0.0:
        return True
    gradients = case.signals.layers.of(TensorKind.GRADIENT, TensorKind.KERNEL)
    return len(gradients) > 1 and all(case.signals.tensor(t).zero_since == 0 for t in gradients)
