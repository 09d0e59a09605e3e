"""Evidence → SVG, by matplotlib.

Titles and descriptions stand around a chart, as text of the page; the picture
holds axes, series and their labels. The same evidence gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from tblogreport.findings import (
    BandChart,
    CurveChart,
    Evidence,
    GraphChart,
    HeatMap,
    HistogramChart,
)
from tblogreport.report.charts.bands import draw_bands
from tblogreport.report.charts.canvas import Canvas, our_style
from tblogreport.report.charts.colours import PAGE, PRINT, Palette
from tblogreport.report.charts.curves import draw_curves
from tblogreport.report.charts.graph import draw_graph
from tblogreport.report.charts.heatmap import draw_heat_map
from tblogreport.report.charts.histograms import draw_histograms
from tblogreport.report.charts.plot import Plot
from tblogreport.report.charts.precision_recall import draw_precision_recall
from tblogreport.report.charts.sparkline import sparkline
from tblogreport.report.charts.svg import finish
from tblogreport.report.charts.waveform import waveform

__all__ = [
    "PAGE",
    "PRINT",
    "SMALL",
    "WIDE",
    "Drawing",
    "Palette",
    "Plot",
    "draw",
    "sparkline",
    "waveform",
]

WIDE = 360.0  # widths in units: the text of a chart is 8 or 9 of them high
SMALL = 250.0


@dataclass(frozen=True)
class Drawing:
    """A chart as an SVG element, and what can be read off it."""

    svg: str
    plot: Plot | None


def draw(
    evidence: Evidence,
    *,
    key: str,
    title: str,
    description: str,
    palette: Palette,
    width: float = WIDE,
) -> Drawing:
    """One chart as an SVG element with an accessible name and description.

    `key` starts every id inside, so that many charts fit on one page; `palette`
    says whether colours follow the page (`PAGE`) or are fixed (`PRINT`).
    """
    with our_style():
        canvas = _canvas(evidence, width)
        drawn = canvas.svg()
    named = finish(drawn, key=key, title=title, description=description, palette=palette)
    return Drawing(named, canvas.plot)


def _canvas(evidence: Evidence, width: float) -> Canvas:
    if isinstance(evidence, CurveChart):
        return draw_curves(evidence, width)
    if isinstance(evidence, BandChart):
        return draw_bands(evidence, width)
    if isinstance(evidence, HeatMap):
        return draw_heat_map(evidence, width)
    if isinstance(evidence, HistogramChart):
        return draw_histograms(evidence, width)
    if isinstance(evidence, GraphChart):
        return draw_graph(evidence, width)
    return draw_precision_recall(evidence, width)
