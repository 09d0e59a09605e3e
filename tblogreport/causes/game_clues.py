"""What the logs of agents say for or against a cause."""

from __future__ import annotations

import numpy as np

from tblogreport.causes.case import Case
from tblogreport.causes.model_clues import rate_is_usual
from tblogreport.context.kind import Kind
from tblogreport.context.series import Series
from tblogreport.context.words import LOSS_WORDS, words_of
from tblogreport.signals.exploration import MIN_POINTS, entropy_series, policy_moves
from tblogreport.signals.reward import Course

# One update that moves a policy by so much (Kullback-Leibler) turns it about; 0.01 is usual.
LEAP = 0.5
# … and below so much it hardly changes.
MOVES = 1e-4
# An entropy at this share of its first level is that of a policy that has made up its mind.
SURER = 0.5
# A loss of values that grows so many times explodes; above so much it is enormous.
GROWS = 1_000.0
ENORMOUS = 1e5


def policy_leaps(case: Case) -> bool:
    """Whether a single update moved the policy far."""
    moves = policy_moves(case.signals.context.series)
    return moves is not None and float(moves.values.max()) > LEAP


def policy_stands_still(case: Case) -> bool:
    """Whether it was found that updates do not move the policy."""
    return case.measured("exploration", "moves") is not None


def entropy_is_spent(case: Case) -> bool:
    """Whether it was found that the policy lost its entropy."""
    return case.measured("exploration", "entropy") is not None


def acts_at_random(case: Case) -> bool:
    """Whether it was found that actions are random to the end."""
    return case.measured("exploration", "least_share") is not None


def never_chose(case: Case) -> bool:
    """Whether it was found that the policy stays at an even choice, though updates move it."""
    moves = policy_moves(case.signals.context.series)
    # Where the rate is a usual one, nothing pulls the policy away from an even choice.
    still = moves is not None and float(np.median(moves.values)) < MOVES
    still = still and not rate_is_usual(case)
    return case.measured("exploration", "least_entropy") is not None and not still


def hardly_moves(case: Case) -> bool:
    """Whether the policy stays at an even choice because updates hardly move it."""
    return case.measured("exploration", "least_entropy") is not None and not never_chose(case)


def learns_the_opposite(case: Case) -> bool:
    """Whether an agent that moves as usual ends worse than it began, and ever surer of it."""
    signals = case.signals
    if signals.reward is None or signals.reward.course != Course.FELL or policy_leaps(case):
        return False
    entropy = entropy_series(signals.context.series)
    if entropy is None or len(entropy) < MIN_POINTS:
        return False
    curve = signals.curve(entropy)
    return curve.tail < SURER * curve.first


def values_explode(case: Case) -> bool:
    """Whether the loss of an agent grows a thousand times over the run."""
    return any(
        0 < GROWS * float(np.median(s.values[:3])) < float(np.median(s.values[-3:]))
        for s in _losses(case)
    )


def values_are_enormous(case: Case) -> bool:
    """Whether the loss of an agent is in the hundred thousands throughout."""
    return any(float(np.median(s.values)) > ENORMOUS for s in _losses(case))


def _losses(case: Case) -> list[Series]:
    if case.signals.context.kind != Kind.REINFORCEMENT:
        return []
    series = case.signals.context.series
    return [s for s in series if len(s) >= 3 and LOSS_WORDS & set(words_of(s.tag))]
