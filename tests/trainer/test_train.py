"""One scenario trained end to end, twice, and read again."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import tblogreport
from tblogreport.reading.run import Run
from tests.processes import python

pytestmark = pytest.mark.slow

EVENT_FILE = r"events\.out\.tfevents\.\d+\.\d+\.v2"
LAYERS = ("dense", "dense_1")
PARAMETERS = [f"{layer}/{parameter}" for layer in LAYERS for parameter in ("kernel", "bias")]
UPDATES = 2 * 22  # 1348 samples in batches of 64
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
    gradients = {f"gradients/{parameter}" for parameter in PARAMETERS}
    weights = {f"weights/{parameter}" for parameter in PARAMETERS}
    activations = {f"activations/{layer}" for layer in LAYERS}
    assert set(steps.index) == activations | gradients | weights
    recorded = steps["activations/dense"]
    assert 8 <= len(recorded) <= 20
    assert recorded[0] == 0
    assert all(steps[tag] == recorded for tag in gradients | activations)
    assert all(steps[tag] == [*recorded, UPDATES] for tag in weights)


def test_the_names_of_event_files_hold_no_host_name(logs: Path) -> None:
    files = [path for path in (logs / "once").rglob("*") if path.is_file()]
    assert len(files) == 3
    assert all(re.fullmatch(EVENT_FILE, f.name) for f in files)


def test_the_same_seed_gives_the_same_run(run: Run, logs: Path) -> None:
    (again,) = tblogreport.read(logs / "again")
    kept = ["split", "tag", "step", "value"]
    once, twice = (r.scalars[kept].reset_index(drop=True) for r in (run, again))
    assert once[kept[:3]].equals(twice[kept[:3]])
    assert twice["value"].to_numpy() == pytest.approx(once["value"].to_numpy(), rel=1e-3)


def test_ctrl_c_leaves_a_log_that_can_be_read(tmp_path: Path) -> None:
    out = tmp_path / "logs"
    command = [sys.executable, "-m", "tblogreport", "train", "digits-mlp", "--epochs", "10000"]
    training = subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        _wait_for(lambda: sum(_sizes(out / "digits-mlp" / "train")) > 20_000)  # some epochs
        training.send_signal(signal.SIGINT)
        stdout, stderr = training.communicate(timeout=60)
    finally:
        training.kill()
    assert training.returncode == 130, stderr
    assert stdout == ""
    message = stderr.splitlines()[-1]
    assert message.startswith(f"tblogreport: interrupted; {out / 'digits-mlp'} holds")
    (run,) = tblogreport.read(out)
    epochs = run.scalars[run.scalars.tag == "epoch_loss"].groupby("split").size()
    assert set(epochs.index) == {"train", "validation"}
    assert epochs.min() > 1
    assert not run.notes
    assert all(re.fullmatch(EVENT_FILE, f.name) for f in out.rglob("events*"))


def test_mnist_that_cannot_be_had_is_one_sentence(tmp_path: Path) -> None:
    failed = python(
        "-c",
        "import sys, keras\n"
        "def load_data(): raise Exception('URL fetch failure on https://…')\n"
        "keras.datasets.mnist.load_data = load_data\n"
        "from tblogreport.cli import main\n"
        "sys.exit(main(['train', 'digits-mlp', '--data', 'mnist', '--out', sys.argv[1]]))",
        str(tmp_path / "logs"),
    )
    assert failed.returncode == 2
    assert failed.stderr.splitlines()[-1].startswith("tblogreport: MNIST is not in Keras' cache")
    assert not (tmp_path / "logs").exists()


def test_the_perceptron_trains_on_mnist(tmp_path: Path) -> None:
    trained = python(
        "-c",
        "import sys, keras, numpy as np\n"
        "x, y = np.arange(64 * 784, dtype=np.uint8).reshape(64, 28, 28), np.arange(64) % 10\n"
        "keras.datasets.mnist.load_data = lambda: ((x, y), (x, y))\n"
        "from tblogreport.cli import main\n"
        "arguments = ['--data', 'mnist', '--epochs', '2', '--out', sys.argv[1]]\n"
        "sys.exit(main(['train', 'digits-mlp', *arguments]))",
        str(tmp_path),
    )
    assert trained.returncode == 0, trained.stderr
    (run,) = tblogreport.read(tmp_path)
    kernel = run.histograms[run.histograms.tag == "weights/dense/kernel"]
    assert set(kernel["count"]) == {784 * 128}


def _wait_for(condition: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def _sizes(directory: Path) -> list[int]:
    return [path.stat().st_size for path in directory.glob("events*")]
