"""The report as JUnit XML, for the test view of a CI server: a run is a suite, a check a case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from tblogreport.findings import (
    CheckResult,
    Diagnosis,
    Finding,
    RunDiagnosis,
    Severity,
    Status,
)
from tblogreport.report import words
from tblogreport.report.account import account
from tblogreport.report.text import label, plain

# What would be counted as a test of its own, and the attribute that counts it.
_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def render(diagnosis: Diagnosis) -> bytes:
    """XML in UTF-8; runs stand worst first."""
    root = ET.Element("testsuites", name="tblogreport")
    ranked = sorted(diagnosis.runs, key=lambda run: run.verdict.rank)
    root.extend(map(_suite, ranked))
    _count(root)
    _set_time(root, ranked)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _suite(run: RunDiagnosis) -> ET.Element:
    name = label(run.name).full
    suite = ET.Element("testsuite", name=name)
    cases = [_case(result, run) for result in run.checks] or [_not_diagnosed(run)]
    for case in cases:
        case.set("classname", name)
    suite.extend(cases)
    _count(suite)
    _set_time(suite, [run])
    # When the run began, never the clock: the same diagnosis gives the same bytes.
    if started := words.date(run.started):
        suite.set("timestamp", started.isoformat(timespec="seconds"))
    state = words.VERDICTS[run.verdict].word
    notes = [plain(str(note)) for note in run.notes]
    _add_text(suite, "system-out", [f"{state}: {plain(run.headline)}", *notes])
    return suite


def _case(result: CheckResult, run: RunDiagnosis) -> ET.Element:
    case = ET.Element("testcase", name=result.check)
    reason = plain(result.reason or "").replace("\n", " ")
    if result.status is Status.NOT_CHECKABLE:
        ET.SubElement(case, "skipped", message=reason)
    elif result.status is Status.CRASHED:
        ET.SubElement(case, "error", type="crashed", message=reason)
    found = [finding for finding in run.findings if finding.check == result.check]
    notes = [finding for finding in found if finding.severity is Severity.INFO]
    if serious := [finding for finding in found if finding.severity is not Severity.INFO]:
        _add_failure(case, serious, run)
    if notes:
        _add_text(case, "system-out", _told(notes, run))
    return case


def _add_failure(case: ET.Element, findings: Sequence[Finding], run: RunDiagnosis) -> None:
    """One failure for all findings of a check: most readers know no second one in a case."""
    worst = min((finding.severity for finding in findings), key=lambda severity: severity.rank)
    failure = _add_text(case, "failure", _told(findings, run))
    failure.set("type", worst.value)
    failure.set("message", "; ".join(map(_title, findings)))


def _not_diagnosed(run: RunDiagnosis) -> ET.Element:
    """A run without any check is an error: an empty suite would count as passed."""
    case = ET.Element("testcase", name="diagnosis")
    headline = plain(run.headline).replace("\n", " ")
    ET.SubElement(case, "error", type="not-diagnosed", message=headline)
    return case


def _told(findings: Sequence[Finding], run: RunDiagnosis) -> list[str]:
    return ["\n".join([_title(finding), *account(finding, run)]) for finding in findings]


def _title(finding: Finding) -> str:
    return plain(finding.title, 200).replace("\n", " ")


def _add_text(parent: ET.Element, tag: str, paragraphs: Sequence[str]) -> ET.Element:
    element = ET.SubElement(parent, tag)
    element.text = "\n\n".join(paragraphs)
    return element


def _count(element: ET.Element) -> None:
    element.set("tests", str(len(element.findall(".//testcase"))))
    for tag, attribute in _COUNTED.items():
        element.set(attribute, str(len(element.findall(f".//{tag}"))))


def _set_time(element: ET.Element, runs: Sequence[RunDiagnosis]) -> None:
    """How long the runs took, as far as that is known; never how long the checks did."""
    known = [run.duration for run in runs if run.duration is not None and run.duration >= 0]
    if known and math.isfinite(total := sum(known)):
        element.set("time", f"{total:.3f}")
