"""The report as workflow commands: GitHub Actions shows them as annotations of the run.

A line is `::error title=…::…`. GitHub reads a command at the beginning of a line only, so text that
holds no line break cannot start one; how text is escaped is what its toolkit does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tblogreport.findings import Diagnosis, Finding, RunDiagnosis, Severity
from tblogreport.report import markdown, overview, summary, words
from tblogreport.report.account import account
from tblogreport.report.errors import ReportError
from tblogreport.report.text import elide, flat, label, plain, prose

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
# GitHub shows no more of a title.
_TITLE_LIMIT = 255
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_DATA_ESCAPES = str.maketrans(_DATA)
_PROPERTY_ESCAPES = str.maketrans(_DATA | {":": "%3A", ",": "%2C"})


def render(diagnosis: Diagnosis) -> str:
    """The verdict as a notice, then one command a finding, worst first: GitHub shows ten of a kind.

    Without a finding there still is the notice: silence is never health.
    """
    ranked = sorted(diagnosis.runs, key=lambda run: run.verdict.rank)
    found = [(finding, run) for run in ranked for finding in run.findings]
    found.sort(key=lambda one: one[0].severity.rank)
    several = len(ranked) > 1
    lines = [_verdict(ranked), *(_finding(finding, run, several) for finding, run in found)]
    return "".join(f"{line}\n" for line in lines)


def add_to_step_summary(diagnosis: Diagnosis, path: Path) -> None:
    """Append the Markdown report to the file that GitHub shows below a job.

    Raises `ReportError` when it cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8") as stream:
            # What other commands of the step wrote before may end in the middle of a line.
            before = "\n\n" if stream.tell() else ""
            stream.write(before + markdown.render(diagnosis))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReportError(f"Cannot write the step summary {path}: {reason}.") from error


def _verdict(ranked: list[RunDiagnosis]) -> str:
    title = overview.title(ranked)
    if len(ranked) != 1:
        return _command("notice", title, overview.tally(ranked) or "There is no run to report on.")
    said = "\n".join(filter(None, _verdict_on(ranked[0])))
    return _command("notice", f"{title}: {words.VERDICTS[ranked[0].verdict].word}", said)


def _verdict_on(run: RunDiagnosis) -> Iterator[str]:
    yield flat(prose(words.sentence(run.headline)))
    yield " · ".join(text for text, _ in summary.counts(run))


def _finding(finding: Finding, run: RunDiagnosis, several: bool) -> str:
    title = plain(finding.title, 200).replace("\n", " ")
    named = f"{label(run.name).shown}: {title}" if several else title
    return _command(_COMMANDS[finding.severity], named, "\n".join(account(finding, run)))


def _command(name: str, title: str, data: str) -> str:
    escaped = elide(title, _TITLE_LIMIT).translate(_PROPERTY_ESCAPES)
    return f"::{name} title={escaped}::{data.translate(_DATA_ESCAPES)}"
