"""A small network as a drawn run logs it: weights, gradients, outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from benchmarks.accuracy.curves_heldout import FloatArray, Rng, smeared, stretched
from tests.runs import Buckets, Histogram, Scalar, tf_histogram, torch_histogram

Series: TypeAlias = tuple[Scalar | Histogram, ...]
Tensors: TypeAlias = tuple[Histogram, ...]
Values: TypeAlias = list[FloatArray]  # of one tensor, a record each


class Style(NamedTuple):
    """How a framework or its users name the tensors of layer {i}, and what writes them."""

    layer: str
    kernel: str
    bias: str
    gradient: str
    output: str
    loss: str
    score: str
    split: str
    buckets: Buckets


KERAS = Style("dense_{i}", "{}/kernel/histogram", "{}/bias/histogram", "gradients/{}/kernel",
              "activations/{}", "epoch_loss", "epoch_accuracy", "train", tf_histogram)  # fmt: skip
STYLES = (
    KERAS,
    KERAS._replace(layer="conv2d_{i}", gradient="{}/kernel/gradient", output="{}/output"),
    Style("encoder.layers.{i}", "{}.weight", "{}.bias", "{}.weight.grad", "{}.output",
          "train/loss", "train/acc", "", torch_histogram),
    Style("fc{j}", "{}/weights", "{}/biases", "gradients/{}.weight", "activations/{}",
          "Loss/train", "Accuracy/train", "", torch_histogram),
    Style("conv{j}", "{}.weight", "{}.bias", "{}.weight_grad", "{}/output",
          "train_loss", "train_acc", "", torch_histogram),
    Style("model.net.{k}", "weights/{}.weight", "weights/{}.bias", "grads/{}.weight",
          "activations/{}", "training loss", "training accuracy", "", torch_histogram),
)  # fmt: skip


def walk(rng: Rng, start: FloatArray, moves: FloatArray) -> Values:
    """Values that move by so much (root mean square) a record, mostly on in the same way."""
    way, values = rng.standard_normal(start.shape), [start]
    for move in moves[1:]:
        way = 0.7 * way + 0.7 * rng.standard_normal(start.shape)
        values.append(values[-1] + move * way)
    return values


class Net:
    """A small network over a run: layers of `widths`, with kernels and biases as if it learnt."""

    def __init__(self, rng: Rng, low: int = 2, high: int = 8) -> None:
        self.rng, self.style = rng, STYLES[int(rng.integers(len(STYLES)))]
        self.many, self.records = int(rng.integers(low, high + 1)), int(rng.integers(10, 41))
        self.every = 1 if self.style.split else int(rng.choice([1, 50, 100, 390]))
        self.steps = self.every * np.arange(self.records)
        widths = rng.choice([8, 12, 16, 24, 32], self.many + 1)
        self.spreads = np.sqrt(rng.choice([1.0, 2.0]) / widths[:-1])
        self.sizes = widths[:-1] * widths[1:]
        fading = np.exp(-rng.uniform(0.5, 2.5) * np.arange(self.records) / self.records)
        self.pace: FloatArray = rng.uniform(0.03, 0.1) * fading  # moves, relative to the spread
        self.kernels: list[Values] = []
        self.biases: list[Values] = []
        for spread, size, width in zip(self.spreads, self.sizes, widths[1:], strict=True):
            self.kernels.append(walk(rng, spread * rng.standard_normal(size), spread * self.pace))
            first = 0.0 if self.style.split else spread
            self.biases.append(walk(rng, rng.uniform(-first, first, width), 0.3 * self.pace))

    def tensors(self, form: str, many: Sequence[Values]) -> Tensors:
        """Histograms of one tensor a layer, named as `form` of the style says."""
        return tuple(
            Histogram(self.tag(form, i), [self.style.buckets(v) for v in values],
                      self.style.split, self.steps)
            for i, values in enumerate(many)
        )  # fmt: skip

    def tag(self, form: str, i: int) -> str:
        layer = self.style.layer.format(i=i, j=i + 1, k=2 * i).removesuffix("_0")
        return form.format(layer)

    def weights(self) -> Tensors:
        return (
            *self.tensors(self.style.kernel, self.kernels),
            *self.tensors(self.style.bias, self.biases),
        )

    def gradients(self, each: FloatArray, over: FloatArray) -> Tensors:
        """Gradients of the strength each[layer] · over[record], a little uneven."""
        strengths = each[:, None] * over * np.exp(0.15 * self.rng.standard_normal(self.records))
        many = [
            [s * self.rng.standard_t(5, size) for s in row]
            for row, size in zip(strengths, self.sizes, strict=True)
        ]
        return self.tensors(self.style.gradient, many)

    def outputs(self, draw: Callable[[int, float], FloatArray]) -> Tensors:
        """Outputs of every layer but the last: draw(layer, t), with t from 0 to 1."""
        t = np.linspace(0.0, 1.0, self.records)
        many = [[draw(i, x) for x in t.tolist()] for i in range(self.many - 1)]
        return self.tensors(self.style.output, many)

    def relu(self, zeros: float) -> FloatArray:
        """A batch of what a ReLU layer gives, of which about this share is exactly zero."""
        values = np.abs(self.rng.standard_normal(256))
        return np.where(self.rng.random(256) < zeros, 0.0, values)

    def curves(self, form: str, turn: float = 0.0) -> Series:
        """Loss and mostly accuracy: good, at guessing, stuck high up, climbing tossed about …

        Before `turn`, a share of the run, it is better than guessing.
        """
        rng, per = self.rng, 1 if self.every == 1 else int(self.rng.choice([1, 5, 10]))
        n, classes = self.records * per, int(rng.choice([3, 5, 10]))
        t, guess = np.arange(n) / n, float(np.log(classes))
        score = rng.binomial(1_000, 1.0 / classes, n) / 1_000
        if form in {"good", "solved"}:
            fall = stretched(rng, n, rng.uniform(0.03, 0.15))
            if form == "solved":
                fall = 0.02 + 0.98 * np.exp(-t / 0.05)
            curve, score = guess * fall * smeared(rng, n, 0.02), 0.97 - (0.97 - 1 / classes) * fall
        elif form == "guessing":
            curve = guess * (1.0 + 0.05 * np.exp(-np.arange(n) / 2.0)) * smeared(rng, n, 0.003)
            curve = np.where(t < turn, curve * (1.0 - 0.5 * t / max(turn, 0.01)), curve)
            score = np.where(t < turn, score + 0.4 * t / max(turn, 0.01), score)
        elif form == "high":
            curve = guess * (0.85 + 0.25 * np.exp(-20.0 * t)) * smeared(rng, n, 0.01)
            score = score + 0.1 * (1.0 - np.exp(-20.0 * t))
        elif form == "climbing":
            curve = guess * 10 ** (rng.uniform(1.0, 3.0) * t) * smeared(rng, n, 0.1)
        else:
            curve = guess * rng.uniform(1.0, 4.0) * np.exp(0.4 * rng.standard_normal(n))
        split = self.style.split
        steps = self.every // per * np.arange(n)
        loss = Scalar(self.style.loss, curve, split, steps)
        return (loss, Scalar(self.style.score, score, split, steps))[: int(rng.choice([1, 2, 2]))]
