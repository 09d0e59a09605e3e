"""The files are written, damaged and read: what reading says of them is what is judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tblogreport
from tblogreport.findings import Note, Severity, Status
from tblogreport.reading.run import Run
from tests.eventfiles import WALL_TIME, event_file_name, write_run
from tests.runs import Scalar, judge, make_run, renumbered, scaled

CHECK = "damaged-log"
N = 200


def log(directory: Path, *, begun: float = WALL_TIME, first_step: int = 0) -> Path:
    values = np.linspace(2.0, 0.5, N).tolist()
    return write_run(directory, {"loss": values}, begun=begun, first_step=first_step)


def read(directory: Path) -> Run:
    (run,) = tblogreport.read(directory)
    return run


def test_a_sound_log_is_clean(tmp_path: Path) -> None:
    log(tmp_path)
    assert judge(CHECK, read(tmp_path)).status == Status.CLEAN


def test_a_record_that_is_cut_off_is_a_note(tmp_path: Path) -> None:
    file = log(tmp_path)
    file.write_bytes(file.read_bytes()[:-7])
    finding = judge(CHECK, read(tmp_path)).finding
    assert finding.severity == Severity.INFO
    assert finding.title == "One file could not be read in full"
    assert "cut off" in finding.message
    assert "writer.flush()" in finding.fixes[0]
    assert 0 < float(finding.measured["largest_share_lost"]) < 0.01
    assert set(finding.thresholds) <= set(finding.measured)


@pytest.mark.parametrize(("share", "severity"), [(0.05, Severity.INFO), (0.4, Severity.WARNING)])
def test_it_depends_on_how_much_was_overwritten(
    tmp_path: Path, share: float, severity: Severity
) -> None:
    file = log(tmp_path)
    content = bytearray(file.read_bytes())
    begin, size = len(content) // 3, int(share * len(content))
    content[begin : begin + size] = b"\xaa" * size
    file.write_bytes(content)
    finding = judge(CHECK, read(tmp_path)).finding
    assert finding.severity == severity
    assert float(finding.measured["largest_share_lost"]) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(("share", "severity"), [(0.1, Severity.INFO), (0.5, Severity.WARNING)])
def test_it_depends_on_how_much_ends_in_zeros(
    tmp_path: Path, share: float, severity: Severity
) -> None:
    file = log(tmp_path)
    content = file.read_bytes()
    kept = int((1 - share) * len(content))
    file.write_bytes(content[:kept] + bytes(len(content) - kept))
    finding = judge(CHECK, read(tmp_path)).finding
    assert finding.severity == severity
    assert float(finding.measured["largest_share_lost"]) == pytest.approx(share, abs=0.02)


def test_a_file_that_is_none_is_a_warning(tmp_path: Path) -> None:
    log(tmp_path)
    (tmp_path / event_file_name(WALL_TIME + 9)).write_bytes(b"nothing of the kind" * 99)
    finding = judge(CHECK, read(tmp_path)).finding
    assert finding.severity == Severity.WARNING
    assert finding.title == "One file could not be read"
    assert finding.measured["whole_files"] == 1


def test_a_git_lfs_pointer_is_a_warning_that_says_how_to_fetch_it(tmp_path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    (tmp_path / event_file_name()).write_bytes(pointer)
    finding = judge(CHECK, read(tmp_path)).finding
    assert finding.severity == Severity.WARNING
    assert "git lfs pull" in finding.fixes[0]


def test_an_empty_file_is_a_note(tmp_path: Path) -> None:
    log(tmp_path)
    (tmp_path / event_file_name(WALL_TIME + 9)).touch()
    finding = judge(CHECK, read(tmp_path)).finding
    assert finding.severity == Severity.INFO
    assert finding.title == "One file is empty"


def test_several_files_are_counted_the_worst_first(tmp_path: Path) -> None:
    for number in range(5):
        file = log(tmp_path, begun=WALL_TIME + 1_000 * number, first_step=N * number)
        file.write_bytes(file.read_bytes()[: -(10 * number + 5)])
    (tmp_path / event_file_name(WALL_TIME + 9_999)).write_bytes(b"nothing of the kind" * 99)
    finding = judge(CHECK, read(tmp_path)).finding
    assert finding.severity == Severity.WARNING
    assert finding.title == "6 files could not be read in full"
    assert finding.message.index("is not an event file") < finding.message.index("cut off")
    assert "3 more were noted" in finding.message


def test_notes_of_other_things_are_no_damage() -> None:
    run = make_run(Scalar("loss", np.ones(9)))
    noted = replace(run, notes=(Note("superseded-points", "…"), Note("no-events", "…")))
    assert judge(CHECK, noted).status == Status.CLEAN


def test_what_was_logged_changes_nothing() -> None:
    series = (Scalar("loss", np.linspace(2, 1, 20), "train"),)
    damage = (Note("truncated-file", "a is cut off", lost=0.4),)
    for other in (series, scaled(series, 1e3), renumbered(series, 64)):
        run = replace(make_run(*other), notes=damage)
        assert judge(CHECK, run).finding.severity == Severity.WARNING


def test_a_run_of_which_nothing_was_read_cannot_be_checked() -> None:
    judged = judge(CHECK, make_run())
    assert judged.status == Status.NOT_CHECKABLE
    assert "nothing was read" in (judged.reason or "")
