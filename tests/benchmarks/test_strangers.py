"""The runs of a stranger: their archive, and what was reached on them once."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from benchmarks.accuracy.readers import Said, ask, tblogreport_says
from benchmarks.accuracy.strangers import ARCHIVE, rates, read_labels, unpack
from tblogreport.causes.table import HYPOTHESES


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("strangers")
    unpack(folder)
    return folder


def test_the_archive_is_small_and_gives_nobody_away() -> None:
    assert ARCHIVE.stat().st_size < 1_000_000
    with tarfile.open(ARCHIVE) as tar:
        members = tar.getmembers()
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {(0, 0, "", "", 0)}
    assert all(m.name.split("/")[-1].startswith("events.out.tfevents.") for m in members)


def test_every_run_has_a_label_and_every_name_is_one_of_ours(runs: Path) -> None:
    labels = read_labels()
    assert set(labels) == {path.name for path in runs.iterdir()}
    named = {cause for label in labels.values() for cause in label.acceptable}
    assert named <= {hypothesis.cause for hypothesis in HYPOTHESES}
    assert all(label.healthy == (label.fault is None) for label in labels.values())


@pytest.mark.slow
def test_what_was_reached_is_kept(runs: Path) -> None:
    """No estimate of what an unseen set would give: it guards what was learned of this one."""
    labels = read_labels()
    said = {run: tblogreport_says(runs / run) for run in labels}
    alarms, _, clear, causes = rates(labels, said)
    assert alarms.hits == 0
    assert clear.hits >= 47
    assert causes.hits >= 34


def test_a_reader_that_fails_counts_as_silent(runs: Path) -> None:
    def fails(_: Path) -> Said:
        raise RuntimeError("out of luck")

    assert not ask(fails, runs / "h001").alarms
