"""The report as PDF: tagged (PDF/UA-1), with an outline."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from tblogreport.findings import Diagnosis
from tblogreport.report import charts
from tblogreport.report import json as report_json
from tblogreport.report.drawings import for_print
from tblogreport.report.figures import HOW_TO_READ_BANDS
from tblogreport.report.typesetting import Sheet, typeset
from tblogreport.report.view import ReportView, build


def render(diagnosis: Diagnosis) -> bytes:
    """The PDF file; the same diagnosis gives the same bytes."""
    view = build(diagnosis)
    return typeset(
        Sheet(
            template="report.typ",
            words=_words(view),
            drawn=for_print(view) | _small_lines(view),
            published=report_json.render(diagnosis),
            pictures={key: picture.content for key, picture in view.pictures.items()},
        )
    )


def _words(view: ReportView) -> dict[str, Any]:
    """The view without what charts are drawn from."""
    words = asdict(replace(view, evidence={}, sparklines={}, pictures={}, sounds={}))
    return words | {"how_to_read_bands": HOW_TO_READ_BANDS, "lines": sorted(view.sparklines)}


def _small_lines(view: ReportView) -> dict[str, str]:
    """Losses in the size of a word, and the outlines of sounds."""
    lines = {
        f"line-{anchor}": charts.sparkline(curve, charts.PRINT)
        for anchor, curve in view.sparklines.items()
    }
    waves = {key: charts.waveform(sound, charts.PRINT) for key, sound in view.sounds.items()}
    return lines | waves
