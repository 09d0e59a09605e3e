"""TensorHealth writes the right numbers under the right names, and leaves training alone."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import tblogreport
from tblogreport.instrument.torch import watch
from tblogreport.reading.run import Run
from tests.processes import python, python_without_tensorflow

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cases")
    for part in "01":
        trained = python("-m", "tests.instrument.cases", str(out), part, "2")
        assert trained.returncode == 0, trained.stderr
    return out


def read(logs: Path) -> Run:
    (run,) = tblogreport.read(logs)
    assert set(run.scalars["split"]) == {"train"}
    assert not run.notes
    return run


def written(logs: Path, prefix: str) -> list[str]:
    """What was logged below a prefix, in the order written."""
    tags = read(logs).histograms.sort_values("wall_time", kind="stable")["tag"].unique()
    return [tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)]


def steps(frame: pd.DataFrame, tag: str) -> list[int]:
    return list(frame[frame["tag"] == tag]["step"])


def scalars(logs: Path) -> pd.Series[float]:
    """The first value of every scalar."""
    return read(logs).scalars.groupby("tag")["value"].first()


def test_a_record_is_of_the_step_about_to_be_made(cases: Path) -> None:
    kept = np.load(cases / "line.npz")
    outputs = kept["x"] @ kept["kernel"]
    gradient = 2 * (kept["x"] * (outputs - kept["y"])).mean(axis=0)  # of the squared error

    run = read(cases / "line")
    logged = run.histograms[run.histograms["step"] == 0].set_index("tag")
    tensors = {"activations/line": outputs, "gradients/line/kernel": gradient}
    for tag, expected in (tensors | {"weights/line/kernel": kept["kernel"]}).items():
        assert logged.loc[tag, "min"] == pytest.approx(expected.min(), rel=1e-4)
        assert logged.loc[tag, "max"] == pytest.approx(expected.max(), rel=1e-4)
        assert logged.loc[tag, "count"] == expected.size
    step = np.linalg.norm(kept["trained"] - kept["kernel"]) / np.linalg.norm(kept["kernel"])
    expected_scalars = {
        "gradient_norm": np.linalg.norm(gradient),
        "gradient_norm/line/kernel": np.linalg.norm(gradient),
        "update_ratio/line/kernel": step,
        "step_loss": ((outputs - kept["y"]) ** 2).mean(),
        "learning_rate": 0.01,
        "zero_share/line": 0.0,
        "inactive_units/line": 0.0,
    }
    assert dict(scalars(cases / "line")) == pytest.approx(expected_scalars, rel=1e-4)


@pytest.mark.parametrize(
    "case",
    [
        "convolutions",
        "transformer",
        "several_steps",
        "mixed_precision",
        "adversarial",
        "eager",
    ],
)
def test_training_gives_the_same_to_the_bit(cases: Path, case: str) -> None:
    kept = np.load(cases / f"{case}.npz")
    assert np.isfinite(kept["with_it_weights"]).all()
    np.testing.assert_array_equal(kept["with_it_weights"], kept["without_weights"])
    np.testing.assert_array_equal(kept["with_it_losses"], kept["without_losses"])
    assert any(tag.startswith("gradients/") for tag in read(cases / case).histograms["tag"])
    assert not (cases / f"{case}.warnings").exists()


def test_every_counts_steps_from_zero_and_the_weights_come_once_more(cases: Path) -> None:
    run = read(cases / "convolutions")  # of 9 steps
    assert steps(run.scalars, "step_loss") == list(range(9))
    assert steps(run.scalars, "gradient_norm") == [0, 2, 4, 6, 8]
    assert steps(run.histograms, "activations/conv2d") == [0, 2, 4, 6, 8]
    assert steps(run.histograms, "weights/conv2d/kernel") == [0, 2, 4, 6, 8, 9]


def test_training_that_is_continued_counts_on(cases: Path) -> None:
    run = read(cases / "steps")
    assert steps(run.scalars, "step_loss") == list(range(10))
    assert steps(run.histograms, "gradients/dense/kernel") == [0, 4, 8]
    assert steps(run.histograms, "weights/dense/kernel") == [0, 4, 5, 8, 10]


def test_the_end_of_an_epoch_of_unknown_length_is_met(cases: Path) -> None:
    run = read(cases / "unknown_length")
    assert steps(run.scalars, "step_loss") == [0, 1, 2, 3, 4, 5]
    assert steps(run.scalars, "gradient_norm") == [0, 3]


def test_executions_of_several_steps_are_recorded_where_they_begin(cases: Path) -> None:
    run = read(cases / "several_steps")  # 5 steps an epoch: 2, 2 and 1
    assert steps(run.scalars, "step_loss") == [0, 2, 4, 5, 7, 9]
    assert steps(run.scalars, "gradient_norm") == [0, 4, 9]


def test_the_loss_is_that_of_each_batch(cases: Path) -> None:
    run = read(cases / "step_loss")
    logged = run.scalars[run.scalars["tag"] == "step_loss"]["value"]
    expected = np.load(cases / "step_loss.npz")["losses"]
    np.testing.assert_allclose(logged, np.tile(expected, 2), rtol=1e-5)


def test_gradients_in_half_precision_are_not_scaled(cases: Path) -> None:
    logged = scalars(cases / "mixed_precision")
    ratios = logged.filter(like="update_ratio/dense/kernel")
    assert 1e-4 < ratios.iloc[0] < 1
    assert 1e-3 < logged["gradient_norm"] < 10


def test_the_rate_follows_a_schedule(cases: Path) -> None:
    run = read(cases / "transformer")
    rates = run.scalars[run.scalars["tag"] == "learning_rate"]["value"]
    np.testing.assert_allclose(rates, 0.1 * 0.5 ** np.arange(6), rtol=1e-6)


def test_layers_inside_of_layers_are_found_in_the_order_of_the_model(cases: Path) -> None:
    attention = [f"block/multi_head_attention/{part}" for part in ("query", "key", "value")]
    found = written(cases / "transformer", "activations/")
    assert [path for path in found if path != "softmax"] == [
        "embedding",
        *attention,
        "block/multi_head_attention/attention_output",
        "block/layer_normalization",
        "block/dense_1",
        "dense",
    ]


def test_several_optimisers_and_weights_changed_beside_them(cases: Path) -> None:
    logs = cases / "adversarial"
    layers = ["sequential/make", "sequential_1/judge"]
    assert written(logs, "activations/") == layers
    assert {path.rsplit("/", 1)[0] for path in written(logs, "gradients/")} == set(layers)
    assert scalars(logs)["learning_rate"] == pytest.approx(0.1)  # not that of the idle default


def test_shares_are_exact(cases: Path) -> None:
    logged = scalars(cases / "shares")
    assert logged["zero_share/half"] == logged["inactive_units/half"] == 0.5
    assert logged["saturated_share/ends"] == 1.0
    assert logged["saturated_share/sigmoid"] == 0.0
    assert "saturated_share/half" not in logged


def test_layers_without_a_signal_of_their_own_are_left_out(cases: Path) -> None:
    found = ["shared", "re_lu", "lazy", "frozen", "head"]
    assert written(cases / "kinds", "activations/") == found


def test_frozen_layers_have_weights_and_no_gradients(cases: Path) -> None:
    assert "frozen/kernel" in written(cases / "kinds", "weights/")
    assert "frozen/kernel" not in written(cases / "kinds", "gradients/")


def test_a_parameter_that_the_loss_does_not_depend_on_has_gradient_zero(cases: Path) -> None:
    logged = read(cases / "kinds").histograms.set_index("tag").loc["gradients/lazy/idle"]
    assert (logged["min"], logged["max"], logged["count"]) == (0.0, 0.0, 3.0)


def test_a_shared_layer_is_one_layer_with_all_its_outputs(cases: Path) -> None:
    logged = read(cases / "kinds").histograms.set_index("tag")
    assert logged.loc["activations/shared", "count"] == 2 * 32 * 4


def test_layers_of_one_name_stay_apart_and_keep_their_parameters(cases: Path) -> None:
    logs = cases / "nested"
    layers = ["sequential/inside", "same", "same_2"]
    assert written(logs, "activations/") == layers
    for prefix in ("gradients/", "weights/"):
        assert {path.rsplit("/", 1)[0] for path in written(logs, prefix)} == set(layers)
    logged = read(logs).histograms.set_index("tag")["count"]
    assert logged["activations/same_2"] == 32
    assert logged["gradients/same_2/bias"] == 1


def test_many_inputs_outputs_and_sample_weights(cases: Path) -> None:
    assert set(written(cases / "many_inputs", "gradients/")) == {
        f"{layer}/{parameter}"
        for layer in ("left", "dense", "p", "q")
        for parameter in ("kernel", "bias")
    }


@pytest.mark.parametrize("case", ["sparse_input", "ragged_input"])
def test_inputs_that_are_no_plain_tensors(cases: Path, case: str) -> None:
    assert len(written(cases / case, "gradients/")) >= 2
    assert steps(read(cases / case).scalars, "gradient_norm") == [0]
    assert not (cases / f"{case}.warnings").exists()


def test_a_cell_is_no_layer_of_its_own(cases: Path) -> None:
    layers = ["words", "loop", "each", "unrolled", "head"]
    assert written(cases / "recurrent", "activations/") == layers
    assert "loop/simple_rnn_cell/recurrent_kernel" in written(cases / "recurrent", "gradients/")


def test_pytorch_s_twin_has_the_same_tags(cases: Path, tmp_path: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter

    parts: dict[str, nn.Module] = {
        "features": nn.Conv2d(1, 4, 3),
        "norm": nn.BatchNorm2d(4),
        "bounded": nn.Tanh(),
        "flatten": nn.Flatten(),
        "dropout": nn.Dropout(0.1),
        "head": nn.Linear(64, 1),
    }
    model = nn.Sequential(OrderedDict(parts))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with SummaryWriter(str(tmp_path)) as writer, watch(model, writer, every=1) as health:
        for _ in range(2):  # two steps, as 40 pictures are two batches
            loss = model(torch.randn(20, 1, 6, 6)).square().mean()
            health.loss(loss)
            loss.backward()
            optimizer.step()

    spelled = {"kernel": "weight", "gamma": "weight", "beta": "bias"}
    spelled |= {"moving_mean": "running_mean", "moving_variance": "running_var"}
    (of_torch,) = tblogreport.read(tmp_path)
    of_keras = read(cases / "twin")
    for kind in ("scalars", "histograms"):
        keras_tags = (tag.rpartition("/") for tag in getattr(of_keras, kind)["tag"])
        renamed = {f"{head}{slash}{spelled.get(end, end)}" for head, slash, end in keras_tags}
        assert renamed == set(getattr(of_torch, kind)["tag"])


def test_a_ratio_is_given_of_updates_only(cases: Path) -> None:
    run = read(cases / "gathered")
    assert steps(run.scalars, "update_ratio/line/kernel") == [2, 5]


def test_beside_keras_own_callback(cases: Path) -> None:
    run = read(cases / "beside_tensorboard")
    assert {"batch_loss", "step_loss"} <= set(run.scalars["tag"])
    assert not run.notes
    assert steps(run.scalars, "epoch_loss") == [0, 1]
    assert steps(run.histograms, "sequential/dense/kernel/histogram") == [0, 1]
    assert steps(run.histograms, "gradients/dense/kernel") == [0, 1]


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("replicated", "the model is trained under a distribution strategy"),
        ("odd", "only"),
    ],
)
def test_what_cannot_be_measured_is_said_once_and_the_rest_is_logged(
    cases: Path, case: str, reason: str
) -> None:
    (said,) = (cases / f"{case}.warnings").read_text().splitlines()
    assert said.startswith("TensorHealth: gradients and activations are not logged: ")
    assert said.endswith(reason)
    run = read(cases / case)
    assert set(run.histograms["tag"].str.partition("/")[0]) == {"weights"}
    assert {"step_loss", "learning_rate"} <= set(run.scalars["tag"])
    assert steps(run.scalars, "step_loss") == [0, 1]


def test_a_directory_that_cannot_be_written_stops_no_training(cases: Path) -> None:
    (said,) = (cases / "unwritable.warnings").read_text().splitlines()
    assert said.startswith("TensorHealth: nothing is logged: ")


def test_an_error_of_the_training_ends_the_log_and_leaves_nothing_replaced(cases: Path) -> None:
    assert np.load(cases / "failing.npz")["restored"]
    run = read(cases / "failing")
    assert steps(run.scalars, "step_loss") == [0, 1]
    assert steps(run.histograms, "weights/dense/kernel") == [0, 2]
    assert not (cases / "failing.warnings").exists()


def test_files_hold_no_name_of_the_machine(cases: Path) -> None:
    (file,) = (cases / "line" / "train").iterdir()
    assert all(part.isdigit() for part in file.name.split(".")[3:-1])


@pytest.mark.parametrize("every", ["0", "-1"])
def test_every_must_be_at_least_1(every: str) -> None:
    code = f"from tblogreport.instrument.keras import TensorHealth; TensorHealth('x', {every})"
    assert f"every must be at least 1, not {every}" in python("-c", code).stderr


def test_without_tensorflow_one_sentence_says_how_to_install_it() -> None:
    failed = python_without_tensorflow("import tblogreport.instrument.keras")
    assert failed.returncode == 1
    assert failed.stderr.strip().splitlines()[-1] == (
        "ImportError: tblogreport.instrument.keras needs TensorFlow: "
        "pip install 'tblogreport[train]'"
    )
