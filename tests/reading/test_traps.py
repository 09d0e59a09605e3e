"""Records that are made to take up far more memory or time than bytes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tblogreport
from tblogreport.reading.framing import Framed, Framer
from tblogreport.reading.traps import MOST_FIELDS, has_too_many_fields
from tests.eventfiles import (
    encode,
    event_file_name,
    file_version_event,
    header,
    message,
    record,
    scalar_event,
)

WALL_TIME = b"\x09" + bytes(8)
POINTS = [scalar_event("loss", 1.0, step) for step in range(5)]


def tensor(content: bytes) -> bytes:
    return message(5, message(1, message(1, b"a") + message(8, content)))


# Each takes a number of fields.
BOMBS: dict[str, Callable[[int], bytes]] = {
    "empty values": lambda n: message(5, message(1, b"") * n),
    "points without a tag": lambda n: message(5, message(1, b"\x15" + bytes(4)) * n),
    "many summaries": lambda n: message(5, b"") * n,
    "tensors in a tensor": lambda n: tensor(message(15, b"") * n),
    "empty strings": lambda n: tensor(message(8, b"") * n),
    "dimensions": lambda n: tensor(message(2, message(2, b"") * n)),
    "behind a group": lambda n: b"\x5b\x5c" + message(5, message(1, b"") * n),
    "unknown fields": lambda n: b"\xf8\x07\x01" * n,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_record_of_far_too_many_fields_is_not_decoded(tmp_path: Path, bomb: str) -> None:
    trap = record(WALL_TIME + BOMBS[bomb](MOST_FIELDS + 1))
    content = encode([file_version_event()]) + trap + encode(POINTS)
    (tmp_path / event_file_name()).write_bytes(content)
    (run,) = tblogreport.read(tmp_path)
    assert run.scalars["step"].tolist() == [0, 1, 2, 3, 4]
    (note,) = run.notes
    assert note.kind == "long-record"
    assert "1 record of more than" in note.message


@pytest.mark.parametrize("bomb", BOMBS)
def test_as_many_fields_as_are_allowed_are_decoded(bomb: str) -> None:
    assert not has_too_many_fields(WALL_TIME + BOMBS[bomb](MOST_FIELDS // 2 - 10))


@pytest.mark.parametrize(
    "content",
    [
        message(5, message(1, message(1, b"image") + message(4, message(4, bytes(300_000))))),
        message(5, message(1, message(1, b"a") + message(8, message(5, bytes(400_000))))),
        b"\xff" * 300_000,
    ],
)
def test_long_records_of_few_fields_are_left_to_protobuf(content: bytes) -> None:
    assert not has_too_many_fields(WALL_TIME + content)


def test_a_tag_of_a_million_letters_is_no_name(tmp_path: Path) -> None:
    tagged = message(5, message(1, message(1, b"x" * 1_000_000) + b"\x15" + bytes(4)))
    content = encode(POINTS) + record(WALL_TIME + tagged) * 9
    (tmp_path / event_file_name()).write_bytes(content)
    (run,) = tblogreport.read(tmp_path)
    assert set(run.scalars["tag"]) == {"loss"}
    assert "9 values could not be decoded" in run.notes[0].message


def test_messages_in_messages_without_end_are_refused(tmp_path: Path) -> None:
    content = b""
    for _ in range(2_000):
        content = message(8, message(15, message(5, content)))
    (tmp_path / event_file_name()).write_bytes(encode(POINTS) + record(message(5, content)))
    (run,) = tblogreport.read(tmp_path)
    assert len(run.scalars) == 5


def test_a_length_of_2_to_the_60_reads_nothing_of_it(tmp_path: Path) -> None:
    lying = header(1 << 60) + b"few bytes"
    (tmp_path / event_file_name()).write_bytes(encode(POINTS) + lying + encode(POINTS[:2]))
    (run,) = tblogreport.read(tmp_path)
    assert run.scalars["step"].tolist() == [0, 1, 2, 3, 4, 0, 1]
    assert "are damaged and were skipped" in run.notes[0].message


def test_the_memory_that_a_trap_takes_is_bounded(tmp_path: Path) -> None:
    """60 MB that would be 3 GB, and a record of 1 GB that is hardly there."""
    trap = record(WALL_TIME + BOMBS["empty values"](30_000_000))
    path = tmp_path / event_file_name()
    with path.open("wb") as file:
        file.write(encode(POINTS) + trap)
        file.write(header(1 << 30))
        file.seek(1 << 30, 1)  # a hole
        file.write(bytes(4) + encode(POINTS))
    program = (
        "import pathlib, sys, tblogreport\n"
        "(run,) = tblogreport.read(sys.argv[1])\n"
        "print(len(run.scalars), len(run.notes))\n"
        # The peak of this program alone, which `getrusage` mixes with that of its parent.
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(status.partition('VmHWM:')[2].split()[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True, text=True
    )
    said, peak = done.stdout.splitlines()
    assert said == "10 1"
    assert int(peak) < 400_000  # kB


def test_of_a_file_that_grows_is_read_what_was_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / event_file_name()
    whole, more = encode(POINTS), encode([scalar_event("loss", 1.0, 5)])
    path.write_bytes(whole + more[:20])
    frame = Framer.frame

    def growing(framer: Framer, stretch: bytes, limit: int) -> Framed:
        with path.open("ab") as file:
            file.write(more[20:] + more)
        return frame(framer, stretch, limit)

    monkeypatch.setattr(Framer, "frame", growing)
    (run,) = tblogreport.read(tmp_path)
    assert run.scalars["step"].tolist() == [0, 1, 2, 3, 4]
    assert [note.kind for note in run.notes] == ["truncated-file"]
