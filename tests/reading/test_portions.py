"""What is read apart is what is read together."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tblogreport.findings import Note
from tblogreport.reading import read_portion
from tblogreport.reading.assemble import assemble
from tblogreport.reading.directory import read_directory
from tblogreport.reading.discover import find
from tblogreport.reading.portions import portions
from tests.eventfiles import event_file_name, hparams_events, scalar_event, write_events, write_run

NAMES = ("train", "validation", "eval", "metrics", "Loss_a", "Loss_val", "exp", "1700000000.25")
CONTENTS = {
    "loss": [scalar_event("Loss", 1.0, step) for step in range(3)],
    "two": [scalar_event(tag, 1.0, step) for step in range(2) for tag in ("Loss", "acc")],
    "hparams": [*hparams_events(), scalar_event("hparam/acc", 0.5)],
    "nothing": [],
}
# Paths below the log directory, "" for itself, each with what its event file holds.
TREES = st.dictionaries(
    st.lists(st.sampled_from(NAMES), max_size=3).map("/".join),
    st.sampled_from(sorted(CONTENTS)),
    min_size=1,
    max_size=7,
)


def write_tree(root: Path, tree: dict[str, str]) -> None:
    for where, content in tree.items():
        write_events(root / where / event_file_name(), CONTENTS[content])


@settings(max_examples=150, deadline=None)
@given(tree=TREES)
def test_portions_hold_the_runs_of_the_whole(
    tree: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("logs")
    write_tree(root, tree)
    found = find(root)
    parts = portions(found)
    assert sorted(w for part in parts for w in part.files) == sorted(found.files)
    whole = assemble(found, {w: read_directory(w, root / w, f) for w, f in found.files.items()})
    apart = [run for part in parts for run in read_portion(part)]
    assert {run.name: run.notes for run in apart} == {run.name: run.notes for run in whole}
    by_name = {run.name: run for run in apart}
    for run in whole:
        assert by_name[run.name].scalars.equals(run.scalars)


def test_runs_of_a_sweep_are_portions_of_their_own(tmp_path: Path) -> None:
    """The root of a sweep holds a file of its own, where the HParams plugin describes it."""
    write_events(tmp_path / event_file_name(), hparams_events()[:1])
    for index in range(12):
        for split in ("train", "validation"):
            write_run(tmp_path / f"run-{index}" / split, {"epoch_loss": [1.0, 0.5]})
    names = [sorted(str(where) for where in part.files) for part in portions(find(tmp_path))]
    assert names[:3] == [
        ["."],
        ["run-0/train", "run-0/validation"],
        ["run-1/train", "run-1/validation"],
    ]
    assert len(names) == 13


def test_a_directory_that_could_not_be_looked_at_is_told_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_run(tmp_path / name / "train", {"loss": [1.0]})
    found = find(tmp_path)
    found.unreadable[PurePosixPath("b/secret")] = Note("unreadable", "b/secret: no.")
    first, second = (read_portion(part)[0] for part in portions(found))
    assert (first.notes, [n.kind for n in second.notes]) == ((), ["unreadable"])
