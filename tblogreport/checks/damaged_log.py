"""Part of the log could not be read.

What it looks for
-----------------
What reading noted of the event files: records that are cut off or damaged, values that
could not be decoded, records too long to be read, files that are empty, unreadable, no
event files at all, or Git LFS pointers. It says which bytes are damaged, and how many
records behind them were saved. It is a note where little is lost, and a warning where
more than a fifth of a file or a whole file is.

Why it matters
--------------
Every check sees only what could be read: what is missing may hold the very moment at which
the training failed, and a healthy verdict speaks of the rest alone.

How to fix
----------
Copy the files again and compare their sizes; flush the writer at every checkpoint and close
it when the program fails; fetch Git LFS files; see to permissions and to disk space.

When it is wrong
----------------
The last record of a run that is still being written is cut off and will be complete soon. A
file that merely carries `tfevents` in its name is no loss.

Example
-------
An event file of 10 MB of which 4 kB in the middle are zeros: the records before and after are
read, and the finding says from which byte on how many were lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.base import NotCheckable, check
from tblogreport.findings import Finding, Note, Severity
from tblogreport.numbers import integer, percent
from tblogreport.signals import Signals

# More of a file than this is not lost by the way.
LARGE_SHARE = 0.20
# Files of which nothing could be read, and what to do about each.
_WHOLE_FILES = {
    "unreadable": "Give yourself the right to read the file (`chmod +r`), or copy it to where you "
    "may.",
    "git-lfs-pointer": "Fetch the file itself: `git lfs pull`.",
    "not-an-event-file": "Move the file out of the log directory if it is no log; otherwise copy "
    "it again from where it was written.",
}
_PARTS = {
    "truncated-file": "Flush the writer at every checkpoint and close it when the program fails: "
    "PyTorch `with SummaryWriter(…) as writer:` and `writer.flush()`, TensorFlow "
    "`writer.flush()`; see that the disk is not full.",
    "damaged-file": "Copy the file again and compare it with the original (`sha256sum`); where the "
    "original is damaged, check the disk and do not let two programs write into one file.",
    "long-record": "Log long records (checkpoints, embeddings, videos) to files of their own; the "
    "rest of this one was read.",
    "empty-file": "Delete the empty file, or find out why its writer wrote nothing: a program "
    "that ended before its first flush, or a full disk.",
}
_FIXES = _WHOLE_FILES | _PARTS
_SHOWN = 3


@check
def damaged_log(signals: Signals) -> Sequence[Finding]:
    """Fire once, on all that reading noted."""
    run = signals.context.run
    if not run.notes and run.scalars.empty and run.histograms.empty:
        raise NotCheckable(
            "nothing was read of this run, neither scalars nor histograms: log at least the loss"
        )
    notes = [note for note in run.notes if note.kind in _FIXES]
    return [_finding(notes)] if notes else []


def _finding(notes: Sequence[Note]) -> Finding:
    files = len({note.path for note in notes})
    whole = sum(note.kind in _WHOLE_FILES for note in notes)
    worst = sorted(notes, key=lambda note: note.lost, reverse=True)
    most = worst[0].lost
    more = len(notes) - _SHOWN
    shown = [note.message for note in worst[:_SHOWN]]
    if more > 0:
        shown.append(f"{integer(more)} more {'was' if more == 1 else 'were'} noted.")
    one = "One file" if files == 1 else f"{integer(files)} files"
    full = "" if whole == len(notes) else " in full"
    empty = all(note.kind == "empty-file" for note in notes)
    title = f"{one} {'is' if files == 1 else 'are'} empty" if empty else f"{one} could not be read"
    lost = f"Up to {percent(most)} of a file is missing" if most >= 0.01 else "Little is missing"
    kinds = list(dict.fromkeys(note.kind for note in worst))
    return Finding(
        check="damaged-log",
        severity=Severity.WARNING if most > LARGE_SHARE else Severity.INFO,
        confidence=0.95,
        title=title + ("" if empty else full),
        message=f"{' '.join(shown)} {lost}: the checks speak of what is left.",
        why="What is missing may hold the very moment at which the training failed.",
        fixes=tuple(_FIXES[kind] for kind in kinds),
        measured={"files": files, "whole_files": whole, "largest_share_lost": most},
        thresholds={"largest_share_lost": LARGE_SHARE},
    )
