"""Trainings whose losses do not tell: two networks against each other, and agents."""

from __future__ import annotations

from tblogreport.causes import game_clues as g
from tblogreport.causes import model_clues as m
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
        core=("exploration",),
        explains=("reward-collapse",),
        prior=-3.0,
        clues=(
            Clue(5.0, "The entropy of the policy came to nothing.", g.entropy_is_spent),
            Clue(0.5, "All that it does is rewarded alike.", fired("reward-collapse")),
            Clue(-2.0, "The rate is far above the usual ones.", m.rate_is_high),
        ),
        words=words.TooLittleExploration,
    ),
    Hypothesis(
        "exploration-never-ends",
        core=("exploration",),
        explains=("reward-collapse",),
        prior=-3.0,
        clues=(
            Clue(5.0, "All actions are random to the end.", g.acts_at_random),
            Clue(4.5, "The policy stays at an even choice, though it moves.", g.never_chose),
        ),
        words=words.EndlessExploration,
    ),
)
