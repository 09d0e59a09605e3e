"""What a record of a run, held against that of its twin, amounts to in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.recipe import Checkpoint, Record

FloatArray = NDArray[np.float64]

# A run is harmed when it ends this much worse than its twin.
WORSE_ACCURACY = 0.05
WORSE_LOSS = 0.15  # of the twin's whole fall
LEARNED = 0.2  # of the first loss
SPIKE = 5.0  # times the local median
SPIKE_WINDOW = 25
DEAD_SHARE = 0.98
# What falls by less has not moved; what the last quarter brings of a fall that is all but a line.
CREEPS = 0.02
STRAIGHT = 0.18


@dataclass(frozen=True)
class Evidence:
    """Numbers about one run; losses are those of the whole training set, without noise."""

    record: Record
    twin: Record | None

    @cached_property
    def losses(self) -> FloatArray:
        return np.array([c.train_loss for c in self.record.checkpoints])

    @cached_property
    def held_out(self) -> FloatArray:
        return np.array([c.validation_loss for c in self.record.checkpoints])

    @property
    def lost(self) -> bool:
        """Whether any loss is not finite."""
        finite = np.isfinite(self.losses).all() and np.isfinite(self.record.batch_losses).all()
        return not bool(finite)

    @property
    def weights_finite(self) -> bool:
        """Whether every kernel holds finite values only, at every moment."""
        spreads = [list(c.kernel_rms.values()) for c in self.record.checkpoints]
        return bool(np.isfinite(spreads).all())

    @property
    def lost_at_once(self) -> bool:
        """Whether the loss was far above its start before the first epoch was logged."""
        return bool(self.losses[1] > 1.5 * self.start)

    @property
    def start(self) -> float:
        return float(self.losses[0])

    @property
    def end(self) -> float:
        return float(np.median(self.losses[-3:]))

    @property
    def best(self) -> float:
        return float(np.nanmin(self.losses))

    @property
    def late_fall(self) -> float:
        """By how much the loss fell over the last quarter."""
        return float(self.losses[-1 - len(self.losses) // 4] - self.losses[-1])

    @property
    def creeps(self) -> bool:
        """Whether the loss falls by more than nothing, and all but in a line to the end."""
        fall = self.start - self.end
        return fall > CREEPS * self.start and self.late_fall > STRAIGHT * fall

    @cached_property
    def _off_line(self) -> FloatArray:
        """How far the losses of the second half are from their line, as a share of their level."""
        half = self.losses[len(self.losses) // 2 :]
        if not np.isfinite(half).all() or np.mean(np.abs(half)) == 0:
            return np.zeros(len(half))
        at = np.arange(len(half))
        line = np.polyval(np.polyfit(at, half, 1), at)
        return np.asarray((half - line) / np.mean(np.abs(half)))

    @cached_property
    def swing(self) -> float:
        """Spread of the second half about its line, as a share of its level."""
        return float(np.std(self._off_line))

    @property
    def crossings(self) -> int:
        """How often the second half crosses its line; one hump does so two to four times."""
        return int(np.sum(np.diff(np.sign(self._off_line)) != 0))

    @cached_property
    def harmed(self) -> bool:
        """Whether the run ended clearly worse than its twin; without one, whether it is lost."""
        if self.lost:
            return True
        if self.twin is None:
            return False
        mine, other = self.record.checkpoints, self.twin.checkpoints
        if mine[-1].validation_accuracy is not None and other[-1].validation_accuracy is not None:
            score = np.median([c.validation_accuracy or 0.0 for c in mine[-3:]])
            return bool(other[-1].validation_accuracy - score >= WORSE_ACCURACY)
        fall = other[0].validation_loss - other[-1].validation_loss
        held_out = float(np.median(self.held_out[-3:]))
        return held_out - other[-1].validation_loss > WORSE_LOSS * abs(fall)

    @property
    def learned(self) -> bool:
        """Whether the loss fell clearly."""
        return self.end < self.start - LEARNED * abs(self.start)

    @property
    def never_scored(self) -> bool:
        """Whether the accuracy on the training data is the same at every moment."""
        scores = [c.train_accuracy for c in self.record.checkpoints]
        return None not in scores and len(set(scores)) == 1

    @property
    def failed(self) -> bool:
        """Whether a loss ended where its twin's began, or no score ever moved."""
        first = (self.twin or self.record).checkpoints[0]
        ends = (self.end, float(np.median(self.held_out[-3:])))
        begun = (first.train_loss, first.validation_loss)
        pairs = zip(ends, begun, strict=True)
        stands = self.lost or self.never_scored
        return stands or any(end > other - LEARNED * abs(other) for end, other in pairs)

    @cached_property
    def _smooth(self) -> FloatArray:
        """The validation loss as running medians of three."""
        padded = np.pad(self.held_out, 1, mode="edge")
        return np.median(np.lib.stride_tricks.sliding_window_view(padded, 3), axis=1)

    @property
    def turn(self) -> float:
        """The share of the run at which the validation loss was least."""
        return float(np.argmin(self._smooth) / (len(self._smooth) - 1))

    @property
    def rebound(self) -> float:
        """How far the validation loss ended above its least value, as a share of that."""
        least = float(np.min(self._smooth))
        return (float(self._smooth[-1]) - least) / abs(least) if least else 0.0

    @property
    def rebound_of_fall(self) -> float:
        """How far the validation loss ended above its least value, as a share of its fall."""
        least = float(np.min(self._smooth))
        fall = float(self.held_out[0]) - least
        return (float(self._smooth[-1]) - least) / fall if fall > 0 else 0.0

    @property
    def fell_since_turn(self) -> float:
        """The share by which the train loss fell after the validation loss had turned."""
        at = float(self.losses[int(np.argmin(self._smooth))])
        return (at - self.end) / abs(at) if at else 0.0

    @cached_property
    def depth_ratio(self) -> float | None:
        """First kernel's gradient over the last one's, typically; None below three kernels."""
        ratios = []
        for checkpoint in self.record.checkpoints[1:]:
            rms = list(checkpoint.gradient_rms.values())
            if len(rms) >= 3 and rms[-1] > 0:
                ratios.append(rms[0] / rms[-1])
        return float(np.median(ratios)) if ratios else None

    @property
    def gradient_growth(self) -> float:
        """The largest gradient of a kernel over the typical one of the first checkpoints."""
        norms = np.array([max(c.gradient_rms.values(), default=0.0) for c in self._finite])
        steps = np.array(self.record.gradient_norms)
        growth = _largest_over_first(norms)
        return max(growth, _largest_over_first(steps[np.isfinite(steps)]))

    @property
    def _finite(self) -> list[Checkpoint]:
        checkpoints = self.record.checkpoints
        return [c for c in checkpoints if np.isfinite(list(c.gradient_rms.values())).all()]

    @cached_property
    def loss_spikes(self) -> int:
        return _spikes(np.array(self.record.batch_losses), 0.3 * self.start)

    @cached_property
    def gradient_spikes(self) -> int:
        return _spikes(np.array(self.record.gradient_norms), 0.0)

    @property
    def dead(self) -> bool:
        """Whether a ReLU layer is all but zero for all the training data, for half of the run."""
        return self._dead(DEAD_SHARE)

    @property
    def all_dead(self) -> bool:
        """Whether not a single output of it is above zero."""
        return self._dead(1.0)

    def _dead(self, least: float) -> bool:
        layers = self.record.checkpoints[-1].zero_share
        for layer in layers:
            shares = np.array([c.zero_share[layer] for c in self.record.checkpoints])
            if shares[-1] >= least and np.mean(shares >= least) >= 0.5:
                return True
        return False

    @property
    def rectified(self) -> bool:
        """Whether there are ReLU layers."""
        return bool(self.record.checkpoints[-1].zero_share)

    @property
    def most_zeros(self) -> float:
        return max(self.record.checkpoints[-1].zero_share.values(), default=0.0)

    @property
    def most_saturated(self) -> float:
        """The typical share of saturated outputs of the worst layer."""
        layers = self.record.checkpoints[-1].saturated_share
        medians = (
            float(np.median([c.saturated_share[name] for c in self.record.checkpoints]))
            for name in layers
        )
        return max(medians, default=0.0)

    @property
    def kernel_growth(self) -> float:
        """The largest growth of a kernel's values over the run."""
        return self._growth_since(0)

    @property
    def kernel_growth_later(self) -> float:
        """The same since the second moment, before which few logs hold a record."""
        return self._growth_since(1)

    def _growth_since(self, index: int) -> float:
        first, last = (self.record.checkpoints[i].kernel_rms for i in (index, -1))
        return max((last[n] / first[n] for n in first if first[n] > 0), default=1.0)

    @property
    def updates(self) -> list[float]:
        """By how much the kernel that was moved most was moved, update by update."""
        ratios = (c.update_ratio.values() for c in self.record.checkpoints if c.update_ratio)
        return [max(of) for of in ratios]

    @property
    def typical_update(self) -> float:
        return float(np.median(self.updates)) if self.updates else np.nan

    @property
    def gap(self) -> float:
        """The validation loss over that of the training set, typically, in the second half."""
        half = len(self.losses) // 2
        return float(np.median(self.held_out[half:] / self.losses[half:]))

    def summary(self) -> dict[str, float]:
        """Return the numbers that the labels rest on, to be kept beside them."""
        last = self.record.checkpoints[-1]
        found = {
            "start": self.start,
            "end": self.end,
            "best": self.best,
            "swing": self.swing,
            "rebound": self.rebound,
            "turn": self.turn,
            "most_zeros": self.most_zeros,
            "most_saturated": self.most_saturated,
            "kernel_growth": self.kernel_growth,
            "typical_update": self.typical_update,
            "gap": self.gap,
            "harmed": float(self.harmed),
        }
        if self.depth_ratio is not None:
            found["depth_ratio"] = self.depth_ratio
        if last.validation_accuracy is not None:
            found["accuracy"] = last.validation_accuracy
        return {n: float(f"{v:.4g}") for n, v in found.items() if np.isfinite(v)}


def _largest_over_first(norms: FloatArray) -> float:
    first = float(np.median(norms[: max(3, len(norms) // 10)])) if len(norms) else 0.0
    return float(norms.max()) / first if first > 0 else 1.0


def _spikes(values: FloatArray, least: float) -> int:
    """How many values stand far above the median of their neighbourhood."""
    values = values[np.isfinite(values)]
    if len(values) < 2 * SPIKE_WINDOW:
        return 0
    padded = np.pad(values, SPIKE_WINDOW, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * SPIKE_WINDOW + 1)
    return int(np.sum(values > np.maximum(SPIKE * np.median(windows, axis=1), least)))
