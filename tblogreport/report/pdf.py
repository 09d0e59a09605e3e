"""The report as PDF, by Typst: tagged (PDF/UA-1), with an outline.

Typst gets files, never markup: the words of the view as JSON, the charts as SVG,
and the published JSON report, which is attached to the PDF for programs.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst

from tblogreport.findings import Diagnosis
from tblogreport.report import charts, templates
from tblogreport.report import json as report_json
from tblogreport.report.errors import ReportError
from tblogreport.report.figures import HOW_TO_READ_BANDS
from tblogreport.report.view import ReportView, build

_WIDE, _SMALL = 470.0, 260.0  # the text column is 470 pt wide
_LAST_LATIN = 0x24F
_KNOWN_MARKS = set("–—‘’“”…−×·•▲✗✓▸↑↓≤≥≈→ \u202f⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def render(diagnosis: Diagnosis) -> bytes:
    """The PDF file; the same diagnosis gives the same bytes.

    Fonts are matplotlib's DejaVu and, for scripts that it lacks, those of this
    machine. PDF/UA allows no character without a glyph: where no font has one,
    it is shown by its code point instead.
    """
    try:
        return _compile(diagnosis, spell_out=False)
    except typst.TypstError:
        return _compile(diagnosis, spell_out=True)


def _compile(diagnosis: Diagnosis, *, spell_out: bool) -> bytes:
    with tempfile.TemporaryDirectory(prefix="tblogreport-") as name:
        root = Path(name)
        _lay_out(diagnosis, root, spell_out=spell_out)
        try:
            return typst.compile(
                root / "report.typ",
                root=root,
                font_paths=[Path(mpl.get_data_path()) / "fonts" / "ttf"],
                pdf_standards=["ua-1"],
            )
        except typst.TypstError as error:
            if spell_out:
                raise ReportError(f"Typst cannot set the PDF: {error.message}.") from error
            raise


def _lay_out(diagnosis: Diagnosis, root: Path, *, spell_out: bool) -> None:
    """Everything that the template reads, in one directory."""
    view = build(diagnosis)
    words = json.dumps(_words(view), ensure_ascii=False)
    drawn = _charts(view)
    if spell_out:
        words = _spelled_out(words, "\\\\u{{{:x}}}")
        drawn = {key: _spelled_out(svg, "\\u{{{:x}}}") for key, svg in drawn.items()}
    (root / "report.typ").write_text(templates.source("report.typ"), encoding="utf-8")
    (root / "report.json").write_text(report_json.render(diagnosis), encoding="utf-8")
    (root / "words.json").write_text(words, encoding="utf-8")
    for key, picture in view.pictures.items():
        (root / key).write_bytes(picture.content)
    for key, svg in drawn.items():
        (root / f"{key}.svg").write_text(svg, encoding="utf-8")


def _words(view: ReportView) -> dict[str, Any]:
    """The view without what charts are drawn from."""
    words = asdict(replace(view, evidence={}, sparklines={}, pictures={}, sounds={}))
    return words | {"how_to_read_bands": HOW_TO_READ_BANDS, "lines": sorted(view.sparklines)}


def _charts(view: ReportView) -> dict[str, str]:
    small = view.small_charts()
    drawn = {
        chart.key: charts.draw(
            view.evidence[chart.key],
            key=chart.key,
            title=chart.title,
            description=chart.description,
            palette=charts.PRINT,
            width=_SMALL if chart.key in small else _WIDE,
        ).svg
        for chart in view.charts()
    }
    lines = {
        f"line-{anchor}": charts.sparkline(curve, charts.PRINT)
        for anchor, curve in view.sparklines.items()
    }
    waves = {key: charts.waveform(sound, charts.PRINT) for key, sound in view.sounds.items()}
    return drawn | lines | waves


def _spelled_out(text: str, form: str) -> str:
    """The text with every character that DejaVu may lack as its code point."""
    return "".join(
        character
        if ord(character) <= _LAST_LATIN or character in _KNOWN_MARKS
        else form.format(ord(character))
        for character in text
    )
