"""Every bad file is noted, and nothing readable is lost."""

from pathlib import Path

import pytest
from tensorboard.compat.proto.event_pb2 import Event

import tblogreport
from tblogreport.findings import Finding
from tblogreport.reading.framing import Framed, Framer
from tests.eventfiles import (
    encode,
    event_file_name,
    file_version_event,
    record,
    record_starts,
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
        (damaged(len(SOUND) - 60), "damaged-file", 4, "1 record behind them was saved", 42),
        (damaged(len(SOUND) - 1), "damaged-file", 4, "reading stopped at byte", 42),
        (damaged(0), "damaged-file", 5, "bytes 0 to 39 of 248", 40),
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
    for start in record_starts(SOUND):
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
    assert "1 record of more than" in note.message


def in_one(*hit: int) -> tuple[bytes, list[int]]:
    """A file of ten scalars of which some records are damaged, and where its records start."""
    content = bytearray(encode([file_version_event(), *map(_loss, range(10))]))
    starts = [*record_starts(bytes(content)), len(content)]
    for index in hit:
        content[starts[index] + 14] ^= 0xFF
    return bytes(content), starts


def _told_of(logdir: Path) -> list[Finding]:
    (run,) = tblogreport.analyze(logdir).runs
    return [finding for finding in run.findings if finding.check == "damaged-log"]


def _loss(step: int) -> Event:
    return scalar_event("loss", float(step), step)


def test_the_damaged_bytes_and_what_was_saved_behind_them_are_said(tmp_path: Path) -> None:
    content, starts = in_one(2, 3, 6)
    (tmp_path / event_file_name()).write_bytes(content)
    (run,) = tblogreport.read(tmp_path)
    (note,) = run.notes
    first = f"{starts[2]} to {starts[4] - 1}"
    second = f"{starts[6]} to {starts[7] - 1}"
    assert f"bytes {first} and {second} of {len(content)} are damaged" in note.message
    assert "6 records behind the first of them were saved, 8 read in all" in note.message
    assert run.scalars["step"].tolist() == [0, 3, 4, 6, 7, 8, 9]
    (finding,) = _told_of(tmp_path)
    assert f"bytes {first}" in finding.message


def test_many_places_are_counted(tmp_path: Path) -> None:
    content, _ = in_one(1, 3, 5, 7, 9)
    (tmp_path / event_file_name()).write_bytes(content)
    (run,) = tblogreport.read(tmp_path)
    assert "and those of 2 more places of" in run.notes[0].message


@pytest.mark.parametrize("cut", [5, 13, 30])
def test_two_writers_that_write_into_each_other_cost_what_they_tore_apart(
    tmp_path: Path, cut: int
) -> None:
    ours, theirs = (encode([scalar_event(tag, 1.0, s) for s in range(4)]) for tag in ("a", "b"))
    starts = record_starts(ours)
    torn = starts[2] + cut
    (tmp_path / event_file_name()).write_bytes(ours[:torn] + theirs + ours[torn:])
    (run,) = tblogreport.read(tmp_path)
    steps = {tag: points["step"].tolist() for tag, points in run.scalars.groupby("tag")}
    assert steps == {"a": [0, 1, 3], "b": [0, 1, 2, 3]}


def test_a_zeroed_block_costs_the_records_in_it(tmp_path: Path) -> None:
    content, starts = in_one()
    zeroed = content[: starts[3] + 5] + bytes(starts[6] - starts[3]) + content[starts[6] + 5 :]
    (tmp_path / event_file_name()).write_bytes(zeroed)
    (run,) = tblogreport.read(tmp_path)
    assert run.scalars["step"].tolist() == [0, 1, 6, 7, 8, 9]


def test_a_record_that_was_passed_over_is_told_by_the_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_WINDOW", "_WIDE_WINDOW"):
        monkeypatch.setattr(f"tblogreport.reading.records.{name}", 64)
    monkeypatch.setattr("tblogreport.reading.records.MOST_RECORD", 1_000)
    (tmp_path / event_file_name()).write_bytes(SOUND + record(b"x" * 2_000))
    (finding,) = _told_of(tmp_path)
    assert "passed over unread" in finding.message
