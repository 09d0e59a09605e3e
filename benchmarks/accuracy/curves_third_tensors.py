"""Nets with one known fault each, most of them really trained with it, and healthy nets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_layers import (
    Net,
    Plan,
    Task,
    Trace,
    fresh_net,
    fresh_task,
    train,
)
from benchmarks.accuracy.curves_third_tensors_healthy import HEALTHY
from benchmarks.accuracy.curves_third_trends import drawn_trace, rated, rough, stuck, tailed
from benchmarks.accuracy.curves_third_writers import written
from tests.runs import Histogram, Scalar

Series = tuple[Scalar | Histogram, ...]
__all__ = ["BROKEN", "HEALTHY"]


def _plan(rng: Generator, rate: float, optimizer: str = "sgd") -> Plan:
    """Some hundred steps with a dozen or more records."""
    every = int(rng.choice([10, 20, 25, 50]))
    return Plan(every * int(rng.integers(12, 31)), every, rate, optimizer)


def _net(
    rng: Generator, depth: int, activation: str, width: int = 0, *, scale: float = 1.0
) -> tuple[Net, Task]:
    """A net of so many hidden layers and a task of some classes for it."""
    inputs, classes = int(rng.integers(16, 65)), int(rng.choice([2, 5, 10, 20]))
    width = width or int(rng.choice([32, 48, 64, 96]))
    widths = (inputs, *[width] * depth, classes)
    task = fresh_task(rng, inputs, classes, hard=rng.uniform(2, 3))
    return fresh_net(rng, widths, activation, scale=scale), task


def _some(rng: Generator, *options: tuple[str, ...]) -> tuple[str, ...]:
    return options[int(rng.integers(len(options)))]


def vanishing(rng: Generator) -> Series:
    """A deep sigmoid net whose gradients shrink fourfold a layer; or 8 to 20 such layers."""
    if rng.random() < 0.35:
        return _profile(rng)
    depth = int(rng.integers(6, 11))
    net, task = _net(rng, depth, "sigmoid", scale=rng.uniform(0.5, 1.1))
    only = ("kernel", "bias")
    parts = _some(
        rng,
        only,
        ("kernel_grad",),
        (*only, "kernel_grad", "bias_grad"),
        ("kernel", "kernel_grad", "out"),
    )
    # Weights alone say it only where the last ones visibly move.
    rate = rng.uniform(0.5, 1.5) if parts == only else rng.uniform(0.05, 0.5)
    trace = train(rng, net, task, _plan(rng, rate))
    return written(rng, trace, parts, activation="sigmoid")


def _profile(rng: Generator) -> Series:
    """Gradients alone, of more layers than a small net has, by a steady factor weaker below."""
    depth, records = int(rng.integers(8, 21)), int(rng.integers(10, 60))
    last = 10 ** rng.uniform(-4, 0)
    factor = 10 ** (rng.uniform(5, 10) / depth)
    lively = np.exp(0.2 * rough(rng, records))
    rms = [last * factor ** (i + 1 - depth) * lively for i in range(depth)]
    grads = [[tailed(rng, 2_000, size) for size in layer] for layer in rms]
    loss = stuck(rng, records * int(rng.integers(1, 60)), rng.uniform(0.6, 7))
    trace = drawn_trace(rng, {"kernel_grad": grads}, loss, records)
    return written(rng, trace, ("kernel_grad",), unit=float(10 ** rng.uniform(-2, 3)))


def exploding(rng: Generator) -> Series:
    """Gradients that grow towards the input of a deep tanh net, or with time until all is lost."""
    if rng.random() < 0.4:
        depth = int(rng.integers(14, 21))
        net, task = _net(rng, depth, "tanh", 64, scale=rng.uniform(4.5, 6))
        rate = 10 ** rng.uniform(-5, -4)
        trace = train(rng, net, task, _plan(rng, rate))
        parts = _some(rng, ("kernel_grad",), ("kernel", "kernel_grad"), ("kernel_grad", "out"))
        return written(rng, trace, parts, activation="tanh")
    records = int(rng.integers(12, 60))
    start = int(records * rng.uniform(0.0, 0.5))
    rise = np.maximum(np.arange(records) - start, 0) / (records - 1 - start)
    power, strengths = rng.uniform(4, 9), 10 ** rng.uniform(-4, -1, int(rng.integers(3, 9)))
    growth = 10 ** (power * rise + 0.1 * rough(rng, records))
    grads = [[tailed(rng, 1_500, g) for g in s * growth] for s in strengths]
    each = 10
    times = np.arange(records * each) / each
    late = np.clip((times - start) / (records - 1 - start), 0, 1)
    first = rng.uniform(0.5, 6)
    loss = first * (0.5 + 0.5 * np.exp(-times / 8)) * 10 ** (rng.uniform(2, 5) * late**1.3)
    noise = np.exp(0.1 * rng.standard_normal(len(loss)))
    trace = drawn_trace(rng, {"kernel_grad": grads}, loss * noise, records)
    return written(rng, trace, ("kernel_grad",), unit=float(10 ** rng.uniform(-2, 1)))


def dead_layer(rng: Generator) -> Series:
    """A ReLU layer of which every sum is negative, from the start or from one bad step on."""
    depth = int(rng.integers(3, 7))
    net, task = _net(rng, depth, "relu")
    net.residual = bool(rng.random() < 0.3)
    plan = _plan(rng, rng.uniform(0.01, 0.03), str(rng.choice(["momentum", "sgd"])))
    dead = int(rng.integers(1, depth))
    when = int(plan.steps * rng.choice([0, 0, 0.15, 0.3]))
    depth_of_bias = rng.uniform(15, 60)

    def kill(step: int, net: Net) -> None:
        if step == when:
            net.biases[dead] -= np.float32(depth_of_bias)

    trace = train(rng, net, task, plan, kill)
    weights = ("kernel", "bias")
    parts = _some(
        rng,
        (*weights, "out"),
        ("out", "kernel_grad"),
        (*weights, "kernel_grad", "bias_grad"),
        (*weights, "kernel_grad", "bias_grad", "out"),
    )
    return written(rng, trace, parts)


def saturated(rng: Generator) -> Series:
    """Tanh or sigmoid layers at their ends, from a wide start or inputs of 0 to 255."""
    activation = str(rng.choice(["tanh", "sigmoid"]))
    net, task = _net(rng, int(rng.integers(2, 6)), activation, scale=rng.uniform(12, 40))
    if rng.random() < 0.4:
        net, task = _net(rng, 1, activation, scale=rng.uniform(2, 5))
        task.scale, task.offset = 60, rng.uniform(60, 128)
    trace = train(rng, net, task, _plan(rng, rng.uniform(1e-4, 2e-3)))
    parts = _some(rng, ("out",), ("kernel", "bias", "out"), ("kernel", "kernel_grad", "out"))
    return written(rng, trace, parts, activation=activation)


def unchanged(rng: Generator) -> Series:
    """One middle or last layer that the optimizer was never given."""
    depth = int(rng.integers(3, 7))
    activation = str(rng.choice(["relu", "gelu", "tanh", "silu"]))
    net, task = _net(rng, depth, activation)
    held = int(rng.integers(1, depth + 1))
    # A bias that starts at zero would be no news; PyTorch's starts at random.
    net.biases[:] = [rng.uniform(-0.1, 0.1, len(b)).astype(np.float32) for b in net.biases]
    adam = rng.random() < 0.5
    plan = _plan(rng, 2e-3 if adam else 0.02, "adam" if adam else "momentum")
    trace = train(rng, net, task, replace(plan, held=frozenset({held})))
    parts = _some(
        rng, ("kernel", "bias"), ("kernel", "bias", "kernel_grad"), ("kernel", "bias", "out")
    )
    return written(rng, trace, parts, activation=activation)


def poor_initialization(rng: Generator) -> Series:
    """Kernels of one value, or of far too wide or too narrow a spread."""
    kind = str(rng.choice(["constant", "large", "small"]))
    depth = int(rng.integers(3, 6))
    activation = str(rng.choice(["relu", "tanh", "sigmoid"])) if kind == "constant" else "relu"
    net, task = _net(rng, depth, activation, 128)
    rate = rng.uniform(0.01, 0.05)
    if kind == "constant":
        value = rng.choice([0.0, 0.01, 0.05, 0.5 / 128])
        net.kernels[:] = [np.full_like(k, value) for k in net.kernels]
    elif kind == "large":
        factor = np.float32(rng.uniform(12, 30))
        net.kernels[:] = [k * factor for k in net.kernels]
        rate = 1e-4 / float(factor) ** (2 * depth)
    else:
        sd = 10 ** rng.uniform(-4, -2.7)
        net.kernels[:] = [
            (sd * rng.standard_normal(k.shape)).astype(np.float32) for k in net.kernels
        ]
    trace = train(rng, net, task, _plan(rng, rate))
    parts = _some(rng, ("kernel",), ("kernel", "bias"), ("kernel", "bias", "kernel_grad"))
    return written(rng, trace, parts, activation=activation)


def update_ratio(rng: Generator) -> Series:
    """Steps of about the weights' own size, or of next to nothing, with records of every step."""
    net, task = _net(rng, int(rng.integers(2, 6)), "relu")
    # Weights that Adam moves by its whole rate whatever the gradient.
    huge = rng.random() < 0.6
    rate = float(10 ** (rng.uniform(-0.6, 0.3) if huge else rng.uniform(-10, -8)))
    plan = Plan(int(rng.integers(20, 61)), 1, rate, "adam")
    if not huge and rng.random() < 0.7:
        plan = replace(plan, steps=600, every=20)
    trace = train(rng, net, task, plan)
    return rated(rng, trace)


