"""A comparison for programs: the contract of `comparison.schema.json`, schema_version 1."""

from __future__ import annotations

from typing import Any

from tblogreport.findings import (
    Comparison,
    Finding,
    FindingChange,
    RunComparison,
    RunDiagnosis,
    Setting,
    ValueChange,
)
from tblogreport.report.json import SCHEMA_VERSION, harmless, json_value


def render(comparison: Comparison) -> str:
    """The comparison as text."""
    return harmless(document(comparison))


def document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as dictionaries, lists, strings, numbers and None."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "comparison",
        "tool": {"name": "tblogreport", "version": comparison.version},
        "regressed": comparison.regressed,
        "command": comparison.command,
        "notes": [str(note) for note in comparison.notes],
        "only_before": list(comparison.only_before),
        "only_after": list(comparison.only_after),
        "pairs": [_pair(pair) for pair in comparison.pairs],
    }


def _pair(pair: RunComparison) -> dict[str, Any]:
    return {
        "before": _run(pair.before),
        "after": _run(pair.after),
        "headline": pair.headline,
        "regressions": list(pair.regressions),
        "findings": [_change(change) for change in pair.findings],
        "values": [_value(value) for value in pair.values],
        "settings": [_setting(setting) for setting in pair.settings],
        "model": [_setting(setting) for setting in pair.model],
        "pace": {
            "before": json_value(pair.before.pace),
            "after": json_value(pair.after.pace),
        },
    }


def _run(run: RunDiagnosis) -> dict[str, Any]:
    return {
        "name": run.name,
        "path": run.path,
        "verdict": run.verdict.value,
        "headline": run.headline,
    }


def _change(change: FindingChange) -> dict[str, Any]:
    return {
        "check": change.check,
        "change": change.change.value,
        "before": _finding(change.before),
        "after": _finding(change.after),
    }


def _finding(finding: Finding | None) -> dict[str, Any] | None:
    if finding is None:
        return None
    return {
        "severity": finding.severity.value,
        "title": finding.title,
        "layer": finding.layer,
    }


def _value(value: ValueChange) -> dict[str, Any]:
    return {
        "tag": value.after.tag,
        "split": value.after.split,
        "role": value.after.role,
        "before": json_value(value.before.value),
        "after": json_value(value.after.value),
        "noises": json_value(value.noises),
        "better": value.better,
    }


def _setting(setting: Setting) -> dict[str, Any]:
    return {"name": setting.name, "before": setting.before, "after": setting.after}
