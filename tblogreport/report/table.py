"""The findings as a table for other programs: one row a finding, and one for a run without any."""

from __future__ import annotations

import io

import pandas as pd

from tblogreport.findings import Diagnosis
from tblogreport.report.errors import ReportError

# What spreadsheets take for the beginning of a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv(diagnosis: Diagnosis) -> bytes:
    """Comma-separated values in UTF-8, with a header.

    Text that a spreadsheet would run as a formula stands behind an apostrophe.
    """
    frame = diagnosis.to_frame()
    for column in frame.select_dtypes(exclude="number"):
        frame[column] = frame[column].map(_harmless)
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8", "backslashreplace")


def parquet(diagnosis: Diagnosis) -> bytes:
    """The same columns, as Parquet; raises `ReportError` without pyarrow."""
    frame = diagnosis.to_frame()
    stream = io.BytesIO()
    try:
        _typed(frame).to_parquet(stream, index=False, engine="pyarrow")
    except ImportError as error:
        raise ReportError(
            "Parquet needs pyarrow: pip install 'tblogreport[parquet]'; .csv works without."
        ) from error
    return stream.getvalue()


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Every column of one type, however many of its values are missing."""
    numbers = {"confidence": "Float64", "first_step": "Int64", "last_step": "Int64"}
    return frame.astype({name: numbers.get(name, "string") for name in frame.columns})


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
