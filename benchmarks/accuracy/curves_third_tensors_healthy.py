"""Nets that train well although some tensor of theirs looks odd; the trained ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_layers import (
    Floats,
    Meddle,
    Net,
    Plan,
    Task,
    fresh_net,
    fresh_task,
    train,
)
from benchmarks.accuracy.curves_third_special import SPECIAL
from benchmarks.accuracy.curves_third_trends import Series, beside
from benchmarks.accuracy.curves_third_writers import pick, program, written

WEIGHTS = ("kernel", "bias")
ALL = ("kernel", "bias", "kernel_grad", "bias_grad", "out")


def _setting(
    rng: Generator, activation: str, depth: int, *, residual: bool = False, scale: float = 1.0
) -> tuple[Net, Task, Plan]:
    """A net that will learn its task with this plan."""
    inputs, classes = int(rng.integers(16, 65)), int(rng.choice([2, 5, 10, 20]))
    widths = (inputs, *[int(rng.choice([48, 64, 96]))] * depth, classes)
    regress = bool(rng.random() < 0.25) and classes <= inputs
    task = fresh_task(rng, inputs, classes, hard=rng.uniform(1.2, 2.2), regress=regress)
    net = fresh_net(rng, widths, activation, scale=scale, residual=residual)
    every = int(rng.choice([10, 20, 40]))
    adam = rng.random() < 0.6
    rate = rng.uniform(1e-3, 3e-3) if adam else rng.uniform(0.01, 0.03)
    plan = Plan(
        every * int(rng.integers(15, 36)), every, float(rate), "adam" if adam else "momentum"
    )
    return net, task, plan


def _parts(rng: Generator) -> tuple[str, ...]:
    options = (ALL, WEIGHTS, (*WEIGHTS, "kernel_grad"), ("kernel_grad", "out"), ("kernel", "out"))
    return options[int(rng.integers(len(options)))]


def sparse_relu(rng: Generator) -> Series:
    """ReLU outputs of which six to nine in ten are zero, in a net that learns."""
    net, task, plan = _setting(rng, "relu", int(rng.integers(2, 5)))
    shift = np.float32(rng.uniform(0.3, 0.8))
    net.biases[:-1] = [b - shift for b in net.biases[:-1]]
    return written(rng, train(rng, net, task, plan), ("kernel", "bias", "out"))


def converged(rng: Generator) -> Series:
    """An easy task, learned to a loss of next to nothing; its gradients fade with it."""
    net, task, plan = _setting(rng, pick(rng, ("relu", "tanh", "gelu")), 2)
    task.noise, task.regress = 0.4, False
    trace = train(rng, net, task, replace(plan, steps=2 * plan.steps))
    return written(rng, trace, _parts(rng), activation=net.activation)


def smooth_activations(rng: Generator) -> Series:
    """GELU and SiLU, whose outputs crowd just below zero."""
    net, task, plan = _setting(rng, pick(rng, ("gelu", "silu")), int(rng.integers(2, 6)))
    return written(rng, train(rng, net, task, plan), ALL, activation=net.activation)


def capped_activations(rng: Generator) -> Series:
    """ReLU6, at zero or at six for many."""
    net, task, plan = _setting(rng, "relu6", int(rng.integers(2, 4)), scale=1.3)
    return written(rng, train(rng, net, task, plan), ("kernel", "out"), activation="relu6")


def shallow_sigmoid(rng: Generator) -> Series:
    """One or two sigmoid or tanh layers that learn, a few times weaker gradients below."""
    net, task, plan = _setting(rng, pick(rng, ("sigmoid", "tanh")), int(rng.integers(1, 3)))
    plan = replace(plan, optimizer="adam", rate=4e-3)
    return written(rng, train(rng, net, task, plan), _parts(rng), activation=net.activation)


def certain_outputs(rng: Generator) -> Series:
    """A classifier's probabilities, at zero and one as they should be."""
    net, task, plan = _setting(rng, "relu", 2)
    task.regress = False
    trace = train(rng, net, task, plan)
    logits = [a.astype(np.float64) for a in trace.parts["out"][-1]]
    odds = [np.exp(a - a.max(axis=1, keepdims=True)) for a in logits]
    sure = [o / o.sum(axis=1, keepdims=True) for o in odds]
    tag = pick(rng, ("activations/softmax", "output/probs", "predictions/out_0", "probabilities"))
    if rng.random() < 0.4:
        sure = [1 / (1 + np.exp(-2 * a)) for a in logits]
        tag = pick(rng, ("activations/sigmoid_out", "output/sigmoid", "head/sigmoid"))
    return beside(rng, trace, {tag: sure}, parts=("kernel", "out"))


