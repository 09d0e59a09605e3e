"""Words, charts and pictures → a tagged PDF (PDF/UA-1), by Typst.

Typst gets files, never markup: words as JSON, charts as SVG, and the published JSON report, which
is attached to the PDF for programs.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst

from tblogreport.report import templates
from tblogreport.report.errors import ReportError

_LAST_LATIN = 0x24F
_KNOWN_MARKS = set("–—‘’“”…−×·•▲✗✓▸↑↓≤≥≈→ \u202f⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Sheet:
    """What a template reads: words, charts and pictures by their keys, and the JSON report."""

    template: str
    words: Mapping[str, Any]
    drawn: Mapping[str, str]
    published: str
    pictures: Mapping[str, bytes] = field(default_factory=dict)


def typeset(sheet: Sheet) -> bytes:
    """The PDF file; the same sheet gives the same bytes.

    Fonts are matplotlib's DejaVu and, for scripts that it lacks, those of this machine. PDF/UA
    allows no character without a glyph: where no font has one, it is shown by its code point
    instead. Raises `ReportError` where Typst cannot set it even so.
    """
    try:
        return _compile(sheet, spell_out=False)
    except typst.TypstError:
        return _compile(sheet, spell_out=True)


def _compile(sheet: Sheet, *, spell_out: bool) -> bytes:
    with tempfile.TemporaryDirectory(prefix="tblogreport-") as name:
        root = Path(name)
        _lay_out(sheet, root, spell_out=spell_out)
        try:
            return typst.compile(
                root / sheet.template,
                root=root,
                font_paths=[Path(mpl.get_data_path()) / "fonts" / "ttf"],
                pdf_standards=["ua-1"],
            )
        except typst.TypstError as error:
            if spell_out:
                raise ReportError(f"Typst cannot set the PDF: {error.message}.") from error
            raise


def _lay_out(sheet: Sheet, root: Path, *, spell_out: bool) -> None:
    """Everything that the template reads, in one directory."""
    words = json.dumps(sheet.words, ensure_ascii=False)
    drawn = sheet.drawn
    if spell_out:
        words = _spelled_out(words, "\\\\u{{{:x}}}")
        drawn = {key: _spelled_out(svg, "\\u{{{:x}}}") for key, svg in drawn.items()}
    for source in ("common.typ", sheet.template):
        (root / source).write_text(templates.source(source), encoding="utf-8")
    (root / "report.json").write_text(sheet.published, encoding="utf-8")
    (root / "words.json").write_text(words, encoding="utf-8")
    for key, content in sheet.pictures.items():
        (root / key).write_bytes(content)
    for key, svg in drawn.items():
        (root / f"{key}.svg").write_text(svg, encoding="utf-8")


def _spelled_out(text: str, form: str) -> str:
    """The text with every character that DejaVu may lack as its code point."""
    return "".join(
        character
        if ord(character) <= _LAST_LATIN or character in _KNOWN_MARKS
        else form.format(ord(character))
        for character in text
    )
