"""The result of an analysis: every run, and what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tblogreport.findings.run import Note, RunDiagnosis
from tblogreport.findings.states import Verdict

if TYPE_CHECKING:
    import pandas as pd

_MOST_NAMED = 3


@dataclass(frozen=True)
class Shared:
    """A value of a hyperparameter that runs with one finding have, and others mostly have not."""

    finding: str  # the name of a check, or "failing or suspect"
    hparam: str
    condition: str  # such as "≥ 0.1" or "= adam"
    affected: tuple[int, int]  # runs with the finding: those with such a value, and all
    others: tuple[int, int]  # runs without it, likewise
    p_value: float  # of Fisher's exact test, corrected for all that was tried
    sentence: str


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """The result of `tblogreport.analyze`: every run, worst first."""

    runs: tuple[RunDiagnosis, ...]
    version: str
    command: str | None = None  # how to reproduce it from a shell
    configuration: Mapping[str, str] = field(default_factory=dict)  # what is not by default
    notes: tuple[Note, ...] = ()  # what reading met outside any run
    shared: tuple[Shared, ...] = ()  # what runs with the same finding have in common
    compared: str | None = None  # why nothing is, where hyperparameters differ

    def __repr__(self) -> str:
        """What it is in one line: a terminal shows it after each command."""
        runs = ", ".join(f"{run.name}: {run.verdict}" for run in self.runs[:_MOST_NAMED])
        more = f", and {len(self.runs) - _MOST_NAMED} more" if len(self.runs) > _MOST_NAMED else ""
        return f"<Diagnosis {self.verdict}; {runs}{more}>"

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all runs; `unknown` when there are none."""
        return min(
            (run.verdict for run in self.runs), key=lambda v: v.rank, default=Verdict.UNKNOWN
        )

    def to_frame(self) -> pd.DataFrame:
        """One row a finding; a run without findings has one row with `check` missing.

        Columns: run, path, verdict, cause, check, severity, confidence, layer, first_step,
        last_step, title, measured (the numbers, as JSON), hparams (as JSON).
        """
        from tblogreport.report import frame

        return frame(self)

    def write(self, path: str | Path) -> None:
        """Write a report; the suffix decides the format (`.html`, `.pdf`, `.json` …).

        Raises `tblogreport.report.ReportError` for an unknown suffix or a file
        that cannot be written. The file is written whole or not at all.
        """
        from tblogreport.report import write

        write(self, Path(path))

    def _repr_html_(self) -> str:
        from tblogreport.report import notebook

        return notebook(self)
