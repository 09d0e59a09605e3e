"""Charts, as what they are drawn from.

Series that a chart needs are kept already reduced, so that a diagnosis stays small however long
the run was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Curve:
    """One scalar series, reduced to at most a few hundred buckets for drawing.

    `steps`, `low`, `middle` and `high` have one entry a bucket: the step in the
    middle of the bucket, and the least, median and greatest finite value in it.
    A series that was short enough is kept whole (`low == middle == high`).
    """

    tag: str
    split: str  # "train", "validation", "test", or "" where the log does not say
    role: str  # a role of `tblogreport.context.roles`, such as "train_loss"
    axis: str  # what the steps count: "epoch", "step" or "point"
    steps: FloatArray
    low: FloatArray
    middle: FloatArray
    high: FloatArray
    smooth: FloatArray | None  # the trend on the same buckets; None for short series
    points: int  # how many points were logged
    nonfinite_steps: IntArray  # where the value was NaN or infinite; 200 of them, spread evenly
    run: str = ""  # "before" or "after", where the curves of two runs share a chart


@dataclass(frozen=True)
class Mark:
    """A moment (`first == last`) or a range of steps to point at on a chart."""

    label: str
    first: float
    last: float


@dataclass(frozen=True)
class CurveChart:
    """Curves over steps; all curves of one chart share one step axis."""

    title: str  # the question or the claim, as a sentence without a full stop
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...] = ()
    y_label: str = ""
    description: str = ""  # what is seen, for readers who cannot see the chart


@dataclass(frozen=True)
class BandChart:
    """The distribution of one histogram tag over steps, as percentile bands.

    `quantiles` has shape [len(steps), len(LEVELS)]; a row of NaN is a step at
    which the tensor held no finite value.
    """

    LEVELS = (0.0, 0.07, 0.16, 0.31, 0.5, 0.69, 0.84, 0.93, 1.0)

    title: str
    tag: str
    split: str
    layer: str | None
    kind: str  # "kernel", "bias", "gradient", "activation" or "other"
    steps: FloatArray
    quantiles: FloatArray
    axis: str = "step"
    marks: tuple[Mark, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class HeatMap:
    """A quantity of every layer over steps: `values` has shape [layers, steps]."""

    title: str
    quantity: str  # with its unit, e.g. "gradient RMS"
    layers: tuple[str, ...]  # in model order, input first
    steps: FloatArray
    values: FloatArray
    log: bool
    marked_layers: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None  # of the colour scale; None fits it to the values
    axis: str = "step"
    description: str = ""


@dataclass(frozen=True)
class Density:
    """How values lie at one step: `share` [n] of them in each bucket, which may have no width."""

    step: float
    edges: FloatArray  # [n + 1]
    share: FloatArray


@dataclass(frozen=True)
class HistogramChart:
    """The distribution of one histogram tag at its first and at its last step."""

    title: str
    tag: str
    split: str
    layer: str | None
    kind: str  # as of `BandChart`
    first: Density
    last: Density
    axis: str = "step"
    description: str = ""


@dataclass(frozen=True)
class PrecisionRecall:
    """One precision-recall curve; both arrays have one entry a threshold."""

    step: float
    recall: FloatArray
    precision: FloatArray


@dataclass(frozen=True)
class PrecisionRecallChart:
    """The precision-recall curves of one tag at its first and its last step."""

    title: str
    tag: str
    split: str
    curves: tuple[PrecisionRecall, ...]
    axis: str = "step"
    description: str = ""


@dataclass(frozen=True)
class GraphNode:
    """One box of a drawn model."""

    name: str
    note: str  # what it is, and the shape of what it gives out
    structure: int | None  # boxes of one structure share this number; None where it is alone


@dataclass(frozen=True)
class GraphChart:
    """The layers of a model as boxes, and which feeds which."""

    title: str
    nodes: tuple[GraphNode, ...]  # in the order in which data flow
    edges: tuple[tuple[int, int], ...]  # from, to: places in `nodes`
    description: str = ""


Evidence = CurveChart | BandChart | HeatMap | HistogramChart | PrecisionRecallChart | GraphChart
