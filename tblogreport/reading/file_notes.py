"""What is said of a file that could not be read, or not wholly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tblogreport.findings import Note
from tblogreport.numbers import integer, listed
from tblogreport.reading.file_log import FileLog
from tblogreport.reading.records import MOST_RECORD, RecordReader
from tblogreport.reading.traps import MOST_FIELDS

_SHOWN_SPANS = 3  # of damaged bytes
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def unreadable(path: Path, shown: str, error: OSError) -> Note:
    """Return the note on a file or directory that the system does not let us read."""
    reason = error.strerror or type(error).__name__
    return Note("unreadable", f"{shown} could not be read: {reason}.", path, lost=1.0)


def notes_on(accumulated: FileLog, path: Path, shown: str) -> Iterator[Note]:
    """Yield what is to be said of a file that has been read; nothing if it is sound.

    `shown` is how the file is named to the user.
    """
    records = accumulated.records
    if not records.size:
        yield Note("empty-file", f"{shown} is empty (0 bytes).", path)
        return
    if records.stopped_at is not None:
        yield _stopped(records, records.stopped_at, path, shown)
    if records.damage:
        yield _damaged(records, path, shown)
    if passed_over := records.too_long + accumulated.trapped:
        was = "was" if passed_over == 1 else "were"
        yield Note(
            "long-record",
            f"{shown}: {_count(passed_over, 'record')} of more than {MOST_RECORD >> 20} MiB or "
            f"{integer(MOST_FIELDS)} values {was} passed over unread.",
            path,
        )
    if undecoded := accumulated.undecodable + accumulated.malformed:
        were = "was" if undecoded == 1 else "were"
        said = f"{shown}: {_count(undecoded, 'value')} could not be decoded and {were} skipped."
        yield Note("damaged-file", said, path)
    elif records.records and not accumulated.holds_events:
        yield Note("no-events", f"{shown} holds a header and no events.", path)


def _damaged(records: RecordReader, path: Path, shown: str) -> Note:
    damage = records.damage
    spans = [f"{first} to {end - 1}" for first, end in damage.spans[:_SHOWN_SPANS]]
    if damage.places > len(spans):
        spans.append(f"those of {_count(damage.places - len(spans), 'more place')}")
    were = "was" if damage.saved == 1 else "were"
    return Note(
        "damaged-file",
        f"{shown}: bytes {listed(spans)} of {records.size} are damaged and were skipped "
        f"({_count(damage.bytes, 'byte')}); {_count(damage.saved, 'record')} behind "
        f"{'them' if damage.places == 1 else 'the first of them'} {were} saved, "
        f"{records.records} read in all.",
        path,
        lost=damage.bytes / records.size,
    )


def _stopped(records: RecordReader, at: int, path: Path, shown: str) -> Note:
    if not records.headers and not records.cut_off and not records.zero_tail:
        return _not_an_event_file(path, shown)
    place, lost = f"byte {at} of {records.size}", 1.0 - at / records.size
    before = f"{_count(records.records, 'record')} before it"
    if records.cut_off:
        return Note(
            "truncated-file",
            f"{shown}: the record at {place} is cut off, {before} were read.",
            path,
            lost=lost,
        )
    why = " (only zero bytes follow, as a crash leaves them)" if records.zero_tail else ""
    said = f"{shown}: reading stopped at {place}{why}, {before} were read."
    return Note("damaged-file", said, path, lost=lost)


def _not_an_event_file(path: Path, shown: str) -> Note:
    with path.open("rb") as file:
        start = file.read(len(_LFS_POINTER))
    if start == _LFS_POINTER:
        return Note(
            "git-lfs-pointer",
            f'{shown} is a Git LFS pointer and not the file itself; run "git lfs pull".',
            path,
            lost=1.0,
        )
    return Note("not-an-event-file", f"{shown} is not an event file.", path, lost=1.0)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
