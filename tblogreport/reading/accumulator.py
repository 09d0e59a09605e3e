"""TensorBoard's `EventAccumulator`, made fast: same answers, from columns.

Records that hold scalars or histograms alone go to columns, many at once; every other record
goes through TensorBoard's own processing. Events are made only when somebody asks for them:
scalars from their columns, all others by reading their record again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2

from tblogreport.reading.batches import Matcher
from tblogreport.reading.columns import Columns, Store, chosen, in_order, joined
from tblogreport.reading.events import (
    EventIndex,
    audio_event,
    image_event,
    scalar_events,
    tensor_event,
)
from tblogreport.reading.points import FACTS, Points
from tblogreport.reading.records import RecordReader
from tblogreport.reading.stub import io_wrapper
from tblogreport.reading.traps import HARMLESS, has_too_many_fields
from tblogreport.reading.windows import Window

Flags: TypeAlias = NDArray[np.bool_]


class Accumulator(event_accumulator.EventAccumulator):  # type: ignore[misc]
    """An `EventAccumulator` that keeps everything, as with a size guidance of 0, and is fast.

    It answers as the original does, but that it reads past damage (`readers` say what was
    wrong) and passes over records that hold no event (`undecodable`). `Reload` raises `OSError`
    when a file cannot be read to its end; what was read before it is kept.
    """

    def __init__(
        self,
        path: str | Path,
        size_guidance: dict[str, int] | None = None,
        compression_bps: Sequence[int] = event_accumulator.NORMAL_HISTOGRAM_BPS,
        purge_orphaned_data: bool = True,
    ) -> None:
        # Given the path, TensorBoard would open it with a reader that stops at damage.
        super().__init__(".", size_guidance, compression_bps, purge_orphaned_data)
        self.path = str(path)
        self.points = Points()
        self.readers: list[RecordReader] = []
        self.undecodable = 0  # intact records that held no event
        self.trapped = 0  # records of too many fields, which were left alone
        self._matcher = Matcher()
        self._bases: list[int] = []  # the position at which each file begins
        self._purges: list[_Purge] = []
        scalars = EventIndex(lambda: self._kept(_written(self.points.scalars)), scalar_events)
        self.scalars = scalars
        self._indexes = [scalars]
        self.histograms = self._index(self._histograms, self._histogram_event)
        self.compressed_histograms = self._index(
            self._histograms,
            lambda *value: self._CompressHistogram(self._histogram_event(*value)),
        )
        self.images = self._index(lambda: self._kept(self._others("image")), image_event)
        self.audios = self._index(lambda: self._kept(self._others("audio")), audio_event)
        self.tensors = self._index(self._tensors, tensor_event)

    def _index(
        self,
        points: Callable[[], Iterator[tuple[str, Columns]]],
        event: Callable[[float, int, Any], Any],
    ) -> EventIndex:
        """An index of points whose records are read again for their events."""
        index = EventIndex(points, lambda columns: [event(*v) for v in self._values(columns)])
        self._indexes.append(index)
        return index

    def Reload(self) -> Accumulator:  # noqa: N802
        """Read all that was written since it was last called."""
        with self._generator_mutex:
            for index in self._indexes:
                index.forget()
            for reader in self._unread():
                base = self._base_of(reader)
                for window in reader.windows():
                    self._take(self._without_traps(window), base)
        return self

    def FirstEventTimestamp(self) -> float:  # noqa: N802
        """Return the wall time of the first event; `ValueError` where there is none."""
        if self._first_event_timestamp is None:
            self.Reload()
        if self._first_event_timestamp is None:
            raise ValueError("No event timestamp could be found")
        return float(self._first_event_timestamp)

    def GetSourceWriter(self) -> str | None:  # noqa: N802
        """Return the name of the program that wrote the events, if it says so."""
        if self._source_writer is None:
            self.Reload()
        writer: str | None = self._source_writer
        return writer

    def _unread(self) -> Iterator[RecordReader]:
        """Readers of the file that was read last, where it goes on, and of those behind it."""
        path = Path(self.path)
        files = [path]
        if path.is_dir():
            names = sorted(str(file) for file in path.iterdir())
            files = [Path(name) for name in names if io_wrapper.IsSummaryEventsFile(name)]
        last = self.readers[-1] if self.readers else None
        for file in files:
            if last is None or str(file) > str(last.path):
                yield RecordReader(file)
            elif file == last.path:
                yield RecordReader(file, begin=last.end)

    def _base_of(self, reader: RecordReader) -> int:
        """The position at which the file of a reader begins; the reader takes its place."""
        if self.readers and self.readers[-1].path == reader.path:
            self.readers[-1] = reader
            return self._bases[-1]
        base = self._bases[-1] + self.readers[-1].size if self.readers else 0
        self.readers.append(reader)
        self._bases.append(base)
        return base

    def _without_traps(self, window: Window) -> Window:
        """The window without the records that nobody should decode."""
        good = np.ones(len(window), bool)
        for index in np.flatnonzero(window.lengths > HARMLESS).tolist():
            good[index] = not has_too_many_fields(window.record(index))
        self.trapped += int((~good).sum())
        return window if good.all() else window.only(good)

    def _take(self, window: Window, base: int) -> None:
        done = 0
        if self._first_event_timestamp is None and len(window):
            # The first event says of what version the file is.
            self._decode(window, base, [0])
            done = 1
        if self.purge_orphaned_data and not (self.file_version and self.file_version >= 2):
            # Each event may purge what came before it.
            self._decode(window, base, range(done, len(window)))
        else:
            batches, rest = self._matcher.batches(window)
            parts = (batch.only(batch.indices() >= done) if done else batch for batch in batches)
            left = [rest[rest >= done], *(self.points.add(p, base) for p in parts if len(p))]
            self._decode(window, base, np.sort(np.concatenate(left)).tolist())
        self.points.close_window()

    def _decode(self, window: Window, base: int, indices: Sequence[int]) -> None:
        """Give records to TensorBoard's own processing."""
        for index in indices:
            try:
                event = event_pb2.Event.FromString(window.record(index))
            except DecodeError:
                self.undecodable += 1
                continue
            self._position = base + window.begin + int(window.starts[index])
            self._ProcessEvent(event)
            for place, value in enumerate(event.summary.value):
                self._add(event, place, value)

    def _add(self, event: Any, place: int, value: Any) -> None:
        """Add one value of an event that was decoded."""
        kind = value.WhichOneof("value")
        row = {
            "position": self._position,
            "step": event.step,
            "wall_time": event.wall_time,
            "place": place,
        }
        if kind == "simple_value":
            self.points.scalars.add_one(
                value.tag, row | {"tensor": False, "value": value.simple_value}
            )
        elif kind == "histo":
            self._add_histogram(value.tag, row, value.histo)
        elif kind == "tensor":
            self._add_tensor(value.tag or value.node_name, row, value.tensor)
        elif kind in {"image", "audio"}:
            self._add_medium(value.tag, row, kind)

    def _add_histogram(self, tag: str, row: dict[str, Any], histo: Any) -> None:
        """Add a histogram; what it holds is read when somebody asks for it."""
        unread = dict.fromkeys(FACTS, np.nan) | {"edges": None, "counts": None}
        self.points.histograms.add_one(tag, row | {"tensor": False} | unread)

    def _add_medium(self, tag: str, row: dict[str, Any], kind: str) -> None:
        """Add where an image or a sound of TensorFlow 1 is."""
        self.points.others.add_one(tag, row | {"kind": kind})

    def _add_tensor(self, tag: str, row: dict[str, Any], tensor: Any) -> None:
        """Add a tensor; whether it is a scalar or a histogram is not asked here."""
        self.points.others.add_one(tag, row | {"kind": "tensor"})

    # TensorBoard's way to keep what `_ProcessEvent` finds; `_add` is ours.
    def _ProcessScalar(self, tag: str, wall_time: float, step: int, scalar: float) -> None: ...  # noqa: N802
    def _ProcessHistogram(self, tag: str, wall_time: float, step: int, histo: Any) -> None: ...  # noqa: N802
    def _ProcessImage(self, tag: str, wall_time: float, step: int, image: Any) -> None: ...  # noqa: N802
    def _ProcessAudio(self, tag: str, wall_time: float, step: int, audio: Any) -> None: ...  # noqa: N802
    def _ProcessTensor(self, tag: str, wall_time: float, step: int, tensor: Any) -> None: ...  # noqa: N802

    def _Purge(self, event: Any, by_tags: bool) -> None:  # noqa: N802
        tags = frozenset(value.tag for value in event.summary.value) if by_tags else None
        if tags and "" in tags:
            tags = None  # TensorBoard takes an empty tag for all tags
        self._purges.append(_Purge(self._position, event.step, tags))

    def _kept(self, points: Iterator[tuple[str, Columns]]) -> Iterator[tuple[str, Columns]]:
        """The points that no restart has purged, of every tag."""
        for tag, columns in points:
            gone = np.zeros(len(columns["step"]), bool)
            for purge in self._purges:
                if purge.tags is None or tag in purge.tags:
                    before = columns["position"] < purge.position
                    gone |= before & (columns["step"] >= purge.step)
            yield tag, (chosen(columns, ~gone) if gone.any() else columns)

    def _histograms(self) -> Iterator[tuple[str, Columns]]:
        return self._kept(_written(self.points.histograms))

    def _others(self, kind: str) -> Iterator[tuple[str, Columns]]:
        return _where(self.points.others, lambda columns: columns["kind"] == kind)

    def _tensors(self) -> Iterator[tuple[str, Columns]]:
        """Where the tensors of every tag are, whatever they hold."""
        found: dict[str, list[Columns]] = {}
        for points in (
            _where(self.points.scalars, lambda columns: columns["tensor"]),
            _where(self.points.histograms, lambda columns: columns["tensor"]),
            self._others("tensor"),
        ):
            for tag, columns in points:
                kept = {name: columns[name] for name in ("position", "place", "step", "wall_time")}
                found.setdefault(tag, []).append(kept)
        merged = [(tag, in_order(joined(parts))) for tag, parts in found.items()]
        first = ("position", "place")
        yield from sorted(merged, key=lambda item: tuple(item[1][name][0] for name in first))

    def _values(self, columns: Columns) -> Iterator[tuple[float, int, Any]]:
        """Wall time, step and value of points, read again from the file."""
        event: Any = None
        at = -1
        positions, places = columns["position"].tolist(), columns["place"].tolist()
        for position, place in zip(positions, places, strict=True):
            if position != at:
                event, at = self._event_at(position), position
            yield event.wall_time, event.step, event.summary.value[place]

    def _event_at(self, position: int) -> Any:
        index = int(np.searchsorted(self._bases, position, side="right")) - 1
        return event_pb2.Event.FromString(
            self.readers[index].data_at(position - self._bases[index])
        )

    def _histogram_event(self, wall_time: float, step: int, value: Any) -> Any:
        histogram = self._ConvertHistogramProtoToPopo(value.histo)
        return event_accumulator.HistogramEvent(wall_time, step, histogram)


@dataclass(frozen=True)
class _Purge:
    """What a restart makes of the points before it: those from a step on are gone."""

    position: int
    step: int
    tags: frozenset[str] | None  # None means all


def _where(store: Store, condition: Callable[[Columns], Flags]) -> Iterator[tuple[str, Columns]]:
    """The points of a store for which something holds, of the tags that have any."""
    some = []
    for tag, columns in store.by_tag():
        which = condition(columns)
        if which.any():
            some.append((tag, columns if which.all() else chosen(columns, which)))
    yield from sorted(some, key=lambda item: (item[1]["position"][0], item[1]["place"][0]))


def _written(store: Store) -> Iterator[tuple[str, Columns]]:
    """The points that were written as plain values and not as tensors."""
    return _where(store, lambda columns: ~columns["tensor"])
