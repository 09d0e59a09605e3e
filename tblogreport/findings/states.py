"""How bad a finding is, how a check ended, what is said of a run."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst: sorting by it puts errors first."""
        return list(Severity).index(self)


class Status(StrEnum):
    """How a check ended on one run: in exactly one of these."""

    FIRED = "fired"
    CLEAN = "clean"
    NOT_CHECKABLE = "not-checkable"
    CRASHED = "crashed"


class Verdict(StrEnum):
    """What is said of a whole run, worst first."""

    FAILING = "failing"
    SUSPECT = "suspect"
    UNKNOWN = "unknown"
    HEALTHY = "healthy"

    @property
    def rank(self) -> int:
        """0 for the worst: sorting by it puts failing runs first."""
        return list(Verdict).index(self)
