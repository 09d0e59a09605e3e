"""Diagnosis, or comparison → bytes, one module per format, each imported when it is asked for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tblogreport.findings import Comparison, Diagnosis
from tblogreport.report.errors import ReportError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COMPARISON_SUFFIXES",
    "SUFFIXES",
    "ReportError",
    "check_output",
    "frame",
    "notebook",
    "render",
    "write",
]


def _html(diagnosis: Diagnosis) -> bytes:
    from tblogreport.report import html

    return html.render(diagnosis).encode()


def _json(diagnosis: Diagnosis) -> bytes:
    from tblogreport.report import json

    return json.render(diagnosis).encode()


def _markdown(diagnosis: Diagnosis) -> bytes:
    from tblogreport.report import markdown

    return markdown.render(diagnosis).encode()


def _junit(diagnosis: Diagnosis) -> bytes:
    from tblogreport.report import junit

    return junit.render(diagnosis)


def _pdf(diagnosis: Diagnosis) -> bytes:
    from tblogreport.report import pdf

    return pdf.render(diagnosis)


def _csv(diagnosis: Diagnosis) -> bytes:
    from tblogreport.report import table

    return table.csv(diagnosis)


def _parquet(diagnosis: Diagnosis) -> bytes:
    from tblogreport.report import table

    return table.parquet(diagnosis)


_RENDERERS: dict[str, Callable[[Diagnosis], bytes]] = {
    ".html": _html,
    ".json": _json,
    ".md": _markdown,
    ".pdf": _pdf,
    ".xml": _junit,
    ".csv": _csv,
    ".parquet": _parquet,
}
SUFFIXES = tuple(_RENDERERS)
COMPARISON_SUFFIXES = (".html", ".json", ".md", ".pdf")


def check_output(path: Path, suffixes: Sequence[str] = SUFFIXES) -> None:
    """Raise `ReportError` for what can be known to fail before any log is read."""
    if path.suffix.lower() not in suffixes:
        known = ", ".join(suffixes)
        raise ReportError(f"Cannot tell the format of {path}: its suffix must be one of {known}.")
    if path.is_dir():
        raise ReportError(f"Cannot write {path}: it is a directory.")
    if not path.parent.is_dir():
        raise ReportError(f"Cannot write {path}: there is no directory {path.parent}.")


def render(result: Diagnosis | Comparison, suffix: str) -> bytes:
    """A report in the format of `suffix`.

    It is one of `SUFFIXES`, or of `COMPARISON_SUFFIXES` for a comparison.
    """
    if isinstance(result, Diagnosis):
        return _RENDERERS[suffix](result)
    from tblogreport.report import comparison

    return comparison.RENDERERS[suffix](result)


def write(result: Diagnosis | Comparison, path: Path) -> None:
    """Write a report whole or not at all; the suffix of `path` decides its format.

    Raises `ReportError` for a suffix that `render` does not know and for a file
    that cannot be written.
    """
    check_output(path, SUFFIXES if isinstance(result, Diagnosis) else COMPARISON_SUFFIXES)
    content = render(result, path.suffix.lower())
    try:
        _replace(path, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReportError(f"Cannot write {path}: {reason}.") from error


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file, then put it in its place: nobody ever sees half of it."""
    # A link is followed, as writing to it would; only regular files are replaced.
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        target.write_bytes(content)
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:64]}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _mode(target: Path) -> int:
    """The permissions of the file as it is, or those that the umask gives a new one."""
    if target.exists():
        return target.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def frame(diagnosis: Diagnosis) -> pd.DataFrame:
    """The findings as a frame: what `Diagnosis.to_frame` says of it."""
    from tblogreport.report import table

    return table.frame(diagnosis)


def notebook(result: Diagnosis | Comparison) -> str:
    """HTML for a notebook's output cell: the page in a frame of its own."""
    from tblogreport.report import comparison, html

    return html.frame(result) if isinstance(result, Diagnosis) else comparison.frame(result)
