from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, power_law, time_of
from tests.runs import Scalar, judge, make_run

CHECK = "non-converging-loss"


def flat(level: float, sigma: float = 0.01, n: int = 100, seed: int = 3) -> np.ndarray:
    return noisy(np.random.default_rng(seed), np.full(n, level), sigma)


def accuracy(level: float, n: int = 100, seed: int = 4) -> np.ndarray:
    return level + 0.005 * np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize("level", [2.303, 0.0023, 23_030.0, 0.693])
def test_a_loss_that_stays_is_found_in_any_unit(level: float) -> None:
    finding = judge(CHECK, make_run(Scalar("epoch_loss", flat(level), "train"))).finding
    assert finding.tags == ("train/epoch_loss",)
    assert finding.steps == (0, 99)
    assert float(finding.measured["end"]) == pytest.approx(level, rel=0.02)
    assert finding.severity == Severity.WARNING  # nothing says that it is not solved


def test_a_negative_loss_that_stays_is_found() -> None:
    values = -40.0 + 0.1 * np.random.default_rng(0).standard_normal(100)
    assert judge(CHECK, make_run(Scalar("loss", values))).status == Status.FIRED


@pytest.mark.parametrize(
    ("classes", "unit"), [(2, 1.0), (10, 1.0), (10, 100.0), (1000, 1.0)], ids=str
)
def test_a_classifier_that_guesses_is_an_error_that_names_the_classes(
    classes: int, unit: float
) -> None:
    run = make_run(
        Scalar("epoch_loss", flat(float(np.log(classes)), 0.002), "train"),
        Scalar("epoch_accuracy", unit * np.full(100, 1 / classes), "train"),
    )
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.ERROR
    assert f"among {classes}" in finding.message
    assert float(finding.measured["accuracy"]) == pytest.approx(1 / classes)


def test_a_classifier_that_fell_back_to_guessing_is_found() -> None:
    fall = flat(np.log(10.0), 0.002) + 3.0 * np.exp(-np.arange(100.0))
    run = make_run(
        Scalar("epoch_loss", fall, "train"), Scalar("epoch_accuracy", accuracy(0.1), "train")
    )
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.title) == (Severity.ERROR, "The model is still guessing")


