"""Findings and causes, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tblogreport import numbers
from tblogreport.findings import Cause, Finding, RunDiagnosis
from tblogreport.report import words
from tblogreport.report.figures import ChartView, Gallery
from tblogreport.report.text import Label, Prose, label, plain, prose
from tblogreport.report.words import Shape

_TAGS_SHOWN = 8


@dataclass(frozen=True)
class MeasureView:
    """One measured number, and the threshold that it was held against."""

    name: str
    measured: str
    threshold: str


@dataclass(frozen=True)
class ReferenceView:
    """A source; `link` only where it is an address on the web."""

    text: str
    link: str | None


@dataclass(frozen=True)
class FindingView:
    """One finding, ready to be shown."""

    anchor: str
    check: str
    severity: Shape
    sure: str
    title: str
    message: Prose
    why: Prose
    fixes: tuple[Prose, ...]
    where: str
    layer: Label | None
    tags: tuple[Label, ...]
    more_tags: int
    measures: tuple[MeasureView, ...]
    references: tuple[ReferenceView, ...]
    charts: tuple[ChartView, ...]


@dataclass(frozen=True)
class CauseView:
    """One cause with the findings that it explains."""

    name: str
    sure: str
    summary: Prose
    fixes: tuple[Prose, ...]
    evidence_for: tuple[Prose, ...]
    evidence_against: tuple[Prose, ...]
    findings: tuple[FindingView, ...]
    elsewhere: tuple[str, ...]  # checks it explains too, whose findings stand under another cause


def finding_view(finding: Finding, anchor: str, run: RunDiagnosis, gallery: Gallery) -> FindingView:
    """Everything a report says of one finding; its charts go into the gallery."""
    return FindingView(
        anchor=anchor,
        check=finding.check,
        severity=words.SEVERITIES[finding.severity],
        sure=words.sure(finding.confidence),
        title=plain(finding.title, 200).replace("\n", " "),
        message=prose(finding.message),
        why=prose(finding.why),
        fixes=tuple(map(prose, finding.fixes)),
        where=words.span(finding.steps, words.axis_of(finding.steps[1], run))
        if finding.steps
        else "",
        # The word stands before it anyway.
        layer=label(finding.layer.removeprefix("layer ")) if finding.layer else None,
        tags=tuple(map(label, finding.tags[:_TAGS_SHOWN])),
        more_tags=max(0, len(finding.tags) - _TAGS_SHOWN),
        measures=_measures(finding),
        references=tuple(map(_reference, finding.references)),
        charts=tuple(gallery.add(chart) for chart in finding.evidence),
    )


def cause_view(cause: Cause, findings: tuple[FindingView, ...]) -> CauseView:
    """Everything a report says of one cause."""
    fixes = tuple(map(prose, cause.fixes))
    return CauseView(
        name=words.humanised(cause.cause),
        sure=words.sure(cause.confidence),
        summary=prose(words.sentence(cause.summary)),
        fixes=fixes,
        evidence_for=tuple(prose(words.sentence(text)) for text in cause.evidence_for),
        evidence_against=tuple(prose(words.sentence(text)) for text in cause.evidence_against),
        # What stands under the cause already is not said again under each finding.
        findings=tuple(
            replace(view, fixes=tuple(fix for fix in view.fixes if fix not in fixes))
            for view in findings
        ),
        elsewhere=tuple(
            check for check in cause.explains if check not in {view.check for view in findings}
        ),
    )


def _measures(finding: Finding) -> tuple[MeasureView, ...]:
    names = dict.fromkeys([*finding.measured, *finding.thresholds])
    return tuple(
        MeasureView(
            label(words.humanised(name)).shown,
            _amount(finding.measured.get(name)),
            _amount(finding.thresholds.get(name)),
        )
        for name in names
    )


def _amount(value: float | str | None) -> str:
    if value is None:
        return "–"
    return label(value, 200).shown if isinstance(value, str) else numbers.number(value)


def _reference(text: str) -> ReferenceView:
    shown = plain(text, 300).replace("\n", " ")
    is_link = shown == text and text.startswith(("https://", "http://"))
    return ReferenceView(shown, text if is_link else None)
