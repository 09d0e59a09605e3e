from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tblogreport.reading.run import Run
from tests.runs import (
    Buckets,
    FloatArray,
    Histogram,
    Scalar,
    judge,
    keras_config,
    make_run,
    tf_histogram,
    torch_histogram,
)
from tests.tensors import RECORDS, bad_loss, both_writers, good_loss, recorded, training, unmoved

CHECK = "unchanged-weights"


def still(tag: str, seed: int = 0, buckets: Buckets = tf_histogram) -> Histogram:
    return recorded(tag, unmoved(seed), buckets)


def moving(tag: str, seed: int = 1, buckets: Buckets = tf_histogram) -> Histogram:
    return recorded(tag, training(seed), buckets)


@both_writers
def test_a_layer_that_never_moves_is_an_error_that_names_it(buckets: Buckets) -> None:
    run = make_run(
        bad_loss(),
        moving("fc1.weight", 1, buckets),
        still("fc2.weight", 2, buckets),
        moving("fc3.weight", 3, buckets),
    )
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "fc2")
    assert finding.tags == ("train/fc2.weight",)
    assert finding.steps == (0, 90)
    assert (finding.measured["unchanged_layers"], finding.measured["changing_layers"]) == (1, 2)


def test_a_layer_in_the_middle_is_an_error_even_where_the_run_does_well() -> None:
    run = make_run(good_loss(), moving("fc1.weight"), still("fc2.weight"), moving("fc3.weight", 3))
    assert judge(CHECK, run).finding.severity == Severity.ERROR


def test_no_layer_that_moves_is_an_error_with_the_learning_rate_first() -> None:
    run = make_run(bad_loss(), still("fc1.weight"), still("fc2.weight", 2))
    finding = judge(CHECK, run).finding
    assert finding.title == "No layer's weights change"
    assert "learning rate" in finding.fixes[0]


def test_layers_that_all_move_are_silent() -> None:
    run = make_run(bad_loss(), moving("fc1.weight"), moving("fc2.weight", 2))
    assert judge(CHECK, run).status == Status.CLEAN


def test_first_layers_of_a_run_that_does_well_are_fine_tuning() -> None:
    run = make_run(
        good_loss(), still("base1.weight"), still("base2.weight", 2), moving("head.weight")
    )
    assert judge(CHECK, run).finding.severity == Severity.INFO


def test_first_layers_of_a_run_that_does_badly_are_an_error() -> None:
    run = make_run(bad_loss(), still("base1.weight"), moving("head.weight"))
    assert judge(CHECK, run).finding.severity == Severity.ERROR


def _torch_run(kernel: FloatArray, bias: FloatArray) -> Run:
    return make_run(
        good_loss(),
        recorded("base.weight", [kernel] * RECORDS, torch_histogram),
        recorded("base.bias", [bias] * RECORDS, torch_histogram),
        moving("head.weight", 3, torch_histogram),
    )


DRAWN = np.random.default_rng(0).uniform(-1, 1, 64 * 32) / 8  # as `nn.Linear(64, 32)` is
ENDS = np.sign(DRAWN) / 8  # as far, and not evenly
NORMAL = np.random.default_rng(1).standard_normal(64 * 32)
BIAS = np.random.default_rng(2).uniform(-1, 1, 32) / 8


@pytest.mark.parametrize(
    ("kernel", "bias", "severity"),
    [
        (DRAWN, BIAS, Severity.WARNING),
        (3**0.5 * DRAWN, BIAS, Severity.WARNING),  # LeCun's
        (1.45 * DRAWN, BIAS, Severity.INFO),  # of no initialisation
        (ENDS, BIAS, Severity.INFO),
        (NORMAL / 32**0.5, 0 * BIAS, Severity.WARNING),  # He's, and a trained layer has a bias
        (NORMAL / 32**0.5, BIAS, Severity.INFO),
        (0.02 * NORMAL, 0 * BIAS, Severity.INFO),
    ],
)
def test_first_layers_that_were_never_trained_are_no_backbone(
    kernel: FloatArray, bias: FloatArray, severity: Severity
) -> None:
    assert judge(CHECK, _torch_run(kernel, bias)).finding.severity == severity


