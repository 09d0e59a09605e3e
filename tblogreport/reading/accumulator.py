"""TensorBoard's `EventAccumulator`, and what we add to it.

Added: records are read past damage and with a fast checksum (`records.py`),
TensorFlow 2's scalars and histograms join those of TensorFlow 1, sessions inside
one file are told apart, the Keras model config is kept, and what nobody asks for
(images, audio, graphs) takes no memory.
"""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from tensorboard.backend.event_processing import (
    directory_loader,
    directory_watcher,
    event_accumulator,
    event_file_loader,
    io_wrapper,
    plugin_asset_util,
)
from tensorboard.compat import tensorflow_stub
from tensorboard.compat.proto import event_pb2

from tblogreport.reading import tensors
from tblogreport.reading.records import RecordReader

# On first use TensorBoard imports all of TensorFlow where it can, which costs seconds. The
# modules that read get its own small stub instead; what TensorFlow itself writes with in
# the same process (tensorboard.compat, tensorboard.plugins) is left as it is.
for _module in (
    directory_loader,
    directory_watcher,
    event_file_loader,
    io_wrapper,
    plugin_asset_util,
):
    _module.tf = tensorflow_stub

_KEEP_ALL = 0
_KEEP_ONE = 1
_SIZE_GUIDANCE = {
    event_accumulator.SCALARS: _KEEP_ALL,
    event_accumulator.HISTOGRAMS: _KEEP_ALL,
    event_accumulator.TENSORS: _KEEP_ALL,
    event_accumulator.COMPRESSED_HISTOGRAMS: _KEEP_ONE,
    event_accumulator.IMAGES: _KEEP_ONE,
    event_accumulator.AUDIO: _KEEP_ONE,
}
_NOT_READ = {"graph_def", "meta_graph_def", "tagged_run_metadata"}
_ABOUT_THE_FILE = {None, "file_version", "session_log", "log_message"}
_MALFORMED = (ValueError, TypeError, OverflowError, AttributeError)


