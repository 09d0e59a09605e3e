"""Train one program in PyTorch: log it as people do, and record what really happened."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.accuracy import torch_models
from benchmarks.accuracy.data import Data, load
from benchmarks.accuracy.recipe import Checkpoint, Recipe, Record
from benchmarks.accuracy.schedule import rate_at
from benchmarks.accuracy.torch_logging import MANNERS, Logger
from benchmarks.accuracy.torch_measure import LossOf, Sets, accuracy, kernels, measure, moved_by
from benchmarks.accuracy.torch_optimizers import OPTIMIZERS

CHECKPOINTS = 24
MAX_EVALUATED = 600  # samples of each data set that a checkpoint looks at


def train(
    data_name: str, architecture: str, recipe: Recipe, seed: int, manner: str, log_dir: Path
) -> Record:
    """Train, write event files below `log_dir`, and return what happened."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    data = load(data_name, recipe, seed)
    training = _Training(data, architecture, recipe, seed)
    with Logger(log_dir, MANNERS[manner], recipe, training.total_steps) as logger:
        return training.run(logger)


class _Training:
    """The state of one training."""

    def __init__(self, data: Data, architecture: str, recipe: Recipe, seed: int) -> None:
        self.recipe = recipe
        self.rng = np.random.default_rng([seed, 3])
        self.x, self.y = torch.from_numpy(data.x_train), torch.from_numpy(data.y_train)
        self.sets = Sets(
            self.x[:MAX_EVALUATED],
            self.y[:MAX_EVALUATED],
            torch.from_numpy(data.x_validation[:MAX_EVALUATED]),
            torch.from_numpy(data.y_validation[:MAX_EVALUATED]),
        )
        self.scored = data.task != "values"
        self.model = torch_models.build(architecture, recipe, data)
        self.loss_of = _loss_of(data, recipe)
        self.steps_an_epoch = math.ceil(len(self.x) / recipe.batch)
        if recipe.frozen == "backbone":
            self._train_unlogged()
            torch_models.freeze_backbone(self.model, recipe)
        self.optimizer = _optimizer(self.model, recipe)
        self.total_steps = self.steps_an_epoch * recipe.epochs
        self.step = 0
        self.outputs: dict[str, torch.Tensor] = {}

    def run(self, logger: Logger) -> Record:
        before = {n: p.detach().clone() for n, p in self.model.named_parameters()}
        at = {round(s) for s in np.linspace(0, self.total_steps, CHECKPOINTS)}
        checkpoints, losses, norms = [self._checkpoint()], list[float](), list[float]()
        kept: Any = None
        logger.begin(self.model)
        epoch, restart = 0, self.recipe.epochs // 2 if self.recipe.resumed else None
        while epoch < self.recipe.epochs:
            if epoch == restart:
                self._resume(kept)
                logger.restart(self.model, self.step)
                epoch, restart = epoch - 2, None
            kept = self._kept_two_epochs_ago(kept)
            means: list[tuple[float, float]] = []
            for rows in self._batches():
                watched = self._kernels() if self.step + 1 in at else None
                loss, score, norm = self._update(rows, logger)
                losses.append(loss)
                norms.append(norm)
                means.append((loss, score))
                logger.batch(self.step, loss, self._rate(), norm)
                if logger.wants_histograms(self.step):
                    logger.histograms(epoch, self.step, self.model, self.outputs)
                if watched is not None:
                    ratios = moved_by(watched, self.model)
                    checkpoints.append(replace(self._checkpoint(), update_ratio=ratios))
            logger.epoch(epoch, self.step, self._rate(), self._epoch_means(means))
            epoch += 1
        moved = {n for n, p in self.model.named_parameters() if not torch.equal(p, before[n])}
        unmoved = [n for n in before if n not in moved]
        return Record(checkpoints, losses, norms, unmoved, sorted(moved), logger.manner.logged)

    def _train_unlogged(self) -> None:
        """Train all layers for as many epochs as the run itself will have."""
        optimizer = _optimizer(self.model, self.recipe)
        for _ in range(self.recipe.epochs):
            for rows in self._batches():
                optimizer.zero_grad()
                self.loss_of(self.model(self.x[rows]), self.y[rows]).backward()
                optimizer.step()

    def _batches(self) -> Iterator[np.ndarray[Any, Any]]:
        order = self.rng.permutation(len(self.x))
        return iter(np.array_split(order, self.steps_an_epoch))

    def _update(self, rows: np.ndarray[Any, Any], logger: Logger) -> tuple[float, float, float]:
        recipe = self.recipe
        x, y = self._spoiled(self.x[rows], self.y[rows])
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        with _recorded(self.model, self.outputs, logger.wants_histograms(self.step + 1)):
            predicted = self.model(x)
        loss = self.loss_of(predicted, y)
        logger.loss(loss.item())
        self.optimizer.zero_grad()
        loss.backward()
        limit = recipe.clip if recipe.clip is not None else math.inf
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), limit)
        self.optimizer.step()
        self.step += 1
        return loss.item(), accuracy(predicted, y) if self.scored else 0.0, float(norm)

    def _spoiled(self, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        recipe = self.recipe
        if recipe.nan_from is not None and self.step >= recipe.nan_from * self.total_steps:
            x = x.clone()
            x[0] = math.nan
        if recipe.bad_batches and self.rng.random() < recipe.bad_batches:
            x, y = 20.0 * x, y[torch.from_numpy(self.rng.permutation(len(y)))]
        return x, y

    def _epoch_means(self, batches: list[tuple[float, float]]) -> dict[str, float | None]:
        state = torch.random.get_rng_state()
        self.model.eval()
        with torch.no_grad():
            predicted = self.model(self.sets.x_validation)
        self.model.train()
        torch.random.set_rng_state(state)
        target = self.sets.y_validation
        return {
            "train_loss": float(np.mean([loss for loss, _ in batches])),
            "validation_loss": float(self.loss_of(predicted, target)),
            "train_accuracy": float(np.mean([s for _, s in batches])) if self.scored else None,
            "validation_accuracy": accuracy(predicted, target) if self.scored else None,
        }

    def _kernels(self) -> dict[str, torch.Tensor]:
        return {name: kernel.detach().clone() for name, kernel in kernels(self.model)}

    def _checkpoint(self) -> Checkpoint:
        return measure(self.model, self.sets, self.loss_of, self.step, self.scored)

    def _rate(self) -> float:
        return rate_at(self.recipe, self.step / self.total_steps)

    def _kept_two_epochs_ago(self, kept: list[Any] | None) -> list[Any]:
        state = (self.model.state_dict(), self.optimizer.state_dict(), self.step)
        return [*(kept or []), copy.deepcopy(state)][-2:]

    def _resume(self, kept: list[Any]) -> None:
        model, optimizer, self.step = kept[0]
        self.model.load_state_dict(model)
        self.optimizer.load_state_dict(optimizer)


def _loss_of(data: Data, recipe: Recipe) -> LossOf:
    if recipe.output == "one-unit":  # a softmax over one unit: always 1
        return lambda p, y: nn.functional.binary_cross_entropy(p.softmax(-1)[:, 0], y.to(p.dtype))
    if data.task == "values":
        return nn.functional.mse_loss
    if recipe.loss == "log-of-zero":
        return _without_margin
    if recipe.output == "double-softmax":
        return lambda p, y: nn.functional.cross_entropy(p.softmax(-1), y)
    return lambda p, y: nn.functional.cross_entropy(p.flatten(0, -2), y.flatten())


def _without_margin(scores: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The cross-entropy of every class by hand: 0 · log(0) as soon as one is certain."""
    p, one_hot = scores.softmax(-1), nn.functional.one_hot(y, scores.shape[-1])
    return -(one_hot * p.log() + (1 - one_hot) * (1 - p).log()).mean()


def _optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    left_out: set[int] = set()
    if recipe.frozen == "forgotten":
        left_out = {id(p) for p in torch_models.forgotten(model)}
    kept = [p for p in model.parameters() if id(p) not in left_out and p.requires_grad]
    return OPTIMIZERS[recipe.optimizer](kept, lr=recipe.lr, weight_decay=recipe.weight_decay)


@contextmanager
def _recorded(model: nn.Module, outputs: dict[str, torch.Tensor], wanted: bool) -> Iterator[None]:
    """Keep what the layers with an activation put out while inside."""
    kinds = tuple(torch_models.ACTIVATIONS.values())

    def keep(name: str) -> Callable[..., None]:
        def hook(_: nn.Module, __: object, output: torch.Tensor) -> None:
            outputs[name] = output.detach()

        return hook

    hooks = [
        module.register_forward_hook(keep(name))
        for name, module in model.named_modules()
        if wanted and isinstance(module, kinds)
    ]
    try:
        yield
    finally:
        for handle in hooks:
            handle.remove()
