"""What a diagnosis is made of: plain frozen dataclasses.

This module imports nothing of ours. Everything to its right in the way of the
data (the reports, the notebook display, other programs) lives on `Diagnosis`
alone: a report can be written long after the event files are gone.

Series that a chart needs are kept here already reduced (`Curve`, `BandChart`,
`HeatMap`), so that a diagnosis stays small however long the run was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]


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


@dataclass(frozen=True)
class Note:
    """Something that reading met: damage, a restart, an overlap, an empty file.

    `kind` is a stable kebab-case word for programs (`empty-file`,
    `truncated-file`, `damaged-file`, `long-record`, `not-an-event-file`, `unreadable`,
    `superseded-points`, `restart` …), `message` one sentence for people. `lost` is the
    share (0 to 1) of the file that could not be read, `steps` the first and the last
    step that the note is about.
    """

    kind: str
    message: str
    path: Path | None = None
    lost: float = 0.0
    steps: tuple[int, int] | None = None

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Curve:
    """One scalar series, reduced to at most a few hundred buckets for drawing.

    `steps`, `low`, `middle` and `high` have one entry a bucket: the step in the
    middle of the bucket, and the least, median and greatest finite value in it.
    A series that was short enough is kept whole (`low == middle == high`).
    """

    tag: str
    split: str  # "train", "validation", "test", or "" where the log does not say
    role: str  # a role of `tblogreport.context.roles`, such as "train_loss"
    axis: str  # what the steps count: "epoch", "step" or "point"
    steps: FloatArray
    low: FloatArray
    middle: FloatArray
    high: FloatArray
    smooth: FloatArray | None  # the trend on the same buckets; None for short series
    points: int  # how many points were logged
    nonfinite_steps: IntArray  # where the value was NaN or infinite (first 200)


@dataclass(frozen=True)
class Mark:
    """A moment (`first == last`) or a range of steps to point at on a chart."""

    label: str
    first: float
    last: float


@dataclass(frozen=True)
class CurveChart:
    """Curves over steps; all curves of one chart share one step axis."""

    title: str  # the question or the claim, as a sentence without a full stop
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...] = ()
    y_label: str = ""
    description: str = ""  # what is seen, for readers who cannot see the chart


@dataclass(frozen=True)
class BandChart:
    """The distribution of one histogram tag over steps, as percentile bands.

    `quantiles` has shape [len(steps), len(LEVELS)]; a row of NaN is a step at
    which the tensor held no finite value.
    """

    LEVELS = (0.0, 0.07, 0.16, 0.31, 0.5, 0.69, 0.84, 0.93, 1.0)

    title: str
    tag: str
    split: str
    layer: str | None
    kind: str  # "kernel", "bias", "gradient", "activation" or "other"
    steps: FloatArray
    quantiles: FloatArray
    axis: str = "step"
    marks: tuple[Mark, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class HeatMap:
    """A quantity of every layer over steps: `values` has shape [layers, steps]."""

    title: str
    quantity: str  # with its unit, e.g. "gradient RMS"
    layers: tuple[str, ...]  # in model order, input first
    steps: FloatArray
    values: FloatArray
    log: bool
    marked_layers: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None  # of the colour scale; None fits it to the values
    axis: str = "step"
    description: str = ""


Evidence = CurveChart | BandChart | HeatMap


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


@dataclass(frozen=True)
class Best:
    """The best value of the series by which one would choose a checkpoint."""

    tag: str
    role: str
    step: int
    value: float


@dataclass(frozen=True)
class Event:
    """One moment of a run."""

    kind: str  # the name of a check, or `learning-rate`, `best`, `wasted`
    step: int
    wall_time: float  # seconds since the epoch, UTC
    what: str  # what happened, in a few words without capital and full stop


@dataclass(frozen=True)
class RunDiagnosis:
    """All that is said of one run."""

    name: str
    path: str  # the run's directory, as it can be opened from where the command was given
    verdict: Verdict
    headline: str  # the verdict in one sentence
    steps: tuple[int, int] | None  # first and last step of the loss, or of all scalars
    axis: str  # what those steps count
    splits: tuple[str, ...]
    roles: Mapping[str, tuple[str, str]]  # role -> (split, tag)
    notes: tuple[Note, ...]
    causes: tuple[Cause, ...]
    findings: tuple[Finding, ...]  # most serious first
    checks: tuple[CheckResult, ...]
    duration: float | None = None  # seconds of wall time between first and last event
    started: float | None = None  # seconds since the epoch, UTC
    best: Best | None = None
    wasted_from: int | None = None  # the step from which training gained nothing more
    wasted_seconds: float | None = None
    timeline: tuple[Event, ...] = ()  # what happened when, by wall time
    to_log: str | None = None  # what to log next time to close the gaps, in one sentence
    overview: CurveChart | None = None  # the loss of all splits with the events marked
    curves: tuple[CurveChart, ...] = ()
    layers: tuple[HeatMap | BandChart, ...] = ()
    hparams: Mapping[str, float | str | bool] = field(default_factory=dict)
    drawn: bool = True  # False where only the worst of many runs kept their charts


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


@dataclass(frozen=True)
class Diagnosis:
    """The result of `tblogreport.analyze`: every run, worst first."""

    runs: tuple[RunDiagnosis, ...]
    version: str
    command: str | None = None  # how to reproduce it from a shell
    notes: tuple[Note, ...] = ()  # what reading met outside any run
    shared: tuple[Shared, ...] = ()  # what runs with the same finding have in common
    compared: str | None = None  # why nothing is, where hyperparameters differ

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
