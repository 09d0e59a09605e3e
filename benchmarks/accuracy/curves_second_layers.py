"""How other people's programs name layers and write their tensors, for the half `second`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.curves_heldout import FloatArray, Rng
from benchmarks.accuracy.curves_second_names import (
    Program,
    Series,
    Steps,
    epochwise,
    fall,
    guessing,
    noisy,
    right,
    stepwise,
)
from tests.runs import Buckets, Histogram, tf_histogram, torch_histogram

SAMPLES = 24  # whose outputs one record of a layer's activations holds


@dataclass(frozen=True)
class Style:
    """The tags of one way to log tensors: of a kernel, a bias, a gradient, and an output."""

    record: Buckets
    split: str
    kernel: str
    bias: str
    gradient: str
    output: str
    names: tuple[str, ...]


KERAS_NAMES = ("dense dense_1 dense_2 dense_3 dense_4 dense_5 dense_6 dense_7",
               "conv2d conv2d_1 conv2d_2 conv2d_3 dense dense_1 dense_2 dense_3")  # fmt: skip
TORCH_NAMES = (
    "fc1 fc2 fc3 fc4 fc5 fc6 fc7 fc8",
    "conv1 conv2 conv3 conv4 fc1 fc2 fc3 fc4",
    "layers.0 layers.2 layers.4 layers.6 layers.8 layers.10 layers.12 layers.14",
    "encoder.0 encoder.2 encoder.4 encoder.6 decoder.0 decoder.2 decoder.4 decoder.6",
)
STYLES = (
    Style(tf_histogram, "train", "{}/kernel_0", "{}/bias_0", "{}/kernel_0_grad", "{}_out",
          KERAS_NAMES),
    Style(tf_histogram, "train", "sequential/{}/kernel/histogram", "sequential/{}/bias/histogram",
          "gradients/{}/kernel", "activations/{}", KERAS_NAMES),
    Style(torch_histogram, "", "{}.weight", "{}.bias", "{}.weight.grad", "{}.activations",
          TORCH_NAMES),
    Style(torch_histogram, "", "{}/weight", "{}/bias", "{}/weight/grad", "{}/output",
          TORCH_NAMES),
    Style(torch_histogram, "", "weights/{}.weight", "weights/{}.bias", "grads/{}.weight",
          "activations/{}", TORCH_NAMES),
    Style(torch_histogram, "", "parameters/{}.weight", "parameters/{}.bias",
          "gradients/{}.weight", "activations/{}", TORCH_NAMES),
)  # fmt: skip


@dataclass(frozen=True)
class Net:
    """A small net: its layers' names and widths, how it is logged, and at which steps."""

    style: Style
    names: tuple[str, ...]
    widths: tuple[int, ...]
    at: Steps
    program: Program

    @property
    def layers(self) -> range:
        return range(len(self.names))

    @property
    def time(self) -> FloatArray:
        """The times of the records, from 0 to 1."""
        return np.linspace(0.0, 1.0, len(self.at))

    def kernel(self, rng: Rng, i: int, gain: float = 2.0) -> FloatArray:
        """A kernel as He's (or by another gain) initializer draws it, normal or uniform."""
        shape, size = self.widths[i : i + 2], np.sqrt(gain / self.widths[i])
        if rng.random() < 0.5:
            return np.asarray(size * rng.standard_normal(shape))
        return np.asarray(size * np.sqrt(3.0) * rng.uniform(-1.0, 1.0, shape))

    def write(self, role: str, i: int, states: Sequence[FloatArray]) -> Histogram:
        """The records of one tensor of a layer."""
        return self.named(getattr(self.style, role).format(self.names[i]), states)

    def named(self, tag: str, states: Sequence[FloatArray]) -> Histogram:
        """The records of a tensor that has a tag of its own."""
        records = [self.style.record(state) for state in states]
        return Histogram(tag, records, self.style.split, self.at)

    def trained(self, rng: Rng, i: int, moved: float = 0.8) -> Series:
        """A kernel and a bias that training moves by a part of their size, ever more slowly."""
        start = self.kernel(rng, i)
        size = float(start.std())
        none = np.zeros(self.widths[i + 1])
        return (
            self.write("kernel", i, wandering(rng, start, self.time, moved * size)),
            self.write("bias", i, wandering(rng, none, self.time, 0.4 * moved * size)),
        )

    def fixed(self, rng: Rng, i: int) -> Series:
        """A kernel and a bias that no update reaches."""
        kernel, bias = self.kernel(rng, i), 0.05 * rng.standard_normal(self.widths[i + 1])
        return (
            self.write("kernel", i, [kernel] * len(self.at)),
            self.write("bias", i, [bias] * len(self.at)),
        )

    def gradients(self, rng: Rng, levels: FloatArray) -> Series:
        """The gradients of the kernels at given sizes, one row a layer."""
        return tuple(
            self.write("gradient", i, [slopes(rng, self.widths[i : i + 2], s) for s in levels[i]])
            for i in self.layers
        )

    def rectified(self, rng: Rng, victim: int, lives: NDArray[np.bool_]) -> Series:
        """ReLU outputs, of which one layer's are zero but while it lives."""
        series: Series = ()
        for i in self.layers[:-1]:
            states, fixed = [], np.abs(rng.standard_normal(self.widths[i + 1]))
            for live in lives:
                sums = rng.standard_normal((SAMPLES, self.widths[i + 1]))
                if i > victim and not live:  # only biases are left of what comes after
                    sums = np.tile(fixed, (SAMPLES, 1))
                states.append(np.maximum(0.0, sums) * (live or i != victim))
            series += (self.write("output", i, states),)
        return series

    def normalized(self, rng: Rng, i: int) -> Series:
        """The scales, shifts, and running means and variances of a layer's batch norm."""
        width, keras = self.widths[i + 1], self.style.split == "train"
        name = f"batch_normalization_{i}/" if keras else f"bn{i + 1}."
        tags = ("gamma_0 beta_0 moving_mean_0 moving_variance_0" if keras else
                "weight bias running_mean running_var").split()  # fmt: skip
        level, done = rng.gamma(2.0, 10.0, width), 1.0 - np.exp(-8.0 * self.time)
        tensors = (
            wandering(rng, np.ones(width), self.time, 0.15),
            wandering(rng, np.zeros(width), self.time, 0.1),
            [d * (np.sqrt(level) + 0.1 * rng.standard_normal(width)) for d in done],
            [1.0 + d * (level * noisy(rng, width, 0.03) - 1.0) for d in done],
        )
        pairs = zip(tags, tensors, strict=True)
        return tuple(self.named(name + tag, states) for tag, states in pairs)

    def losses(self, curve: FloatArray, **more: FloatArray) -> Series:
        """The loss, whose points are a multiple of the records, and what goes with it."""
        last = int(self.at[-1] - self.at[0])
        at = self.at[0] + np.round(np.linspace(0, last, len(curve))).astype(np.int64)
        return self.program.write(at, loss=curve, **more)


