"""Small fully connected nets in numpy that are really trained, and what was recorded of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator

from tests.runs import FloatArray

Floats: TypeAlias = FloatArray
Slope: TypeAlias = Callable[[Floats], Floats]
PARTS = ("kernel", "bias", "kernel_grad", "bias_grad", "out")


def _sigmoid(z: Floats) -> Floats:
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def _gelu(z: Floats) -> Floats:
    return z * _sigmoid(1.702 * z)


def _gelu_slope(z: Floats) -> Floats:
    gate = _sigmoid(1.702 * z)
    return gate + 1.702 * z * gate * (1 - gate)


def _silu_slope(z: Floats) -> Floats:
    gate = _sigmoid(z)
    return gate + z * gate * (1 - gate)


def _elu(z: Floats) -> Floats:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


ACTIVATIONS: dict[str, tuple[Slope, Slope]] = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "relu6": (lambda z: np.clip(z, 0, 6), lambda z: ((z > 0) & (z < 6)).astype(z.dtype)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z))),
    "gelu": (_gelu, _gelu_slope),
    "silu": (lambda z: z * _sigmoid(z), _silu_slope),
    "elu": (_elu, lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))).astype(z.dtype)),
}


@dataclass
class Net:
    """Kernels and biases of dense layers; all but the last have the activation."""

    kernels: list[Floats]
    biases: list[Floats]
    activation: str = "relu"
    residual: bool = False

    @property
    def depth(self) -> int:
        return len(self.kernels)

    def skips(self, i: int) -> bool:
        rows, columns = self.kernels[i].shape
        return self.residual and rows == columns and i < self.depth - 1

    def forward(self, x: Floats) -> tuple[list[Floats], list[Floats], list[Floats]]:
        """What goes into each layer, each layer's sum, and each layer's own output."""
        function = ACTIVATIONS[self.activation][0]
        entering, sums, outs = [x], [], []
        for i, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            z = entering[-1] @ kernel + bias
            out = function(z) if i < self.depth - 1 else z
            sums.append(z)
            outs.append(out)
            entering.append(out + entering[-1] if self.skips(i) else out)
        return entering, sums, outs

    def backward(
        self, entering: list[Floats], sums: list[Floats], upstream: Floats
    ) -> tuple[list[Floats], list[Floats]]:
        """Gradients of kernels and of biases."""
        slope = ACTIVATIONS[self.activation][1]
        kernels: list[Floats] = []
        biases: list[Floats] = []
        for i in reversed(range(self.depth)):
            delta = upstream if i == self.depth - 1 else upstream * slope(sums[i])
            kernels.insert(0, entering[i].T @ delta)
            biases.insert(0, delta.sum(axis=0))
            below = delta @ self.kernels[i].T
            upstream = below + upstream if self.skips(i) else below
        return kernels, biases


def fresh_net(
    rng: Generator,
    widths: tuple[int, ...],
    activation: str = "relu",
    *,
    scale: float = 1.0,
    residual: bool = False,
) -> Net:
    """He's or Glorot's start, `scale` times as wide; normal or uniform."""
    uniform = rng.random() < 0.5
    net = Net([], [], activation, residual)
    for rows, columns in pairwise(widths):
        square = activation in {"tanh", "sigmoid"}
        sd = scale * np.sqrt(2 / (rows + columns) if square else 2 / rows)
        drawn = (
            rng.uniform(-1, 1, (rows, columns)) * np.sqrt(3)
            if uniform
            else rng.standard_normal((rows, columns))
        )
        net.kernels.append((sd * drawn).astype(np.float32))
        net.biases.append(np.zeros(columns, np.float32))
    return net


@dataclass
class Task:
    """Clusters in classes, several a class, or a smooth function to regress."""

    centres: Floats
    mixing: Floats
    classes: int
    noise: float = 0.6
    scale: float = 1.0
    offset: float = 0.0
    regress: bool = False

    def sample(self, rng: Generator, size: int) -> tuple[Floats, Floats]:
        which = rng.integers(len(self.centres), size=size)
        raw = self.centres[which] + self.noise * rng.standard_normal((size, self.centres.shape[1]))
        x: Any = (self.scale * (raw @ self.mixing) + self.offset).astype(np.float32)
        if self.regress:
            wave = np.sin(raw[:, : self.classes]) + 0.5 * np.roll(raw, 1, axis=1)[:, : self.classes]
            y = wave + 0.1 * rng.standard_normal(wave.shape)
        else:
            y = np.eye(self.classes)[which % self.classes]
        return x, y.astype(np.float32)

    def loss(self, out: Floats, y: Floats) -> tuple[float, Floats]:
        """The mean loss, and its gradient for the net's output."""
        if self.regress:
            error = out - y
            return float((error**2).mean()), 2 * error / error.size
        shifted = out - out.max(axis=1, keepdims=True)
        odds = np.exp(shifted)
        total = odds.sum(axis=1, keepdims=True)
        entropy = np.log(total[:, 0]) - (shifted * y).sum(axis=1)
        return float(entropy.mean()), (odds / total - y) / len(y)


def fresh_task(
    rng: Generator, inputs: int, classes: int, *, hard: float = 1.0, regress: bool = False
) -> Task:
    """Two or three clusters a class; `hard` widens them."""
    count = classes * int(rng.integers(2, 4))
    centres = rng.standard_normal((count, inputs))
    mixing = rng.standard_normal((inputs, inputs)) / np.sqrt(2 * inputs)
    noise = hard * rng.uniform(0.4, 0.8)
    return Task(centres, mixing + 0.7 * np.eye(inputs), classes, noise, regress=regress)


