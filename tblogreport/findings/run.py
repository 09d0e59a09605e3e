"""All that is said of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tblogreport.findings.evidence import BandChart, CurveChart, HeatMap, HistogramChart
from tblogreport.findings.finding import Cause, CheckResult, Finding
from tblogreport.findings.logged import Logged
from tblogreport.findings.states import Verdict


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
class Best:
    """The best value of the series by which one would choose a checkpoint."""

    tag: str
    role: str
    step: int
    value: float


@dataclass(frozen=True)
class Single:
    """A value that was logged once: a final score, or the result of a test."""

    tag: str
    split: str
    step: int
    value: float


@dataclass(frozen=True)
class Level:
    """Where a series ended: the median of its last tenth, and how far chance moves that.

    `noise` is a standard error, 0 where too few points were logged to tell.
    """

    tag: str
    split: str
    role: str
    value: float
    noise: float
    higher_is_better: bool | None
    is_share: bool  # an accuracy between 0 and 1, which is told in per cent


@dataclass(frozen=True)
class Event:
    """One moment of a run."""

    kind: str  # the name of a check, or `learning-rate`, `best`, `wasted`
    step: int
    wall_time: float  # seconds since the epoch, UTC
    what: str  # what happened, in a few words without capital and full stop


@dataclass(frozen=True, repr=False)
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
    singles: tuple[Single, ...] = ()
    levels: tuple[Level, ...] = ()  # of losses and metrics, held-out ones first
    writers: tuple[str, ...] = ()  # the programs that wrote the log, as far as it says
    pace: float | None = None  # seconds from one step (or epoch) to the next, the median
    wasted_from: int | None = None  # the step from which training gained nothing more
    wasted_seconds: float | None = None
    timeline: tuple[Event, ...] = ()  # what happened when, by wall time
    to_log: str | None = None  # what to log next time to close the gaps, in one sentence
    overview: CurveChart | None = None  # the loss of all splits with the events marked
    curves: tuple[CurveChart, ...] = ()
    layers: tuple[HeatMap | BandChart | HistogramChart, ...] = ()
    hparams: Mapping[str, float | str | bool] = field(default_factory=dict)
    logged: Logged = field(default_factory=Logged)
    drawn: bool = True  # False where only the worst of many runs kept their charts

    def __repr__(self) -> str:
        """What it is in one line: its charts would fill a screen."""
        return f"<RunDiagnosis {self.name}: {self.verdict}; {self.headline}>"