def zero_branches(rng: Generator) -> Series:
    """A residual net whose branches start at nothing, as with Fixup or zero gammas."""
    depth = int(rng.integers(4, 9))
    net, task, plan = _setting(rng, pick(rng, ("tanh", "silu", "gelu")), depth, residual=True)
    for kernel in net.kernels[1:-1]:
        kernel[...] = 0
    return written(rng, train(rng, net, task, plan), _parts(rng), activation=net.activation)


def residual_depth(rng: Generator) -> Series:
    """A deep residual net: each layer's gradients are of another strength."""
    depth = int(rng.integers(8, 15))
    scale = rng.uniform(0.4, 0.6)
    net, task, plan = _setting(rng, pick(rng, ("relu", "gelu")), depth, residual=True, scale=scale)
    trace = train(rng, net, task, replace(plan, optimizer="adam", rate=1e-3))
    return written(rng, trace, ("kernel", "kernel_grad"), activation=net.activation)


def decayed(rng: Generator) -> Series:
    """AdamW whose decay halves the weights until it balances what is learned."""
    net, task, plan = _setting(rng, pick(rng, ("relu", "gelu")), int(rng.integers(2, 5)))
    decay = rng.uniform(1.0, 2.0) / (2e-3 * plan.steps)
    trace = train(rng, net, task, replace(plan, optimizer="adam", rate=2e-3, decay=decay))
    return written(rng, trace, WEIGHTS, activation=net.activation)


def early_adam(rng: Generator) -> Series:
    """Adam's first steps, recorded one by one, move zero biases by all of themselves."""
    net, task, plan = _setting(rng, "relu", int(rng.integers(2, 4)))
    plan = Plan(int(rng.integers(60, 150)), 1, 3e-3, "adam")
    prog = program(rng, by_step=True)
    return written(rng, train(rng, net, task, plan), WEIGHTS, prog=prog)


def pruned(rng: Generator) -> Series:
    """Kernels of which a mask keeps one weight in five or so, or that are rounded to levels."""
    net, task, plan = _setting(rng, "relu", int(rng.integers(2, 5)))
    if rng.random() < 0.5:
        masks = [rng.random(k.shape) < rng.uniform(0.15, 0.4) for k in net.kernels]
        net.kernels[:] = [k * np.float32(1.8) for k in net.kernels]

        def mask(step: int, net: Net) -> None:
            for kernel, kept in zip(net.kernels, masks, strict=True):
                np.multiply(kernel, kept, out=kernel)

        return written(rng, train(rng, net, task, plan, mask), WEIGHTS)
    trace = train(rng, net, task, plan)
    trace.parts["kernel"] = [[_levels(a) for a in layer] for layer in trace.parts["kernel"]]
    return written(rng, trace, WEIGHTS)


def _levels(kernel: Floats) -> Floats:
    """The kernel in 4 bits."""
    width = np.abs(kernel).max() / 7
    return np.round(kernel / width) * width


def warmed_up(rng: Generator) -> Series:
    """A head that starts too wide: large first gradients, small first steps, then all is well."""
    net, task, plan = _setting(rng, "relu", int(rng.integers(2, 5)))
    net.kernels[-1] *= np.float32(rng.uniform(2, 4))
    ramp = plan.steps * rng.uniform(0.1, 0.2)
    plan = replace(plan, schedule=lambda step: float(min(1.0, (step + 1) / ramp)), clip=5.0)
    return written(rng, train(rng, net, task, plan), ("kernel", "kernel_grad"))


