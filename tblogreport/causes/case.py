"""What a cause is weighed by: the findings of a run, and clues for and against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from tblogreport.findings import Finding, Severity
from tblogreport.signals import Signals


@dataclass(frozen=True)
class Case:
    """What there is to explain: findings by check, and the run's signals."""

    findings: Mapping[str, Finding]
    signals: Signals

    def fired(self, *checks: str) -> bool:
        """Whether any of the checks fired as more than a note."""
        return any(
            check in self.findings and self.findings[check].severity != Severity.INFO
            for check in checks
        )

    def measured(self, check: str, name: str) -> float | None:
        """A number that a finding measured; None where it did not."""
        value = self.findings[check].measured.get(name) if check in self.findings else None
        return float(value) if isinstance(value, int | float) else None


Holds: TypeAlias = Callable[[Case], bool]


# The finding that most causes compete for.
STUCK = "non-converging-loss"


def fired(*checks: str) -> Holds:
    """Whether any of the checks fired as more than a note."""
    return lambda case: case.fired(*checks)


def both(one: Holds, other: Holds) -> Holds:
    """Whether two clues hold together."""
    return lambda case: one(case) and other(case)


def without(one: Holds, *others: Holds) -> Holds:
    """Whether the first clue holds and none of the others does."""
    return lambda case: one(case) and not any(other(case) for other in others)


@dataclass(frozen=True)
class Clue:
    """Evidence for (weight above 0) or against a cause, in log odds."""

    weight: float
    says: str
    holds: Holds


class Words(Protocol):
    """What is said of one cause."""

    @staticmethod
    def summary(case: Case) -> str:
        """One sentence, with a full stop."""

    @staticmethod
    def fixes(case: Case) -> tuple[str, ...]:
        """Orders, in the order in which to try them."""


@dataclass(frozen=True)
class Hypothesis:
    """One cause: when to consider it, what it explains, and what speaks for and against it."""

    cause: str
    core: tuple[str, ...]  # findings of which one must have fired
    explains: tuple[str, ...]  # further findings that are its consequences
    prior: float  # log odds before any clue
    clues: tuple[Clue, ...]
    words: type[Words]
