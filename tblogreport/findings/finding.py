"""What checks say of a run, and what explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tblogreport.findings.evidence import Evidence
from tblogreport.findings.states import Severity, Status


@dataclass(frozen=True)
class Finding:
    """What a check that fired says about a run."""

    check: str
    severity: Severity
    confidence: float  # 0 to 1
    title: str  # the claim as a sentence without a full stop
    message: str  # what was seen, with its numbers, then what it means
    why: str  # why it matters
    fixes: tuple[str, ...]  # in the order in which to try them
    tags: tuple[str, ...] = ()  # "split/tag" labels of the series it rests on
    layer: str | None = None
    steps: tuple[int, int] | None = None  # first and last step it is about
    measured: Mapping[str, float | int | str] = field(default_factory=dict)
    thresholds: Mapping[str, float | int | str] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    explained_by: str | None = None  # the cause that explains it, once ranked


@dataclass(frozen=True)
class Cause:
    """An explanation over findings, with its evidence."""

    cause: str
    confidence: float
    explains: tuple[str, ...]  # names of checks
    summary: str
    fixes: tuple[str, ...]
    evidence_for: tuple[str, ...] = ()
    evidence_against: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckResult:
    """How one check ended on one run."""

    check: str
    status: Status
    reason: str | None = None  # for not-checkable and crashed: why, and how to log it


def leading_cause(findings: Sequence[Finding], causes: Sequence[Cause]) -> Cause | None:
    """The first cause, where it explains something of the worst that was found.

    A cause of what is less serious does not stand for an error that nothing explains. Findings
    stand worst first, causes likeliest first.
    """
    worst = {one.check for one in findings if one.severity is findings[0].severity}
    return causes[0] if causes and worst & set(causes[0].explains) else None
