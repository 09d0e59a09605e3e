"""How a watched PyTorch model is looked into, and where its numbers go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import torch
from torch import nn

from tblogreport.instrument.tags import Buckets, Clock

T = TypeVar("T", bound=torch.Tensor)
Hook = Callable[[nn.Module, Any, Any], None]


class Writer(Protocol):
    """What is used of a `SummaryWriter` of PyTorch or tensorboardX."""

    def add_scalar(
        self, tag: str, scalar_value: float, global_step: int, *, walltime: float
    ) -> object:
        """Write one number."""

    @property
    def add_histogram_raw(self) -> Callable[..., object]:
        """Write one histogram whose buckets are made already."""

    def flush(self) -> object:
        """Bring everything to the disk."""


class ForwardHook:
    """Shows `look` a module's path, the module and its outputs.

    A copied or stored model has a hook that does nothing.
    """

    def __init__(self, look: Callable[[str, nn.Module, Any], None], path: str) -> None:
        self._look = look
        self._path = path

    def __call__(self, module: nn.Module, inputs: Any, outputs: Any) -> None:
        """Show the outputs, unless they are being compiled."""
        if torch.compiler.is_compiling():  # nothing here could be compiled
            return
        self._look(self._path, module, outputs)

    def __reduce__(self) -> tuple[Callable[[], Hook], tuple[()]]:
        return _no_hook, ()


def _no_hook() -> Hook:
    return _ignore


def _ignore(module: nn.Module, inputs: Any, outputs: Any) -> None:
    """Look at nothing."""


class WriterSink:
    """Writes to a `SummaryWriter`, with the wall times that readers order layers by."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._clock = Clock()

    def scalar(self, tag: str, value: float, step: int) -> None:
        """Write one number."""
        self._writer.add_scalar(tag, value, step, walltime=self._clock.now())

    def histogram(self, tag: str, histogram: Buckets, step: int) -> None:
        """Write one histogram, in the format of TensorFlow 1."""
        self._writer.add_histogram_raw(
            tag,
            min=histogram.edges[0],
            max=histogram.edges[-1],
            num=int(histogram.counts.sum()),
            sum=histogram.sum,
            sum_squares=histogram.sum_squares,
            bucket_limits=histogram.edges[1:].tolist(),
            bucket_counts=histogram.counts.tolist(),
            global_step=step,
            walltime=self._clock.now(),
        )

    def flush(self) -> None:
        """Bring everything to the disk."""
        self._writer.flush()


def unwrapped(model: nn.Module) -> nn.Module:
    """The model inside of DataParallel, DistributedDataParallel and torch.compile."""
    while True:
        if isinstance(model, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            model = model.module
        elif isinstance(inner := getattr(model, "_orig_mod", None), nn.Module):
            model = inner
        else:
            return model


def is_compiled(model: nn.Module) -> bool:
    """Whether `torch.compile` was applied to a model or to a part of it."""
    return any(
        isinstance(getattr(module, "_orig_mod", None), nn.Module)
        or getattr(module, "_compiled_call_impl", None) is not None
        for module in model.modules()
    )


def root_path(model: nn.Module) -> str:
    """What the layer is called that a model is itself: no name of a layer inside."""
    name = type(model).__name__
    return f"{name}_" if name in dict(model.named_children()) else name


def by_layer(model: nn.Module, tensors: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """The dotted names of tensors as `<layer>/<parameter>`."""
    for name, tensor in tensors:
        layer, _, parameter = name.rpartition(".")
        yield f"{layer or root_path(model)}/{parameter}", tensor