@dataclass(frozen=True)
class Plan:
    """How a net is trained; a record is made every so many steps, before the step."""

    steps: int = 600
    every: int = 30
    rate: float = 0.05
    optimizer: str = "sgd"
    batch: int = 64
    decay: float = 0.0
    clip: float = 0.0
    held: frozenset[int] = frozenset()
    poison: tuple[int, int] = (-1, 0)  # at this step the gradients up to this layer are NaN
    schedule: Callable[[int], float] = lambda step: 1.0


@dataclass
class Trace:
    """What was recorded: for each part and layer its arrays, one a record."""

    parts: dict[str, list[list[Floats]]]
    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)  # of every step
    validation: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    ratios: list[list[float]] = field(default_factory=list)  # updates to weights, by layer
    every: int = 1

    def rms(self, part: str, layer: int) -> Floats:
        """The strength of a tensor in every record."""
        return np.array([np.sqrt((a.astype(np.float64) ** 2).mean()) for a in self.of(part, layer)])

    def of(self, part: str, layer: int) -> list[Floats]:
        return self.parts[part][layer]


class _Optimizer:
    """SGD with or without momentum, or Adam, with decoupled decay."""

    def __init__(self, plan: Plan, values: list[Floats]) -> None:
        self.plan = plan
        self.mean = [np.zeros_like(v) for v in values]
        self.square = [np.zeros_like(v) for v in values]
        self.count = 0

    def step(self, values: list[Floats], gradients: list[Floats], rate: float) -> list[Floats]:
        """The updates of all values, already applied."""
        self.count += 1
        updates = []
        for i, (value, gradient) in enumerate(zip(values, gradients, strict=True)):
            if i // 2 in self.plan.held:
                updates.append(np.zeros_like(value))
                continue
            update = -rate * self._direction(i, gradient)
            if i % 2 == 0:
                update = update - rate * self.plan.decay * value
            updates.append(update.astype(np.float32))
            np.add(value, updates[-1], out=value)
        return updates

    def _direction(self, i: int, gradient: Floats) -> Floats:
        if self.plan.optimizer == "sgd":
            return gradient
        self.mean[i] = 0.9 * self.mean[i] + (0.1 if self.plan.optimizer == "adam" else 1) * gradient
        if self.plan.optimizer == "momentum":
            return self.mean[i]
        self.square[i] = 0.999 * self.square[i] + 0.001 * gradient**2
        mean = self.mean[i] / (1 - 0.9**self.count)
        return mean / (np.sqrt(self.square[i] / (1 - 0.999**self.count)) + 1e-8)


Meddle: TypeAlias = Callable[[int, Net], None]


def train(rng: Generator, net: Net, task: Task, plan: Plan, meddle: Meddle | None = None) -> Trace:
    """Train the net in place; `meddle` may change it before a step."""
    trace = Trace({part: [[] for _ in net.kernels] for part in PARTS}, every=plan.every)
    values = [v for pair in zip(net.kernels, net.biases, strict=True) for v in pair]
    optimizer = _Optimizer(plan, values)
    held_out = task.sample(rng, 256)
    with np.errstate(all="ignore"):
        for step in range(plan.steps):
            if meddle:
                meddle(step, net)
            x, y = task.sample(rng, plan.batch)
            entering, sums, outs = net.forward(x)
            loss, upstream = task.loss(entering[-1], y)
            gradients = _clipped(net.backward(entering, sums, upstream), plan.clip)
            if step == plan.poison[0]:
                for gradient in gradients[: 2 * plan.poison[1] + 2]:
                    gradient[...] = np.nan
            before = [v.copy() for v in net.kernels] if step % plan.every == 0 else []
            noted = [b.copy() for b in net.biases] if before else []
            rate = plan.rate * plan.schedule(step)
            updates = optimizer.step(values, gradients, rate)
            trace.loss.append(loss)
            if before:
                _note(trace, before, noted, gradients, outs)
                trace.steps.append(step)
                trace.rates.append(rate)
                trace.ratios.append(
                    [_size(u) / _size(k) for u, k in zip(updates[::2], before, strict=True)]
                )
                trace.validation.append(task.loss(net.forward(held_out[0])[0][-1], held_out[1])[0])
    return trace


def _clipped(both: tuple[list[Floats], list[Floats]], clip: float) -> list[Floats]:
    flat = [g for pair in zip(*both, strict=True) for g in pair]
    norm = float(np.sqrt(sum(float((g**2).sum()) for g in flat)))
    return [g * np.float32(clip / norm) for g in flat] if clip and norm > clip else flat


def _size(array: Floats) -> float:
    return float(np.sqrt((array.astype(np.float64) ** 2).sum())) + 1e-30


def _note(
    trace: Trace,
    kernels: list[Floats],
    biases: list[Floats],
    gradients: list[Floats],
    outs: list[Floats],
) -> None:
    now = (kernels, biases, gradients[::2], gradients[1::2], outs)
    for part, arrays in zip(PARTS, now, strict=True):
        for kept, array in zip(trace.parts[part], arrays, strict=True):
            kept.append(array.copy())
