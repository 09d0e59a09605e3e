from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, power_law, time_of
from tests.runs import FloatArray, Scalar, judge, make_run

CHECK = "oscillating-loss"


def alternating(n: int = 60, depth: float = 0.4) -> FloatArray:
    return np.asarray(1.0 + depth * (-1.0) ** np.arange(n))


def waves(n: int, period: float, depth: float = 0.5, sigma: float = 0.1) -> FloatArray:
    curve = 1.0 + depth * np.sin(2 * np.pi * np.arange(n) / period)
    return noisy(np.random.default_rng(n), curve, sigma)


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("epoch_loss", alternating()),
        ("train/loss", alternating(2000)),
        ("epoch_loss", noisy(np.random.default_rng(2), np.ones(60), 0.5)),
        ("train/loss", waves(2000, 150)),
        ("epoch_loss", waves(100, 12, sigma=0.02)),
        ("train/loss", 0.001 * waves(2000, 150)),
        ("train/loss", 30_000 * waves(2000, 150)),
    ],
    ids=["alternating", "batches", "erratic epochs", "waves", "slow epochs", "small", "large"],
)
def test_a_swing_is_found(tag: str, values: FloatArray) -> None:
    finding = judge(CHECK, make_run(Scalar(tag, values, "train"))).finding
    assert finding.severity == Severity.ERROR
    assert finding.steps is not None
    assert finding.steps[1] == len(values) - 1
    assert 0 < finding.steps[0] <= len(values) / 2  # the first descent is no swing


def test_the_height_of_the_swing_and_its_period_are_told() -> None:
    steps = 10 * np.arange(2000)
    finding = judge(CHECK, make_run(Scalar("train/loss", waves(2000, 200), "train", steps))).finding
    assert float(finding.measured["swing"]) == pytest.approx(1.0, rel=0.2)
    assert float(finding.measured["period"]) == pytest.approx(2000, rel=0.3)


def test_a_smaller_swing_is_a_warning() -> None:
    run = make_run(Scalar("epoch_loss", alternating(60, 0.11), "train"))
    assert judge(CHECK, run).finding.severity == Severity.WARNING


def test_a_swing_of_a_loss_that_goes_below_zero_is_found() -> None:
    run = make_run(Scalar("epoch_loss", alternating() - 1.2, "train"))
    assert judge(CHECK, run).status == Status.FIRED


def test_the_logged_learning_rate_is_named_in_the_first_fix() -> None:
    run = make_run(
        Scalar("epoch_loss", alternating(), "train"),
        Scalar("epoch_learning_rate", np.full(60, 0.8), "train"),
    )
    assert "from 0.8 to 0.08" in judge(CHECK, run).finding.fixes[0]


@pytest.mark.parametrize("sigma", [0.1, 0.3, 0.5])
@pytest.mark.parametrize("n", [100, 1000, 5000])
def test_noise_of_batches_is_not_oscillation(n: int, sigma: float) -> None:
    rng = np.random.default_rng([n, int(10 * sigma)])
    for curve in (np.full(n, 2.0), power_law(rng, n)):
        run = make_run(Scalar("train/loss", noisy(rng, curve, sigma), "train"))
        assert judge(CHECK, run).status == Status.CLEAN


def test_a_swing_that_is_small_against_the_progress_is_silent() -> None:
    values = 0.05 + 3 * np.exp(-15 * time_of(100)) + 0.02 * (-1.0) ** np.arange(100)
    run = make_run(Scalar("epoch_loss", values, "train"))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_swing_that_dies_out_is_silent() -> None:
    values = 0.5 + np.exp(-6 * time_of(60)) * (2 + (-1.0) ** np.arange(60))
    assert judge(CHECK, make_run(Scalar("epoch_loss", values, "train"))).status == Status.CLEAN


def test_one_hump_is_no_oscillation() -> None:
    curve = 1 + 0.6 * np.exp(-(((time_of(500) - 0.6) / 0.1) ** 2))
    run = make_run(Scalar("train/loss", noisy(np.random.default_rng(1), curve, 0.1), "train"))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_cyclic_learning_rate_explains_a_swing() -> None:
    rate = 0.1 * (1 + np.sin(2 * np.pi * np.arange(2000) / 200))
    run = make_run(
        Scalar("train/loss", waves(2000, 200), "train"),
        Scalar("train/learning_rate", rate, "train"),
    )
    judged = judge(CHECK, run)
    assert judged.status == Status.NOT_CHECKABLE
    assert "learning rate" in (judged.reason or "")


@pytest.mark.parametrize("rate", [np.full(60, 0.1), np.linspace(0.1, 0.0, 60)])
def test_a_steady_learning_rate_explains_nothing(rate: FloatArray) -> None:
    run = make_run(
        Scalar("epoch_loss", alternating(), "train"),
        Scalar("epoch_learning_rate", rate, "train"),
    )
    assert judge(CHECK, run).status == Status.FIRED


def test_steps_that_go_back_give_no_order_to_judge_by() -> None:
    steps = np.tile(np.arange(20), 3)
    judged = judge(CHECK, make_run(Scalar("loss", alternating(), "train", steps)))
    assert judged.status == Status.NOT_CHECKABLE