def weight_growth(rng: Generator) -> Series:
    """Decay of the wrong sign, or so much of it that the weights fade to nothing."""
    grows = rng.random() < 0.6
    activation = str(rng.choice(["relu", "tanh", "gelu"]))
    net, task = _net(rng, int(rng.integers(2, 5)), activation)
    plan = _plan(rng, 0.02)
    factor = rng.uniform(10, 60) if grows else 10 ** rng.uniform(2.5, 6)
    decay = float(np.log(factor) / (plan.rate * plan.steps))
    if rng.random() < 0.4:
        # Training that went well until then.
        task.noise *= 0.8
    trace = train(rng, net, task, replace(plan, decay=-decay if grows else decay, clip=1.0))
    parts = _some(rng, ("kernel",), ("kernel", "bias"), ("kernel", "bias", "kernel_grad"))
    return written(rng, trace, parts, activation=activation)


def nan_or_inf(rng: Generator) -> Series:
    """One gradient that is NaN, and all that follows; or a divergence that overflows."""
    depth = int(rng.integers(2, 6))
    parts = _some(rng, ("kernel", "bias"), ("kernel_grad",), ("kernel", "kernel_grad"))
    if rng.random() < 0.3:
        return written(rng, _overflowing(rng, depth), parts)
    net, task = _net(rng, depth, str(rng.choice(["relu", "tanh", "gelu"])))
    plan = _plan(rng, 0.02, "momentum")
    at = int(plan.steps * rng.uniform(0.3, 0.8)) // plan.every * plan.every
    trace = train(rng, net, task, replace(plan, poison=(at, int(rng.integers(net.depth)))))
    return written(rng, trace, parts)


def _overflowing(rng: Generator, depth: int) -> Trace:
    """A rate so high that float32 is too small for the weights within a few dozen steps."""
    while True:
        net, _ = _net(rng, depth, "relu")
        inputs, outputs = net.kernels[0].shape[0], net.kernels[-1].shape[1]
        task = fresh_task(rng, inputs, outputs, regress=outputs <= inputs)
        trace = train(rng, net, task, Plan(40, 1, float(10 ** rng.uniform(-1, 0.8))))
        finite = np.isfinite(trace.loss)
        if 4 <= finite.sum() < 38 and not finite[-1]:
            return trace


BROKEN: dict[str, Callable[[Generator], Series]] = {
    "vanishing-gradients": vanishing,
    "exploding-gradients": exploding,
    "dead-layer": dead_layer,
    "saturated-activations": saturated,
    "unchanged-weights": unchanged,
    "poor-initialization": poor_initialization,
    "update-ratio": update_ratio,
    "weight-growth": weight_growth,
    "nan-or-inf": nan_or_inf,
}