def clipped(rng: Generator) -> Series:
    """Gradients held to one norm for as long as they would be larger."""
    net, task, plan = _setting(rng, pick(rng, ("relu", "tanh")), int(rng.integers(2, 6)))
    plan = replace(plan, clip=rng.uniform(0.05, 0.5))
    trace = train(rng, net, task, plan)
    return written(rng, trace, ("kernel", "kernel_grad"), activation=net.activation)


def dropped(rng: Generator) -> Series:
    """Outputs after dropout, exactly zero for as many as it drops."""
    net, task, plan = _setting(rng, pick(rng, ("relu", "gelu", "tanh")), int(rng.integers(2, 4)))
    trace = train(rng, net, task, plan)
    rate = rng.choice([0.3, 0.5, 0.7])
    form = pick(rng, ("activations/dropout{}", "dropout_{}/out_0", "drop{}/output"))
    named = {
        form.format(i): [np.where(rng.random(a.shape) < rate, 0, a / (1 - rate)) for a in layer]
        for i, layer in enumerate(trace.parts["out"][:-1])
    }
    return beside(rng, trace, named, parts=("kernel",))


def fine_tuned(rng: Generator) -> Series:
    """A trained net that goes on with a small rate on a task slightly moved: little moves."""
    net, task, plan = _setting(rng, pick(rng, ("relu", "gelu")), int(rng.integers(2, 5)))
    plan = replace(plan, optimizer="adam", rate=2e-3)
    train(rng, net, task, plan)
    task.centres += 0.6 * rng.standard_normal(task.centres.shape)
    trace = train(rng, net, task, replace(plan, rate=rng.uniform(1e-4, 3e-4)))
    return written(rng, trace, (*WEIGHTS, "kernel_grad"), activation=net.activation)


def small_head(rng: Generator) -> Series:
    """A last layer that starts at a hundredth of the usual, as policies have it."""
    net, task, plan = _setting(rng, "tanh", 2)
    net.kernels[-1] *= np.float32(0.01)
    return written(rng, train(rng, net, task, plan), _parts(rng), activation="tanh")


def unfrozen_later(rng: Generator) -> Series:
    """A trained body that is held while a new head learns, then trained on with it."""
    net, task, plan = _setting(rng, "relu", int(rng.integers(3, 6)))
    plan = replace(plan, optimizer="adam", rate=1e-3)
    train(rng, net, task, plan)
    net.kernels[-1][...] = 0.1 * rng.standard_normal(net.kernels[-1].shape)
    body = [(k.copy(), b.copy()) for k, b in zip(net.kernels, net.biases, strict=True)][:-1]
    until = plan.steps * rng.uniform(0.2, 0.5)
    prog = replace(program(rng), layer=pick(rng, ("backbone.{}", "encoder_{}")), last="head")
    trace = train(rng, net, task, plan, _hold(body, until))
    return written(rng, trace, WEIGHTS, prog=prog)


def _hold(body: list[tuple[Floats, Floats]], until: float) -> Meddle:
    def hold(step: int, net: Net) -> None:
        if step < until:
            for i, (kernel, bias) in enumerate(body):
                net.kernels[i][...], net.biases[i][...] = kernel, bias

    return hold


HEALTHY: dict[str, Callable[[Generator], Series]] = {
    "sparse-relu": sparse_relu,
    "converged": converged,
    "smooth-activations": smooth_activations,
    "capped-activations": capped_activations,
    "shallow-sigmoid": shallow_sigmoid,
    "certain-outputs": certain_outputs,
    "zero-branches": zero_branches,
    "residual-depth": residual_depth,
    "decayed": decayed,
    "early-adam": early_adam,
    "pruned": pruned,
    "warmed-up": warmed_up,
    "clipped": clipped,
    "dropped": dropped,
    "fine-tuned": fine_tuned,
    "small-head": small_head,
    "unfrozen-later": unfrozen_later,
    **SPECIAL,
}