def test_too_few_points_cannot_be_checked() -> None:
    judged = judge(CHECK, make_run(Scalar("loss", alternating(10))))
    assert judged.status == Status.NOT_CHECKABLE
    assert "10 points" in (judged.reason or "")


def test_adversarial_losses_are_not_judged() -> None:
    run = make_run(Scalar("D_loss", alternating()), Scalar("G_loss", alternating()))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


def test_a_divergence_is_another_finding() -> None:
    values = alternating() * np.exp(np.clip(np.arange(60) - 30, 0, None) / 5)
    assert judge(CHECK, make_run(Scalar("loss", values))).status == Status.CLEAN


@pytest.mark.parametrize("n", [60, 400, 2000])
def test_a_loss_that_alternates_has_a_period_of_two(n: int) -> None:
    values = noisy(np.random.default_rng(n), alternating(n), 0.02)
    finding = judge(CHECK, make_run(Scalar("train/loss", values, "train"))).finding
    assert "about every 2 steps" in finding.message


def saw_tooth(n: int, period: int) -> FloatArray:
    tooth = (np.arange(n) % period) / period
    return noisy(np.random.default_rng(n), 0.6 + 0.9 * tooth, 0.02)


@pytest.mark.parametrize(("n", "period"), [(22, 5), (65, 6), (115, 8), (600, 30)])
def test_a_saw_tooth_of_a_few_points_is_a_swing(n: int, period: int) -> None:
    run = make_run(Scalar("train/loss", saw_tooth(n, period), "train"))
    assert judge(CHECK, run).status == Status.FIRED


@pytest.mark.parametrize("batches", [5, 8, 20])
def test_batches_in_the_same_order_every_epoch_explain_a_swing(batches: int) -> None:
    """Sorted by how hard they are, as lengths or dates sort them."""
    epochs = 200 // batches
    hardness = np.tile(np.linspace(0.6, 1.5, batches), epochs)
    values = noisy(np.random.default_rng(batches), hardness, 0.02)
    evaluated = batches * np.arange(1, epochs + 1)
    run = make_run(
        Scalar("train/loss", values, "train", seconds=np.arange(200.0)),
        Scalar("val/loss", np.ones(epochs), "validation", evaluated, evaluated - 0.5),
    )
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.INFO
    assert "one order" in finding.title


def test_an_order_of_the_data_by_which_nothing_is_learned_is_a_warning() -> None:
    """One class after the other: each is learned while it lasts, and unlearned."""
    one_epoch = np.concatenate([[4.0, 1.0, 0.3, 0.1, 0.05]] * 4)
    values = noisy(np.random.default_rng(0), np.tile(one_epoch, 10), 0.02)
    evaluated = 20 * np.arange(1, 11)
    run = make_run(
        Scalar("train/loss", values, "train", seconds=np.arange(200.0)),
        Scalar("val/loss", np.full(10, 3.0), "validation", evaluated, evaluated - 0.5),
        Scalar("val/accuracy", np.full(10, 0.25), "validation", evaluated, evaluated - 0.5),
    )
    assert judge(CHECK, run).finding.severity == Severity.WARNING


@pytest.mark.parametrize(("examples", "status"), [(12, Status.CLEAN), (1_000, Status.FIRED)])
def test_a_dozen_examples_swing_by_themselves(examples: int, status: Status) -> None:
    n, rng = 60, np.random.default_rng(0)
    right = rng.binomial(12, 0.6, n) / 12
    score = np.round(right * examples) / examples + (
        0.0 if examples == 12 else 1e-3 * (right > 0.5)
    )
    held = 0.5 + 2.0 * (1.0 - right)
    run = make_run(
        Scalar("epoch_loss", 0.5 + np.exp(-np.arange(n) / 10), "train"),
        Scalar("epoch_loss", held, "validation"),
        Scalar("epoch_accuracy", score, "validation"),
    )
    assert judge(CHECK, run).status == status


def test_a_validation_loss_that_drops_late_does_not_swing() -> None:
    """A long plateau and a drop: what a hard task looks like."""
    n = 60
    drop = 1.0 / (1.0 + np.exp(-(np.arange(n) - 45) / 1.5))
    held = noisy(np.random.default_rng(0), 2.3 - 2.2 * drop, 0.01)
    run = make_run(
        Scalar("epoch_loss", noisy(np.random.default_rng(1), 2.3 - 2.2 * drop, 0.01), "train"),
        Scalar("epoch_loss", held, "validation"),
        Scalar("epoch_accuracy", 0.1 + 0.85 * drop, "validation"),
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_one_late_fall_is_no_swing() -> None:
    """The later part stands at two levels, and never goes up."""
    fall = 1 / (1 + np.exp((np.arange(58) - 23) / 1.3))
    values = noisy(np.random.default_rng(1), 0.24 + 0.6 * fall, 0.01)
    run = make_run(Scalar("epoch_loss", values, "train"))
    assert judge(CHECK, run).status == Status.CLEAN
