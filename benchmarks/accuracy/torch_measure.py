"""What a network in PyTorch is really like at one moment, over whole data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from benchmarks.accuracy.recipe import Checkpoint

SATURATION = 0.03  # the outer part of an activation's range, see checks.md
LossOf = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Sets:
    """Tensors of the data: training as it is seen, and validation."""

    x_train: torch.Tensor
    y_train: torch.Tensor
    x_validation: torch.Tensor
    y_validation: torch.Tensor


def measure(model: nn.Module, sets: Sets, loss_of: LossOf, step: int, scored: bool) -> Checkpoint:
    """Measure everything in evaluation mode, leaving weights, gradients and seeds alone."""
    kept = {name: p.grad for name, p in model.named_parameters()}
    state = torch.random.get_rng_state()
    model.eval()
    model.zero_grad(set_to_none=True)
    with _shares(model) as (zero, saturated):
        predicted = model(sets.x_train)
    loss = loss_of(predicted, sets.y_train)
    if loss.requires_grad:
        loss.backward()
    gradients = {n: _rms(p.grad) for n, p in kernels(model) if p.grad is not None}
    with torch.no_grad():
        held_out = model(sets.x_validation)
        validation_loss = float(loss_of(held_out, sets.y_validation))
    for name, parameter in model.named_parameters():
        parameter.grad = kept[name]
    model.train()
    torch.random.set_rng_state(state)
    return Checkpoint(
        step,
        loss.item(),
        validation_loss,
        accuracy(predicted, sets.y_train) if scored else None,
        accuracy(held_out, sets.y_validation) if scored else None,
        gradients,
        {n: _rms(p) for n, p in kernels(model)},
        zero,
        saturated,
    )


def kernels(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """Weights that are matrices or more, in model order."""
    return ((n, p) for n, p in model.named_parameters() if p.ndim >= 2)


def moved_by(before: dict[str, torch.Tensor], model: nn.Module) -> dict[str, float]:
    """How far each kernel is from what it was `before`, of its own norm."""
    return {
        name: float((kernel.detach() - before[name]).norm() / before[name].norm())
        for name, kernel in kernels(model)
        if before[name].norm() > 0
    }


def accuracy(scores: torch.Tensor, y: torch.Tensor) -> float:
    """Return the share of right answers: the highest score, or one score above a half."""
    right = (scores[..., 0] > 0.5) == y.bool() if scores.shape[-1] == 1 else scores.argmax(-1) == y
    return float(right.float().mean())


@contextmanager
def _shares(model: nn.Module) -> Iterator[tuple[dict[str, float], dict[str, float]]]:
    """Collect shares of zeros and of saturated outputs while inside."""
    zero: dict[str, float] = {}
    saturated: dict[str, float] = {}
    low = {nn.Tanh: -1.0, nn.Sigmoid: 0.0}

    def hook(name: str, module: nn.Module) -> Callable[..., None]:
        def look(_: nn.Module, __: object, output: torch.Tensor) -> None:
            if isinstance(module, nn.ReLU):
                zero[name] = float((output == 0).float().mean())
            else:
                bottom = low[type(module)]
                margin = SATURATION * (1.0 - bottom)
                outside = (output < bottom + margin) | (output > 1.0 - margin)
                saturated[name] = float(outside.float().mean())

        return look

    hooks = [
        module.register_forward_hook(hook(name, module))
        for name, module in model.named_modules()
        if isinstance(module, (nn.ReLU, nn.Tanh, nn.Sigmoid))
    ]
    try:
        yield zero, saturated
    finally:
        for handle in hooks:
            handle.remove()


def _rms(values: torch.Tensor) -> float:
    return float(values.detach().double().square().mean().sqrt())
