from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, judge, keras_config, make_run, scaled

CHECK = "validation-below-training"
N = 40
FALL = 0.4 + 2 * np.exp(-6 * time_of(N))


def pair(ratio: float, train: FloatArray = FALL) -> tuple[Scalar, ...]:
    rng = np.random.default_rng(4)
    return (
        Scalar("epoch_loss", noisy(rng, train, 0.01), "train"),
        Scalar("epoch_loss", noisy(rng, ratio * train, 0.02), "validation"),
    )


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_a_large_lasting_gap_is_a_note(factor: float) -> None:
    finding = judge(CHECK, make_run(*scaled(pair(0.4), factor))).finding
    assert finding.severity == Severity.INFO
    assert float(finding.measured["ratio"]) == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("ratio", [0.7, 0.9, 1.0, 1.5])
def test_a_small_gap_is_clean(ratio: float) -> None:
    assert judge(CHECK, make_run(*pair(ratio))).status == Status.CLEAN


def test_the_mean_of_an_epoch_lags_behind_and_that_is_no_gap() -> None:
    """Train losses are means over an epoch in which the loss halves."""
    train = 2.0 ** -np.arange(20.0) + 1e-3
    held_out = 0.6 * train  # what the end of such an epoch is to its mean
    run = make_run(
        Scalar("epoch_loss", train, "train"), Scalar("epoch_loss", held_out, "validation")
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_dropout_in_the_config_explains_a_gap() -> None:
    config = keras_config(("a", "relu"), ("b", None))
    config["config"]["layers"][1]["class_name"] = "Dropout"
    assert judge(CHECK, make_run(*pair(0.45), keras_config=config)).status == Status.CLEAN
    assert judge(CHECK, make_run(*pair(0.2), keras_config=config)).status == Status.FIRED


def test_losses_below_zero_have_no_ratio() -> None:
    run = make_run(*(Scalar(s.tag, np.asarray(s.values) - 5, s.split) for s in pair(0.4)))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


def test_one_loss_alone_cannot_be_checked() -> None:
    assert judge(CHECK, make_run(pair(0.4)[0])).status == Status.NOT_CHECKABLE
