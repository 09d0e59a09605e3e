"""Event files survive the archive to the byte, and its tidying but for names and times."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tblogreport
from benchmarks.accuracy import archive, build, records
from tests.eventfiles import event_file_name, scalar_event, write_events

some = st.lists(st.binary(max_size=50), max_size=8)


@given(some)
def test_records_come_back(data: list[bytes]) -> None:
    assert list(records.split(records.join(data))) == data


@given(some)
def test_a_file_without_checksums_gets_the_same_ones_back(data: list[bytes]) -> None:
    content = records.join(data)
    stripped = records.bare(content)
    assert len(stripped) == len(content) - 8 * len(data)
    assert records.whole(stripped) == content


def test_a_damaged_file_is_kept_as_it_is() -> None:
    content = records.join([b"first", b"second"])
    name, stored = archive.stored("run/events", content[:-3])
    assert (name, stored) == ("run/events.damaged", content[:-3])
    assert archive.stored("run/events", content) == ("run/events", records.bare(content))


def test_tidying_keeps_what_was_logged_and_drops_the_host(tmp_path: Path) -> None:
    began = 1_700_000_000.123456
    events = [scalar_event("loss", 1 / (i + 1), step=i, wall_time=began + i) for i in range(9)]
    write_events(tmp_path / "run" / event_file_name(began, "somebodys-laptop.1.0"), events)
    (before,) = tblogreport.read(tmp_path / "run")
    build.tidy(tmp_path / "run")
    (after,) = tblogreport.read(tmp_path / "run")
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["events.out.tfevents.1700000000.0"]
    kept = ["tag", "step", "value"]
    assert after.scalars[kept].equals(before.scalars[kept])
    assert after.scalars["wall_time"].to_numpy() == pytest.approx(
        before.scalars["wall_time"].to_numpy(), abs=1 / 64
    )
    assert not after.notes
