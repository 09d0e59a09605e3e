"""What the corpus promises: size, halves, and that archive, labels and generator agree."""

from __future__ import annotations

import filecmp
import tarfile
from collections import Counter
from pathlib import Path

import pytest

import tblogreport
from benchmarks.accuracy import archive, curves
from benchmarks.accuracy.corpus import Entry, entries
from benchmarks.accuracy.faults import FAULTS
from benchmarks.accuracy.programs import PROGRAMS
from tblogreport.causes.table import HYPOTHESES

pytestmark = pytest.mark.skipif(
    not archive.ARCHIVE.exists(), reason="the archive is not part of a source distribution"
)
LABELS, ABOUT = archive.read_labels() if archive.LABELS.exists() else ({}, {})


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs")
    archive.unpack(out)
    return out


def path_of(runs: Path, run: str) -> Path:
    return runs / ABOUT[run]["half"] / run


def test_it_is_as_large_as_promised() -> None:
    trained = [run for run in LABELS if ABOUT[run]["kind"] == "trained"]
    assert len(LABELS) >= 400
    assert len(trained) >= 160
    assert {ABOUT[run]["framework"] for run in trained} == {"keras", "torch"}


def test_half_of_the_runs_are_healthy() -> None:
    assert 2 * sum(not label.faulty for label in LABELS.values()) >= len(LABELS)


@pytest.mark.parametrize("half", ["calibrate", "heldout"])
def test_each_half_has_every_cause_three_times(half: str) -> None:
    found = Counter(
        label.causes[0]
        for run, label in LABELS.items()
        if ABOUT[run]["half"] == half and ABOUT[run]["kind"] == "trained" and label.causes
    )
    assert min(found[fault.causes[0]] for fault in FAULTS if fault.causes) >= 3


def test_half_of_the_unseen_runs_are_healthy() -> None:
    unseen = [label.faulty for run, label in LABELS.items() if ABOUT[run]["half"] == "heldout"]
    assert 2 * sum(unseen) <= len(unseen)


def test_whatever_is_archived_has_its_twin_made() -> None:
    made = entries()
    assert {e.twin for e in made.values() if e.archived} <= {None, *made}
    needed = {e.twin for e in made.values() if e.archived}
    assert all(e.archived or run in needed for run, e in made.items())
    assert all(made[run].archived for run in LABELS)


def test_no_program_is_in_both_halves() -> None:
    halves: dict[str, set[str]] = {}
    for about in ABOUT.values():
        halves.setdefault(about["program"], set()).add(about["half"])
    assert all(len(of) == 1 for of in halves.values())
    assert {half for of in halves.values() for half in of} == {"calibrate", "heldout"}


def test_the_labels_use_names_that_a_diagnosis_can_use() -> None:
    known = {hypothesis.cause for hypothesis in HYPOTHESES}
    named = {cause for label in LABELS.values() for cause in label.causes}
    assert named <= known | {"unclipped-gradients", "training-stopped-too-early", "numerical-error"}


def test_every_label_belongs_to_a_run_that_the_generator_knows() -> None:
    known = entries()
    assert {run: ABOUT[run]["key"] for run in LABELS} == {run: known[run].key for run in LABELS}


def test_the_archive_holds_the_labelled_runs_and_no_others(runs: Path) -> None:
    found = {path.name for half in runs.iterdir() for path in half.iterdir()}
    assert found == set(LABELS)


def test_the_archive_gives_nobody_away() -> None:
    with tarfile.open(archive.ARCHIVE) as tar:
        members = tar.getmembers()
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {(0, 0, "", "", 0)}
    assert all(m.name.split("/")[-1].startswith("events.out.tfevents.") for m in members)


def drawn() -> list[Entry]:
    """Every eleventh drawn run: families of both halves, healthy and broken."""
    return [entry for entry in entries().values() if entry.kind == "drawn"][::11]


@pytest.mark.parametrize("entry", drawn(), ids=lambda e: e.key)
def test_a_curve_is_drawn_again_to_the_byte(entry: Entry, runs: Path, tmp_path: Path) -> None:
    curves.draw(entry.program, entry.variant, tmp_path / "again")
    kept = path_of(runs, entry.id)
    files = [p.relative_to(kept) for p in kept.rglob("*") if p.is_file()]
    same, _, _ = filecmp.cmpfiles(kept, tmp_path / "again", files, shallow=False)
    assert len(same) == len(files) > 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_run_of_every_program_is_one_run_with_a_loss(program: str, runs: Path) -> None:
    run = next(run for run in sorted(LABELS) if ABOUT[run]["program"] == program)
    (read,) = tblogreport.read(path_of(runs, run))
    assert len(read.scalars) > 0
