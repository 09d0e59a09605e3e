"""Runs whose scores tell what their losses do not: guesses, one answer, nothing carried over."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy
from tests.runs import FloatArray, Scalar, diagnose, judge, make_run

CHECK = "non-converging-loss"
RNG = np.random.default_rng(0)


def run_of(
    loss: FloatArray, accuracy: FloatArray, *others: Scalar, first: float = 2.7
) -> list[Scalar]:
    """Batches that were thrown up by the first steps, and what evaluations say."""
    n = len(loss)
    train = first * np.exp(-20 * np.linspace(0, 1, 60)) + float(np.median(loss))
    return [
        Scalar("train/loss", noisy(RNG, train, 0.05), "train"),
        Scalar("eval/loss", loss, "validation", 5 * np.arange(n)),
        Scalar("eval/accuracy", accuracy, "validation", 5 * np.arange(n)),
        *others,
    ]


@pytest.mark.parametrize("classes", [2, 4, 10, 50])
@pytest.mark.parametrize("n", [4, 12])
@pytest.mark.parametrize("per_cent", [1.0, 100.0])
def test_an_accuracy_of_chance_at_every_evaluation_is_a_guess_however_the_loss_fell(
    classes: int, n: int, per_cent: float
) -> None:
    chance = noisy(RNG, np.full(n, 1.0 / classes), 0.05)
    loss = noisy(RNG, np.full(n, 1.1 * np.log(classes)), 0.03)
    finding = judge(CHECK, make_run(*run_of(loss, per_cent * chance))).finding
    assert finding.severity == Severity.ERROR
    assert f"guess among {classes} classes" in finding.message or "guess" in finding.title


def test_an_accuracy_that_rises_from_chance_is_no_guess() -> None:
    loss, accuracy = np.linspace(2.4, 2.2, 12), np.linspace(0.08, 0.15, 12)
    assert not judge(CHECK, make_run(*run_of(loss, accuracy))).findings


@pytest.mark.parametrize("share", [0.374, 0.1])
def test_an_accuracy_that_hops_between_two_shares_gives_one_answer(share: float) -> None:
    hops = np.where(np.arange(16) % 5 == 0, share, 1 - share)
    finding = judge(CHECK, make_run(*run_of(noisy(RNG, np.full(16, 0.68), 0.03), hops))).finding
    assert finding.title == "The model gives one answer to everything"


@pytest.mark.parametrize("metric", ["f1", "recall"])
@pytest.mark.parametrize("n", [5, 15])
def test_one_answer_for_the_largest_class_is_told_by_recall_or_f1(metric: str, n: int) -> None:
    share = 0.96
    beside = np.zeros(n) if metric == "recall" else np.full(n, share / (1 + share))
    known = Scalar(f"eval/{metric}", beside, "validation", 5 * np.arange(n))
    run = make_run(*run_of(np.linspace(0.6, 0.4, n), np.full(n, share), known))
    diagnosis = diagnose(run)
    assert diagnosis.causes[0].cause == "classes-of-unequal-size"
    assert not judge(CHECK, make_run(*run_of(np.linspace(0.6, 0.1, n), np.full(n, share)))).findings


def test_a_score_that_rises_in_training_alone_does_not_carry_over() -> None:
    n = 10
    learned = Scalar("acc", np.linspace(0.2, 0.97, 60), "train")
    falls = Scalar("loss", np.linspace(2.3, 0.1, 60), "train")
    held_out = Scalar("accuracy/top1", np.linspace(4, 0.3, n), "validation", 5 * np.arange(n))
    finding = judge(CHECK, make_run(falls, learned, held_out)).finding
    assert finding.title == "What is learned does not hold for the validation data"
    carried = Scalar("accuracy/top1", np.linspace(20, 80, n), "validation", 5 * np.arange(n))
    assert judge(CHECK, make_run(falls, learned, carried)).status == Status.CLEAN


def test_two_losses_at_rest_at_ln_c_are_those_of_a_guess() -> None:
    n = 15
    train = noisy(RNG, np.full(n, 2.313), 0.001) + 0.28 * np.eye(n)[0]
    held_out = noisy(RNG, np.full(n, 2.309), 0.001)
    run = make_run(Scalar("loss", train, "train"), Scalar("loss", held_out, "validation"))
    assert "Both losses stay at ln 10" in judge(CHECK, run).finding.message
    apart = make_run(Scalar("loss", train, "train"), Scalar("loss", held_out - 0.2, "validation"))
    assert judge(CHECK, apart).status == Status.CLEAN


def test_mixed_up_training_data_do_not_make_a_good_model_guess() -> None:
    n = 18
    mixed = noisy(RNG, np.full(n, 0.5), 0.1)
    run = make_run(
        Scalar("Train/Loss", noisy(RNG, np.full(n, 0.8), 0.05) + np.eye(n)[0], "train"),
        Scalar("Train/Acc1", 100 * mixed, "train"),
        Scalar("Val/Loss", 0.12 + np.exp(-np.arange(n)), "validation"),
        Scalar("Val/Acc1", 98 - 10 * np.exp(-np.arange(n)), "validation"),
    )
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize(("right", "found"), [(0.9, True), (0.98, True), (0.8975, False)])
def test_no_to_every_class_is_one_answer(right: float, found: bool) -> None:
    """Sigmoids over one-hot labels are right in C - 1 of C cases, at the price of that share."""
    t = np.linspace(0, 1, 40)
    price = -right * np.log(right) - (1 - right) * np.log(1 - right)
    accuracy = np.minimum(right, 0.6 + 2 * t)
    loss = price * 1.005 + 0.4 * np.exp(-12 * t)
    series = [
        Scalar(f"epoch_{name}", values, split)
        for split in ("train", "validation")
        for name, values in (("loss", loss), ("binary_accuracy", accuracy))
    ]
    fired = judge("non-converging-loss", make_run(*series)).findings
    assert bool(fired) == found
