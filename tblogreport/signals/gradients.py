"""How the gradient of a whole model grows over the run, and whether the loss explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.layers import Tensor
from tblogreport.context.norms import norms_as_tensors
from tblogreport.context.series import Role, Series
from tblogreport.context.tensor_names import TensorKind
from tblogreport.signals import Signals
from tblogreport.signals.curve import FloatArray
from tblogreport.signals.kernels import is_embedding, kernels

IntArray = NDArray[np.int64]

# Points that the level at the start is the median of, at least, and their share of the run.
_EARLY = 3
_EARLY_SHARE = 0.1
MIN_POINTS = 6


@dataclass(frozen=True, eq=False)
class GradientNorm:
    """The norm of the gradient over all kernels that were logged, at every record.

    `steps` int64, `wall_times` and `values` float64 [n], all finite.
    """

    steps: IntArray
    wall_times: FloatArray
    values: FloatArray
    labels: tuple[str, ...]  # of what it was computed from
    series: Series | None  # where it was logged as such

    def __len__(self) -> int:
        return len(self.values)

    @property
    def early_points(self) -> int:
        """How many points count as the start."""
        return max(_EARLY, int(_EARLY_SHARE * len(self)))

    @property
    def early(self) -> float:
        """The typical norm at the start."""
        return float(np.median(self.values[: self.early_points]))

    @property
    def usual(self) -> float | None:
        """The 90th percentile, to clip at, without what exploded; None without gradient.

        What lies a hundred times above the median did.
        """
        sound = self.values[self.values <= 100.0 * float(np.median(self.values))]
        found = float(np.percentile(sound, 90)) if len(sound) else 0.0
        return found if found > 0 else None


@dataclass(frozen=True)
class Growth:
    """The largest gradient after the start, against the typical one at the start."""

    at: int  # index into the norm
    peak: float
    early: float
    factor: float
    loss_factor: float  # by how much the loss had grown when that gradient was computed
    share: float  # of the points after the start that lie at a tenth of the peak or above

    @property
    def excess(self) -> float:
        """By how much the gradient grew beyond what the loss grew."""
        return self.factor / max(1.0, self.loss_factor)


def rms_grid(signals: Signals, tensors: Sequence[Tensor]) -> tuple[IntArray, FloatArray]:
    """The steps (int64 [records]) that all tensors share, ascending, and their RMS there.

    The RMS is float64 [layers, records], in the order of `tensors`, of which there is at
    least one. Where a resumed run passed a step again the later record counts.
    """
    steps = reduce(np.intersect1d, (np.unique(t.steps) for t in tensors))
    return steps, np.array([signals.tensor(t).rms[_last_at(t.steps, steps)] for t in tensors])


def _last_at(recorded: IntArray, steps: IntArray) -> IntArray:
    """The index of the last record at each of `steps`, all of which were recorded."""
    unique, backwards = np.unique(recorded[::-1], return_index=True)
    return len(recorded) - 1 - backwards[np.searchsorted(unique, steps)]


def kernel_gradients(signals: Signals, records: int) -> tuple[Tensor, ...]:
    """The gradients of all kernels with so many records, in model order; else their norms."""
    found = kernels(signals.layers, TensorKind.GRADIENT, records)
    if found:
        return found
    known = {kernel.layer for kernel in kernels(signals.layers)}
    norms = (norm for norm in norms_as_tensors(signals.layers) if len(norm) >= records)
    return tuple(
        norm for norm in norms if (norm.layer in known if known else not is_embedding(norm.layer))
    )


def gradient_norm(signals: Signals) -> GradientNorm | None:
    """The norm that was logged, else that of all kernels' gradients together."""
    series = signals.context.gradient_norm
    if series is not None and np.isfinite(series.values).sum() >= MIN_POINTS:
        kept = np.isfinite(series.values)
        return GradientNorm(
            series.steps[kept],
            series.wall_times[kept],
            series.values[kept],
            (series.label,),
            series,
        )
    tensors = kernel_gradients(signals, records=2)
    if not tensors:
        return None
    steps, rms = rms_grid(signals, tensors)
    if not len(steps):
        return None
    sizes = np.array([t.size for t in tensors])
    total = np.sqrt(np.sum(rms**2 * sizes[:, None], axis=0))
    kept = np.isfinite(total)
    labels = tuple(t.label for t in tensors)
    times = tensors[0].wall_times[_last_at(tensors[0].steps, steps)]
    return GradientNorm(steps[kept], times[kept], total[kept], labels, None)


def measure_growth(signals: Signals, norm: GradientNorm) -> Growth | None:
    """The growth of the gradient; None for too short a series or a start without gradient."""
    if len(norm) < MIN_POINTS or norm.early <= 0:
        return None
    start = norm.early_points
    later = norm.values[start:]
    at = start + int(np.argmax(later))
    peak = float(norm.values[at])
    return Growth(
        at=at,
        peak=peak,
        early=norm.early,
        factor=peak / norm.early,
        loss_factor=_loss_growth(signals, float(norm.wall_times[at])),
        share=float(np.mean(later >= 0.1 * peak)),
    )


def _loss_growth(signals: Signals, time: float) -> float:
    """The last loss up to `time` over that of the start; 1 where the loss may be below zero."""
    found = 1.0
    for series in signals.context.of_role(Role.TRAIN_LOSS):
        curve = signals.curve(series)
        before = int(np.searchsorted(curve.wall_times, time, "right"))
        if not before or curve.values.min() <= 0:
            continue
        first = float(np.median(curve.values[: max(1, int(_EARLY_SHARE * len(curve)))]))
        found = max(found, float(curve.values[before - 1]) / first)
    return found
