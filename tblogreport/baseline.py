"""Only what is new against an earlier report: `tblogreport analyze --baseline old.json`.

A finding is known if the baseline has one of the same check, in the same layer, of the same run,
and no less serious. What is left out is said, and the verdict of a run stays what it is: silence is
never health.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tblogreport.findings import (
    Cause,
    Diagnosis,
    Finding,
    Note,
    RunDiagnosis,
    Severity,
    Verdict,
)
from tblogreport.numbers import integer
from tblogreport.summary import headline_of_findings

SCHEMA_VERSION = 1


class BaselineError(ValueError):
    """A baseline that cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True)
class KnownRun:
    """What the baseline says of one run."""

    verdict: Verdict
    findings: Mapping[tuple[str, str | None], Severity]  # by check and layer, the worst of each

    def has(self, finding: Finding) -> bool:
        """Whether the finding is there, and no less serious than now."""
        known = self.findings.get((finding.check, finding.layer))
        return known is not None and known.rank <= finding.severity.rank


@dataclass(frozen=True)
class Baseline:
    """An earlier JSON report: what is in it is known."""

    path: Path
    runs: Mapping[str, KnownRun]

    def only_new(self, diagnosis: Diagnosis) -> Diagnosis:
        """The diagnosis without the findings that the baseline has, too.

        Runs are the same where their names are, or where there is only one on both sides.
        """
        if len(self.runs) == len(diagnosis.runs) == 1:
            known = dict.fromkeys((run.name for run in diagnosis.runs), *self.runs.values())
        else:
            known = dict(self.runs)
        runs = (
            self._only_new(run, known[run.name]) if run.name in known else run
            for run in diagnosis.runs
        )
        return replace(diagnosis, runs=tuple(runs))

    def _only_new(self, run: RunDiagnosis, known: KnownRun) -> RunDiagnosis:
        new = tuple(finding for finding in run.findings if not known.has(finding))
        left_out = len(run.findings) - len(new)
        if not left_out:
            return run
        reduced = replace(
            run,
            findings=new,
            causes=_causes_of(new, run),
            notes=(*run.notes, self._note(left_out)),
        )
        return replace(reduced, headline=_headline(reduced, known, left_out))

    def _note(self, left_out: int) -> Note:
        said = f"{_left_out(left_out, 'finding')}: the baseline `{self.path}` has the same."
        return Note("baseline", said)


def _causes_of(findings: Sequence[Finding], run: RunDiagnosis) -> tuple[Cause, ...]:
    """The causes that explain any of the findings, those first under which findings stand."""
    checks = {finding.check for finding in findings}
    leading = {finding.explained_by for finding in findings}
    explaining = [cause for cause in run.causes if checks & {*cause.explains}]
    return tuple(sorted(explaining, key=lambda cause: cause.cause not in leading))


def load_baseline(path: Path) -> Baseline:
    """Read a JSON report of ours; raises `BaselineError` where it is none."""
    document = _document(path)
    try:
        if document["tool"]["name"] != "tblogreport":
            raise ValueError("another tool")
        version = document["schema_version"]
        if version == SCHEMA_VERSION:
            return Baseline(path, {run["name"]: _known(run) for run in document["runs"]})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BaselineError(f"the baseline {path} is no JSON report of tblogreport") from error
    raise BaselineError(
        f"the baseline {path} has schema_version {version!r}, and {SCHEMA_VERSION} is needed: "
        "write it anew with this version of tblogreport"
    )


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise BaselineError(f"cannot read the baseline {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"the baseline {path} is not valid JSON") from error


def _known(run: Mapping[str, Any]) -> KnownRun:
    findings: dict[tuple[str, str | None], Severity] = {}
    for finding in run["findings"]:
        key, severity = (finding["check"], finding["layer"]), Severity(finding["severity"])
        findings[key] = min(findings.get(key, severity), severity, key=lambda one: one.rank)
    return KnownRun(Verdict(run["verdict"]), findings)


def _headline(run: RunDiagnosis, known: KnownRun, left_out: int) -> str:
    """What is new in one sentence, or that nothing is."""
    if run.verdict not in {Verdict.FAILING, Verdict.SUSPECT}:
        return run.headline
    if any(finding.severity is not Severity.INFO for finding in run.findings):
        return headline_of_findings(run.findings, run.causes)
    before = "as" if run.verdict == known.verdict else known.verdict.value
    new = "nothing new but notes" if run.findings else "nothing new"
    rest = _left_out(left_out, "known finding")
    return f"{run.verdict.value.capitalize()}, {before} in the baseline: {new}; {rest}."


def _left_out(amount: int, noun: str) -> str:
    said = f"{noun} is" if amount == 1 else f"{noun}s are"
    return f"{integer(amount)} {said} left out"
