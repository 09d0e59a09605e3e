"""What else a run logged: its model, images, sounds, texts and precision-recall curves.

All of it is reduced to what a report shows, so that no event file is needed any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tblogreport.findings.evidence import CurveChart, GraphChart, PrecisionRecallChart

if TYPE_CHECKING:
    from tblogreport.findings.evidence import FloatArray


@dataclass(frozen=True)
class ModelLayer:
    """One layer, or one part of a graph."""

    name: str
    kind: str  # such as "Dense"; empty where the log does not say
    shape: str  # of what it gives out, such as "? × 64"; empty where the log does not say
    parameters: int | None
    activation: str | None = None
    initializer: str = ""  # of its kernel, in Keras' spelling, with its scale where it has one
    trainable: bool = True


@dataclass(frozen=True)
class Model:
    """The model as far as the log tells of it."""

    source: str  # what it was read from, as a clause: "the model's config, as Keras logged it"
    layers: tuple[ModelLayer, ...]
    parameters: int | None  # of all layers; None where not all are known
    facts: tuple[tuple[str, str], ...] = ()  # such as ("Optimiser", "adam")
    graph: GraphChart | None = None


@dataclass(frozen=True)
class Picture:
    """One image as a thumbnail; `width` and `height` (pixels) are those of what was logged."""

    step: int
    width: int
    height: int
    media_type: str  # "image/png" or "image/jpeg"
    content: bytes


@dataclass(frozen=True)
class Pictures:
    """Images of one tag: those of its first and of its last step, number by number."""

    tag: str
    split: str
    steps: int  # how many steps were logged
    first: tuple[Picture, ...]
    last: tuple[Picture, ...]  # empty where only one step was logged
    left_out: int = 0  # images of a step that are not shown


@dataclass(frozen=True)
class Sound:
    """One sound, shortened where it is long."""

    tag: str
    split: str
    step: int
    steps: int  # how many steps were logged
    label: str
    seconds: float  # of what was logged
    rate: int  # samples a second of what was logged
    wav: bytes  # empty where there was no room for it
    low: FloatArray  # the least and the greatest sample (-1 to 1) in each of some 200 parts
    high: FloatArray


@dataclass(frozen=True)
class LoggedText:
    """The last text of one tag, as it was written; a table has its cells in rows."""

    tag: str
    split: str
    step: int
    steps: int  # how many steps were logged
    text: str
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Logged:
    """What else a run logged, and in sentences what of it is not shown."""

    model: Model | None = None
    pictures: tuple[Pictures, ...] = ()
    sounds: tuple[Sound, ...] = ()
    texts: tuple[LoggedText, ...] = ()
    precision_recall: tuple[PrecisionRecallChart, ...] = ()
    scalars: tuple[CurveChart, ...] = ()  # series that are neither losses nor metrics
    left_out: tuple[str, ...] = ()
