"""The result of a comparison: what a change did to a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tblogreport.findings.evidence import CurveChart, HeatMap
from tblogreport.findings.finding import Finding
from tblogreport.findings.run import Level, Note, RunDiagnosis


class Change(StrEnum):
    """What became of a finding, worst first.

    A check that can be made on one side only says nothing of the change itself: its finding is
    `now-seen` or `out-of-sight`, not `came` or `went`.
    """

    CAME = "came"
    WORSENED = "worsened"
    STAYED = "stayed"
    NOW_SEEN = "now-seen"
    EASED = "eased"
    OUT_OF_SIGHT = "out-of-sight"
    WENT = "went"


@dataclass(frozen=True)
class FindingChange:
    """One finding before and after; one of the two is None unless it stayed."""

    check: str
    change: Change
    before: Finding | None
    after: Finding | None


@dataclass(frozen=True)
class ValueChange:
    """The end of one series before and after.

    `noises` is the difference over the standard error of it, None where that is not known;
    `better` says whether it is an improvement beyond the noise, None where it is neither.
    """

    before: Level
    after: Level
    noises: float | None
    better: bool | None
    sentence: str


@dataclass(frozen=True)
class Setting:
    """A hyperparameter or a property of the model that differs; an en dash where there is none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class RunComparison:
    """One run before and after."""

    before: RunDiagnosis
    after: RunDiagnosis
    headline: str
    findings: tuple[FindingChange, ...]
    values: tuple[ValueChange, ...]
    settings: tuple[Setting, ...]
    model: tuple[Setting, ...]  # layers that differ
    pace: str  # a sentence on how fast both went; empty where that is not known
    curves: tuple[CurveChart, ...]  # both runs on one axis
    maps: tuple[tuple[HeatMap, HeatMap], ...]  # of one quantity, in the same colours
    regressions: tuple[str, ...]  # what became worse, in sentences


@dataclass(frozen=True, repr=False)
class Comparison:
    """The result of `tblogreport.compare`: every pair of runs, those that became worse first."""

    pairs: tuple[RunComparison, ...]
    version: str
    only_before: tuple[str, ...] = ()  # names of runs that have no counterpart
    only_after: tuple[str, ...] = ()
    command: str | None = None  # how to reproduce it from a shell
    configuration: Mapping[str, str] = field(default_factory=dict)  # what is not by default
    notes: tuple[Note, ...] = ()

    def __repr__(self) -> str:
        """What it is in one line: a terminal shows it after each command."""
        return f"<Comparison {'; '.join(pair.headline for pair in self.pairs[:3]) or 'of nothing'}>"

    @property
    def regressed(self) -> bool:
        """Whether any run became worse."""
        return any(pair.regressions for pair in self.pairs)

    def write(self, path: str | Path) -> None:
        """Write a report; the suffix decides the format (`.html`, `.pdf`, `.md` or `.json`).

        Raises `tblogreport.report.ReportError` for another suffix or a file that cannot be
        written. The file is written whole or not at all.
        """
        from tblogreport.report import write

        write(self, Path(path))

    def _repr_html_(self) -> str:
        from tblogreport.report import notebook

        return notebook(self)
