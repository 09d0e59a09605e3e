"""What a finding says, as plain lines: for formats that have no markup of their own."""

from __future__ import annotations

from collections.abc import Iterator

from tblogreport.findings import Cause, Finding, RunDiagnosis
from tblogreport.report import words
from tblogreport.report.figures import Gallery
from tblogreport.report.finding_view import FindingView, finding_view
from tblogreport.report.text import flat, plain, prose


def account(finding: Finding, run: RunDiagnosis) -> list[str]:
    """What was seen, where, how sure that is, what explains it, and what to do, best first."""
    view = finding_view(finding, "", run, Gallery())
    cause = next((one for one in run.causes if one.cause == finding.explained_by), None)
    return [flat(view.message), *_circumstances(view, cause), *_fixes(finding, cause)]


def _circumstances(view: FindingView, cause: Cause | None) -> Iterator[str]:
    layer = f"layer {view.layer.shown}" if view.layer else ""
    if where := ", ".join(filter(None, [view.where, layer])):
        yield f"Where: {where}"
    yield f"How sure: {view.sure}"
    if cause is not None:
        yield f"Cause: {plain(words.humanised(cause.cause))} ({words.sure(cause.confidence)})"


def _fixes(finding: Finding, cause: Cause | None) -> list[str]:
    fixes = dict.fromkeys([*(cause.fixes if cause else ()), *finding.fixes])
    return [f"What to do: {flat(prose(fix))}" for fix in fixes]
