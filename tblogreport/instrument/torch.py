"""Hooks that log what PyTorch's `SummaryWriter` does not see of a training.

    writer = SummaryWriter(log_dir)
    with watch(model, writer) as health:
        for x, y in batches:
            loss = loss_of(model(x), y)
            health.loss(loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

Importing this module needs PyTorch and nothing else.
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import numpy as np

try:
    import torch
    from torch.optim.optimizer import (
        register_optimizer_step_post_hook,
        register_optimizer_step_pre_hook,
    )
except ImportError as error:
    raise ImportError(
        "tblogreport.instrument.torch needs PyTorch: pip install 'tblogreport[torch]'"
    ) from error

from numpy.typing import NDArray
from torch import nn

from tblogreport.instrument import tags
from tblogreport.instrument.record import (
    write_activations,
    write_gradients,
    write_update_ratios,
    write_weights,
)
from tblogreport.instrument.tags import DEFAULT_EVERY, Schedule
from tblogreport.instrument.torch_model import (
    ForwardHook,
    Writer,
    WriterSink,
    by_layer,
    is_compiled,
    root_path,
    unwrapped,
)
from tblogreport.instrument.torch_outputs import Outputs

Values = dict[str, NDArray[np.floating]]
# Buffers that are trained with the model, though by no optimiser.
_STATISTICS = ("running_mean", "running_var")


def watch(model: nn.Module, writer: Writer, every: int = DEFAULT_EVERY, *, step: int = 0) -> Watch:
    """Log weights, gradients, activations, updates and learning rate of a model's training.

    Use it as a context manager, or call `close` at the end. The tags are in the table of
    `tblogreport.instrument`; a step is the number of updates done before, by the first
    optimiser seen that holds parameters of `model`, counted from `step` where training
    goes on. Records are made at the steps 0, `every`, 2·`every` …, and of the weights once
    more at the end. The loss is known to the training loop alone: `Watch.loss` logs it.

    Gradients are those that the update sees, clipped and unscaled. Activations are what
    the innermost modules give out in training mode, pooled over the forward passes of a
    step; not in evaluation mode, without gradients, or in compiled code. Results and
    `state_dict` stay the same, copies of the model are not watched, and no tensor of the
    model is kept. An error of the logging is a warning, never an error of the training.

    Raises `ValueError` for `every` below 1.
    """
    return Watch(model, writer, every, step)


class Watch:
    """A model that is being watched; made by `watch`."""

    def __init__(self, model: nn.Module, writer: Writer, every: int, step: int) -> None:
        self._schedule = Schedule(every)
        self._schedule.start(step)
        self._step = step
        self._model = unwrapped(model)
        self._sink = WriterSink(writer)
        self._parameters = dict(by_layer(self._model, self._model.named_parameters()))
        self._paths = {id(parameter): path for path, parameter in self._parameters.items()}
        self._outputs: Outputs | None = None
        self._counted: weakref.ref[torch.optim.Optimizer] | None = None
        self._recorded_at = step - 1
        # Where a model has several optimisers, the others follow the counted one.
        self._followed: weakref.WeakKeyDictionary[torch.optim.Optimizer, int]
        self._followed = weakref.WeakKeyDictionary()
        self._record: _Record | None = None
        self._weights_at = step - 1
        self._warned = False
        self._handles: list[Any] = [
            register_optimizer_step_pre_hook(self._before_update),
            register_optimizer_step_post_hook(self._after_update),
        ]
        self._module_handles: list[Any] = []
        # Hooks that come and go would have a model compiled anew.
        self._looks = not is_compiled(model)
        if not self._looks:
            self._warn("the activations of a compiled model are not logged")
        self._follow_schedule()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def loss(self, loss: torch.Tensor | float) -> None:
        """Log the loss of the current step, as long as `optimizer.step()` was not called.

        A tensor of one value, or a number; it keeps its graph.
        """
        with self._harmless("losses are missing"):
            value = loss.detach().item() if isinstance(loss, torch.Tensor) else float(loss)
            self._sink.scalar(tags.STEP_LOSS, value, self._step)

    def close(self) -> None:
        """Remove all hooks and log the weights once more; a second call does nothing."""
        if not self._handles:
            return
        for handle in (*self._handles, *self._module_handles):
            handle.remove()
        self._handles = self._module_handles = []
        self._outputs = self._record = None
        with self._harmless("the final weights are missing"):
            if self._step > self._weights_at:
                write_weights(self._sink, self._step, self._weights())
            self._sink.flush()

    def _follow_schedule(self) -> None:
        """Hook into the modules for the step to come, or not: hooks take time in any step."""
        due = self._looks and self._schedule.due(self._step)
        self._outputs = Outputs() if due else None
        if due and not self._module_handles:
            self._module_handles = [
                module.register_forward_hook(ForwardHook(self._look, name))
                for name, module in self._model.named_modules()
            ]
        elif not due:
            for handle in self._module_handles:
                handle.remove()
            self._module_handles = []

    def _look(self, path: str, module: nn.Module, outputs: Any) -> None:
        """Summarise what a module gave out, where it belongs to a step to be recorded."""
        wanted = self._outputs is not None and self._model.training and torch.is_grad_enabled()
        if wanted and self._outputs is not None:
            with self._harmless("activations are missing"):
                self._outputs.add(path, module, outputs)

    def _before_update(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        """Copy what the update will change, where it belongs to a step to be recorded."""
        if torch.compiler.is_compiling() or not self._holds_parameters(optimizer):
            return
        with self._harmless("a record is missing"):
            step = self._step_to_record(optimizer)
            self._record = None
            if step is not None:
                inside = any(callable(argument) for argument in (*args[1:], *kwargs.values()))
                rate = (
                    float(optimizer.param_groups[0]["lr"]) if "lr" in optimizer.defaults else None
                )
                gradients = {} if inside else self._gradients(optimizer)
                self._record = _Record(step, self._weights(), gradients, rate, inside)

    def _after_update(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        """Write the record of the step, and count it."""
        if torch.compiler.is_compiling() or not self._holds_parameters(optimizer):
            return
        record, self._record = self._record, None
        with self._harmless("a record is missing"):
            if record is not None:
                if record.closure:  # it made the gradients, the last ones for the last move
                    record = replace(record, gradients=self._gradients(optimizer))
                self._write(optimizer, record)
        if self._is_counted(optimizer):
            self._step += 1
            self._follow_schedule()

    def _step_to_record(self, optimizer: torch.optim.Optimizer) -> int | None:
        """The step whose record this update belongs to; None for most."""
        if self._counted is None or self._counted() is None:
            self._counted = weakref.ref(optimizer)
        if self._is_counted(optimizer):
            if not self._schedule.due(self._step):
                return None
            self._schedule.done(self._step)
            self._recorded_at = self._step
        elif self._followed.get(optimizer) == self._recorded_at:
            return None
        self._followed[optimizer] = self._recorded_at
        return self._recorded_at

    def _is_counted(self, optimizer: torch.optim.Optimizer) -> bool:
        return self._counted is not None and self._counted() is optimizer

    def _write(self, optimizer: torch.optim.Optimizer, record: _Record) -> None:
        first = self._is_counted(optimizer)
        if first:
            found = self._outputs.activations() if self._outputs is not None else {}
            activations = {path or root_path(self._model): one for path, one in found.items()}
            write_activations(self._sink, record.step, activations)
            if self._looks and not activations:
                self._warn("no activations were seen: is the model in training mode?")
        write_gradients(self._sink, record.step, record.gradients, total=first)
        if first:
            write_weights(self._sink, record.step, record.weights)
            self._weights_at = record.step
            if record.rate is not None:
                self._sink.scalar(tags.LEARNING_RATE, record.rate, record.step)
        moved = {path: _array(p) for path, p in self._parameters_of(optimizer)}
        write_update_ratios(self._sink, record.step, record.weights, moved)
        self._sink.flush()

    def _holds_parameters(self, optimizer: torch.optim.Optimizer) -> bool:
        return any(True for _ in self._parameters_of(optimizer))

    def _parameters_of(
        self, optimizer: torch.optim.Optimizer
    ) -> Iterator[tuple[str, nn.Parameter]]:
        """The parameters of the model that an optimiser updates."""
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if id(parameter) in self._paths:
                    yield self._paths[id(parameter)], parameter

    def _gradients(self, optimizer: torch.optim.Optimizer) -> Values:
        """A copy of every gradient that the update uses, without the scale against underflow."""
        scale = getattr(optimizer, "grad_scale", None)  # set for optimisers that unscale themselves
        return {
            path: _array(parameter.grad) / (1.0 if scale is None else float(scale))
            for path, parameter in self._parameters_of(optimizer)
            if parameter.grad is not None
        }

    def _weights(self) -> Values:
        """A copy of every parameter, and of the running statistics of normalisations."""
        buffers = {
            path: buffer
            for path, buffer in by_layer(self._model, self._model.named_buffers())
            if path.rsplit("/", 1)[-1] in _STATISTICS
        }
        tensors = self._parameters | buffers
        return {path: _array(t) for path, t in tensors.items() if t.is_floating_point()}

    @contextmanager
    def _harmless(self, consequence: str) -> Iterator[None]:
        """Turn an exception into a warning, the first time."""
        try:
            yield
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
            self._warn(f"{consequence}: {reason}")

    def _warn(self, sentence: str) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(f"tblogreport: {sentence}", stacklevel=2)


@dataclass(frozen=True)
class _Record:
    """What is known of a step before its update."""

    step: int
    weights: Values
    gradients: Values
    rate: float | None
    closure: bool  # the optimiser computes the gradients itself, inside of its step


def _array(tensor: torch.Tensor) -> NDArray[np.floating]:
    """A copy of a tensor's values."""
    dense = tensor.detach().to_dense() if tensor.is_sparse else tensor.detach()
    return np.array(dense.float().cpu().numpy())
