"""Event files → `Run`s: the first step of the way of the data.

`discover` finds event files and says which directories are one run's, `portions` which must be
read together. A file is read in windows: `records` frames them (`framing`) and leaves out what is
damaged (`checksums`), `batches` takes apart together what has one layout (`wire`), `points` puts
it into `columns`, and `accumulator` answers with them as TensorBoard's own does. `file_log` is such
a file as a part of a run and `directory` those of one directory; `segments` drops what a restart
wrote again, `assemble` joins directories into runs, `frames` makes the frames. `media` knows where
images, sounds, texts and graphs are, `media_values` what one holds, `media_frames` makes theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tblogreport.reading import discover
from tblogreport.reading.assemble import assemble
from tblogreport.reading.directory import read_directory
from tblogreport.reading.discover import Found, LogDirError, is_event_file_name, natural_key
from tblogreport.reading.portions import portions
from tblogreport.reading.remote import fetched, find_elsewhere, is_url
from tblogreport.reading.run import Run
from tblogreport.reading.stub import quiet_tensorboard

__all__ = ["LogDirError", "Run", "find", "portions", "read", "read_portion"]


def read(logdir: str | Path) -> list[Run]:
    """Read every run below a log directory, or the one event file that is given.

    A URL (`s3://…`) is read through fsspec, with the extra `remote`.

    Runs are sorted by name in natural order. A run whose files hold nothing readable
    is there all the same, with empty frames and with notes that say why. Nothing is
    written, no link to a directory is followed but `logdir` itself.

    Raises `LogDirError` when `logdir` does not exist, cannot be read, or holds no
    event file (a file whose name contains "tfevents").
    """
    runs = [run for part in portions(find(logdir)) for run in read_portion(part)]
    told = [run for run in runs if not run.describes_others] or runs
    return sorted(told, key=lambda run: natural_key(run.name))


def find(logdir: str | Path) -> Found:
    """Find the event files below a directory, here or by its URL; raises `LogDirError`."""
    return find_elsewhere(str(logdir)) if is_url(logdir) else discover.find(Path(logdir))


def read_portion(part: Found) -> list[Run]:
    """Read the runs of directories that belong together; raises `LogDirError` as `read` does."""
    with quiet_tensorboard(), fetched(part) as here:
        logs = {
            where: read_directory(where, here.root / where, files)
            for where, files in here.files.items()
        }
        runs = [_named(run, here) for run in assemble(here, logs)]
    file = part.given_file
    if file and not is_event_file_name(file.name) and _holds_nothing(runs):
        raise LogDirError(f"{file} is neither a directory nor an event file.")
    return runs


def _named(run: Run, part: Found) -> Run:
    """The run by where it was found, which is not where it was read."""
    if part.elsewhere is None:
        return run
    below = run.path.relative_to(part.root).as_posix()
    url = part.elsewhere.url if below == "." else f"{part.elsewhere.url}/{below}"
    return replace(
        run,
        path=Path(below),
        url=url,
        notes=tuple(replace(note, path=None) for note in run.notes),
        media=tuple(medium.with_ends_held() for medium in run.media),
        graph_at=run.graph_at.with_content_held() if run.graph_at is not None else None,
    )


def _holds_nothing(runs: Sequence[Run]) -> bool:
    return all(run.scalars.empty and run.histograms.empty for run in runs)
