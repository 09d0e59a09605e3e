"""Which directories must be read together, so that the others can be read elsewhere or later.

A sweep of a thousand runs is read a run at a time: `assemble` looks at the directories of one
portion alone, and comes to what it would say of them with all others beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePosixPath

from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2

from tblogreport.reading.discover import OWN_PARTS, ROOT, Found, natural_key
from tblogreport.reading.records import RecordReader
from tblogreport.reading.splits import split_of_name
from tblogreport.reading.subwriters import EXPERIMENT, may_be_of_add_scalars

# How many records show the tags of a file.
_FIRST_RECORDS = 8
_WINDOW = 1 << 12


def portions(found: Found) -> list[Found]:
    """Divide what was found into portions that can be read apart, in natural order.

    Directories belong together where one is a split of another's run (`train/` beside
    `validation/`), or where a writer of the other may have made it (`add_scalars`,
    `add_hparams`), by its first records.
    """
    joined = _Joined(found)
    for where in found.files:
        if where == ROOT:
            continue
        if split_of_name(where.name) or where.name in OWN_PARTS:
            joined.join(where, where.parent)
        above = next((up for up in where.parents if up in found.files), None)
        if above is not None and (
            # What lies elsewhere is not looked into before it is read.
            found.elsewhere or _may_be_made(found.files[where], where.relative_to(above))
        ):
            joined.join(where, above)
    groups: dict[PurePosixPath, list[PurePosixPath]] = {}
    for where in found.files:
        groups.setdefault(joined.head(where), []).append(where)
    parts = [
        replace(found, files={where: found.files[where] for where in group}, unreadable={})
        for group in groups.values()
    ]
    parts.sort(key=lambda part: min(natural_key(where.as_posix()) for where in part.files))
    for where, note in found.unreadable.items():
        _nearest(where, parts).unreadable[where] = note
    return parts


class _Joined:
    """Directories that belong together, by the one that stands for all (a disjoint-set forest)."""

    def __init__(self, found: Found) -> None:
        self._above = {where: where for where in found.files}

    def head(self, where: PurePosixPath) -> PurePosixPath:
        while (above := self._above.setdefault(where, where)) != where:
            where = above
        return where

    def join(self, one: PurePosixPath, other: PurePosixPath) -> None:
        self._above[self.head(one)] = self.head(other)


def _may_be_made(files: list[Path], name: PurePosixPath) -> bool:
    """Whether `add_scalars` or `add_hparams` of a writer above may have made a directory.

    What cannot be read speaks neither for nor against it.
    """
    tags: set[str] = set()
    for file in files:
        try:
            tags.update(_first_tags(file))
        except OSError:
            continue
    return EXPERIMENT in tags or not tags or may_be_of_add_scalars(tags, name)


def _first_tags(file: Path) -> Iterator[str]:
    for record in islice(RecordReader(file, window=_WINDOW), _FIRST_RECORDS):
        try:
            event = event_pb2.Event.FromString(record)
        except DecodeError:
            continue
        yield from (value.tag for value in event.summary.value)


def _nearest(where: PurePosixPath, parts: list[Found]) -> Found:
    """The portion with the directory that is nearest above one, or else the first."""
    for above in where.parents:
        for part in parts:
            if any(above in (known, known.parent) for known in part.files):
                return part
    return parts[0]
