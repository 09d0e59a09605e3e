from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.runs import FloatArray, Scalar, judge, make_run

CHECK = "impossible-values"
RISE = np.linspace(0.5, 1.0, 20)
FALL = np.linspace(1.0, 0.1, 20)


@pytest.mark.parametrize(
    ("tag", "values", "words"),
    [
        ("epoch_F1_score", RISE * 1.09, "cannot be above 1"),
        ("epoch_mae_accuracy", RISE * 1.09, "cannot be above 1"),
        ("val/dice", RISE * 1.2, "cannot be above 1"),
        ("train/bce", FALL - 0.5, "cannot be below 0"),
        ("epoch_mse", np.where(np.arange(20) == 7, -1e-3, FALL), "cannot be below 0"),
        ("CrossEntropy/train", FALL - 0.5, "cannot be below 0"),
        ("val/perplexity", FALL, "cannot be below 1"),
        ("val/acc1_percent", 120 * RISE, "cannot be above 100"),
        ("grad_norm", np.where(np.arange(20) % 5 == 0, -1.0, FALL), "cannot be below 0"),
    ],
)
def test_values_out_of_bounds_are_found(tag: str, values: FloatArray, words: str) -> None:
    finding = judge(CHECK, make_run(Scalar(tag, values, "train"))).finding
    assert finding.severity == Severity.WARNING
    assert words in finding.message
    assert finding.tags[0].endswith(tag)


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("epoch_accuracy", RISE),
        ("val/accuracy", 100 * RISE),
        ("val/accuracy", np.linspace(0.2, 12.0, 20)),
        ("val/f1", RISE + 1e-7),
        ("val/iou", np.linspace(0.0, 1.2, 20) ** 4),
        ("epoch_mse", FALL),
        ("train/loss_dice", 3 * FALL),
        ("train_dice_loss", 1.5 * FALL),
        ("train_bce_dice_loss", FALL - 0.8),
        ("imu/acc_x", 1 + 0.3 * (-1.0) ** np.arange(20)),
        ("recall_gain", RISE * 1.2),
        ("val_mse_delta", FALL - 0.5),
        ("val_acc1", np.linspace(0.1, 2.1, 20)),
        ("val_top10_acc", np.linspace(0.98, 1.02, 20)),
        ("train/nll", FALL - 0.5),
        ("val/perplexity", 1 + FALL),
        ("val/log_perplexity", FALL),
        ("val/acc1_percent", 100 * RISE),
        ("train/loss", FALL - 0.5),
        ("val/neg_mse", -FALL),
        ("train/log_mae", np.log(FALL)),
        ("mlm/accuracy", np.where(np.arange(20) == 3, 1.02, RISE)),
    ],
)
def test_what_may_be_is_clean(tag: str, values: FloatArray) -> None:
    assert judge(CHECK, make_run(Scalar(tag, values, "train"))).status == Status.CLEAN


@pytest.mark.parametrize(
    "series",
    [Scalar("energy", RISE * 2), Scalar("train/mse", FALL[:2])],
    ids=["no metric", "two points"],
)
def test_nothing_to_look_at_cannot_be_checked(series: Scalar) -> None:
    assert judge(CHECK, make_run(series)).status == Status.NOT_CHECKABLE


@pytest.mark.parametrize("tag", ["val/precision", "eval/auc", "val_f1", "metrics/mIoU"])
def test_a_share_below_0(tag: str) -> None:
    values = np.where(np.arange(30) % 10 == 7, -0.3, 0.6)
    judged = judge(
        CHECK, make_run(Scalar("train_loss", np.linspace(2, 1, 30)), Scalar(tag, values))
    )
    assert judged.findings[0].measured == {"worst": -0.3, "points": 3}


@pytest.mark.parametrize(
    ("tag", "low"),
    [("val/precision", -1.0), ("rewards/accuracy", -0.5), ("val/accuracy_gain", -0.1)],
    ids=["stands for none", "reward", "compared"],
)
def test_what_may_be_below_0(tag: str, low: float) -> None:
    values = np.where(np.arange(30) % 10 == 7, low, 0.6)
    run = make_run(Scalar("train_loss", np.linspace(2, 1, 30)), Scalar(tag, values))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize(("loss", "status"), [(0.5, Status.FIRED), (4.5, Status.CLEAN)])
def test_a_low_loss_does_not_go_with_two_per_cent(loss: float, status: Status) -> None:
    falls = Scalar("train_loss", loss + np.exp(-np.arange(40) / 5))
    run = make_run(falls, Scalar("val/accuracy", np.linspace(0.4, 1.9, 40)))
    assert judge(CHECK, run).status == status


def test_errors_whose_name_is_spelt_out() -> None:
    run = make_run(Scalar("epoch_mean_squared_error", np.linspace(3, -1, 40)))
    assert judge(CHECK, run).status == Status.FIRED


def test_a_loss_that_never_was_a_number_tells_nothing_of_per_cents() -> None:
    run = make_run(
        Scalar("train_loss", np.full(40, np.nan)), Scalar("val/accuracy", np.linspace(0.4, 1.9, 40))
    )
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize("tag", ["policy/std", "eval/perplexity", "train/ppl"])
def test_spreads_and_perplexities_below_0(tag: str) -> None:
    run = make_run(Scalar("train/loss", np.linspace(2, 1, 40)), Scalar(tag, np.linspace(1, -1, 40)))
    assert judge(CHECK, run).status == Status.FIRED


def test_the_logarithm_of_a_spread_may_be_below_0() -> None:
    logged = Scalar("policy/log_std", np.linspace(1, -1, 40))
    run = make_run(Scalar("train/loss", np.linspace(2, 1, 40)), logged)
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_few_norms_of_minus_one_stand_for_steps_that_were_skipped() -> None:
    norms = 1.0 + np.abs(np.sin(np.arange(200)))
    few, many = norms.copy(), norms.copy()
    few[[0, 1, 90]], many[::10] = -1.0, -1.0
    assert judge(CHECK, make_run(Scalar("grad_norm", few))).status == Status.CLEAN
    assert "was skipped" in judge(CHECK, make_run(Scalar("grad_norm", many))).finding.message


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("grad_norm", np.r_[-1.0, 1.0 + RISE]),
        ("grad_norm", np.r_[np.full(10, -1.0), np.full(290, 2.0)]),
        ("grad_norm", np.full(300, -1.0)),
        ("val/ppl", np.r_[0.0, 30 * FALL + 1]),
        ("codebook_perplexity", 0.9 * RISE),
        ("train/explained_variance", RISE - 0.8),
    ],
)
def test_what_stands_for_nothing_yet_or_counts_something_else_is_clean(
    tag: str, values: FloatArray
) -> None:
    assert judge(CHECK, make_run(Scalar(tag, values, "train"))).status == Status.CLEAN
