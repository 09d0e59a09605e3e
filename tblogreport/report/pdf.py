"""The report as PDF: tagged (PDF/UA-1), with an outline."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from tblogreport.findings import Diagnosis, RunDiagnosis
from tblogreport.report import charts
from tblogreport.report import json as report_json
from tblogreport.report.drawings import for_print
from tblogreport.report.figures import HOW_TO_READ_BANDS
from tblogreport.report.summary import culprit
from tblogreport.report.typesetting import Sheet, typeset
from tblogreport.report.view import ReportView, build

_MOST_IN_FULL = 6  # of several runs


def render(diagnosis: Diagnosis) -> bytes:
    """The PDF file; the same diagnosis gives the same bytes.

    Of many runs the worst are shown in full: nobody leafs through a hundred pages.
    """
    view = build(_shortened(diagnosis))
    return typeset(
        Sheet(
            template="report.typ",
            words=_words(view),
            drawn=for_print(view) | _small_lines(view),
            published=report_json.render(diagnosis),
            pictures={key: picture.content for key, picture in view.pictures.items()},
        )
    )


def _shortened(diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis with the charts of its worst runs, one of each kind first."""
    drawn = [run for run in diagnosis.runs if run.drawn]
    if len(drawn) <= _MOST_IN_FULL:
        return diagnosis
    kinds: dict[str, int] = {}
    ranked = sorted(drawn, key=lambda run: run.verdict.rank)
    order = {id(run): (_nth(kinds, run), place) for place, run in enumerate(ranked)}
    kept = set(sorted(order, key=lambda one: order[one])[:_MOST_IN_FULL])
    runs = (replace(run, drawn=id(run) in kept) for run in diagnosis.runs)
    return replace(diagnosis, runs=tuple(runs))


def _nth(kinds: dict[str, int], run: RunDiagnosis) -> int:
    """How many worse runs the same went wrong in."""
    kind = culprit(run)
    kinds[kind] = kinds.get(kind, 0) + 1
    return kinds[kind]


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
