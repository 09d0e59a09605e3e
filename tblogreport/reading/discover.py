"""Finding event files, and which directories are runs and which are splits of one.

TensorBoard takes every directory with event files for a run of its own. Here `train/`
and `validation/` side by side are two splits of one run, as their writer meant.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tblogreport.findings import Note
from tblogreport.reading.file_notes import unreadable
from tblogreport.reading.splits import split_of_name

ROOT = PurePosixPath(".")
# Directories beside `train/` that are no runs: where TensorBoard's tutorial for Keras has a
# callback write its own scalars, and where programs keep hyperparameters.
OWN_PARTS = frozenset({"metrics", "hparams"})


class LogDirError(ValueError):
    """The log directory does not exist, cannot be read, or holds no event file."""


# File systems that live in this process alone.
_OF_THIS_PROCESS = ("memory:",)


@dataclass(frozen=True)
class Elsewhere:
    """A directory on another file system."""

    url: str  # as it was given, without a slash at its end
    root: str  # what the file system calls it

    @property
    def shared(self) -> bool:
        """Whether other processes see it as well."""
        return not self.url.startswith(_OF_THIS_PROCESS)


@dataclass
class Found:
    """The event files below a log directory, by directory relative to it."""

    root: Path  # as it can be opened
    name: str  # what the log directory itself is called
    files: dict[PurePosixPath, list[Path]] = field(default_factory=dict)
    unreadable: dict[PurePosixPath, Note] = field(default_factory=dict)  # directories
    given_file: Path | None = None  # where a file was given and not a directory
    elsewhere: Elsewhere | None = None  # where it is not on this machine


def find(logdir: Path) -> Found:
    """Find all event files below a directory, or take the one that is given.

    Symbolic links to directories are not followed (they name a run twice, and may
    turn in circles), except for `logdir` itself. Raises `LogDirError`.
    """
    try:
        mode = logdir.stat().st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LogDirError(f"{logdir} cannot be opened: {reason}.") from error
    if stat.S_ISREG(mode):
        directory = logdir.parent
        return Found(directory, _own_name(directory), {ROOT: [logdir]}, given_file=logdir)
    if not stat.S_ISDIR(mode):
        raise LogDirError(f"{logdir} is neither a directory nor an event file.")
    found = Found(logdir, _own_name(logdir))
    errors: list[OSError] = []
    for folder, _, names in os.walk(logdir, onerror=errors.append):
        path = Path(folder)
        files = [path / name for name in sorted(names) if is_event_file_name(name)]
        if files := [file for file in files if not _is_special(file)]:
            found.files[_below(logdir, path)] = files
    for refused in errors:
        path = Path(refused.filename)
        where = _below(logdir, path)
        if where == ROOT:
            raise LogDirError(f"{logdir} cannot be read: {refused.strerror}.") from refused
        found.unreadable[where] = unreadable(path, readable_name(where.as_posix()), refused)
    if not found.files:
        sentence = f'{logdir} holds no event file: no file name contains "tfevents".'
        hidden = [note.message for note in found.unreadable.values()]
        raise LogDirError(" ".join([sentence, *hidden]))
    return found


def is_event_file_name(name: str) -> bool:
    """Return whether a file of this name is meant to be an event file.

    The profiler leaves empty files ending in `.profile-empty` beside the real ones.
    """
    return "tfevents" in name and not name.endswith(".profile-empty")


def owners(directories: Collection[PurePosixPath]) -> Mapping[PurePosixPath, PurePosixPath]:
    """Return for each directory with event files the directory of the run it belongs to.

    A directory called like a split belongs to its parent: `train` always, the
    others if a training split lies beside them or the parent has event files.
    """
    holding = set(directories)
    trained = {d.parent for d in holding if d != ROOT and split_of_name(d.name) == "train"}
    owner: dict[PurePosixPath, PurePosixPath] = {}
    taken: set[tuple[PurePosixPath, str]] = set()
    for directory in sorted(holding, key=lambda d: (len(d.parts), natural_key(d.as_posix()))):
        owner[directory] = directory
        split = split_of_name(directory.name)
        parent = directory.parent
        if directory.name in OWN_PARTS and directory != ROOT and parent in trained:
            owner[directory] = owner.get(parent, parent)
            continue
        if directory == ROOT or not split or not (parent in trained or parent in holding):
            continue
        run = owner.get(parent, parent)
        # `val` and `valid` side by side: the series of one must not mix with the other's.
        if (run, split) not in taken:
            taken.add((run, split))
            owner[directory] = run
    return owner


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that puts `version_10` after `version_9`."""
    parts = re.split(r"([0-9]{1,18})", name)
    return tuple((1, int(part), "") if i % 2 else (0, 0, part) for i, part in enumerate(parts))


def readable_name(name: str) -> str:
    """Return a file system name as text; bytes that are no UTF-8 become U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")


def _below(logdir: Path, path: Path) -> PurePosixPath:
    return PurePosixPath(path.relative_to(logdir).as_posix())


def _own_name(directory: Path) -> str:
    return Path(os.path.abspath(directory)).name or directory.as_posix()  # noqa: PTH100 (keeps links)


def _is_special(file: Path) -> bool:
    """Return whether opening a file would block or talk to a process."""
    try:
        mode = file.stat().st_mode
    except OSError:  # a dangling link: reading it will say so
        return False
    return not stat.S_ISREG(mode)
