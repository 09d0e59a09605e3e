from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, diagnose, judge, make_run

CHECK = "unusual-learning-rate"
N = 40
T = time_of(N)
STANDS = noisy(np.random.default_rng(0), 3.1 + 0.9 * np.exp(-40 * T), 0.01)
FALLS = noisy(np.random.default_rng(0), 0.2 + 3.8 * np.exp(-5 * T), 0.01)


def run_of(loss: FloatArray, rate: float, tag: str, *others: Scalar) -> list[Scalar]:
    return [Scalar("train/loss", loss, "train"), Scalar(tag, np.full(N, rate)), *others]


@pytest.mark.parametrize(("unit", "rate"), [(1.0, 0.09), (1e3, 0.5)])
def test_a_rate_that_no_adam_has_is_found_where_the_loss_got_nowhere(
    unit: float, rate: float
) -> None:
    run = make_run(*run_of(unit * STANDS, rate, "lr-AdamW"))
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.WARNING
    assert float(finding.measured["rate"]) == rate > float(finding.thresholds["rate"])
    assert diagnose(run).causes[0].cause == "learning-rate-too-high"


def test_the_trainer_s_default_optimiser_is_known() -> None:
    marks = [Scalar("train/total_flos", np.ones(1)), Scalar("train/grad_norm", np.ones(N))]
    run = make_run(*run_of(STANDS, 0.15, "train/learning_rate", *marks))
    assert judge(CHECK, run).findings


@pytest.mark.parametrize(
    ("loss", "rate", "tag"),
    [(FALLS, 0.09, "lr-Adam"), (STANDS, 1e-3, "lr-Adam"), (STANDS, 0.1, "lr-SGD")],
    ids=["it learned", "a usual rate", "no rate of Adam's"],
)
def test_other_runs_are_clean(loss: FloatArray, rate: float, tag: str) -> None:
    assert judge(CHECK, make_run(*run_of(loss, rate, tag))).status == Status.CLEAN


def test_a_good_score_says_that_the_rate_was_right() -> None:
    score = Scalar("val/accuracy", 0.9 + 0.05 * T, "validation")
    run = make_run(*run_of(STANDS, 0.09, "lr-Adam", score))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize("tags", [("lr",), ()])
def test_an_optimiser_or_a_rate_that_is_not_known_cannot_be_judged(tags: tuple[str, ...]) -> None:
    rates = [Scalar(tag, np.full(N, 0.5)) for tag in tags]
    run = make_run(Scalar("train/loss", STANDS, "train"), *rates)
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


UNTRAINED = noisy(np.random.default_rng(3), 3.6 + (np.log(100) - 3.6) * np.exp(-2 * T), 0.005)


def test_a_rate_that_trains_nothing_from_scratch_is_found() -> None:
    loss = np.concatenate([[np.log(100)], UNTRAINED[1:]])
    run = make_run(*run_of(loss, 9e-6, "train/lr"))
    finding = judge(CHECK, run).finding
    assert "too low to train from scratch" in finding.title
    assert diagnose(run).causes[0].cause == "learning-rate-too-low"


@pytest.mark.parametrize(
    ("first", "rate"), [(np.log(100), 1e-4), (2.9, 9e-6)], ids=["a usual rate", "not untrained"]
)
def test_trained_weights_and_usual_rates_are_no_matter(first: float, rate: float) -> None:
    loss = np.concatenate([[first], 0.8 * first * np.ones(N - 1)])
    assert not judge(CHECK, make_run(*run_of(loss, rate, "lr-SGD"))).findings
