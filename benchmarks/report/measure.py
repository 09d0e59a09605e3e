"""The weight of a report, and what its parts take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from benchmarks.report import axe
from tblogreport.findings import Diagnosis
from tblogreport.report import charts, html, pdf

if TYPE_CHECKING:
    from playwright.sync_api import Browser


T = TypeVar("T")


@dataclass(frozen=True)
class Weight:
    """What one report weighs and takes; seconds beside those of its charts."""

    html: int
    pdf: int
    chart_seconds: float
    html_seconds: float
    pdf_seconds: float
    light: int
    dark: int


def weigh(diagnosis: Diagnosis, browser: Browser, folder: Path) -> Weight:
    """Render a report in both formats, and let axe read the page."""
    page, chart_seconds, html_seconds = _timed(lambda: html.render(diagnosis))
    # Twice, since whatever else the machine does only ever adds to it.
    papers = [_timed(lambda: pdf.render(diagnosis)) for _ in range(2)]
    paper, pdf_seconds = papers[0][0], min(seconds for _, _, seconds in papers)
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8")
    light, dark = map(len, axe.violations(browser, path).values())
    size = len(page.encode())
    return Weight(size, len(paper), chart_seconds, html_seconds, pdf_seconds, light, dark)


def _timed(render: Callable[[], T]) -> tuple[T, float, float]:
    """What is rendered, the seconds of its charts, and those of all else."""
    with _watched_charts() as seconds:
        begun = time.perf_counter()
        rendered = render()
        all_seconds = time.perf_counter() - begun
    return rendered, sum(seconds), all_seconds - sum(seconds)


@contextmanager
def _watched_charts() -> Iterator[list[float]]:
    """Both formats draw by `charts.draw`: for a while it notes how long each chart takes."""
    draw, seconds = charts.draw, []

    def watched(*chart: Any, **options: Any) -> charts.Drawing:
        begun = time.perf_counter()
        drawing = draw(*chart, **options)
        seconds.append(time.perf_counter() - begun)
        return drawing

    charts.draw = watched
    try:
        yield seconds
    finally:
        charts.draw = draw
