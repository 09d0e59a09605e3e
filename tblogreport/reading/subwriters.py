"""The sub-directories that PyTorch's `SummaryWriter` makes beside its own file.

`add_scalars("Loss", {"train": …, "val": …})` writes `Loss_train/` and `Loss_val/`, each
with the one tag `Loss`; `add_hparams` writes the hyper-parameters and the final metrics
into a directory named by the time (torch/utils/tensorboard/writer.py; tensorboardX does
the same). Neither is a run of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from tblogreport.reading.directory import DirectoryLog
from tblogreport.reading.discover import ROOT

EXPERIMENT = "_hparams_/experiment"
_HPARAMS = {
    EXPERIMENT,
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
    name = log.where.relative_to(writer)
    return name.as_posix()[len(tag) + 1 :] if may_be_of_add_scalars({tag}, name) else None


def may_be_of_add_scalars(tags: Collection[str], name: PurePosixPath) -> bool:
    """Return whether a directory of this name, below a writer's, is one for these tags alone."""
    if len(tags) != 1:
        return False
    (tag,) = tags
    prefix = _cleaned(tag) + "_"
    return _cleaned(name.as_posix()).startswith(prefix) and name.as_posix() != prefix


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
