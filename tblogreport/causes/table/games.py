"""Trainings whose losses do not tell: two networks against each other, and agents."""

from __future__ import annotations

from tblogreport.causes import words
from tblogreport.causes.case import Clue, Hypothesis, fired

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
        core=("entropy-collapse",),
        explains=("reward-collapse",),
        prior=0.0,
        clues=(
            Clue(1.5, "The entropy of the policy came to nothing.", fired("entropy-collapse")),
            Clue(0.5, "All that it does is rewarded alike.", fired("reward-collapse")),
        ),
        words=words.TooLittleExploration,
    ),
)