def test_an_initialiser_without_spread_is_no_crash() -> None:
    config = keras_config(("dense", "relu"), ("dense_1", None))
    drawn = {"class_name": "RandomUniform", "config": {"minval": 0.0, "maxval": 0.0}}
    config["config"]["layers"][0]["config"] |= {"units": 16, "kernel_initializer": drawn}
    run = make_run(
        good_loss(),
        recorded("sequential/dense/kernel/histogram", [np.zeros(128)] * RECORDS),
        moving("sequential/dense_1/kernel/histogram", 3),
        keras_config=config,
    )
    assert judge(CHECK, run).status == Status.FIRED


def test_layers_that_only_adapters_are_trained_beside_are_a_note() -> None:
    still_ones = [still(f"h.{i}.q_proj.weight", i) for i in range(3)]
    added = [moving(f"h.{i}.q_proj.lora_{part}.weight", 7 + i) for i in range(3) for part in "AB"]
    finding = judge(CHECK, make_run(good_loss(), *still_ones, *added)).finding
    assert finding.severity == Severity.INFO
    assert "LoRA" in finding.message


def test_a_gradient_that_never_changes_was_left_over() -> None:
    """PyTorch keeps the last gradient of parameters that were frozen after a training."""
    left_over = still("base.weight/grad", 5)
    run = make_run(good_loss(), still("base.weight"), moving("head.weight"), left_over)
    assert judge(CHECK, run).finding.severity == Severity.INFO


def test_layers_that_the_config_declares_frozen_are_a_note_whatever_the_loss_does() -> None:
    config = keras_config(
        ("dense", "relu"), ("dense_1", "relu"), ("dense_2", None), frozen=["dense_1"]
    )
    run = make_run(
        bad_loss(),
        moving("sequential/dense/kernel/histogram", 1),
        still("sequential/dense_1/kernel/histogram"),
        moving("sequential/dense_2/kernel/histogram", 3),
        keras_config=config,
    )
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.layer) == (Severity.INFO, "dense_1")
    assert "not trainable" in finding.message


@pytest.mark.parametrize(
    ("spread", "score", "severity"),
    [
        (1.0, 0.3, Severity.ERROR),  # as Glorot draws them, and the model can do nothing
        (1.0, 0.9, Severity.INFO),  # random features may do
        (0.3, 0.3, Severity.INFO),  # something was loaded
        (2.0, 0.3, Severity.INFO),
    ],
)
def test_frozen_layers_that_hold_what_was_drawn_are_no_backbone(
    spread: float, score: float, severity: Severity
) -> None:
    config = keras_config(("dense", "relu"), ("dense_1", None), frozen=["dense"])
    for layer, shape in zip(config["config"]["layers"], ([None, 64], [None, 32]), strict=True):
        layer["config"] |= {"units": 32, "kernel_initializer": "GlorotUniform"}
        layer["build_config"] = {"input_shape": shape}
    limit = (6 / (64 + 32)) ** 0.5
    drawn = spread * limit * np.random.default_rng(0).uniform(-1, 1, 64 * 32)
    run = make_run(
        good_loss(),
        Scalar("epoch_accuracy", np.linspace(0.1, score, 100), "train"),
        recorded("sequential/dense/kernel/histogram", [drawn] * RECORDS),
        moving("sequential/dense_1/kernel/histogram", 3),
        keras_config=config,
    )
    assert judge(CHECK, run).finding.severity == severity


def test_a_kernel_whose_bias_moves_is_trained_and_gets_no_input() -> None:
    run = make_run(bad_loss(), moving("fc1.weight"), still("fc2.weight", 2), moving("fc2.bias", 3))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize(
    "tag",
    [
        "bn/moving_mean/histogram",
        "bn/gamma/histogram",
        "bn1.running_mean",
        "bn1.num_batches_tracked",
        "fc1.bias",
    ],
)
def test_statistics_scales_and_biases_may_stand_still(tag: str) -> None:
    run = make_run(bad_loss(), moving("fc1.weight"), still(tag))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize("records", [0, 1])
def test_without_two_records_it_cannot_be_checked(records: int) -> None:
    series = [recorded("fc1.weight", training(0)[:records])]
    judged = judge(CHECK, make_run(bad_loss(), *series))
    assert judged.status == Status.NOT_CHECKABLE
    assert "add_histogram" in (judged.reason or "")


def test_two_records_of_one_step_prove_nothing() -> None:
    series = recorded("fc1.weight", [training(0)[0]] * 3, steps=[5, 5, 5])
    assert judge(CHECK, make_run(bad_loss(), series)).status != Status.FIRED
