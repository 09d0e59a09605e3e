"""Directories that have been read → runs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from tblogreport.findings import Note
from tblogreport.reading.directory import DirectoryLog
from tblogreport.reading.discover import ROOT, Found, natural_key, owners, readable_name
from tblogreport.reading.frames import Series, histogram_frame, scalar_frame
from tblogreport.reading.hparams import HParams
from tblogreport.reading.media import Graph, Medium
from tblogreport.reading.run import Run
from tblogreport.reading.segments import Superseded
from tblogreport.reading.splits import split_of_histogram_tag, split_of_name, split_of_tag
from tblogreport.reading.subwriters import EXPERIMENT, add_scalars_key, is_add_hparams, writer_of

_SHOWN_FILES = 3


@dataclass(frozen=True)
class Part:
    """One directory as a part of a run."""

    log: DirectoryLog
    split: str  # what the directory says
    key: str = ""  # the key of `add_scalars` that made it
    hparams: bool = False  # made by `add_hparams`

    def scalar_series(self) -> Iterator[Series]:
        """Yield the scalar series with the split and the tag they have in the run."""
        for logged, points in self.log.scalars.items():
            said_by_directory = split_of_name(self.key) and not split_of_tag(logged)
            tag = f"{logged}/{self.key}" if self.key and not said_by_directory else logged
            yield Series(split_of_tag(tag) or self.split, tag, points)

    def histogram_series(self) -> Iterator[Series]:
        """Yield the histogram series with the split they have in the run."""
        for tag, points in self.log.histograms.items():
            yield Series(split_of_histogram_tag(tag) or self.split, tag, points)

    def media(self) -> Iterator[Medium]:
        """Yield images, sounds and the like with the split they have in the run."""
        for (kind, tag), points in self.log.media.items():
            split = split_of_tag(tag) or self.split
            yield Medium(kind, split, tag, points, self.log.media_files)


def assemble(found: Found, logs: Mapping[PurePosixPath, DirectoryLog]) -> list[Run]:
    """Join directories into runs, sorted by name in natural order."""
    parts = _parts(found, logs)
    unreadable: dict[PurePosixPath, list[Note]] = defaultdict(list)
    for where, note in found.unreadable.items():
        unreadable[_nearest(where, parts)].append(note)
    of_trials = {writer_of(where, logs) for where in parts if _is_trial(where, logs)}
    runs = [
        _run(
            found,
            where,
            sorted(members, key=_own_first),
            unreadable[where],
            empty_writer=where in of_trials,
        )
        for where, members in parts.items()
    ]
    return sorted(runs, key=lambda run: natural_key(run.name))


def _is_trial(where: PurePosixPath, logs: Mapping[PurePosixPath, DirectoryLog]) -> bool:
    """Return whether a directory that is a run of its own is a trial of `add_hparams`."""
    return where in logs and where != ROOT and is_add_hparams(logs[where])


def _nearest(where: PurePosixPath, runs: Collection[PurePosixPath]) -> PurePosixPath:
    """Return the run above a directory that could not be looked at, or else the first."""
    return next((above for above in where.parents if above in runs), min(runs))


def _parts(
    found: Found, logs: Mapping[PurePosixPath, DirectoryLog]
) -> dict[PurePosixPath, list[Part]]:
    """Return the parts of each run, by the run's directory."""
    made_by = _made_by(logs)
    run_of = owners([where for where in logs if where not in made_by])
    parents = {run for where, run in run_of.items() if split_of_name(where.name) == "train"}

    def split_of(where: PurePosixPath) -> str:
        split = split_of_name(found.name if where == ROOT else where.name)
        # A parent of `train/` that happens to be called "test" is not the test split.
        return "" if split != "train" and where in parents else split

    parts: dict[PurePosixPath, list[Part]] = defaultdict(list)
    for where, log in logs.items():
        own, key = where, None
        while own in made_by:  # add_hparams uses a writer, which may use add_scalars
            own, made_for = made_by[own]
            key = made_for if key is None else key
        if where not in made_by:
            part = Part(log, split_of(own))
        elif key is None:
            part = Part(log, split_of(own), hparams=True)
        else:
            part = Part(log, split_of_name(key) or split_of(own), key=readable_name(key))
        parts[run_of[own]].append(part)
    return parts


def _made_by(
    logs: Mapping[PurePosixPath, DirectoryLog],
) -> dict[PurePosixPath, tuple[PurePosixPath, str | None]]:
    """Return the writer of each sub-directory, with the key of `add_scalars` if that made it.

    Where a writer did nothing but `add_hparams`, time and again, each is a trial, and a run.
    """
    made_by: dict[PurePosixPath, tuple[PurePosixPath, str | None]] = {}
    trials: dict[PurePosixPath, list[PurePosixPath]] = defaultdict(list)
    for where, log in logs.items():
        writer = writer_of(where, logs)
        if writer is None:
            continue
        key = add_scalars_key(log, writer)
        if key is not None or is_add_hparams(log):
            made_by[where] = writer, key
            trials[writer] += [where] if key is None else []
    for writer, children in trials.items():
        logged = logs[writer].scalars or logs[writer].histograms
        others = [where for where, (owner, _) in made_by.items() if owner == writer]
        if not logged and len(children) > 1 and len(others) == len(children):
            for where in children:
                del made_by[where]
    return made_by


def _own_first(part: Part) -> tuple[bool, int, tuple[tuple[int, int, str], ...]]:
    where = part.log.where
    return bool(part.key) or part.hparams, len(where.parts), natural_key(where.as_posix())


