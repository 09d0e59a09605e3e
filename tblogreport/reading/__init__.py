"""Event files → `Run`s: the first step of the way of the data.

`discover` finds event files and says which directories are one run's, `portions` which must be
read together. A file is read in windows: `records` frames them (`framing`) and leaves out what is
damaged (`checksums`), `batches` takes apart together what has one layout (`wire`), `points` puts
it into `columns`, and `accumulator` answers with them as TensorBoard's own does. `file_log` is such
a file as a part of a run and `directory` those of one directory; `segments` drops what a restart
wrote again, `assemble` joins directories into runs, `frames` makes the frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tblogreport.reading.assemble import assemble
from tblogreport.reading.directory import read_directory
from tblogreport.reading.discover import Found, LogDirError, find, is_event_file_name, natural_key
from tblogreport.reading.portions import portions
from tblogreport.reading.run import Run
from tblogreport.reading.stub import quiet_tensorboard

__all__ = ["Found", "LogDirError", "Run", "find", "natural_key", "portions", "read", "read_portion"]


def read(logdir: str | Path) -> list[Run]:
    """Read every run below a log directory, or the one event file that is given.

    Runs are sorted by name in natural order. A run whose files hold nothing readable
    is there all the same, with empty frames and with notes that say why. Nothing is
    written, no link to a directory is followed but `logdir` itself.

    Raises `LogDirError` when `logdir` does not exist, cannot be read, or holds no
    event file (a file whose name contains "tfevents").
    """
    parts = portions(find(Path(logdir)))
    return sorted(
        (run for part in parts for run in read_portion(part)), key=lambda run: natural_key(run.name)
    )


def read_portion(part: Found) -> list[Run]:
    """Read the runs of directories that belong together; raises `LogDirError` as `read` does."""
    with quiet_tensorboard():
        logs = {
            where: read_directory(where, part.root / where, files)
            for where, files in part.files.items()
        }
    runs = assemble(part, logs)
    file = part.given_file
    if file and not is_event_file_name(file.name) and _holds_nothing(runs):
        raise LogDirError(f"{file} is neither a directory nor an event file.")
    return runs


def _holds_nothing(runs: Sequence[Run]) -> bool:
    return all(run.scalars.empty and run.histograms.empty for run in runs)
