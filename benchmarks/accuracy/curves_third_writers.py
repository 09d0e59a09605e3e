"""How programs name the tensors of a net in TensorBoard, and write them beside their scalars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_layers import Floats, Trace
from tests.runs import Histogram, Record, Scalar, tf_histogram, torch_histogram

TORCH_LAYERS = (
    ("layers.{}", "head"),
    ("fc{1}", ""),
    ("net.{2}", ""),
    ("mlp.{2}", "mlp_head"),
    ("model.layers.{}.fc", "model.classifier"),
    ("encoder.layers.{}.linear1", "decoder"),
    ("features.{2}", "classifier"),
    ("hidden_{}", "output"),
    ("trunk.{}.lin", "trunk_out"),
    ("layer{1}.0.conv1", "fc"),
    ("linear_relu_stack.{2}", ""),
)
KERAS_LAYERS = (
    ("dense_{}", ""),
    ("hidden_{1}", "predictions"),
    ("fc{1}", "logits"),
    ("block{1}_dense", "output"),
    ("conv2d_{}", "dense"),
)
TORCH_WEIGHTS = ("{l}.{k}", "{l}/{k}", "weights/{l}.{k}", "params/{l}.{k}", "{l}.{k}/hist")
TORCH_GRADS = (
    "{l}.{k}.grad",
    "{l}/{k}/grad",
    "gradients/{l}.{k}",
    "grads/{l}.{k}",
    "grad/{l}.{k}",
    "{l}.{k}_grad",
)
TORCH_OUTS = ("activations/{a}{n}", "activations/{l}", "{l}/{a}/output", "act/{l}", "{l}.output")
KERAS_GRADS = ("gradients/{l}/{k}", "{l}/{k}/gradient", "grads/{l}/{k}_0", "{l}/{k}_grad")
KERAS_OUTS = ("{l}/out_0", "activations/{l}", "{l}/activation", "outputs/{l}")
TORCH_LOSSES = (
    ("Loss/train", "Loss/val"),
    ("loss/train", "loss/valid"),
    ("train/loss", "val/loss"),
    ("train_loss", "val_loss"),
    ("training_loss", "validation_loss"),
    ("loss", "val_loss"),
    ("train/loss_step", "val/loss_epoch"),
)


@dataclass(frozen=True)
class Program:
    """What one program calls its tensors and its loss, and how it counts steps."""

    torch: bool
    layer: str
    last: str
    weights: str
    grads: str
    outs: str
    losses: tuple[str, str]
    epochs: bool  # one point of the loss for each record
    factor: int = 1
    origin: int = 0
    splits: tuple[str, str] = ("", "")

    def name(self, i: int, depth: int) -> str:
        """The i-th layer of so many; programs number them from 0, from 1, or in twos."""
        if i == depth - 1 and self.last:
            return self.last
        name = self.layer.replace("{1}", str(i + 1)).replace("{2}", str(2 * i)).format(i)
        return "dense" if name == "dense_0" else name

    def tag(self, part: str, name: str, n: int = 0, activation: str = "relu") -> str:
        what = part.removesuffix("_grad")
        word = "weight" if what == "kernel" and self.torch else what
        form = self.outs if part == "out" else self.grads if part != what else self.weights
        return form.format(l=name, k=word, a=activation, n=n + 1)

    def record(self, values: Floats) -> Record | None:
        """None where PyTorch's writer refuses: it has no bucket for what is not finite."""
        if not self.torch:
            return tf_histogram(values)
        fits = np.isfinite(values).all() and np.abs(values).max() < 1e20
        return torch_histogram(values) if fits else None


