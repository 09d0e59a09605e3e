"""All event files of one directory, read into one series a tag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath

import numpy as np

from tblogreport.findings import Note
from tblogreport.reading.columns import Columns
from tblogreport.reading.discover import readable_name
from tblogreport.reading.file_log import FileLog, first_wall_time
from tblogreport.reading.file_notes import notes_on, unreadable
from tblogreport.reading.hparams import HParams
from tblogreport.reading.media import Graph
from tblogreport.reading.segments import Segment, Superseded, join


@dataclass
class DirectoryLog:
    """What the event files of one directory hold."""

    where: PurePosixPath  # below the log directory; "." for itself
    path: Path  # as it can be opened
    scalars: dict[str, Columns] = field(default_factory=dict)  # by tag
    histograms: dict[str, Columns] = field(default_factory=dict)  # by tag
    hparams: HParams = field(default_factory=dict)
    hparams_tags: set[str] = field(default_factory=set)  # tags of the hparams plugin
    keras_model: bytes | None = None  # JSON
    media: dict[tuple[str, str], Columns] = field(default_factory=dict)  # by kind and tag
    media_files: tuple[Path, ...] = ()  # what their column `file` counts
    graph: Graph | None = None
    writers: set[str] = field(default_factory=set)  # the programs that wrote the files, if they say
    superseded: Superseded = field(default_factory=Superseded)
    continued_at: set[float] = field(default_factory=set)  # when a further file goes on
    notes: list[Note] = field(default_factory=list)


def read_directory(where: PurePosixPath, path: Path, files: Sequence[Path]) -> DirectoryLog:
    """Read the event files of a directory in the order in which they were begun."""
    log = DirectoryLog(where, path)
    scalars: dict[str, list[Segment]] = defaultdict(list)
    histograms: dict[str, list[Segment]] = defaultdict(list)
    media: dict[tuple[str, str], list[Segment]] = defaultdict(list)
    plugins: dict[str, str] = {}
    ordered = _in_order(files)
    for number, file in enumerate(ordered):
        shown = readable_name((where / file.name).as_posix())
        accumulated = FileLog(file, plugins)
        try:
            accumulated.Reload()
            log.notes += notes_on(accumulated, file, shown)
        except OSError as error:
            log.notes.append(unreadable(file, shown, error))
        plugins = accumulated.plugins()
        log.hparams |= accumulated.hparams
        log.writers |= accumulated.writers
        log.hparams_tags |= accumulated.tags_of_plugin("hparams")
        if accumulated.keras_model is not None:
            log.keras_model = accumulated.keras_model
        for tag, sessions in accumulated.scalar_segments():
            scalars[tag] += [Segment(shown, points) for points in sessions]
        for tag, sessions in accumulated.histogram_segments():
            histograms[tag] += [Segment(shown, points) for points in sessions]
        for kind, tag, sessions in accumulated.media_segments():
            media[kind, tag] += [
                Segment(shown, points | {"file": np.full(len(points["step"]), number)})
                for points in sessions
            ]
        if accumulated.graph_at is not None:
            log.graph = Graph(file, accumulated.graph_at)
    log.scalars = {tag: join(parts, log.superseded) for tag, parts in scalars.items()}
    log.histograms = {tag: join(parts, log.superseded) for tag, parts in histograms.items()}
    log.media = {name: join(parts, Superseded()) for name, parts in media.items()}
    log.media_files = tuple(ordered)
    if not log.superseded.points:
        log.continued_at = _goes_on([*scalars.values(), *histograms.values()])
    return log


def _goes_on(series: Iterable[Sequence[Segment]]) -> set[float]:
    """When (wall time) further files begin to write tags behind where an earlier one ended."""
    first: dict[str, float] = {}
    for segments in series:
        for before, after in pairwise(segments):
            if before.file == after.file:
                continue
            if int(after.points["step"][0]) > int(before.points["step"].max()):
                begun = float(after.points["wall_time"][0])
                first[after.file] = min(first.get(after.file, begun), begun)
    return set(first.values())


def _in_order(files: Sequence[Path]) -> list[Path]:
    if len(files) == 1:
        return list(files)
    return sorted(files, key=lambda file: (_begin(file), file.name))


def _begin(file: Path) -> float:
    try:
        return first_wall_time(file)
    except OSError:  # reading it will say so
        return float("inf")
