"""Curves that cannot all be right: said of `loss-metric-mismatch`."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, judge, make_run

CHECK = "loss-metric-mismatch"
N = 40
T = time_of(N)
RNG = np.random.default_rng(4)


def curves(**values: FloatArray) -> list[Scalar]:
    """Series by the words of their names, `train_loss` and so on."""
    splits = {"train": "train", "val": "validation"}
    return [Scalar(name, one, splits[name.split("_")[0]]) for name, one in values.items()]


def jitter(values: FloatArray) -> FloatArray:
    return noisy(RNG, values, 0.02)


FALL = jitter(0.1 + 2.2 * np.exp(-8 * T))
CLIMB = 0.95 - 0.85 * np.exp(-8 * T)


def test_a_train_loss_that_is_added_up_and_never_reset_is_found() -> None:
    run = make_run(*curves(train_loss=jitter(1.4 + 6.0 * T**0.5), val_loss=FALL, val_acc=CLIMB))
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.WARNING
    assert finding.title == "The train loss rises while the validation loss falls"


def test_a_validation_accuracy_that_its_loss_contradicts_is_found() -> None:
    near_zero = np.where(np.arange(N) % 5 == 0, 0.004, 0.0)
    run = make_run(
        *curves(train_loss=FALL, train_acc=CLIMB, val_loss=jitter(1.2 * FALL), val_acc=near_zero)
    )
    assert judge(CHECK, run).finding.severity == Severity.WARNING


def test_an_evaluation_that_is_right_at_the_loss_of_a_guess_is_found() -> None:
    first = np.log(10) * np.ones(1)
    train = np.concatenate([first, FALL[1:]])
    stays = 2.0 + 0.3 * np.exp(-6 * T)
    run = make_run(*curves(train_loss=train, train_acc=CLIMB, val_loss=stays, val_acc=0.8 * CLIMB))
    finding = judge(CHECK, run).finding
    assert "near that of a guess" in finding.title
    assert "batch normalisation" in finding.fixes[0]


@pytest.mark.parametrize(
    ("train", "held_out", "right"),
    [
        (FALL, jitter(1.3 * FALL), 0.9 * CLIMB),
        (FALL, jitter(0.8 + FALL), 0.6 * CLIMB),
        (jitter(1.0 + 0.2 * T), FALL, CLIMB),
        (FALL, jitter(0.3 + 2.0 * np.exp(-2 * T)), 0.8 * CLIMB),
    ],
    ids=["alike", "a gap", "hardly rises", "slower"],
)
def test_curves_that_go_together_are_clean(
    train: FloatArray, held_out: FloatArray, right: FloatArray
) -> None:
    run = make_run(*curves(train_loss=train, train_acc=CLIMB, val_loss=held_out, val_acc=right))
    found = judge(CHECK, run)
    assert found.status == Status.CLEAN or found.finding.severity == Severity.INFO


def test_a_model_that_grows_too_sure_is_no_contradiction() -> None:
    train = np.concatenate([[np.log(10)], 1e-3 + FALL[1:] - 0.1])
    turned = 0.6 + 1.7 * np.exp(-20 * T) + 2.0 * T
    run = make_run(
        *curves(train_loss=np.abs(train), train_acc=CLIMB, val_loss=turned, val_acc=0.85 * CLIMB)
    )
    assert all(f.severity == Severity.INFO for f in judge(CHECK, run).findings)
