"""The charts of a view, drawn for a page or for print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from tblogreport.findings import Evidence
from tblogreport.report import charts
from tblogreport.report.figures import ChartView

# The text column of the PDF is 470 pt wide.
PRINT_WIDE, PRINT_SMALL = 470.0, 260.0


class Drawn(Protocol):
    """What has charts: a report, or a comparison."""

    @property
    def evidence(self) -> dict[str, Evidence]:
        """What the charts are drawn from, by their keys."""

    def charts(self) -> Iterable[ChartView]:
        """Every chart, in its order."""

    def small_charts(self) -> set[str]:
        """The keys of charts that stand side by side."""


def for_page(view: Drawn) -> dict[str, charts.Drawing]:
    """Every chart by its key, in colours that follow the page's scheme."""
    return _drawn(view, charts.PAGE, charts.WIDE, charts.SMALL)


def for_print(view: Drawn) -> dict[str, str]:
    """Every chart by its key as SVG, in colours that are fixed."""
    drawn = _drawn(view, charts.PRINT, PRINT_WIDE, PRINT_SMALL)
    return {key: drawing.svg for key, drawing in drawn.items()}


def _drawn(
    view: Drawn, palette: charts.Palette, wide: float, small: float
) -> dict[str, charts.Drawing]:
    side_by_side = view.small_charts()
    return {
        chart.key: charts.draw(
            view.evidence[chart.key],
            key=chart.key,
            title=chart.title,
            description=chart.description,
            palette=palette,
            width=small if chart.key in side_by_side else wide,
        )
        for chart in view.charts()
    }