def _run(
    found: Found,
    where: PurePosixPath,
    parts: Sequence[Part],
    unreadable: Sequence[Note],
    *,
    empty_writer: bool = False,
) -> Run:
    notes = list(unreadable)
    scalars = _distinct(((part, one) for part in parts for one in part.scalar_series()), notes)
    histograms = _distinct(
        ((part, one) for part in parts for one in part.histogram_series()), notes
    )
    superseded = Superseded()
    # A writer used only through add_scalars leaves its own file with nothing but a header.
    delegated = any(part.key or part.hparams for part in parts)
    for part in parts:
        notes += [note for note in part.log.notes if not (note.kind == "no-events" and delegated)]
        superseded.merge(part.log.superseded)
    if superseded.points:
        notes.append(_superseded_note(superseded))
    if superseded.restated:
        notes.append(_restated_note(superseded.restated))
    return Run(
        name=readable_name(found.name if where == ROOT else where.as_posix()),
        path=found.root / where,
        scalars=scalar_frame(scalars),
        histograms=histogram_frame(histograms),
        hparams=_hparams(parts, notes),
        describes_others=not (scalars or histograms)
        and (
            {tag for part in parts for tag in part.log.hparams_tags} == {EXPERIMENT}
            or (empty_writer and not any(part.log.hparams_tags for part in parts))
        ),
        keras_config=_keras_config(parts, notes),
        media=_media(parts),
        graph_at=_graph(parts),
        writers=tuple(sorted({writer for part in parts for writer in part.log.writers})),
        continued_at=tuple(sorted({time for part in parts for time in part.log.continued_at})),
        notes=tuple(notes),
    )


def _distinct(series: Iterator[tuple[Part, Series]], notes: list[Note]) -> list[Series]:
    """Return series no two of which share split and tag: those are not one series."""
    taken: dict[tuple[str, str], Series] = {}
    for part, one in series:
        directory = readable_name(part.log.where.as_posix())
        if (one.split, one.tag) not in taken:
            taken[one.split, one.tag] = one
        elif part.hparams:
            notes.append(
                Note(
                    "hparams-metric",
                    f"{directory}: the final value of {one.tag} that add_hparams wrote is left "
                    "out, because the run logs a series of that name.",
                    part.log.path,
                )
            )
        else:
            tag = f"{directory}/{one.tag}"
            while (one.split, tag) in taken:
                tag = f"{directory}/{tag}"
            taken[one.split, tag] = Series(one.split, tag, one.points)
            notes.append(
                Note(
                    "same-tag",
                    f"{directory} logs {one.tag}, as another directory of the run does: "
                    f"it is called {tag} here.",
                    part.log.path,
                )
            )
    return list(taken.values())


def _media(parts: Sequence[Part]) -> tuple[Medium, ...]:
    """All images, sounds and the like, by kind and tag; one a split, tag and directory."""
    taken: dict[tuple[str, str, str], Medium] = {}
    for part in parts:
        for one in part.media():
            named = one
            while (named.kind, named.split, named.tag) in taken:
                where = readable_name(part.log.where.as_posix())
                named = replace(named, tag=f"{where}/{named.tag}")
            taken[named.kind, named.split, named.tag] = named
    return tuple(
        sorted(taken.values(), key=lambda one: (one.kind, natural_key(one.tag), one.split))
    )


def _graph(parts: Sequence[Part]) -> Graph | None:
    """The graph of the first directory that has one, that of the training before others."""
    graphs = [(part.split != "train", part.log.graph) for part in parts if part.log.graph]
    return min(graphs, key=lambda graph: graph[0])[1] if graphs else None


def _superseded_note(superseded: Superseded) -> Note:
    files = sorted(superseded.files, key=natural_key)
    shown = ", ".join(readable_name(file) for file in files[:_SHOWN_FILES])
    if len(files) > _SHOWN_FILES:
        shown += f" and {len(files) - _SHOWN_FILES} more"
    first, last = superseded.first_step, superseded.last_step
    steps = f"step {first}" if first == last else f"steps {first} to {last}"
    points = "1 point was" if superseded.points == 1 else f"{superseded.points} points were"
    return Note(
        "superseded-points",
        f"{points} written again after a restart ({steps}, in {shown}): the later ones are used.",
        steps=(first, last),
    )


def _restated_note(count: int) -> Note:
    values = "1 value" if count == 1 else f"{count} values"
    return Note(
        "restated-points",
        f"{values} at the end of a file began the next one once more: the later ones are used.",
    )


def _hparams(parts: Sequence[Part], notes: list[Note]) -> HParams:
    """The hyperparameters of a run; of several sets only what they agree on."""
    sets = [part.log.hparams for part in parts if part.log.hparams]
    trials = [part.log.hparams for part in parts if part.hparams and part.log.hparams]
    distinct = {tuple(sorted(one.items())) for one in trials}
    found = {name: value for one in sets for name, value in one.items()}
    if len(distinct) < 2:
        return found
    notes.append(
        Note(
            "several-hparams",
            f"{len(distinct)} sets of hyperparameters were logged with one writer (add_hparams): "
            "which of them belongs to the curves is not told, and those that differ are left out. "
            "Give each trial a SummaryWriter of its own.",
        )
    )
    agreed = (name for name in found if len({one.get(name) for one in trials}) == 1)
    return {name: found[name] for name in agreed}


def _keras_config(parts: Sequence[Part], notes: list[Note]) -> dict[str, Any] | None:
    for part in parts:
        if part.log.keras_model is None:
            continue
        try:
            config = json.loads(part.log.keras_model)
        except (ValueError, RecursionError):
            config = None
        if isinstance(config, dict):
            return config
        notes.append(
            Note(
                "damaged-keras-config",
                "The model config that Keras logged is not valid JSON: layers are known by their "
                "tags alone.",
                part.log.path,
            )
        )
    return None
