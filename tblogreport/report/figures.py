"""Charts as a report shows them: a title, a description, and the key to draw them by."""

from __future__ import annotations

from dataclasses import dataclass, field

from tblogreport.findings import BandChart, CurveChart, Evidence
from tblogreport.report.descriptions import describe
from tblogreport.report.text import plain

HOW_TO_READ_BANDS = (
    "Each band holds a share of the tensor’s values: the palest all of them (least to greatest), "
    "then 86 % (7th to 93rd percentile), 68 %, and 38 % in the darkest; the line is the median."
)


@dataclass(frozen=True)
class ChartView:
    """What stands around a chart."""

    key: str
    kind: str  # "curves", "bands" or "map"
    title: str
    description: str


@dataclass
class Gallery:
    """Hands out a key for each chart of a report, in the order of their appearance."""

    evidence: dict[str, Evidence] = field(default_factory=dict)

    def add(self, chart: Evidence) -> ChartView:
        """Keep the chart under the next key."""
        key = f"chart-{len(self.evidence) + 1}"
        self.evidence[key] = chart
        title = plain(chart.title, 200).replace("\n", " ")
        description = plain(chart.description or describe(chart), 600).replace("\n", " ")
        return ChartView(key, _kind(chart), title, description)


def _kind(chart: Evidence) -> str:
    if isinstance(chart, CurveChart):
        return "curves"
    return "bands" if isinstance(chart, BandChart) else "map"
