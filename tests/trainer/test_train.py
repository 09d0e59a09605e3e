"""One scenario trained end to end, twice, and read again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tblogreport
from tblogreport.reading.run import Run
from tests.trainer.processes import python

pytestmark = pytest.mark.slow

LAYERS = ("dense", "dense_1")
PARAMETERS = [f"{layer}/{parameter}" for layer in LAYERS for parameter in ("kernel", "bias")]
CODE = """
import sys
from pathlib import Path
from tblogreport.trainer import train
for directory in ("once", "again"):
    train(["digits-mlp"], Path(sys.argv[1]) / directory, epochs=2)
"""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("logs")
    trained = python("-c", CODE, str(out))
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout.splitlines()[0] == f"digits-mlp: {out / 'once' / 'digits-mlp'}"
    return out


@pytest.fixture(scope="module")
def run(logs: Path) -> Run:
    (run,) = tblogreport.read(logs / "once")
    return run


def test_a_run_is_named_after_its_scenario_and_has_both_splits(run: Run) -> None:
    assert run.name == "digits-mlp"
    losses = run.scalars[run.scalars.tag == "epoch_loss"]
    steps = losses.groupby("split")["step"].apply(list)
    assert dict(steps) == {"train": [0, 1], "validation": [0, 1]}
    assert run.keras_config is not None
    assert not run.notes


def test_weights_gradients_and_activations_share_their_steps(run: Run) -> None:
    steps = run.histograms.groupby("tag")["step"].apply(list)
    assert set(steps.index) == {
        *(f"activations/{layer}" for layer in LAYERS),
        *(f"gradients/{parameter}" for parameter in PARAMETERS),
        *(f"sequential/{parameter}/histogram" for parameter in PARAMETERS),
    }
    assert all(of_tag == [0, 1] for of_tag in steps)


def test_layers_are_written_in_model_order(run: Run) -> None:
    written = run.histograms.sort_values("wall_time", kind="stable")["tag"].unique()
    assert [tag for tag in written if tag.startswith("activations/")] == [
        f"activations/{layer}" for layer in LAYERS
    ]
    assert [tag for tag in written if tag.startswith("gradients/")] == [
        f"gradients/{parameter}" for parameter in PARAMETERS
    ]


def test_the_names_of_event_files_hold_no_host_name(logs: Path) -> None:
    files = [path for path in (logs / "once").rglob("*") if path.is_file()]
    assert len(files) == 3
    assert all(re.fullmatch(r"events\.out\.tfevents\.\d+\.\d+\.v2", f.name) for f in files)


def test_the_same_seed_gives_the_same_run(run: Run, logs: Path) -> None:
    (again,) = tblogreport.read(logs / "again")
    kept = ["split", "tag", "step", "value"]
    once, twice = (r.scalars[kept].reset_index(drop=True) for r in (run, again))
    assert once[kept[:3]].equals(twice[kept[:3]])
    assert twice["value"].to_numpy() == pytest.approx(once["value"].to_numpy(), rel=1e-3)
