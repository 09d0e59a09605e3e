"""One record: what is written of a model at one step, in the order that readers rely on.

Readers take the order in which layers are first written for the order of the model:
activations come first, as they were computed one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tblogreport.instrument import tags
from tblogreport.instrument.tags import Buckets, buckets, norm, update_ratio


class Sink(Protocol):
    """Where numbers go."""

    def scalar(self, tag: str, value: float, step: int) -> None:
        """Write one number."""

    def histogram(self, tag: str, histogram: Buckets, step: int) -> None:
        """Write one histogram."""


@dataclass(frozen=True)
class Activation:
    """What a layer gave out in one step, summarised.

    `sample` holds the first outputs, flat; the shares (0 to 1) are of all outputs.
    """

    sample: NDArray[np.float32]
    zero_share: float
    inactive_units: float
    saturated_share: float | None  # None for layers whose output is not bounded


def write_activations(sink: Sink, step: int, activations: Mapping[str, Activation]) -> None:
    """Write histogram and shares of layers, by path."""
    for path, activation in activations.items():
        sink.histogram(f"{tags.ACTIVATIONS}/{path}", buckets(activation.sample), step)
        sink.scalar(f"{tags.ZERO_SHARE}/{path}", activation.zero_share, step)
        sink.scalar(f"{tags.INACTIVE_UNITS}/{path}", activation.inactive_units, step)
        if activation.saturated_share is not None:
            sink.scalar(f"{tags.SATURATED_SHARE}/{path}", activation.saturated_share, step)


def write_gradients(
    sink: Sink, step: int, gradients: Mapping[str, NDArray[np.floating]], *, total: bool = True
) -> None:
    """Write histogram and norm of gradients, by parameter, and the norm of them all."""
    norms = []
    for path, gradient in gradients.items():
        histogram = buckets(gradient)
        known = np.isfinite(histogram.sum_squares)
        norms.append(float(np.sqrt(histogram.sum_squares)) if known else norm(gradient))
        sink.histogram(f"{tags.GRADIENTS}/{path}", histogram, step)
        sink.scalar(f"{tags.GRADIENT_NORM}/{path}", norms[-1], step)
    if norms and total:
        sink.scalar(tags.GRADIENT_NORM, norm(norms), step)


def write_weights(sink: Sink, step: int, weights: Mapping[str, NDArray[np.floating]]) -> None:
    """Write the histogram of every parameter."""
    for path, values in weights.items():
        sink.histogram(f"{tags.WEIGHTS}/{path}", buckets(values), step)


def write_update_ratios(
    sink: Sink,
    step: int,
    before: Mapping[str, NDArray[np.floating]],
    after: Mapping[str, NDArray[np.floating]],
) -> None:
    """Write how far one update moved every parameter that stands in `after`."""
    for path, values in after.items():
        ratio = update_ratio(before[path], values)
        if ratio is not None:
            sink.scalar(f"{tags.UPDATE_RATIO}/{path}", ratio, step)
