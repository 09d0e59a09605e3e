"""Charts as a report shows them: a title, a description, and the key to draw them by."""

from __future__ import annotations

from dataclasses import dataclass, field

from tblogreport.findings import (
    BandChart,
    CurveChart,
    Evidence,
    GraphChart,
    HeatMap,
    HistogramChart,
    Picture,
    PrecisionRecallChart,
    Sound,
)
from tblogreport.report.descriptions import describe
from tblogreport.report.text import plain

HOW_TO_READ_BANDS = (
    "Each band holds a share of the tensor’s values: the palest all of them (least to greatest), "
    "then 86 % (7th to 93rd percentile), 68 %, and 38 % in the darkest; the line is the median."
)


_KINDS: dict[type[Evidence], str] = {
    CurveChart: "curves",
    BandChart: "bands",
    HeatMap: "map",
    HistogramChart: "histograms",
    PrecisionRecallChart: "precision-recall",
    GraphChart: "graph",
}


@dataclass(frozen=True)
class ChartView:
    """What stands around a chart."""

    key: str
    kind: str  # a value of `_KINDS`
    title: str
    description: str


@dataclass
class Gallery:
    """Hands out a key for each chart, picture and sound, in the order of their appearance."""

    evidence: dict[str, Evidence] = field(default_factory=dict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    sounds: dict[str, Sound] = field(default_factory=dict)

    def add_picture(self, picture: Picture) -> str:
        """Keep the picture under the next key, which ends as a file of its kind does."""
        suffix = picture.media_type.removeprefix("image/")
        key = f"picture-{len(self.pictures) + 1}.{suffix}"
        self.pictures[key] = picture
        return key

    def add_sound(self, sound: Sound) -> str:
        """Keep the sound under the next key."""
        key = f"sound-{len(self.sounds) + 1}"
        self.sounds[key] = sound
        return key

    def add(self, chart: Evidence) -> ChartView:
        """Keep the chart under the next key."""
        key = f"chart-{len(self.evidence) + 1}"
        self.evidence[key] = chart
        title = plain(chart.title, 200).replace("\n", " ")
        description = plain(chart.description or describe(chart), 600).replace("\n", " ")
        return ChartView(key, _kind(chart), title, description)


def _kind(chart: Evidence) -> str:
    return _KINDS[type(chart)]