def pick(rng: Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def program(rng: Generator, *, by_step: bool = False) -> Program:
    """A PyTorch, Keras, or JAX program; `by_step`, one that has the loss of every step."""
    kind = rng.choice(["torch", "keras", "flax"], p=[0.55, 0.3, 0.15])
    if kind == "torch":
        layer, last = TORCH_LAYERS[int(rng.integers(len(TORCH_LAYERS)))]
        losses = TORCH_LOSSES[int(rng.integers(len(TORCH_LOSSES)))]
        forms = pick(rng, TORCH_WEIGHTS), pick(rng, TORCH_GRADS), pick(rng, TORCH_OUTS)
        epochs = not by_step and bool(rng.random() < 0.4)
        factor = 1 if epochs or by_step else int(rng.choice([1, 1, 10, 32]))
        return Program(True, layer, last, *forms, losses, epochs, factor, int(rng.integers(2)))
    if kind == "flax":
        forms = "params/{l}/{k}", "grads/{l}/{k}", "intermediates/{l}"
        losses = ("train_loss", "eval_loss") if rng.random() < 0.5 else ("loss", "eval/loss")
        return Program(False, "Dense_{}", "", *forms, losses, False, 1, 1)
    layer, last = KERAS_LAYERS[int(rng.integers(len(KERAS_LAYERS)))]
    weights = "sequential/{l}/{k}/histogram" if rng.random() < 0.25 else "{l}/{k}_0"
    forms = weights, pick(rng, KERAS_GRADS), pick(rng, KERAS_OUTS)
    losses = ("batch_loss", "epoch_loss") if by_step else ("epoch_loss", "epoch_loss")
    splits = ("train", "validation")
    return Program(False, layer, last, *forms, losses, not by_step, splits=splits)


def histogram(
    prog: Program, tag: str, arrays: Sequence[Floats], steps: Sequence[int]
) -> Histogram | None:
    """The records of one tensor up to the first that could not be written."""
    records = []
    for array in arrays:
        record = prog.record(np.asarray(array, np.float64))
        if record is None:
            break
        records.append(record)
    return Histogram(tag, records, prog.splits[0], steps[: len(records)]) if records else None


def counted(prog: Program, trace: Trace) -> list[int]:
    """The steps of the records as the program counts them."""
    if prog.epochs:
        return [prog.origin + i for i in range(len(trace.steps))]
    return [prog.factor * step + prog.origin for step in trace.steps]


def tensors(
    prog: Program, trace: Trace, parts: Sequence[str], activation: str = "relu"
) -> list[Histogram]:
    """Histograms of these parts of all layers; outputs only of the hidden ones."""
    found = []
    steps = counted(prog, trace)
    for part in parts:
        layers = trace.parts[part]
        for i, arrays in enumerate(layers[:-1] if part == "out" else layers):
            tag = prog.tag(part, prog.name(i, len(layers)), i, activation)
            made = histogram(prog, tag, arrays, steps)
            if made:
                found.append(made)
    return found


def losses(rng: Generator, prog: Program, trace: Trace, unit: float = 1.0) -> list[Scalar]:
    """The loss as the program logs it: by epoch, or thinned by step; often with validation."""
    steps = counted(prog, trace)
    each = unit * np.asarray(trace.loss)
    if prog.epochs:
        means = [each[s : s + trace.every].mean() for s in trace.steps]
        found = [Scalar(prog.losses[0], means, prog.splits[0], steps)]
    else:
        stride = max(1, len(each) // int(rng.choice([100, 300, 3000])))
        at = np.arange(0, len(each), stride)
        counts = prog.factor * at + prog.origin
        found = [Scalar(prog.losses[0], each[at], prog.splits[0], counts)]
    if rng.random() < 0.6:
        values = unit * np.asarray(trace.validation)
        found.append(Scalar(prog.losses[1], values, prog.splits[1], steps))
    return found


def extras(rng: Generator, prog: Program, trace: Trace) -> list[Scalar]:
    """What programs log beside it: the rate, the speed, the memory."""
    steps = counted(prog, trace)
    n = len(steps)
    found = []
    if rng.random() < 0.5:
        tag = (
            "epoch_learning_rate" if prog.splits[0] else pick(rng, ("lr", "train/lr", "LR/group0"))
        )
        found.append(Scalar(tag, trace.rates, prog.splits[0], steps))
    if prog.torch and rng.random() < 0.4:
        speed = rng.uniform(50, 9e3) * (1 + 0.05 * rng.standard_normal(n))
        found.append(Scalar(pick(rng, ("samples_per_sec", "perf/it_s")), speed, "", steps))
    if prog.torch and rng.random() < 0.3:
        memory = rng.uniform(900, 4e4) + np.cumsum(rng.random(n) < 0.1)
        found.append(Scalar(pick(rng, ("gpu_mem_mb", "system/memory")), memory, "", steps))
    return found


def written(
    rng: Generator,
    trace: Trace,
    parts: Sequence[str],
    *,
    activation: str = "relu",
    prog: Program | None = None,
    unit: float = 1.0,
) -> tuple[Scalar | Histogram, ...]:
    """A whole run of a trained net."""
    prog = prog or program(rng)
    scalars = losses(rng, prog, trace, unit) + extras(rng, prog, trace)
    return (*scalars, *tensors(prog, trace, parts, activation))
