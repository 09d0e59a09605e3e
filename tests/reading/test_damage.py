"""Every bad file is noted, and nothing readable is lost."""

from pathlib import Path

import pytest

import tblogreport
from tblogreport.reading.framing import Framed, Framer
from tests.eventfiles import (
    encode,
    event_file_name,
    file_version_event,
    record,
    scalar_event,
    tensor_event,
    write_events,
    write_run,
)

POINTS = [scalar_event("loss", 1.0, step) for step in range(5)]
SOUND = encode([file_version_event(), *POINTS])
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345\n"


def damaged(position: int) -> bytes:
    content = bytearray(SOUND)
    content[position] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "kind", "points", "words", "lost"),
    [
        (b"", "empty-file", 0, "0 bytes", 0),
        (encode([file_version_event()]), "no-events", 0, "no events", 0),
        (SOUND[:-3], "truncated-file", 4, "5 records before it", 39),
        (SOUND[:-36], "truncated-file", 4, "cut off", 6),
        (SOUND[:30], "truncated-file", 0, "0 records before it", 30),
        (SOUND[:5], "truncated-file", 0, "byte 0 of 5", 5),
        (SOUND + bytes(4096), "damaged-file", 5, "only zero bytes follow", 4096),
        (bytes(4096), "damaged-file", 0, "only zero bytes follow", 4096),
        (damaged(len(SOUND) - 60), "damaged-file", 4, "first at byte", 42),
        (damaged(len(SOUND) - 1), "damaged-file", 4, "reading stopped at byte", 42),
        (damaged(0), "damaged-file", 5, "first at byte 0", 40),
        (SOUND + record(b"\xff not an event"), "damaged-file", 5, "1 value could not", 0),
        (b"only text, and more than a few bytes of it", "not-an-event-file", 0, "not an event", 42),
        (LFS, "git-lfs-pointer", 0, "git lfs pull", 70),
    ],
)
def test_bad_file_is_noted_and_read_as_far_as_it_goes(
    tmp_path: Path, content: bytes, kind: str, points: int, words: str, lost: int
) -> None:
    file = tmp_path / "run" / event_file_name()
    file.parent.mkdir()
    file.write_bytes(content)
    (run,) = tblogreport.read(tmp_path)
    (note,) = run.notes
    assert note.kind == kind
    assert words in note.message
    assert note.message.startswith(f"run/{file.name}")
    assert note.path == file
    assert note.lost * len(content) == pytest.approx(lost)
    assert len(run.scalars) == points


def test_a_bad_file_does_not_hide_the_good_one_beside_it(tmp_path: Path) -> None:
    write_run(tmp_path, {"loss": [1.0, 2.0]})
    (tmp_path / event_file_name(5)).touch()
    (tmp_path / "tfevents.gone").symlink_to("nowhere")
    (run,) = tblogreport.read(tmp_path)
    assert sorted(note.kind for note in run.notes) == ["empty-file", "unreadable"]
    assert len(run.scalars) == 2


def test_a_read_error_in_the_middle_keeps_what_came_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path, {"loss": [1.0, 2.0]})
    frame = Framer.frame
    calls = iter([frame] * 2)

    def failing(framer: Framer, stretch: bytes, limit: int) -> Framed:
        try:
            return next(calls)(framer, stretch, limit)
        except StopIteration:
            raise OSError(5, "Input/output error") from None

    monkeypatch.setattr("tblogreport.reading.records._WINDOW", 64)  # about a record each
    monkeypatch.setattr(Framer, "frame", failing)
    (run,) = tblogreport.read(tmp_path)
    assert [(note.kind, note.lost) for note in run.notes] == [("unreadable", 1.0)]
    assert len(run.scalars) == 1


def test_files_without_a_file_version_are_read_without_a_word(tmp_path: Path) -> None:
    write_events(tmp_path / event_file_name(), POINTS, header=False)
    (run,) = tblogreport.read(tmp_path)
    assert len(run.scalars) == 5
    assert run.notes == ()


def test_a_sound_file_without_anything_for_us_is_not_called_bad(tmp_path: Path) -> None:
    write_events(tmp_path / event_file_name(), [tensor_event("text", b"hello", plugin="text")])
    (run,) = tblogreport.read(tmp_path)
    assert run.scalars.empty
    assert run.notes == ()


def test_runs_of_which_nothing_could_be_read_are_there(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / event_file_name()).touch()
    runs = tblogreport.read(tmp_path)
    assert [(run.name, run.notes[0].kind) for run in runs] == [
        ("a", "empty-file"),
        ("b", "empty-file"),
    ]
    assert str(runs[0].scalars.step.dtype) == "int64"


def test_a_file_of_which_no_record_is_intact_is_noted(tmp_path: Path) -> None:
    content = bytearray(SOUND)
    for start in _record_starts(SOUND):
        content[start + 12] ^= 0xFF  # the first byte of the data
    (tmp_path / event_file_name()).write_bytes(bytes(content))
    (run,) = tblogreport.read(tmp_path)
    assert run.scalars.empty
    assert {note.kind for note in run.notes} == {"damaged-file"}


def test_a_record_too_long_to_be_read_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tblogreport.reading.records._WINDOW", 64)
    monkeypatch.setattr("tblogreport.reading.records._WIDE_WINDOW", 64)
    monkeypatch.setattr("tblogreport.reading.records.MOST_RECORD", 1_000)
    content = SOUND + record(b"x" * 2_000) + encode([scalar_event("loss", 1.0, 5)])
    (tmp_path / event_file_name()).write_bytes(content)
    (run,) = tblogreport.read(tmp_path)
    assert run.scalars.step.tolist() == [0, 1, 2, 3, 4, 5]
    (note,) = run.notes
    assert note.kind == "long-record"
    assert "1 record longer than" in note.message


def _record_starts(content: bytes) -> list[int]:
    starts, at = [], 0
    while at < len(content):
        starts.append(at)
        at += 16 + int.from_bytes(content[at : at + 8], "little")
    return starts
