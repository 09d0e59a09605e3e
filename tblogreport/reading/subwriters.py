"""The sub-directories that PyTorch's `SummaryWriter` makes beside its own file.

`add_scalars("Loss", {"train": …, "val": …})` writes `Loss_train/` and `Loss_val/`, each
with the one tag `Loss`; `add_hparams` writes the hyper-parameters and the final metrics
into a directory named by the time (torch/utils/tensorboard/writer.py; tensorboardX does
the same). Neither is a run of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from tblogreport.reading.directory import DirectoryLog
from tblogreport.reading.discover import ROOT

_HPARAMS = {
    "_hparams_/experiment",
    "_hparams_/session_start_info",
    "_hparams_/session_end_info",
}


def writer_of(
    where: PurePosixPath, logs: Mapping[PurePosixPath, DirectoryLog]
) -> PurePosixPath | None:
    """Return the nearest directory above that has event files: the writer's own."""
    return (
        next((above for above in where.parents if above in logs), None) if where != ROOT else None
    )


def add_scalars_key(log: DirectoryLog, writer: PurePosixPath) -> str | None:
    """Return the key for which `add_scalars` made this directory, or None."""
    if len(log.scalars) != 1 or log.histograms:
        return None
    (tag,) = log.scalars
    prefix = _cleaned(tag) + "_"
    name = log.where.relative_to(writer).as_posix()
    return name[len(prefix) :] if _cleaned(name).startswith(prefix) and name != prefix else None


def is_add_hparams(log: DirectoryLog) -> bool:
    """Return whether `add_hparams` made this directory.

    It alone puts all three of its tags and one point of each metric into one place;
    a run that logs its own hyper-parameters has a history as well.
    """
    return (
        log.hparams_tags >= _HPARAMS
        and not log.histograms
        and all(len(points["step"]) == 1 for points in log.scalars.values())
    )


def _cleaned(name: str) -> str:
    """Return a name as older writers clean tags, character by character."""
    return re.sub(r"[^-\w.]", "_", name)
