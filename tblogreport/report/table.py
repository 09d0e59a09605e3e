"""The findings as a table for other programs: one row a finding, and one for a run without any."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping

import pandas as pd

from tblogreport.findings import Diagnosis
from tblogreport.report.errors import ReportError
from tblogreport.report.json import json_value

_COLUMNS = [
    *("run", "path", "verdict", "cause", "check", "severity", "confidence", "layer"),
    *("first_step", "last_step", "title", "measured", "hparams"),
]
# What spreadsheets take for the beginning of a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def frame(diagnosis: Diagnosis) -> pd.DataFrame:
    """The table; its columns are those of `Diagnosis.to_frame`."""
    rows: list[dict[str, object]] = []
    for run in diagnosis.runs:
        shared: dict[str, object] = {
            "run": run.name,
            "path": run.path,
            "verdict": run.verdict.value,
            "hparams": _as_json(run.hparams),
        }
        rows += [
            shared
            | {
                "cause": finding.explained_by,
                "check": finding.check,
                "severity": finding.severity.value,
                "confidence": finding.confidence,
                "layer": finding.layer,
                "first_step": finding.steps[0] if finding.steps else None,
                "last_step": finding.steps[1] if finding.steps else None,
                "title": finding.title,
                "measured": _as_json(finding.measured),
            }
            for finding in run.findings
        ] or [shared]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table.astype({"first_step": "Int64", "last_step": "Int64"})


def csv(diagnosis: Diagnosis) -> bytes:
    """Comma-separated values in UTF-8, with a header.

    Text that a spreadsheet would run as a formula stands behind an apostrophe, and what commands a
    terminal is spelled out: Parquet has both as they are.
    """
    table = frame(diagnosis)
    for column in table.select_dtypes(exclude="number"):
        table[column] = table[column].map(_harmless)
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8", "backslashreplace")


def parquet(diagnosis: Diagnosis) -> bytes:
    """The same columns, as Parquet; raises `ReportError` without pyarrow."""
    stream = io.BytesIO()
    try:
        _typed(frame(diagnosis)).to_parquet(stream, index=False, engine="pyarrow")
    except ImportError as error:
        raise ReportError(
            "Parquet needs pyarrow: pip install 'tblogreport[parquet]'; .csv works without."
        ) from error
    return stream.getvalue()


def _as_json(values: Mapping[str, float | int | str]) -> str:
    """Strict JSON of numbers and words; what is not finite is a word."""
    return json.dumps({name: json_value(value) for name, value in values.items()}, allow_nan=False)


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Every column of one type, however many of its values are missing."""
    numbers = {"confidence": "Float64", "first_step": "Int64", "last_step": "Int64"}
    return table.astype({name: numbers.get(name, "string") for name in table.columns})


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return value
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)
    return f"'{shown}" if value.startswith(_FORMULA) else shown