class RunAccumulator(event_accumulator.EventAccumulator):  # type: ignore[misc]
    """Accumulates one event file; nothing is purged and every point is kept.

    `Scalars(tag)` and `Histograms(tag)` hold the values of both TensorFlow
    generations in the order in which they were written. `plugins` gives the plugin
    of tags that earlier files of the directory declared: a writer declares it
    on a tag's first value only. `Reload` raises `OSError` when the file cannot be
    read to its end; what was read before it is kept.
    """

    def __init__(self, path: Path, plugins: Mapping[str, str] | None = None) -> None:
        # Given the file, TensorBoard would open it with a reader that stops at damage.
        super().__init__(".", size_guidance=_SIZE_GUIDANCE, purge_orphaned_data=False)
        self.path = str(path)
        self.records = RecordReader(path)
        self._generator = _EventLoader(self.records)
        self._inherited = dict(plugins or {})
        self._session = 0
        self._last_session: dict[tuple[str, str], int] = {}
        self._session_starts: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.payloads = 0  # events that carry more than the file's own bookkeeping
        self.malformed = 0  # values that could not be decoded
        self.keras_model: bytes | None = None  # JSON, as the Keras callback logs it

    @property
    def undecodable(self) -> int:
        """How many intact records held no event."""
        return self._generator.undecodable

    def plugins(self) -> dict[str, str]:
        """Return the plugin of each tag that this file or an earlier one declared."""
        own = {tag: data.plugin_data.plugin_name for tag, data in self.summary_metadata.items()}
        return self._inherited | own

    def tags_of_plugin(self, plugin: str) -> set[str]:
        """Return the tags that this file declares for a plugin."""
        return {tag for tag, name in self.plugins().items() if name == plugin} & set(
            self.summary_metadata
        )

    def scalar_segments(self, tag: str) -> list[list[Any]]:
        """Return a tag's `ScalarEvent`s, one list a session, in the order written."""
        return self._by_session(event_accumulator.SCALARS, tag, self.Scalars(tag))

    def histogram_segments(self, tag: str) -> list[list[Any]]:
        """Return a tag's `HistogramEvent`s, one list a session, in the order written."""
        return self._by_session(event_accumulator.HISTOGRAMS, tag, self.Histograms(tag))

    def _by_session(self, kind: str, tag: str, items: list[Any]) -> list[list[Any]]:
        starts = [0, *self._session_starts[kind, tag], len(items)]
        return [items[a:b] for a, b in pairwise(starts) if a < b]

    def _ProcessEvent(self, event: Any) -> None:  # noqa: N802
        what = event.WhichOneof("what")
        if what not in _ABOUT_THE_FILE:
            self.payloads += 1
        if what == "session_log" and event.session_log.status == event_pb2.SessionLog.START:
            self._session += 1
        if what == "summary" and self._first_event_timestamp and not self._declares(event):
            for value in event.summary.value:
                self._process_value(value, event.wall_time, event.step)
        elif what not in _NOT_READ:
            super()._ProcessEvent(event)

    def _declares(self, event: Any) -> bool:
        """Return whether an event holds the first metadata of a tag."""
        return any(
            value.HasField("metadata") and value.tag not in self.summary_metadata
            for value in event.summary.value
        )

    def _process_value(self, value: Any, wall_time: float, step: int) -> None:
        """Do what TensorBoard's `_ProcessEvent` does, without asking for every field."""
        kind = value.WhichOneof("value")
        if kind == "simple_value":
            self._ProcessScalar(value.tag, wall_time, step, value.simple_value)
        elif kind == "tensor":
            self._ProcessTensor(value.tag or value.node_name, wall_time, step, value.tensor)
        elif kind == "histo":
            self._ProcessHistogram(value.tag, wall_time, step, value.histo)

    def _ProcessScalar(self, tag: str, wall_time: float, step: int, scalar: float) -> None:  # noqa: N802
        if self._session:
            self._note_session(event_accumulator.SCALARS, tag, self.scalars)
        super()._ProcessScalar(tag, wall_time, step, scalar)

    def _ProcessHistogram(self, tag: str, wall_time: float, step: int, histo: Any) -> None:  # noqa: N802
        if len(histo.bucket) != len(histo.bucket_limit):
            self.malformed += 1
            return
        self._add_histogram(tag, wall_time, step, self._ConvertHistogramProtoToPopo(histo))

    def _ProcessTensor(self, tag: str, wall_time: float, step: int, tensor: Any) -> None:  # noqa: N802
        plugin = self._plugin(tag)
        try:
            if plugin == "scalars" or (
                not plugin and tensors.is_numeric(tensor) and tensors.rank(tensor) == 0
            ):
                self._ProcessScalar(tag, wall_time, step, tensors.scalar_value(tensor))
            elif plugin == "histograms":
                self._add_histogram(tag, wall_time, step, tensors.histogram_value(tensor))
            elif plugin == "graph_keras_model" and tensor.string_val:
                self.keras_model = tensor.string_val[0]
        except _MALFORMED:
            self.malformed += 1

    def _ProcessImage(self, tag: str, wall_time: float, step: int, image: Any) -> None:  # noqa: N802
        """Images are not read."""

    def _ProcessAudio(self, tag: str, wall_time: float, step: int, audio: Any) -> None:  # noqa: N802
        """Audio is not read."""

    def _add_histogram(self, tag: str, wall_time: float, step: int, value: Any) -> None:
        # TensorBoard would also compress it here, in pure Python, for its dashboard.
        if self._session:
            self._note_session(event_accumulator.HISTOGRAMS, tag, self.histograms)
        self.histograms.AddItem(tag, event_accumulator.HistogramEvent(wall_time, step, value))

    def _note_session(self, kind: str, tag: str, reservoir: Any) -> None:
        """Remember where a tag's points of a new session begin."""
        if self._last_session.get((kind, tag), 0) != self._session:
            self._last_session[kind, tag] = self._session
            with suppress(KeyError):  # the tag's first point: no boundary before it
                self._session_starts[kind, tag].append(len(reservoir.Items(tag)))

    def _plugin(self, tag: str) -> str:
        if tag in self.summary_metadata:
            return str(self.summary_metadata[tag].plugin_data.plugin_name)
        return self._inherited.get(tag, "")


class _EventLoader:
    """What `EventAccumulator` pulls its events from: each event once."""

    def __init__(self, records: RecordReader) -> None:
        self.undecodable = 0
        self._events = self._decode(records)

    def Load(self) -> Iterator[Any]:  # noqa: N802
        """Return the events not loaded so far (TensorBoard's own method name)."""
        return self._events

    def _decode(self, records: RecordReader) -> Iterator[Any]:
        for record in records:
            try:
                yield event_pb2.Event.FromString(record)
            except DecodeError:
                self.undecodable += 1


def first_wall_time(path: Path) -> float:
    """Return the wall time (seconds) of a file's first event; infinity if it has none.

    Raises `OSError` when the file cannot be read.
    """
    for event in _EventLoader(RecordReader(path)).Load():
        wall_time = float(event.wall_time)
        return float("inf") if math.isnan(wall_time) else wall_time
    return float("inf")


@contextmanager
def quiet_tensorboard() -> Iterator[None]:
    """Keep TensorBoard's own warnings from the user: what matters becomes a note."""
    logger = logging.getLogger("tensorboard")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