def make_net(rng: Rng, fewest: int = 3, most: int = 6, every: tuple[int, ...] = ()) -> Net:
    """A net of some layers, of 10 to 40 records, each an epoch or so many steps."""
    style, layers = STYLES[rng.integers(len(STYLES))], int(rng.integers(fewest, most + 1))
    names = style.names[rng.integers(len(style.names))].split()
    widths = [int(rng.choice([12, 16, 24, 32])) for _ in range(layers)] + [10]
    program = epochwise(rng) if not every and rng.random() < 0.5 else stepwise(rng)
    stride = int(rng.choice(every or (program.every[0], 10 * program.every[0])))
    at = stride * (np.arange(int(rng.integers(10, 41))) + rng.integers(0, 2))
    return Net(style, tuple(names[:layers]), tuple(widths), at, program)


def wandering(rng: Rng, start: FloatArray, t: FloatArray, moved: float) -> list[FloatArray]:
    """A tensor on its way to a goal some way off, with a jitter that dies down."""
    goal, pace = moved * rng.standard_normal(start.shape), 1.0 - np.exp(-4.0 * t)
    sway, states = np.zeros(start.shape), []
    for done in pace:
        states.append(start + done * goal + sway)
        sway = sway + 0.05 * moved * (1.05 - done) * rng.standard_normal(start.shape)
    return states


def leapt(rng: Rng, kernel: FloatArray, size: float, usual: float) -> FloatArray:
    """A kernel of which a large part is renewed: it grows or shrinks, and shifts as a whole."""
    fresh = usual * (rng.standard_normal(kernel.shape) + 0.5 * rng.standard_normal())
    return np.asarray((1.0 - 0.7 * size) * kernel + size * fresh * rng.uniform(0.6, 2.0))


def stepped(rng: Rng, kernel: FloatArray, size: float) -> FloatArray:
    """A kernel after a step of Adam at a rate like its weights: each by as much, either way."""
    way = np.sign(rng.standard_normal(kernel.shape) + 0.7 * rng.standard_normal())
    return np.asarray(0.8 * kernel + size * way)


def slopes(rng: Rng, shape: tuple[int, ...], size: float) -> FloatArray:
    """Gradients of one step: most are small, some are large."""
    return np.asarray(size * noisy(rng, 1, 0.2)[0] * rng.laplace(0.0, 0.7, shape))


def points_of(rng: Rng, net: Net) -> int:
    """As many points of the loss as records, or several for each."""
    span, records = int(net.at[-1] - net.at[0]), len(net.at)
    return min(span + 1, records * int(rng.choice([1, 1, 5, 20])))


def learned(rng: Rng, net: Net, floor: float | None = None) -> Series:
    """A loss that falls well, and the accuracy or the validation that goes with it."""
    n = points_of(rng, net)
    curve = rng.uniform(0.7, 2.5) * fall(rng, n, floor or rng.uniform(0.1, 0.35))
    more = {"score": right(curve, 0.95)} if rng.random() < 0.6 else {}
    if rng.random() < 0.5:
        more["held"] = 1.1 * curve * noisy(rng, n, 0.02)
    return net.losses(curve * noisy(rng, n, 0.02), **more)


def unlearned(rng: Rng, net: Net) -> Series:
    """A loss that stays at that of guessing."""
    loss, score = guessing(rng, points_of(rng, net))
    return net.losses(loss, **({"score": score} if rng.random() < 0.6 else {}))


def poorly_learned(rng: Rng, net: Net) -> Series:
    """A loss that falls by a tenth or two, and stays there, with an accuracy to match."""
    n = points_of(rng, net)
    curve = 2.303 * (rng.uniform(0.8, 0.92) + 0.12 * np.exp(-np.arange(n) / (0.06 * n)))
    more = {"score": right(curve / 2.303, 1.0) + 0.1} if rng.random() < 0.6 else {}
    return net.losses(curve * noisy(rng, n, 0.01), **more)


def worsening(rng: Rng, net: Net, last_is_nan: bool) -> Series:
    """A loss that grows by orders of magnitude, at times to no number at all."""
    n = points_of(rng, net)
    curve = 10 ** (rng.uniform(1.0, 3.5) * np.linspace(0.0, 1.0, n) ** 1.3)
    curve = rng.uniform(0.7, 2.5) * curve * noisy(rng, n, 0.08)
    if last_is_nan:
        curve[int(0.96 * n) :] = np.nan
    return net.losses(curve)
