"""Images, sounds, texts, precision-recall curves and the graph of a run, read when asked for.

Reading a log notes only where they are: a log of images is many times larger than all its curves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, graph_pb2

from tblogreport.reading.columns import Columns, chosen
from tblogreport.reading.records import RecordReader

# The kinds, by the plugin that a tensor's tag declares or by the field of a value of TensorFlow 1.
KINDS = {
    "images": "images",
    "image": "images",
    "audio": "audio",
    "text": "text",
    "pr_curves": "pr_curves",
}


@dataclass(frozen=True)
class Graph:
    """Where a graph is: the file, and the position of its event."""

    file: Path
    position: int
    held: Any = None

    def read(self) -> Any:
        """The `GraphDef`; None where the file is gone or holds none there."""
        if self.held is not None:
            return self.held
        event = _event(self.file, self.position)
        try:
            return graph_pb2.GraphDef.FromString(event.graph_def) if event is not None else None
        except DecodeError:
            return None

    def with_content_held(self) -> Graph:
        """The graph, read now: the file will be gone."""
        return replace(self, held=self.read())


@dataclass(frozen=True, eq=False)
class Medium:
    """One tag of images, sounds, texts or precision-recall curves, in one split.

    `points` has the columns step, wall_time, file (index into `files`), position of the record in
    its file and place of the value in it, each of shape [n], in the order written.
    """

    kind: str  # a value of `KINDS`
    split: str
    tag: str
    points: Columns
    files: tuple[Path, ...]
    held: dict[int, Any] = field(default_factory=dict)  # values that are read already, by place

    def __len__(self) -> int:
        return len(self.points["step"])

    @cached_property
    def steps(self) -> NDArray[np.int64]:
        """The step of each point: int64 [n]."""
        return np.asarray(self.points["step"], np.int64)

    @property
    def ends(self) -> tuple[int, ...]:
        """The places of the first and of the last point; one where they are the same."""
        return tuple(dict.fromkeys((0, len(self) - 1))) if len(self) else ()

    def values(self, places: Sequence[int]) -> Iterator[tuple[int, Any]]:
        """The values (`Summary.Value`) at these places; those that cannot be read are left out."""
        for place in places:
            value = self.held[place] if place in self.held else self._read(place)
            if value is not None:
                yield place, value

    def _read(self, place: int) -> Any:
        file = self.files[int(self.points["file"][place])]
        event = _event(file, int(self.points["position"][place]))
        number = int(self.points["place"][place])
        if event is None or number >= len(event.summary.value):
            return None
        return event.summary.value[number]

    def with_ends_held(self) -> Medium:
        """The first and the last value alone, read now: the files will be gone."""
        ends = self.ends
        held = dict(self.values(ends))
        by_place = {new: held[old] for new, old in enumerate(ends) if old in held}
        return replace(self, points=chosen(self.points, np.array(ends, int)), held=by_place)


def _event(file: Path, position: int) -> Any:
    try:
        return event_pb2.Event.FromString(RecordReader(file).data_at(position))
    except (OSError, DecodeError):
        return None
