from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status, Verdict
from tests.runs import FloatArray, Scalar, diagnose, judge, make_run

CHECK = "non-converging-loss"
N = 12
RNG = np.random.default_rng(0)
WANDER = RNG.normal(size=N)
RISE = np.linspace(0, 1, N)
LOSS = Scalar("train/loss", 2.0 * np.exp(-np.arange(60) / 10) + 0.5, "train")

WORTHLESS = {
    "val/r2": -0.2 - 0.1 * np.abs(WANDER),
    "eval/r_squared": -1e-4 - 0.3 * np.abs(WANDER),
    "val_pearson": 0.02 * WANDER,
    "eval/matthews_correlation": 0.0 * WANDER,
    "val/auc": 0.5 + 0.01 * WANDER,
    "val/AUROC": 50 + WANDER,
    "eval/wer": 0.97 + 0.02 * WANDER,
    "eval/cer": 96.0 + 1.5 * WANDER,
    "metrics/mAP50(B)": 0.0015 + 0.0003 * WANDER,
    "val/dice": 0.0 * WANDER,
    "val/f1": 0.002 * np.abs(WANDER),
}
USEFUL = {
    "val/r2": -0.5 + 0.9 * RISE,
    "eval/r_squared": -0.2 + 0.25 * RISE,
    "val_pearson": 0.3 * RISE,
    "val/auc": 0.5 + 0.2 * RISE,
    "eval/wer": 1.0 - 0.4 * RISE,
    "eval/cer": 99.0 - 60 * RISE,
    "val_spearman": 0.045 + 0.004 * WANDER,
    "val/r2_score": 0.004 + 0.001 * WANDER,
    "eval/wer_late": np.r_[np.ones(N - 4), 0.99, 0.97, 0.94, 0.91],
    "val_dice": 0.009 * RISE,
    "val/accuracy": 0.5 + 0.001 * WANDER,
    "val/f1": 0.02 * RISE,
    "metrics/mAP50(B)": 0.02 * RISE**2,
}


def run_with(tag: str, values: FloatArray, steps: int = 5) -> Scalar:
    return Scalar(tag, values, "validation", steps * np.arange(len(values)))


@pytest.mark.parametrize("tag", WORTHLESS)
def test_a_metric_that_stays_at_no_skill_says_so_whatever_the_loss_does(tag: str) -> None:
    finding = judge(CHECK, make_run(LOSS, run_with(tag, WORTHLESS[tag]))).finding
    assert finding.severity == Severity.WARNING  # the loss fell
    assert finding.tags[0].endswith(tag)
    alone = judge(CHECK, make_run(run_with(tag, WORTHLESS[tag]))).finding
    assert alone.severity == Severity.ERROR


@pytest.mark.parametrize("tag", USEFUL)
def test_a_metric_that_gets_somewhere_is_silent(tag: str) -> None:
    assert judge(CHECK, make_run(LOSS, run_with(tag, USEFUL[tag]))).status == Status.CLEAN


def test_four_evaluations_do_not_say_so() -> None:
    few = run_with("val/r2", WORTHLESS["val/r2"][:4])
    assert judge(CHECK, make_run(LOSS, few)).status == Status.CLEAN


def test_one_class_that_is_not_found_is_not_all() -> None:
    classes = [run_with("val/miou", 0.62 + 0.005 * WANDER), run_with("val/iou/rare", 0 * WANDER)]
    assert judge(CHECK, make_run(LOSS, *classes)).status == Status.CLEAN


def test_an_error_rate_near_one_per_cent_goes_with_a_low_loss() -> None:
    loss = Scalar("eval/loss", 0.1 - 0.05 * RISE, "validation")
    rate = run_with("eval/cer", 1.13 - 0.12 * RISE + 0.02 * WANDER)
    assert judge(CHECK, make_run(LOSS, loss, rate)).status == Status.CLEAN


def test_another_metric_that_is_good_says_otherwise() -> None:
    good = run_with("val/accuracy", 0.4 + 0.55 * RISE)
    run = make_run(LOSS, good, run_with("val/mcc", WORTHLESS["eval/matthews_correlation"]))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_run_of_no_use_is_failing() -> None:
    flat = Scalar("train/loss", 1.0 + 0.01 * RNG.normal(size=60), "train")
    diagnosis = diagnose(make_run(flat, run_with("val/r2", WORTHLESS["val/r2"])))
    assert diagnosis.verdict == Verdict.FAILING
