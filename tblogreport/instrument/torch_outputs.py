"""What the modules of a PyTorch model give out in one step, summarised as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tblogreport.instrument.record import Activation
from tblogreport.instrument.tags import HISTOGRAM_VALUES, inner_bounds, saturation_bounds

# Modules that hand their input on, at most in another shape: they have no signal of their own.
_PASSING_ON = (
    nn.Identity,
    nn.Flatten,
    nn.Unflatten,
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.Dropout3d,
    nn.AlphaDropout,
    nn.FeatureAlphaDropout,
)
_LAST_AXIS = (nn.Linear, nn.LayerNorm, nn.Embedding, nn.EmbeddingBag, nn.RNNBase)
# Where those modules are defined whose outputs have their channels on axis 1.
_CHANNELS_FIRST = tuple(
    f"torch.nn.modules.{name}" for name in ("conv", "batchnorm", "instancenorm", "pooling")
)


class Outputs:
    """The outputs of one step by module path ("" for the model), in the order of first calls.

    Several calls of one module are pooled. No tensor of the model is kept.
    """

    def __init__(self) -> None:
        self._found: dict[str, _Pooled] = {}
        self._called: set[str] = set()
        self._lock = Lock()  # DataParallel runs its replicas in threads

    def add(self, path: str, module: nn.Module, outputs: Any) -> None:
        """Summarise one call, unless modules inside of this one were called, or it passes on."""
        floats = [t.detach() for t in _tensors(outputs) if t.is_floating_point()]
        with self._lock:
            start = f"{path}." if path else ""
            has_inner = any(f"{start}{name}" in self._called for name, _ in _inner(module))
            self._called.add(path)
            if floats and not has_inner and not isinstance(module, _PASSING_ON):
                self._found.setdefault(path, _Pooled(module)).add(floats)

    def activations(self) -> dict[str, Activation]:
        """The summary of every module that gave out numbers."""
        return {path: pooled.activation() for path, pooled in self._found.items()}


class _Pooled:
    """All outputs of one module in a step."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._bounds = _bounds_of(module)
        self._size = self._zeros = self._outside = 0
        self._active: list[torch.Tensor] = []  # bool [units], one of each width
        self._sample: list[NDArray[np.float32]] = []
        self._room = HISTOGRAM_VALUES

    def add(self, outputs: list[torch.Tensor]) -> None:
        with torch.no_grad():
            for output in outputs:
                self._size += output.numel()
                self._zeros += output.numel() - int(torch.count_nonzero(output))
                self._note_units(output)
                if self._bounds is not None:
                    low, high = self._bounds
                    self._outside += int(torch.count_nonzero((output < low) | (output > high)))
                values = output.reshape(-1)[: self._room].float().cpu().numpy()
                self._sample.append(np.array(values))
                self._room -= values.size

    def activation(self) -> Activation:
        active = torch.cat(self._active)
        saturated = None if self._bounds is None else self._outside / max(self._size, 1)
        return Activation(
            sample=np.concatenate(self._sample),
            zero_share=self._zeros / max(self._size, 1),
            inactive_units=1.0 - float(active.float().mean()) if len(active) else 0.0,
            saturated_share=saturated,
        )

    def _note_units(self, output: torch.Tensor) -> None:
        axis = _unit_axis(self._module, output)
        by_unit = output.movedim(axis, 0).flatten(1) if output.ndim > 1 else output.reshape(1, -1)
        active = (by_unit != 0).any(dim=1).cpu()
        for index, known in enumerate(self._active):
            if known.shape == active.shape:
                self._active[index] = known | active
                return
        self._active.append(active)


def _inner(module: nn.Module) -> Iterable[tuple[str, nn.Module]]:
    return ((name, inner) for name, inner in module.named_modules() if inner is not module)


def _tensors(outputs: Any) -> Iterable[torch.Tensor]:
    """All tensors in a module's outputs: a tensor, or tuples, lists and mappings of them."""
    if isinstance(outputs, torch.Tensor):
        yield outputs
    elif isinstance(outputs, Mapping):
        for value in outputs.values():
            yield from _tensors(value)
    elif isinstance(outputs, (tuple, list)):
        for value in outputs:
            yield from _tensors(value)


def _unit_axis(module: nn.Module, output: torch.Tensor) -> int:
    """The axis on which a module's units lie: 1 for channels of images, else the last."""
    if isinstance(module, _LAST_AXIS) or output.ndim < 3:
        return -1
    return 1 if output.ndim > 3 or type(module).__module__ in _CHANNELS_FIRST else -1


def _bounds_of(module: nn.Module) -> tuple[float, float] | None:
    if isinstance(module, nn.Hardtanh) and not isinstance(module, nn.ReLU6):
        return inner_bounds(module.min_val, module.max_val)
    return saturation_bounds(type(module).__name__)
