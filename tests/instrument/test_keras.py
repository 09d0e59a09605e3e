"""TensorHealth writes the right numbers under the right names, and leaves training alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tblogreport
from tblogreport.reading.run import Run
from tests.trainer.processes import python, python_without_tensorflow

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cases")
    trained = python("-m", "tests.instrument.cases", str(out))
    assert trained.returncode == 0, trained.stderr
    return out


def read(logs: Path) -> Run:
    (run,) = tblogreport.read(logs)
    assert set(run.histograms["split"]) == {"train"}
    return run


def tags(logs: Path, prefix: str) -> list[str]:
    """What was logged below a prefix, in the order written."""
    written = read(logs).histograms.sort_values("wall_time", kind="stable")["tag"].unique()
    return [tag.removeprefix(prefix) for tag in written if tag.startswith(prefix)]


def test_gradient_and_activation_are_those_of_the_model_after_the_epoch(cases: Path) -> None:
    kept = np.load(cases / "line.npz")
    outputs = kept["x"] @ kept["kernel"]
    gradient = 2 * (kept["x"] * (outputs - kept["y"])).mean(axis=0)  # of the squared error

    run = read(cases / "line")
    logged = run.histograms.set_index("tag")
    for tag, expected in (("activations/line", outputs), ("gradients/line/kernel", gradient)):
        assert logged.loc[tag, "min"] == pytest.approx(expected.min(), rel=1e-4)
        assert logged.loc[tag, "max"] == pytest.approx(expected.max(), rel=1e-4)
        assert logged.loc[tag, "count"] == expected.size
    norm = run.scalars.set_index("tag").loc["epoch_gradient_norm", "value"]
    assert norm == pytest.approx(np.linalg.norm(gradient), rel=1e-4)


def test_training_goes_on_as_without_it(cases: Path) -> None:
    weights = np.load(cases / "undisturbed.npz")
    np.testing.assert_allclose(weights["with_it"], weights["without"], rtol=1e-5, atol=1e-7)


def test_every_counts_epochs_from_zero(cases: Path) -> None:
    assert sorted(set(read(cases / "every_second").histograms["step"])) == [0, 2, 4]


def test_layers_without_a_signal_of_their_own_are_left_out(cases: Path) -> None:
    assert tags(cases / "passing_on", "activations/") == ["dense", "re_lu", "dense_1"]


def test_frozen_layers_have_activations_and_no_gradients(cases: Path) -> None:
    assert tags(cases / "frozen", "activations/") == ["dense", "dense_1"]
    assert tags(cases / "frozen", "gradients/") == ["dense_1/kernel", "dense_1/bias"]


def test_a_parameter_that_the_loss_does_not_depend_on_has_gradient_zero(cases: Path) -> None:
    logged = read(cases / "unconnected").histograms.set_index("tag").loc["gradients/lazy/idle"]
    assert (logged["min"], logged["max"], logged["count"]) == (0.0, 0.0, 3.0)


def test_a_shared_layer_is_one_layer_with_all_its_outputs(cases: Path) -> None:
    assert tags(cases / "shared", "activations/") == ["shared", "head"]
    logged = read(cases / "shared").histograms.set_index("tag")
    assert logged.loc["activations/shared", "count"] == 2 * 32 * 4


def test_layers_of_nested_and_subclassed_models_are_found(cases: Path) -> None:
    layers = tags(cases / "nested", "activations/")
    assert [path.rsplit("/", 1)[-1] for path in layers] == ["inside", "head"]
    parameters = tags(cases / "nested", "gradients/")
    assert {path.rsplit("/", 1)[0] for path in parameters} == set(layers)


def test_without_tensorflow_one_sentence_says_how_to_install_it() -> None:
    failed = python_without_tensorflow("import tblogreport.instrument.keras")
    assert failed.returncode == 1
    assert failed.stderr.strip().splitlines()[-1] == (
        "ImportError: tblogreport.instrument.keras needs TensorFlow: "
        "pip install 'tblogreport[train]'"
    )
