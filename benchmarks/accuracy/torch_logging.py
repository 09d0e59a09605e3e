"""The manners in which people log PyTorch trainings: cadence, tag names, histograms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from benchmarks.accuracy.recipe import Recipe
from tblogreport.instrument.torch import Watch, watch

HISTOGRAM_RECORDS = 10


@dataclass(frozen=True)
class Manner:
    """What is written when. Tags are templates of `add_scalar`; None is not written.

    Batches are logged every `every` steps, as their mean since the last record where
    `averaged`, as a running mean that forgets where `smoothing` is not 0. `by_step` says that
    epochs, too, are numbered by their last step. In tags of tensors `{name}` stands for the
    parameter's name and `{path}` for the same with slashes.
    """

    batch_loss: str | None = None
    train_loss: str | None = None
    validation_loss: str | None = None
    train_accuracy: str | None = None
    validation_accuracy: str | None = None
    learning_rate: str | None = None
    gradient_norm: str | None = None
    epoch: str | None = None
    every: int = 1
    averaged: bool = False
    smoothing: float = 0.0  # the weight of the past
    by_step: bool = False
    grouped: bool = False  # add_scalars: one sub-directory a curve
    weights: str | None = None
    gradients: str | None = None
    activations: str | None = None
    watched: bool = False  # `tblogreport.instrument.torch.watch` logs the tensors

    @property
    def logged(self) -> str:
        """What this manner logs, as letters: see `recipe.LOGGED`."""
        if self.watched:
            return "BVWNGAHU"
        every_batch = self.batch_loss and self.every <= 5 and not (self.averaged or self.smoothing)
        return "".join(
            letter
            for letter, tag in (
                ("B", every_batch),
                ("V", self.validation_loss),
                ("W", self.weights),
                ("N", self.gradient_norm),
                ("Q", self.gradient_norm and self.every == 1),
                ("G", self.gradients),
                ("A", self.activations),
                ("H", self.learning_rate),
            )
            if tag
        )


MANNERS = {
    "writer": Manner(
        train_loss="Loss/train",
        validation_loss="Loss/val",
        train_accuracy="Accuracy/train",
        validation_accuracy="Accuracy/val",
    ),
    "writer-histograms": Manner(
        train_loss="loss/train",
        validation_loss="loss/test",
        validation_accuracy="accuracy/test",
        learning_rate="lr",
        weights="{name}",
        gradients="{name}.grad",
        activations="{name}_out",
    ),
    "lightning": Manner(
        batch_loss="train_loss_step",
        train_loss="train_loss_epoch",
        validation_loss="val_loss",
        validation_accuracy="val_acc",
        learning_rate="lr-{optimizer}",
        epoch="epoch",
        every=5,
        by_step=True,
    ),
    "huggingface": Manner(
        batch_loss="train/loss",
        validation_loss="eval/loss",
        validation_accuracy="eval/accuracy",
        learning_rate="train/learning_rate",
        gradient_norm="train/grad_norm",
        epoch="train/epoch",
        every=10,
        averaged=True,
        by_step=True,
    ),
    "steps": Manner(
        batch_loss="training loss",
        validation_loss="validation loss",
        learning_rate="learning rate",
        gradient_norm="gradient norm",
        by_step=True,
    ),
    "steps-histograms": Manner(
        batch_loss="Train/Loss",
        validation_loss="Valid/Loss",
        validation_accuracy="Valid/Acc",
        by_step=True,
        weights="weights/{name}",
        gradients="grads/{name}",
        activations="activations/{name}",
    ),
    "watched": Manner(
        validation_loss="val_loss", validation_accuracy="val_accuracy", by_step=True, watched=True
    ),
    "odd-names": Manner(
        train_loss="trn/objective",
        validation_loss="dev/objective",
        train_accuracy="trn/top1",
        validation_accuracy="dev/top1",
        learning_rate="optim/lr",
    ),
    "ignite-histograms": Manner(
        batch_loss="training/batchloss",
        train_loss="training/loss",
        validation_loss="validation/loss",
        validation_accuracy="validation/accuracy",
        learning_rate="lr/group_0",
        every=10,
        by_step=True,
        weights="weights/{path}",
        gradients="grads/{path}",
    ),
    "fastai": Manner(
        batch_loss="train_loss",
        validation_loss="valid_loss",
        validation_accuracy="accuracy",
        learning_rate="lr_0",
        smoothing=0.98,
        by_step=True,
    ),
    "detectron": Manner(
        batch_loss="total_loss",
        validation_loss="validation_loss",
        validation_accuracy="accuracy",
        learning_rate="lr",
        every=20,
        averaged=True,
        by_step=True,
    ),
    "grouped": Manner(
        train_loss="loss", validation_loss="loss", validation_accuracy="acc", grouped=True
    ),
}


class Logger:
    """Writes one run in one manner; a context manager that closes the event file."""

    def __init__(self, log_dir: Path, manner: Manner, recipe: Recipe, total_steps: int) -> None:
        self.manner = manner
        self.recipe = recipe
        self._log_dir = log_dir
        self._writer = SummaryWriter(str(log_dir))
        self._pending: list[float] = []
        self._smooth, self._weight = 0.0, 0.0  # the sum and the weights of a running mean
        self._interval = max(1, total_steps // HISTOGRAM_RECORDS)
        self._watch: Watch | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._watch is not None:
            self._watch.close()
        self._writer.close()

    def begin(self, model: nn.Module, step: int = 0) -> None:
        """Look at the tensors of a model from now on, where this manner does."""
        if self.manner.watched:
            self._watch = watch(model, self._writer, every=self._interval, step=step)

    def restart(self, model: nn.Module, step: int) -> None:
        """Go on in a second event file, as a resumed program does."""
        self._close()
        self._writer = SummaryWriter(str(self._log_dir), filename_suffix=".2")
        self.begin(model, step)

    def wants_histograms(self, step: int) -> bool:
        """Whether the update that leads to `step` is one whose tensors are written."""
        return bool(self.manner.weights) and step % self._interval == 0

    def loss(self, loss: float) -> None:
        """Take the loss of an update that is about to be made."""
        if self._watch is not None:
            self._watch.loss(loss)

    def batch(self, step: int, loss: float, rate: float, gradient_norm: float) -> None:
        """Write one training step, if it is its turn."""
        self._pending.append(loss)
        if self.manner.smoothing:
            loss = self._smoothed(loss)
        if step % self.manner.every:
            return
        value = sum(self._pending) / len(self._pending) if self.manner.averaged else loss
        self._pending.clear()
        self._scalar(self.manner.batch_loss, value, step)
        self._scalar(self.manner.gradient_norm, gradient_norm, step)
        if self.manner.by_step:
            self._scalar(self.manner.learning_rate, rate, step)

    def epoch(self, epoch: int, step: int, rate: float, means: dict[str, float | None]) -> None:
        """Write the means of one epoch: keys are the fields of `Manner`."""
        at = step if self.manner.by_step else epoch
        if self.manner.grouped:
            self._groups(at, means)
            return
        for name, value in means.items():
            if value is not None:
                self._scalar(getattr(self.manner, name), value, at)
        self._scalar(self.manner.epoch, float(epoch), at)
        if not self.manner.by_step:
            self._scalar(self.manner.learning_rate, rate, at)

    def histograms(
        self, epoch: int, step: int, model: nn.Module, outputs: dict[str, torch.Tensor]
    ) -> None:
        """Write weights, gradients and outputs of the layers after an update."""
        at = step if self.manner.by_step else epoch
        for name, parameter in model.named_parameters():
            self._histogram(self.manner.weights, name, parameter.detach(), at)
            if parameter.grad is not None:
                self._histogram(self.manner.gradients, name, parameter.grad, at)
        for name, output in outputs.items():
            self._histogram(self.manner.activations, name, output, at)

    def _smoothed(self, loss: float) -> float:
        kept = self.manner.smoothing
        self._smooth = kept * self._smooth + (1.0 - kept) * loss
        self._weight = kept * self._weight + (1.0 - kept)
        return self._smooth / self._weight

    def _groups(self, at: int, means: dict[str, float | None]) -> None:
        for tag, names in (
            ("loss", ("train_loss", "validation_loss")),
            ("acc", ("validation_accuracy",)),
        ):
            values = {name.split("_")[0]: means[name] for name in names}
            known = {name: value for name, value in values.items() if value is not None}
            if known:
                self._writer.add_scalars(tag, known, at)

    def _scalar(self, tag: str | None, value: float, step: int) -> None:
        if tag is not None:
            name = tag.format(optimizer=self.recipe.optimizer.capitalize())
            self._writer.add_scalar(name, value, step)

    def _histogram(self, tag: str | None, name: str, values: torch.Tensor, step: int) -> None:
        if tag is None or not bool(torch.isfinite(values).all()):
            return  # add_histogram() raises on what is not finite, and people then skip it
        path = name.replace(".", "/")
        self._writer.add_histogram(tag.format(name=name, path=path), values, step)
