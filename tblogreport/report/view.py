"""What a report says, in its order and its words: shared by every format.

`build` turns a `Diagnosis` into plain dataclasses of text that is ready to be
shown. Templates loop over them and decide nothing; `ReportView.evidence` holds
what the charts are drawn from, by the key that each `ChartView` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tblogreport.findings import (
    CheckResult,
    Curve,
    Diagnosis,
    Event,
    Evidence,
    Picture,
    RunDiagnosis,
    Sound,
    Status,
)
from tblogreport.report import overview, summary, words
from tblogreport.report.figures import ChartView, Gallery
from tblogreport.report.finding_view import CauseView, FindingView, cause_view, finding_view
from tblogreport.report.logged_view import LoggedView, logged_view
from tblogreport.report.text import Label, Prose, label, prose
from tblogreport.report.words import Shape


@dataclass(frozen=True)
class Checked:
    """How some checks ended, and why where they could not be made."""

    checks: tuple[str, ...]
    status: Shape
    reason: Prose


@dataclass(frozen=True)
class Moment:
    """One line of the timeline."""

    where: str  # epoch or step
    elapsed: str  # since the run began
    what: Prose


@dataclass(frozen=True)
class CountView:
    """One part of the line of counts, and the section that it counts."""

    text: str
    target: str


@dataclass(frozen=True)
class RunView:
    """One run, ready to be shown."""

    anchor: str
    name: Label
    path: Label
    verdict: Shape
    headline: Prose
    do_first: Prose
    because: Prose
    length: str  # how many steps, and how long they took
    best_term: str  # "Restore" where training went wrong after it, otherwise "Best"
    best: str
    wasted: str
    counts: tuple[CountView, ...]
    overview: ChartView | None
    causes: tuple[CauseView, ...]
    findings: tuple[FindingView, ...]  # those that no cause explains
    curves: tuple[ChartView, ...]
    singles: Prose  # what was logged once
    layers: tuple[ChartView, ...]
    logged: LoggedView
    timeline: tuple[Moment, ...]
    checks: tuple[Checked, ...]  # fired first, then those that could not be made, and why
    clean: tuple[str, ...]  # the checks that came out clean
    to_log: Prose
    notes: tuple[Prose, ...]
    facts: tuple[tuple[str, str], ...]

    @property
    def has_findings(self) -> bool:
        """Whether the run has a finding or a cause to show."""
        return bool(self.causes or self.findings)

    @property
    def has_bands(self) -> bool:
        """Whether a distribution is among the layers: it comes with a word on reading it."""
        return any(chart.kind == "bands" for chart in self.layers)

    def charts(self) -> Iterator[ChartView]:
        """Every chart of the run."""
        if self.overview:
            yield self.overview
        for cause in self.causes:
            for finding in cause.findings:
                yield from finding.charts
        for finding in self.findings:
            yield from finding.charts
        yield from self.curves
        yield from self.layers
        yield from self.logged.charts()


@dataclass(frozen=True)
class ReportView:
    """The whole report, ready to be shown."""

    title: str
    language: str
    columns: tuple[Label, ...]  # the hyperparameters that have a column
    rows: tuple[overview.Row, ...]  # empty for a single run
    best_heading: str  # of the column of best values
    tally: str
    shared: tuple[Prose, ...]  # what runs with one finding have in common
    compared: Prose  # why nothing is shared, where hyperparameters differ
    in_table_alone: str  # of a sweep: how many runs have no section of their own
    runs: tuple[RunView, ...]
    notes: tuple[Prose, ...]
    version: str
    configuration: tuple[tuple[str, str], ...]  # what is not by default
    command: str | None
    evidence: dict[str, Evidence] = field(repr=False)
    sparklines: dict[str, Curve] = field(repr=False)
    pictures: dict[str, Picture] = field(repr=False)
    sounds: dict[str, Sound] = field(repr=False)

    def small_charts(self) -> set[str]:
        """The keys of charts that stand side by side."""
        return {
            chart.key
            for run in self.runs
            for chart in (*run.curves, *run.layers, *run.logged.small_charts())
        }

    def charts(self) -> Iterator[ChartView]:
        """Every chart of every run."""
        for run in self.runs:
            yield from run.charts()


def build(diagnosis: Diagnosis) -> ReportView:
    """Every word of the report; runs keep the order of the diagnosis, worst first."""
    gallery = Gallery()
    ranked = sorted(diagnosis.runs, key=lambda run: run.verdict.rank)
    several = len(ranked) > 1
    chosen = overview.columns(ranked, diagnosis.shared)
    places = {f"run-{index}": run for index, run in enumerate(ranked, 1)}
    runs = tuple(_run(run, anchor, gallery) for anchor, run in places.items() if run.drawn)
    return ReportView(
        title=overview.title(ranked),
        language="en",
        columns=tuple(label(name, 40) for name in chosen) if several else (),
        rows=overview.rows(places, chosen) if several else (),
        best_heading=overview.best_heading(ranked),
        tally=overview.tally(ranked),
        shared=tuple(prose(one.sentence) for one in diagnosis.shared),
        compared=prose(diagnosis.compared or ""),
        in_table_alone=overview.in_table_alone(len(ranked) - len(runs)),
        runs=runs,
        notes=tuple(prose(str(note)) for note in diagnosis.notes),
        version=diagnosis.version,
        configuration=tuple(
            (term, label(value, 400).shown) for term, value in diagnosis.configuration.items()
        ),
        command=label(diagnosis.command, 1_000).shown if diagnosis.command else None,
        evidence=gallery.evidence,
        sparklines=overview.sparklines(places) if several else {},
        pictures=gallery.pictures,
        sounds=gallery.sounds,
    )


def _run(run: RunDiagnosis, anchor: str, gallery: Gallery) -> RunView:
    # The overview is drawn first so that it comes first in `evidence`.
    overview = gallery.add(run.overview) if run.overview else None
    explained = {cause.cause: list(summary.explained(run, cause)) for cause in run.causes}
    listed = {id(finding) for findings in explained.values() for finding in findings}
    rest = [finding for finding in run.findings if id(finding) not in listed]
    ordered = [finding for findings in explained.values() for finding in findings] + rest
    views = {
        id(finding): finding_view(finding, f"{anchor}-finding-{number}", run, gallery)
        for number, finding in enumerate(ordered, 1)
    }
    return RunView(
        anchor=anchor,
        name=label(run.name),
        path=label(run.path, 200),
        verdict=words.VERDICTS[run.verdict],
        headline=prose(words.sentence(run.headline)),
        do_first=prose(words.sentence(summary.do_first(run))),
        because=prose(summary.because(run)),
        length=summary.length(run),
        best_term="Restore" if summary.went_wrong(run) else "Best",
        best=summary.best(run),
        wasted=summary.wasted(run),
        counts=tuple(CountView(text, f"{anchor}-{target}") for text, target in summary.counts(run)),
        overview=overview,
        causes=tuple(
            cause_view(cause, tuple(views[id(finding)] for finding in explained[cause.cause]))
            for cause in run.causes
        ),
        findings=tuple(views[id(finding)] for finding in rest),
        curves=tuple(gallery.add(chart) for chart in run.curves),
        singles=prose(summary.singles(run)),
        layers=tuple(gallery.add(chart) for chart in run.layers),
        logged=logged_view(run, gallery),
        timeline=tuple(_moment(event, run) for event in run.timeline),
        checks=_checked(run.checks),
        clean=tuple(result.check for result in run.checks if result.status is Status.CLEAN),
        to_log=prose(run.to_log or ""),
        notes=tuple(prose(str(note)) for note in run.notes),
        facts=summary.facts(run),
    )


def _place(result: CheckResult) -> int:
    return list(words.STATUSES).index(result.status)


def _checked(results: Iterable[CheckResult]) -> tuple[Checked, ...]:
    """All but those that came out clean; what is missing for one reason stands together."""
    alike: dict[tuple[Status, str], list[str]] = {}
    for result in sorted(results, key=_place):
        if result.status is not Status.CLEAN:
            alike.setdefault((result.status, _reason(result.reason)), []).append(result.check)
    return tuple(
        Checked(tuple(names), words.STATUSES[status], prose(reason))
        for (status, reason), names in alike.items()
    )


def _moment(event: Event, run: RunDiagnosis) -> Moment:
    begun = run.started
    elapsed = words.duration(event.wall_time - begun) if begun is not None else "–"
    where = words.span((event.step, event.step), words.axis_of(event.step, run))
    return Moment(where, elapsed, prose(words.sentence(_capital(event.what))))


def _capital(text: str) -> str:
    return text if text.startswith("`") else text[:1].upper() + text[1:]


def _reason(reason: str | None) -> str:
    return words.sentence(_capital(reason)) if reason else ""
