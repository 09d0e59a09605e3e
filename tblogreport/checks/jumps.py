"""What the checks on spikes share: the loss in detail, which spikes count, and advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tblogreport.context.selection import comparable
from tblogreport.context.series import Role
from tblogreport.signals import Signals
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.spikes import HUGE, Spike
from tblogreport.signals.stages import near_a_change

# What a spike must undo of the progress made, or of the range of a loss that made none …
MIN_RISE = 0.20
# … and times the level before it, unless it undoes this much.
FACTOR_LASTING = 1.15
FACTOR_SINGLE = 1.3
LARGE_RISE = 0.5
# A rise to this many times all progress is no hard sample, and the update after it is no small
# one, however soon the loss is back.
EXPLOSION = 10.0
# Slower returns are those of schedules, of new data or of divergence.
SLOW_SHARE = 0.01
SLOW_POINTS = 3
# Of more points than this it is not spikes, it is how the loss is.
MOST_SHARE = 0.10
MOST_SHARE_OF_HUGE = 0.15  # … of those that are huge
# Below this share of the start a problem is solved, and one hard sample makes a batch's loss:
# only a batch that is worse than the untrained model tells.
SOLVED_SHARE = 0.05
UNTRAINED_RISE = 1.0
# So many, of which some tell, are a warning; so is a large one that takes so many points to
# recover from.
MANY = 3
_TELLING = 2
_SLOW_RECOVERY = 3
# How far a spike may lie from a rise of the learning rate, as a share of the run.
_RATE_SHARE = 0.03
_RATE_RISE = 1.3
_RATE_LEAST = 0.05  # of its peak
# Points after a restart that belong to it.
_RESTART_POINTS = 3


@dataclass(frozen=True)
class Jumps:
    """The spikes of the train loss that count."""

    curve: CurveSignal
    spikes: tuple[Spike, ...]  # in order; at least one
    extent: float  # the progress made, or the range, in the loss' unit
    share: float  # of all points, those in the upper half of a spike
    serious: bool

    @property
    def largest(self) -> Spike:
        """The one that rises furthest."""
        return max(self.spikes, key=lambda spike: spike.rise)


def detailed_train_loss(signals: Signals) -> CurveSignal | None:
    """The train loss as it was recorded most often; None where none was recognised."""
    primary = signals.context.train_loss
    if primary is None:
        return None
    same = [
        series
        for series in signals.context.of_role(Role.TRAIN_LOSS)
        if series.stem == primary.stem and series.split == primary.split
    ]
    return max((signals.curve(s) for s in (primary, *same)), key=len)


def loss_jumps(signals: Signals, curve: CurveSignal) -> Jumps | None:
    """The spikes of a train loss that nothing explains and that undo a part of its progress."""
    extent = curve.extent
    large = [s for s in signals.spikes(curve.series) if _counts(curve, s, extent)]
    lost, resumed = lost_at(signals, curve), signals.resumption
    after = np.inf if resumed is None else int(np.searchsorted(curve.wall_times, resumed.end))
    found = []
    for spike in large:
        begun = float(curve.wall_times[spike.first])
        is_loss = lost is not None and (spike.back is None or begun >= lost)
        is_restart = after <= spike.first <= after + _RESTART_POINTS
        if not is_loss and not is_restart and not _planned(signals, curve, begun):
            found.append(spike)
    share = sum(spike.half for spike in found) / len(curve)
    huge = all(spike.factor > HUGE for spike in found)
    if not found or share > (MOST_SHARE_OF_HUGE if huge else MOST_SHARE):
        return None
    telling = [spike for spike in found if spike.lasting or _tells(curve, spike, extent)]
    often = len(found) >= MANY and len(telling) >= _TELLING
    serious = often or any(_hurts(spike, extent) for spike in telling)
    return Jumps(curve, tuple(found), extent, share, serious)


def _counts(curve: CurveSignal, spike: Spike, extent: float) -> bool:
    if spike.half > max(SLOW_POINTS, SLOW_SHARE * len(curve)):
        return False
    factor = FACTOR_LASTING if spike.lasting else FACTOR_SINGLE
    least = MIN_RISE if spike.factor >= factor else LARGE_RISE
    return spike.rise >= least * extent


def _tells(curve: CurveSignal, spike: Spike, extent: float) -> bool:
    """Whether a single point says more than that its batch held a hard sample."""
    solved = SOLVED_SHARE * curve.start
    # A loss that falls below zero has no floor to be near to. Rounding below it is none.
    floor = float(curve.values.min()) >= -solved
    return (floor and spike.level >= solved > 0) or spike.rise >= UNTRAINED_RISE * extent


def _hurts(spike: Spike, extent: float) -> bool:
    if spike.rise >= EXPLOSION * extent:
        return True
    slow = spike.back is None or spike.back - spike.first >= _SLOW_RECOVERY
    return spike.lasting and slow and spike.rise >= LARGE_RISE * extent


def lost_at(signals: Signals, loss: CurveSignal) -> float | None:
    """The wall time from which on a loss was not finite, or had left its best for good."""
    if loss.series.lost_from is not None:
        return float(loss.series.wall_times[loss.series.lost_from])
    if signals.divergence is None or signals.loss is None:
        return None
    judged = signals.curve(signals.loss)  # may count other steps than `loss` does
    at = np.flatnonzero(judged.steps >= signals.divergence.left_step)
    return float(judged.wall_times[at[0]]) if len(at) else None


def _planned(signals: Signals, curve: CurveSignal, when: float) -> bool:
    """Whether the rate rose shortly before a moment, or a stage of the task began."""
    times = curve.wall_times
    staged = near_a_change(signals.stage_changes, when, float(times[0]), float(times[-1]))
    return staged or _rate_rose(signals, when)


def _rate_rose(signals: Signals, when: float) -> bool:
    """Whether the learning rate rose shortly before a moment, its warm-up apart."""
    schedule = signals.context.schedule
    if schedule is None or np.ptp(schedule.wall_times) == 0:
        return False
    at = int(np.searchsorted(schedule.wall_times, when))
    reach = max(2, round(_RATE_SHARE * len(schedule.rates)))
    warm = round(schedule.warm_up * len(schedule.rates))
    # A rate that is written at the end of an epoch tells of its beginning.
    rates = schedule.rates[max(warm, at - reach) : at + 2]
    if not len(rates):
        return False
    rose = rates > _RATE_RISE * np.minimum.accumulate(rates)
    return bool(np.any(rose & (rates > _RATE_LEAST * schedule.peak)))


def together(
    a: CurveSignal, first: Sequence[Spike], b: CurveSignal, second: Sequence[Spike]
) -> int:
    """How many spikes of `a` have one of `b` beside them: within two points of the coarser."""
    on_steps = comparable(a.series, b.series) and a.increasing and b.increasing
    axes = [c.steps if on_steps else c.wall_times for c in (a, b)]
    reach = 2 * max(float(np.median(np.diff(axis))) for axis in axes)
    at = np.array([axes[1][spike.peak] for spike in second])
    near = (np.abs(at - axes[0][spike.peak]).min() <= reach for spike in first) if len(at) else ()
    return sum(map(bool, near))