@pytest.mark.parametrize("level", [0.02, 0.3])
def test_flat_because_solved_is_not_stuck(level: float) -> None:
    run = make_run(
        Scalar("epoch_loss", flat(level), "train"),
        Scalar("epoch_accuracy", accuracy(0.97), "train"),
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_flat_loss_whose_metric_improves_is_silent() -> None:
    run = make_run(
        Scalar("epoch_loss", flat(5.0), "train"),
        Scalar("epoch_mae", np.linspace(4.0, 1.0, 100), "train"),
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_fine_tuned_model_that_starts_well_is_silent() -> None:
    run = make_run(
        Scalar("train/loss", flat(0.25, 0.05), "train"),
        Scalar("eval/loss", flat(0.27, 0.01, 10), "validation", np.linspace(9, 99, 10)),
        Scalar("eval/accuracy", accuracy(0.93, 10), "validation", np.linspace(9, 99, 10)),
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_slow_but_real_fall_is_silent() -> None:
    rng = np.random.default_rng(5)
    for seed in range(10):
        curve = power_law(np.random.default_rng(seed), 2000)
        if curve[-1] < 0.85 * curve[0]:
            run = make_run(Scalar("train/loss", noisy(rng, curve, 0.1), "train"))
            assert judge(CHECK, run).status == Status.CLEAN


def test_a_fall_within_the_first_points_of_a_long_run_counts() -> None:
    values = flat(1.0, 0.01, 5000)
    values[:25] += 3.0 * np.exp(-np.arange(25) / 5)
    assert judge(CHECK, make_run(Scalar("train/loss", values, "train"))).status == Status.CLEAN


@pytest.mark.parametrize("seed", range(5))
def test_noise_that_hides_the_answer_is_no_answer(seed: int) -> None:
    judged = judge(CHECK, make_run(Scalar("train/loss", flat(1.0, 0.3, 20, seed), "train")))
    assert judged.status == Status.NOT_CHECKABLE
    assert "log an average" in (judged.reason or "")


def test_a_diverged_loss_is_another_finding() -> None:
    values = np.concatenate([flat(1.0, 0.01, 50), flat(1.0, 0.01, 50) * np.linspace(1, 40, 50)])
    assert judge(CHECK, make_run(Scalar("loss", values))).status == Status.CLEAN


@pytest.mark.parametrize("n", [1, 3, 7])
def test_too_few_points_cannot_be_checked(n: int) -> None:
    judged = judge(CHECK, make_run(Scalar("loss", np.full(n, 2.3))))
    assert judged.status == Status.NOT_CHECKABLE
    assert f"{n} point" in (judged.reason or "")


def test_adversarial_and_reinforcement_losses_are_not_judged() -> None:
    gan = make_run(Scalar("errD", flat(1.38)), Scalar("errG", flat(0.7)))
    agent = make_run(Scalar("losses/policy", flat(0.1)), Scalar("charts/episodic_return", flat(9)))
    assert judge(CHECK, gan).status == Status.NOT_CHECKABLE
    assert judge(CHECK, agent).status == Status.NOT_CHECKABLE


def test_a_loss_that_falls_by_half_is_silent() -> None:
    values = noisy(np.random.default_rng(1), 1 + np.exp(-5 * time_of(20)), 0.02)
    assert judge(CHECK, make_run(Scalar("loss", values))).status == Status.CLEAN


@pytest.mark.parametrize(("loss", "score"), [(1.7, 0.6), (1.0, 0.65)])
@pytest.mark.parametrize("unit", [1.0, 128.0])
def test_a_hard_problem_that_was_learned_is_not_guessing(
    loss: float, score: float, unit: float
) -> None:
    """Right on 60 % of a thousand classes at a cross-entropy of 1.7: that is ImageNet."""
    fall = np.exp(-20 * time_of(100))
    values = noisy(np.random.default_rng(1), unit * (loss + 5.2 * fall), 0.01)
    run = make_run(
        Scalar("epoch_loss", values, "train"),
        Scalar("epoch_accuracy", score * (1 - fall), "train"),
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_tiny_validation_set_whose_accuracy_stays_is_no_constant_answer() -> None:
    """Right on 8 of 10 examples at every epoch, while both losses fall."""
    fall = noisy(np.random.default_rng(1), 0.2 + 2 * np.exp(-4 * time_of(20)), 0.01)
    run = make_run(
        Scalar("epoch_loss", fall, "train"),
        Scalar("epoch_loss", fall + 0.1, "validation"),
        Scalar("epoch_accuracy", np.full(20, 0.8), "validation"),
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_classifier_that_gives_one_answer_to_everything_is_found() -> None:
    """Its accuracy is the share of the largest class at every point, and its loss hardly moves."""
    run = make_run(
        Scalar("epoch_loss", flat(0.7, 0.002), "train"),
        Scalar("epoch_accuracy", np.full(100, 0.55), "train"),
    )
    assert judge(CHECK, run).finding.severity == Severity.ERROR


def test_a_part_that_only_guesses_is_found_beside_a_total_that_falls() -> None:
    fall = 3.0 * np.exp(-np.arange(60) / 10) + np.log(2)
    total = Scalar("Loss", fall, "train")
    part = Scalar("RCNN Classification Loss", np.full(60, np.float32(np.log(2))), "train")
    finding = judge(CHECK, make_run(total, part)).finding
    assert finding.severity == Severity.WARNING
    assert finding.tags == ("train/RCNN Classification Loss",)
    other = Scalar("RCNN Regression Loss", np.full(60, 0.7), "train")
    assert judge(CHECK, make_run(total, other)).status == Status.CLEAN
