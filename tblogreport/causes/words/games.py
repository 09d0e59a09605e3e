"""What is said of trainings in which two networks, or an agent and its world, meet."""

from __future__ import annotations

from tblogreport.causes.case import Case
from tblogreport.causes.words.fixes import Fixes, fixes_of


class UnbalancedAdversaries:
    """unbalanced-adversaries."""

    @staticmethod
    def summary(case: Case) -> str:
        return "Generator and discriminator are not of equal strength: one of them has won."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "adversarial-balance")


class TooLittleExploration:
    """too-little-exploration."""

    @staticmethod
    def summary(case: Case) -> str:
        return "The policy settled on one behaviour before it had found a good one."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "exploration")


class EndlessExploration:
    """exploration-never-ends."""

    @staticmethod
    def summary(case: Case) -> str:
        return "The agent draws its actions at random to the end and never uses what it learned."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "exploration")
