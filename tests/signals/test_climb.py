"""A warm-up that goes too high: the loss turns on the way up."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tblogreport.reading.run import Run
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, diagnose, judge, make_run

CHECK = "learning-rate-schedule"
N = 120
PEAK = 2e-3


def warm_up(share: float = 0.3) -> FloatArray:
    """Linear up to the peak, linear down to 0."""
    t = time_of(N)
    return np.asarray(PEAK * np.minimum(t / share, (1 - t) / (1 - share)))


def loss_of(rate: FloatArray, harm: float) -> FloatArray:
    """A loss that falls, and is held up by the part of the rate above half of the peak."""
    fall = 0.5 + 2.0 * np.exp(-12.0 * time_of(N))
    return np.asarray(fall * (1 + harm * np.maximum(rate / PEAK - 0.5, 0)))


def run_of(rate: FloatArray, harm: float, factor: float = 1.0, sigma: float = 0.02) -> list[Scalar]:
    loss = factor * noisy(np.random.default_rng(0), loss_of(rate, harm), sigma)
    return [
        Scalar("train/loss", loss, "train"),
        Scalar("train/learning_rate", rate, "train"),
    ]


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_a_loss_that_rises_with_its_rate_is_found(factor: float) -> None:
    run = make_run(*run_of(warm_up(), 2.0, factor))
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.WARNING
    assert 0.4 * PEAK < float(finding.measured["rate_at_turn"]) < 0.8 * PEAK
    assert finding.measured["peak_rate"] == PEAK
    diagnosis = diagnose(run)
    assert diagnosis.causes[0].cause == "learning-rate-too-high"
    assert "or below" in diagnosis.causes[0].fixes[0]
    assert diagnosis.wasted_from is None  # the loss went on falling with the rate


def test_a_short_hold_up_is_a_note() -> None:
    at = np.arange(500)
    rate = PEAK * np.interp(at, [0, 40, 60, 499], [0.1, 1.0, 0.3, 0.1])
    held_up = (at > 25) & (at < 55)
    loss = noisy(np.random.default_rng(0), np.where(held_up, 1.6, 1.0), 0.02)
    run = make_run(
        Scalar("train/loss", loss, "train"), Scalar("train/learning_rate", rate, "train")
    )
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.INFO
    assert float(finding.measured["share_until_back"]) < 0.1


@pytest.mark.parametrize("harm", [0.0, 0.1])
def test_a_warm_up_that_harms_little_is_clean(harm: float) -> None:
    assert judge(CHECK, make_run(*run_of(warm_up(), harm))).status == Status.CLEAN


def test_noise_is_no_rise() -> None:
    run = make_run(*run_of(warm_up(), 0.3, sigma=0.3))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize("constant", [True, False])
def test_a_rate_that_does_not_climb_is_not_blamed(constant: bool) -> None:
    rate = np.full(N, PEAK) if constant else PEAK * (1 - time_of(N))
    loss = 1.0 + time_of(N)
    run = make_run(
        Scalar("train/loss", loss, "train"), Scalar("train/learning_rate", rate, "train")
    )
    assert judge(CHECK, run).status == Status.CLEAN


def climbing(loss: FloatArray, *more: Scalar) -> Run:
    rate = PEAK * (1 + np.arange(len(loss))) / len(loss)
    return make_run(
        Scalar("train/loss", loss, "train"), Scalar("train/learning_rate", rate, "train"), *more
    )


def test_a_warm_up_that_is_longer_than_the_run_is_a_note() -> None:
    for fall in (0.1, 0.9):
        finding = judge(CHECK, climbing(2.0 - 2.0 * fall * time_of(N))).finding
        assert finding.severity == Severity.INFO
        assert "longer than the run" in finding.message


def test_it_is_a_warning_where_the_run_is_known_to_have_ended_and_got_nowhere() -> None:
    ended = Scalar("train/train_runtime", np.array([600.0]), "train", [N])
    run = climbing(2.0 - 0.2 * time_of(N), ended)
    assert judge(CHECK, run).finding.severity == Severity.WARNING
    assert diagnose(run).causes[0].summary.endswith("a longer run.")
    assert judge(CHECK, climbing(2.0 - 1.5 * time_of(N), ended)).finding.severity == Severity.INFO
