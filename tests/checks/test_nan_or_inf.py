from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.runs import Histogram, Scalar, diagnose, judge, make_run, tf_histogram, torch_histogram

CHECK = "nan-or-inf"
FALLING = 2.0 * np.exp(-np.arange(40) / 10) + 0.1
WEIGHTS = np.random.default_rng(0).normal(0, 0.1, 500)


def lost_from(index: int, value: float = np.nan) -> np.ndarray:
    values = FALLING.copy()
    values[index:] = value
    return values


@pytest.mark.parametrize(("value", "word"), [(np.nan, "NaN"), (np.inf, "infinite")])
@pytest.mark.parametrize("index", [0, 1, 17, 39])
def test_a_loss_that_is_lost_for_good_is_an_error_at_its_first_step(
    index: int, value: float, word: str
) -> None:
    steps = np.arange(40) * 100
    finding = judge(
        CHECK, make_run(Scalar("train/loss", lost_from(index, value), "train", steps))
    ).finding
    assert finding.severity == Severity.ERROR
    assert finding.steps == (100 * index, 3900)
    assert finding.measured["first_step"] == 100 * index
    assert finding.measured["nonfinite_points"] == 40 - index
    assert finding.tags == ("train/loss",)
    assert word in finding.title


def test_a_loss_that_recovers_is_a_warning() -> None:
    values = FALLING.copy()
    values[12] = np.nan
    finding = judge(CHECK, make_run(Scalar("loss", values))).finding
    assert (finding.severity, finding.measured["recovered"]) == (Severity.WARNING, "yes")


def test_a_validation_loss_counts_as_well() -> None:
    run = make_run(
        Scalar("epoch_loss", FALLING, "train"), Scalar("epoch_loss", lost_from(20), "validation")
    )
    assert judge(CHECK, run).finding.tags == ("validation/epoch_loss",)


def test_the_loss_that_was_lost_first_is_named() -> None:
    run = make_run(
        Scalar("epoch_loss", lost_from(20), "train"),
        Scalar("epoch_loss", lost_from(9), "validation"),
    )
    finding = judge(CHECK, run).finding
    assert finding.message.startswith("`validation/epoch_loss`")
    assert set(finding.tags) == {"train/epoch_loss", "validation/epoch_loss"}


def test_a_rise_before_it_is_told_and_puts_the_learning_rate_first() -> None:
    values = np.concatenate([FALLING, FALLING[-1] * 4.0 ** np.arange(1, 6), [np.nan] * 5])
    rising = judge(CHECK, make_run(Scalar("loss", values))).finding
    sudden = judge(CHECK, make_run(Scalar("loss", lost_from(30)))).finding
    assert float(rising.measured["loss_rise_before"]) == pytest.approx(4.0**5, rel=0.01)
    assert "learning rate" in rising.fixes[0]
    assert sudden.measured["loss_rise_before"] == "none"
    assert "log(0)" in sudden.fixes[0]
    assert "no sign of trouble" in sudden.message


def test_a_growing_gradient_norm_before_it_is_told() -> None:
    norm = np.concatenate([np.full(30, 1.0), 10.0 ** np.arange(10)])
    run = make_run(
        Scalar("train/loss", lost_from(39), "train"), Scalar("train/grad_norm", norm, "train")
    )
    finding = judge(CHECK, run).finding
    assert float(finding.measured["gradient_rise_before"]) > 1e6
    assert "gradient norm" in finding.message


@pytest.mark.parametrize("tag", ["bbox/AP-parrot", "val_accuracy", "hp_metric", "something"])
def test_a_placeholder_in_a_metric_is_not_a_failure(tag: str) -> None:
    placeholder = np.where(np.arange(40) < 5, np.nan, 0.5)
    always = np.full(40, np.nan)
    for values in (placeholder, always):
        run = make_run(Scalar("loss", FALLING), Scalar(tag, values))
        assert judge(CHECK, run).status == Status.CLEAN


def test_an_isolated_infinite_gradient_norm_is_loss_scaling_at_work() -> None:
    norm = np.where(np.arange(40) % 13 == 5, np.inf, 1.0)
    run = make_run(Scalar("train/loss", FALLING, "train"), Scalar("train/grad_norm", norm, "train"))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize(
    "tag", ["dense/kernel/histogram", "dense/bias/histogram", "gradients/dense/kernel"]
)
def test_weights_without_a_finite_value_are_an_error_that_names_layer_and_step(tag: str) -> None:
    lost = tf_histogram(WEIGHTS * np.nan)
    records = [tf_histogram(WEIGHTS), tf_histogram(WEIGHTS), lost, lost]
    run = make_run(Scalar("loss", FALLING), Histogram(tag, records, "train", steps=[0, 10, 20, 30]))
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.layer) == (Severity.ERROR, "dense")
    assert finding.steps == (20, 30)


def test_tensors_that_went_with_the_loss_are_named_in_the_one_finding() -> None:
    records = [tf_histogram(WEIGHTS), tf_histogram(WEIGHTS * np.nan)]
    run = make_run(Scalar("loss", lost_from(20)), Histogram("dense_7/kernel/histogram", records))
    assert "dense_7" in judge(CHECK, run).finding.message


@pytest.mark.parametrize("histogram", [tf_histogram, torch_histogram])
def test_finite_weights_are_clean(histogram: type) -> None:
    run = make_run(Histogram("fc.weight", [histogram(WEIGHTS), histogram(0 * WEIGHTS)]))
    assert judge(CHECK, run).status == Status.CLEAN


def test_an_empty_run_cannot_be_checked() -> None:
    judged = judge(CHECK, make_run())
    assert judged.status == Status.NOT_CHECKABLE
    assert judged.reason


def test_no_curve_check_calls_the_rest_of_a_lost_run_something_else() -> None:
    fired = {f.check for f in diagnose(make_run(Scalar("loss", lost_from(30)))).findings}
    assert fired == {CHECK}
