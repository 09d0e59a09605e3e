"""Folds, settings or repetitions in one log, and what only looks like them."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Verdict
from tests.families import noisy, time_of
from tests.runs import (
    FloatArray,
    Histogram,
    Scalar,
    context_of,
    diagnose,
    judge,
    make_run,
    tf_histogram,
)

N = 20
FOLDS = 5


def fall(seed: int, n: int = N, sigma: float = 0.02) -> FloatArray:
    return noisy(np.random.default_rng(seed), 0.2 + 2.1 * np.exp(-5.0 * time_of(n)), sigma)


def folds(count: int, n: int = N) -> tuple[FloatArray, FloatArray]:
    """A loss of several trainings one after the other, and its steps."""
    return np.concatenate([fall(k, n) for k in range(count)]), np.tile(np.arange(n), count)


@pytest.mark.parametrize("count", [2, 3, FOLDS, 10])
@pytest.mark.parametrize("n", [4, N, 300])
@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_the_last_of_several_trainings_is_judged(count: int, n: int, factor: float) -> None:
    loss, steps = folds(count, n)
    series = [
        Scalar("Loss/train", factor * loss, "train", steps),
        Scalar("Loss/val", factor * 1.1 * loss, "validation", steps),
    ]
    context = context_of(make_run(*series))
    assert context.trainings == count
    assert context.train_loss is not None
    assert context.train_loss.values.tolist() == (factor * loss[-n:]).tolist()
    assert context.train_loss.steps.tolist() == list(range(n))


def test_a_healthy_cross_validation_is_healthy_and_says_what_it_is() -> None:
    loss, steps = folds(FOLDS)
    diagnosis = diagnose(make_run(Scalar("Loss/train", loss, "train", steps)))
    assert diagnosis.verdict == Verdict.HEALTHY
    assert "5 trainings share this log, and the last is judged" in [
        finding.title for finding in diagnosis.findings if finding.severity == Severity.INFO
    ]
    assert diagnosis.steps == (0, N - 1)


def test_what_is_wrong_with_the_last_training_is_found() -> None:
    lost = fall(3)
    lost[12:] = np.nan
    loss, steps = folds(3)
    run = make_run(Scalar("loss", np.r_[loss, lost], "train", np.r_[steps, np.arange(N)]))
    assert judge("nan-or-inf", run).finding.severity == Severity.ERROR
    overfitted = fall(3) + np.where(np.arange(N) > 8, 0.3 * (np.arange(N) - 8), 0)
    validation = Scalar("loss", np.r_[loss, overfitted], "validation", np.r_[steps, np.arange(N)])
    run = make_run(Scalar("loss", folds(4)[0], "train", folds(4)[1]), validation)
    assert judge("overfitting", run).finding.severity == Severity.ERROR


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_fold_that_was_lost_does_not_hide_the_others(lost: int) -> None:
    loss, steps = folds(4)
    loss[lost * N + 12 : (lost + 1) * N] = np.nan
    assert diagnose(make_run(Scalar("loss", loss, "train", steps))).verdict == Verdict.HEALTHY


def test_histograms_and_what_counts_on_are_cut_where_the_last_training_begins() -> None:
    loss, steps = folds(3)
    kernel = Histogram("fc.weight", [tf_histogram(np.arange(9.0))] * len(steps), "train", steps)
    batches = Scalar("rate", np.arange(3.0 * N), "train")
    context = context_of(make_run(Scalar("loss", loss, "train", steps), batches, kernel))
    assert [len(tensor) for tensor in context.layers.tensors] == [N]
    assert [s.steps[0] for s in context.series if s.tag == "rate"] == [2 * N]


def one_training() -> FloatArray:
    return fall(0, 3 * N)


@pytest.mark.parametrize(
    ("loss", "steps"),
    [
        (one_training(), np.tile(np.arange(N), 3)),
        (one_training(), np.arange(3 * N)),
        (folds(3)[0], np.r_[np.arange(N), 5 + np.arange(N), 5 + np.arange(N)]),
        (2.3 + 0.01 * np.random.default_rng(0).normal(size=3 * N), np.tile(np.arange(N), 3)),
        (1.0 + 0.5 * (-1.0) ** np.arange(3 * N), np.tile(np.arange(N), 3)),
        (np.full(3 * N, np.nan), np.tile(np.arange(N), 3)),
        (np.arange(6.0), np.tile([0, 1], 3)),
    ],
    ids=["counted within epochs", "one", "resumed", "flat", "swinging", "lost", "short"],
)
def test_what_is_one_training_stays_whole(loss: FloatArray, steps: FloatArray) -> None:
    context = context_of(make_run(Scalar("loss", loss, "train", steps)))
    assert context.trainings == 1
    assert [len(series) for series in context.series] == [len(loss)]


def test_losses_of_agents_and_adversaries_begin_again_for_other_reasons() -> None:
    loss, steps = folds(3)
    reward = Scalar("rollout/ep_rew_mean", -loss, "", steps)
    assert context_of(make_run(Scalar("train/value_loss", loss, "", steps), reward)).trainings == 1
