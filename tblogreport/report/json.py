"""The report for programs: the contract of `schema.json`, schema_version 1.

Names and paths stand here exactly as they were logged; nothing is shortened.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from tblogreport.findings import (
    Best,
    Cause,
    CheckResult,
    Diagnosis,
    Event,
    Finding,
    Level,
    RunDiagnosis,
    Shared,
)
from tblogreport.report.json_logged import logged

SCHEMA_VERSION = 1


def render(diagnosis: Diagnosis) -> str:
    """The report as text."""
    return harmless(document(diagnosis))


def harmless(found: dict[str, Any]) -> str:
    """Strict JSON in ASCII: what a tag holds cannot harm a terminal that shows it."""
    text = json.dumps(found, indent=2, allow_nan=False, ensure_ascii=True)
    return text.replace("\x7f", "\\u007f") + "\n"


def document(diagnosis: Diagnosis) -> dict[str, Any]:
    """The report as dictionaries, lists, strings, numbers and None."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "tblogreport", "version": diagnosis.version},
        "verdict": diagnosis.verdict.value,
        "command": diagnosis.command,
        "configuration": dict(diagnosis.configuration),
        "notes": [str(note) for note in diagnosis.notes],
        "compared": diagnosis.compared,
        "shared": [_shared(one) for one in diagnosis.shared],
        "runs": [_run(run) for run in diagnosis.runs],
    }


def _run(run: RunDiagnosis) -> dict[str, Any]:
    return {
        "name": run.name,
        "path": run.path,
        "verdict": run.verdict.value,
        "headline": run.headline,
        "steps": _pair(run.steps),
        "axis": run.axis,
        "splits": list(run.splits),
        "roles": {role: list(series) for role, series in run.roles.items()},
        "started": json_value(run.started),
        "duration": json_value(run.duration),
        "best": _best(run.best),
        "singles": [
            {"tag": one.tag, "split": one.split, "step": one.step, "value": json_value(one.value)}
            for one in run.singles
        ],
        "levels": [_level(level) for level in run.levels],
        "pace": json_value(run.pace),
        "writers": list(run.writers),
        "wasted": {"from": json_value(run.wasted_from), "seconds": json_value(run.wasted_seconds)},
        "notes": [str(note) for note in run.notes],
        "timeline": [_event(event) for event in run.timeline],
        "causes": [_cause(cause) for cause in run.causes],
        "findings": [_finding(finding) for finding in run.findings],
        "checks": [_check(result) for result in run.checks],
        "to_log": run.to_log,
        "hparams": _values(run.hparams),
        "logged": logged(run.logged),
    }


def _shared(one: Shared) -> dict[str, Any]:
    return {
        "finding": one.finding,
        "hparam": one.hparam,
        "condition": one.condition,
        "affected": list(one.affected),
        "others": list(one.others),
        "p_value": json_value(one.p_value),
        "sentence": one.sentence,
    }


def _best(best: Best | None) -> dict[str, Any] | None:
    if best is None:
        return None
    return {
        "tag": best.tag,
        "role": best.role,
        "step": json_value(best.step),
        "value": json_value(best.value),
    }


def _level(level: Level) -> dict[str, Any]:
    return {
        "tag": level.tag,
        "split": level.split,
        "role": level.role,
        "value": json_value(level.value),
        "noise": json_value(level.noise),
        "higher_is_better": level.higher_is_better,
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "cause": cause.cause,
        "confidence": json_value(cause.confidence),
        "explains": list(cause.explains),
        "summary": cause.summary,
        "evidence_for": list(cause.evidence_for),
        "evidence_against": list(cause.evidence_against),
        "fixes": list(cause.fixes),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "confidence": json_value(finding.confidence),
        "explained_by": finding.explained_by,
        "title": finding.title,
        "message": finding.message,
        "tags": list(finding.tags),
        "layer": finding.layer,
        "steps": _pair(finding.steps),
        "measured": _values(finding.measured),
        "thresholds": _values(finding.thresholds),
        "why": finding.why,
        "fixes": list(finding.fixes),
        "references": list(finding.references),
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "step": json_value(event.step),
        "wall_time": json_value(event.wall_time),
        "what": event.what,
    }


def _check(result: CheckResult) -> dict[str, Any]:
    return {"check": result.check, "status": result.status.value, "reason": result.reason}


def _pair(steps: tuple[int, int] | None) -> list[Any] | None:
    return None if steps is None else [json_value(steps[0]), json_value(steps[1])]


def _values(values: Mapping[str, float | int | str]) -> dict[str, Any]:
    return {name: json_value(value) for name, value in values.items()}


def json_value(value: Any) -> float | int | str | bool | None:
    """A number as JSON has it: numpy's become Python's, non-finite ones words."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
