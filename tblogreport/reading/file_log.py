"""One event file as a part of a run: scalars, histograms and where the rest is, by sessions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2

from tblogreport.reading import hparams, tensors
from tblogreport.reading.accumulator import Accumulator
from tblogreport.reading.columns import MOST_TAG, Columns, Store, chosen
from tblogreport.reading.hparams import HParams
from tblogreport.reading.media import KINDS
from tblogreport.reading.records import RecordReader

_NOT_READ = {"graph_def", "meta_graph_def", "tagged_run_metadata"}
_ABOUT_THE_FILE = {None, "file_version", "session_log", "log_message"}
_FIRST_WINDOW = 1 << 12  # bytes that mostly hold the first record
_MALFORMED = (ValueError, TypeError, OverflowError, AttributeError)


class FileLog(Accumulator):
    """Accumulates one event file; nothing is purged, and every point is kept.

    Scalars and histograms of both TensorFlow generations stand side by side, in the order in
    which they were written. `plugins` gives the plugin of tags that earlier files of the
    directory declared: a writer declares it on a tag's first value only.
    """

    def __init__(self, path: Path, plugins: Mapping[str, str] | None = None) -> None:
        super().__init__(path, purge_orphaned_data=False)
        self._inherited = dict(plugins or {})
        self._sessions: list[int] = []  # the positions at which further sessions begin
        self._payloads = 0
        self.malformed = 0  # values that could not be decoded
        self.keras_model: bytes | None = None  # JSON, as the Keras callback logs it
        self._arguments: bytes | None = None  # JSON, as `transformers` logs its own
        self.graph_at: int | None = None  # the position of the last graph

    @property
    def records(self) -> RecordReader:
        """The reader of the file, which says what was wrong with it."""
        return self.readers[0] if self.readers else RecordReader(Path(self.path))

    @property
    def holds_events(self) -> bool:
        """Whether there is more than the file's own bookkeeping."""
        stores = (self.points.scalars, self.points.histograms)
        return bool(self._payloads) or not all(store.empty for store in stores)

    def plugins(self) -> dict[str, str]:
        """Return the plugin of each tag that this file or an earlier one declared."""
        own = {tag: data.plugin_data.plugin_name for tag, data in self.summary_metadata.items()}
        return self._inherited | own

    @property
    def writers(self) -> set[str]:
        """The program that wrote the file, where it says so."""
        return {self._source_writer} if self._source_writer else set()

    def tags_of_plugin(self, plugin: str) -> set[str]:
        """Return the tags that this file declares for a plugin."""
        return {tag for tag, name in self.plugins().items() if name == plugin} & set(
            self.summary_metadata
        )

    @property
    def hparams(self) -> HParams:
        """The hyperparameters that the file tells of; empty where it tells of none."""
        arguments = hparams.of_arguments(self._arguments) if self._arguments else {}
        started = self.summary_metadata.get(hparams.START)
        return arguments | (hparams.of_plugin(started.plugin_data.content) if started else {})

    def scalar_segments(self) -> Iterator[tuple[str, list[Columns]]]:
        """The tags of scalars, each with its points, one part a session, as they were written."""
        return self._segments(self.points.scalars, {"scalars", ""})

    def histogram_segments(self) -> Iterator[tuple[str, list[Columns]]]:
        """The tags of histograms, each with its points, one part a session, as written."""
        return self._segments(self.points.histograms, {"histograms"})

    def media_segments(self) -> Iterator[tuple[str, str, list[Columns]]]:
        """The kinds and tags of images, sounds and the like, each with its points likewise."""
        for tag, columns in self.points.others.by_tag():
            for kind in dict.fromkeys(columns["kind"].tolist()):
                points = chosen(columns, columns["kind"] == kind)
                del points["kind"]
                yield kind, tag, self._by_session(points)

    def _segments(self, store: Store, plugins: set[str]) -> Iterator[tuple[str, list[Columns]]]:
        declared = self.plugins()
        for tag, columns in store.by_tag():
            ours = declared.get(tag, "") in plugins
            points = columns if ours else chosen(columns, ~columns["tensor"])
            if parts := self._by_session(points):
                yield tag, parts

    def _by_session(self, points: Columns) -> list[Columns]:
        begins = np.searchsorted(points["position"], self._sessions)
        edges = np.unique([0, *begins, len(points["position"])]).tolist()
        return [chosen(points, slice(a, b)) for a, b in pairwise(edges)]

    def _ProcessEvent(self, event: Any) -> None:  # noqa: N802
        what = event.WhichOneof("what")
        self._payloads += what not in _ABOUT_THE_FILE
        if what == "session_log" and event.session_log.status == event_pb2.SessionLog.START:
            self._sessions.append(self._position)
        if what == "graph_def":
            self.graph_at = self._position
        if what not in _NOT_READ:
            super()._ProcessEvent(event)

    def _add(self, event: Any, place: int, value: Any) -> None:
        if len(value.tag) > MOST_TAG:
            self.malformed += 1
            return
        try:
            super()._add(event, place, value)
        except _MALFORMED:
            self.malformed += 1

    def _add_histogram(self, tag: str, row: dict[str, Any], histo: Any) -> None:
        found = tensors.histogram_of_proto(histo)
        self.points.histograms.add_one(tag, row | {"tensor": False} | found)

    def _add_medium(self, tag: str, row: dict[str, Any], kind: str) -> None:
        self.points.others.add_one(tag, row | {"kind": KINDS[kind]})

    def _add_tensor(self, tag: str, row: dict[str, Any], tensor: Any) -> None:
        declared = self.summary_metadata.get(tag)
        plugin = declared.plugin_data.plugin_name if declared else self._inherited.get(tag, "")
        if plugin == "scalars" or (not plugin and tensors.is_scalar(tensor)):
            value = tensors.scalar_value(tensor)
            self.points.scalars.add_one(tag, row | {"tensor": True, "value": value})
        elif plugin == "histograms":
            found = tensors.histogram_of_tensor(tensor)
            self.points.histograms.add_one(tag, row | {"tensor": True} | found)
        elif plugin == "graph_keras_model" and tensor.string_val:
            self.keras_model = tensor.string_val[0]
        elif plugin in KINDS:
            self._add_medium(tag, row, plugin)
        if tag == hparams.ARGUMENTS and tensor.string_val:
            self._arguments = tensor.string_val[0]


def first_wall_time(path: Path) -> float:
    """Return the wall time (seconds) of a file's first event; infinity if it has none.

    Raises `OSError` when the file cannot be read.
    """
    for record in RecordReader(path, window=_FIRST_WINDOW):
        with suppress(DecodeError):
            wall_time = float(event_pb2.Event.FromString(record).wall_time)
            return float("inf") if math.isnan(wall_time) else wall_time
    return float("inf")
