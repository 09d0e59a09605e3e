"""How much an agent tries out: the entropy of its policy, or its share of random actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tblogreport.context.series import Series
from tblogreport.context.words import words_of
from tblogreport.signals.curve import CurveSignal, true_at_end

MIN_POINTS = 15
# An entropy at this share of its first level, and for half of the run or more, is spent; so is
# one below so many nats from the first point on.
SPENT = 0.1
SPENT_SHARE = 0.5
NEXT_TO_NONE = 0.01
# Of random actions: above this share throughout, nothing that was learned is ever used.
RANDOM = 0.9
# An entropy within this share of that of an even choice among a few, to the end, is one of a
# policy that never chose; in so many points, and updates that do move it.
EVEN, EVEN_POINTS, MOST_ACTIONS = 0.98, 30, 20
# How far one update moves a policy (Kullback-Leibler): below this at all but a few, it stands.
STANDS_STILL = 1e-5
_MOST = 0.9
# Words of what goes with an entropy and is not it.
_NOT_IT = frozenset("coef coefficient coeff weight target cross beta alpha bonus".split())
_EPSILONS = ({"exploration", "rate"}, {"epsilon"}, {"eps", "greedy"}, {"exploration", "epsilon"})


@dataclass(frozen=True)
class Spent:
    """An entropy that came to nothing early. In nats."""

    curve: CurveSignal
    block: int  # from which on it is spent

    @property
    def step(self) -> int:
        """The step from which on it is spent."""
        return int(self.curve.block_steps[self.block])


def entropy_series(series: Sequence[Series]) -> Series | None:
    """The entropy of a policy that chooses among so many actions; None where none was logged.

    A loss of entropy is its negative. A continuous policy's has both signs, and means less.
    """
    for one in sorted(series, key=lambda s: (len(s.stem), -len(s))):
        words = set(words_of(one.tag))
        if "entropy" not in words or words & _NOT_IT or not np.isfinite(one.values).all():
            continue
        if len(one) and (one.values.min() >= 0 or one.values.max() <= 0):
            return replace(one, values=np.abs(one.values))
    return None


def random_share(series: Sequence[Series]) -> Series | None:
    """The share of actions that are drawn at random; None where none was logged."""
    named = (s for s in series if any(words <= set(words_of(s.tag)) for words in _EPSILONS))
    return next((s for s in named if len(s) and 0 <= s.values.min() <= s.values.max() <= 1), None)


def policy_moves(series: Sequence[Series]) -> Series | None:
    """How far each update moved the policy, as a Kullback-Leibler divergence; None without."""
    named = (s for s in series if {"approx", "kl"} <= set(words_of(s.tag)))
    return next((s for s in named if len(s) and np.isfinite(s.values).all()), None)


def spent(curve: CurveSignal) -> Spent | None:
    """Where the entropy was spent, if it was, for half of the run or more."""
    if len(curve) < MIN_POINTS:
        return None
    last = true_at_end(curve.blocks <= max(SPENT * curve.first, NEXT_TO_NONE))
    if last < SPENT_SHARE * len(curve.blocks):
        return None
    return Spent(curve, len(curve.blocks) - last)


def always_random(curve: CurveSignal) -> bool:
    """Whether nearly all actions are random to the end."""
    return len(curve) >= MIN_POINTS and float(curve.values.min()) >= RANDOM


def never_chose(curve: CurveSignal) -> bool:
    """Whether the policy stayed at an even choice among 2 to 20 actions from first to last."""
    if len(curve) < EVEN_POINTS:
        return False
    even = np.log(np.arange(2, MOST_ACTIONS + 1))
    nearest = float(even[np.argmin(np.abs(even - curve.first))])
    within = curve.first <= nearest / EVEN and float(curve.blocks.min()) >= EVEN * nearest
    return bool(within and curve.values.max() <= nearest * (2 - EVEN))


def stands_still(curve: CurveSignal) -> bool:
    """Whether hardly any update moved the policy at all."""
    return len(curve) >= MIN_POINTS and float(np.quantile(curve.values, _MOST)) < STANDS_STILL
