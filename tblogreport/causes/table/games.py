"""Trainings whose losses do not tell: two networks against each other, and agents."""

from __future__ import annotations

from tblogreport.causes import model_clues as m
from tblogreport.causes import words
from tblogreport.causes.case import Case, Clue, Holds, Hypothesis, fired


def _measured(name: str) -> Holds:
    """Whether the finding on exploration is about this quantity."""
    return lambda case: case.measured("exploration", name) is not None


def _something_else(case: Case) -> bool:
    """Whether it is about random actions, or a policy that stands still."""
    return not _measured("entropy")(case)


GAMES = (
    Hypothesis(
        "unbalanced-adversaries",
        core=("adversarial-balance",),
        explains=(),
        prior=0.0,
        clues=(Clue(2.0, "One side's loss came to nothing.", fired("adversarial-balance")),),
        words=words.UnbalancedAdversaries,
    ),
    Hypothesis(
        "too-little-exploration",
        core=("exploration",),
        explains=("reward-collapse",),
        prior=0.0,
        clues=(
            Clue(2.0, "The entropy of the policy came to nothing.", _measured("entropy")),
            Clue(0.5, "All that it does is rewarded alike.", fired("reward-collapse")),
            Clue(-2.0, "The rate is far above the usual ones.", m.rate_is_high),
            Clue(-5.0, "The policy is random, or stands still.", _something_else),
        ),
        words=words.TooLittleExploration,
    ),
    Hypothesis(
        "exploration-never-ends",
        core=("exploration",),
        explains=("reward-collapse",),
        prior=-3.0,
        clues=(Clue(5.0, "All actions are random to the end.", _measured("least_share")),),
        words=words.EndlessExploration,
    ),
)
