"""Log directories elsewhere (`s3://`, `gs://`, `memory://` …), through fsspec.

What is there is listed at once; the event files of a portion are fetched into a temporary directory
when its turn has come, read there like any others, and removed again.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from tblogreport.findings import Note
from tblogreport.reading.discover import (
    Elsewhere,
    Found,
    LogDirError,
    is_event_file_name,
    readable_name,
)

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_url(logdir: str | Path) -> bool:
    """Return whether a log directory is given by a URL."""
    return isinstance(logdir, str) and bool(_URL.match(logdir))


def find_elsewhere(url: str) -> Found:
    """Find all event files below a directory on another file system; raises `LogDirError`.

    Their paths are relative to it, and cannot be opened before `fetched`.
    """
    fs, root = _file_system(url)
    try:
        names = fs.find(root) if fs.isdir(root) else [root] * fs.exists(root)
    except Exception as error:  # each file system has errors of its own
        raise LogDirError(f"{url} cannot be read: {_reason(error)}.") from error
    if not names:
        raise LogDirError(f"{url} cannot be opened: there is no such directory, or it is empty.")
    below = root.rstrip("/") + "/"
    found = Found(
        Path(),
        PurePosixPath(root).name or url,
        elsewhere=Elsewhere(url.rstrip("/"), root.rstrip("/")),
    )
    if names == [root]:
        found.files[PurePosixPath()] = [Path(PurePosixPath(root).name)]
        where = PurePosixPath(root).parent
        return replace(
            found,
            name=where.name or url,
            given_file=Path(PurePosixPath(root).name),
            elsewhere=Elsewhere(url.rpartition("/")[0], str(where)),
        )
    for name in sorted(names):
        relative = PurePosixPath(name.removeprefix(below))
        if is_event_file_name(relative.name):
            found.files.setdefault(relative.parent, []).append(Path(relative))
    if not found.files:
        raise LogDirError(f'{url} holds no event file: no file name contains "tfevents".')
    return found


@contextmanager
def fetched(part: Found) -> Iterator[Found]:
    """The same portion with its files on this machine, for as long as the context lasts."""
    if part.elsewhere is None:
        yield part
        return
    fs, _ = _file_system(part.elsewhere.url)
    with tempfile.TemporaryDirectory(prefix="tblogreport-") as folder:
        files: dict[PurePosixPath, list[Path]] = {}
        refused: dict[PurePosixPath, Note] = dict(part.unreadable)
        for where, names in part.files.items():
            files[where] = []
            for name in names:
                local = Path(folder) / name
                local.parent.mkdir(parents=True, exist_ok=True)
                try:
                    fs.get_file(f"{part.elsewhere.root}/{name.as_posix()}", str(local))
                except Exception as error:
                    said = f"{readable_name(name.as_posix())} could not be read: {_reason(error)}."
                    refused[where] = Note("unreadable", said, lost=1.0)
                else:
                    files[where].append(local)
        yield replace(part, root=Path(folder), files=files, unreadable=refused)


def _file_system(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise LogDirError(f"{url} needs fsspec: pip install 'tblogreport[remote]'.") from error
    try:
        fs, root = url_to_fs(url)
    except Exception as error:  # no such protocol, a package that is missing, no access
        raise LogDirError(f"{url} cannot be opened: {_reason(error)}.") from error
    return fs, str(root)


def _reason(error: Exception) -> str:
    """What went wrong, on one line."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
