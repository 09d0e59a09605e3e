from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, judge, make_run, renumbered, scaled

CHECK = "learning-rate-schedule"
N = 100


def run_out(n: int = N, share: float = 0.3) -> FloatArray:
    """A linear decay that was made for a share of the run."""
    return np.asarray(np.maximum(1e-5, 0.1 * (1 - time_of(n) / share)))


def starved(n: int = N, share: float = 0.3) -> FloatArray:
    """A loss that falls as long as there is a rate."""
    spent = np.cumsum(run_out(n, share))
    return np.asarray(2.0 - 1.2 * spent / spent[-1])


def series(loss: FloatArray, rate: FloatArray, sigma: float = 0.005) -> tuple[Scalar, ...]:
    rng = np.random.default_rng(5)
    return (
        Scalar("epoch_loss", noisy(rng, loss, sigma), "train"),
        Scalar("epoch_learning_rate", rate, "train"),
    )


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_a_rate_that_runs_out_while_the_loss_falls_is_found(factor: float) -> None:
    loss, rate = series(starved(), run_out())
    finding = judge(CHECK, make_run(*scaled((loss,), factor), rate)).finding
    assert finding.severity == Severity.WARNING
    assert finding.steps is not None
    assert 25 <= finding.steps[0] <= 32
    assert float(finding.measured["spent_share"]) == pytest.approx(0.7, abs=0.03)
    assert "decay_steps" in finding.fixes[0]


def test_the_numbering_of_steps_does_not_matter() -> None:
    found = renumbered(series(starved(), run_out()), 640, 5)
    assert judge(CHECK, make_run(*found)).finding.steps == (64 * 290 + 5, 640 * 99 + 5)


def test_a_good_score_makes_it_a_note() -> None:
    score = Scalar("epoch_accuracy", np.full(N, 0.97), "train")
    finding = judge(CHECK, make_run(*series(starved(), run_out()), score)).finding
    assert finding.severity == Severity.INFO


@pytest.mark.parametrize("share", [0.85, 1.0])
def test_a_decay_over_all_of_the_run_is_clean(share: float) -> None:
    judged = judge(CHECK, make_run(*series(starved(share=share), run_out(share=share))))
    assert judged.status == Status.CLEAN


def test_a_rate_that_was_cut_after_the_loss_had_settled_is_clean() -> None:
    settled = 0.3 + 1.7 * np.exp(-time_of(200) * 60)
    rate = np.where(time_of(200) < 0.6, 0.1, 1e-4)
    assert judge(CHECK, make_run(*series(settled, rate))).status == Status.CLEAN


def test_steps_down_to_a_hundredth_at_four_fifths_are_usual() -> None:
    rate = 0.1 * np.where(time_of(30) <= 0.5, 1.0, np.where(time_of(30) <= 0.8, 0.1, 0.01))
    loss = 0.3 + np.exp(-5 * time_of(30))
    assert judge(CHECK, make_run(*series(loss, rate))).status == Status.CLEAN


def step_decay(fall: float) -> tuple[FloatArray, FloatArray]:
    """Cuts at 0.4 and 0.7 of the run; at each rate the loss falls by `fall` all the while."""
    t = time_of(200)
    rate = 0.1 * np.where(t >= 0.7, 0.01, np.where(t >= 0.4, 0.1, 1.0))
    level = 1.0 + np.exp(-30 * t) - 0.2 * np.clip((t - 0.4) * 60, 0, 1)
    level -= 0.2 * np.clip((t - 0.7) * 60, 0, 1) + fall * np.minimum(t, 0.7)
    return np.asarray(level), np.asarray(rate)


@pytest.mark.parametrize(("fall", "status"), [(0.0, Status.CLEAN), (2.0, Status.FIRED)])
def test_cuts_that_bring_a_loss_down_are_what_they_are_for(fall: float, status: Status) -> None:
    assert judge(CHECK, make_run(*series(*step_decay(fall)))).status == status


def test_a_jump_of_the_rate_that_loses_the_loss_is_found() -> None:
    t = time_of(N)
    rate = np.where(t < 0.6, 0.1 * (1 - t), 0.1)
    loss = np.where(t < 0.6, 0.2 + 2 * np.exp(-8 * t), 2.5)
    finding = judge(CHECK, make_run(*series(loss, rate))).finding
    assert finding.steps is not None
    assert finding.steps[0] == 59
    assert "jumps" in finding.title


def test_a_warm_restart_that_the_loss_survives_is_clean() -> None:
    t = time_of(N)
    rate = 0.05 * (1 + np.cos(np.pi * (3 * t % 1.0)))
    loss = 0.2 + 2 * np.exp(-5 * t) + 0.05 * (3 * t % 1.0 < 0.1) * (t > 0.3)
    assert judge(CHECK, make_run(*series(loss, rate))).status == Status.CLEAN


def test_without_a_rate_it_cannot_be_checked_and_says_how_to_log_it() -> None:
    judged = judge(CHECK, make_run(series(starved(), run_out())[0]))
    assert judged.status == Status.NOT_CHECKABLE
    assert "add_scalar('lr'" in (judged.reason or "")


@pytest.mark.parametrize(
    ("begins", "status"), [(0, Status.FIRED), (N // 2, Status.CLEAN)], ids=["at once", "later"]
)
def test_a_loss_that_is_lost_at_a_peak_without_warm_up_is_found(
    begins: int, status: Status
) -> None:
    lost = 2.3 - 0.05 * np.arange(N) / N + 4.0 * (np.arange(N) > begins + 8)
    run = make_run(*series(lost, 0.1 * (1 - time_of(N))))
    assert judge("diverging-loss", run).status == Status.FIRED
    assert judge(CHECK, run).status == status


@pytest.mark.parametrize("split", ["validation", "train"])
def test_a_dozen_epochs_that_turn_early_tell_of_no_warm_up(split: str) -> None:
    """So does a validation loss of fine-tuning that overfits from the second epoch on."""
    turned = np.array([0.45, 0.4, 0.43, 0.5, 0.6, 0.68, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95])
    rate = Scalar("epoch_learning_rate", 2e-5 * (1 - np.arange(12) / 12), "train")
    run = make_run(Scalar("epoch_loss", turned, split), rate)
    assert judge("diverging-loss", run).status == Status.FIRED
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_long_validation_loss_that_turns_early_tells_of_no_warm_up() -> None:
    turned = 0.4 + 0.6 * np.clip(np.arange(N) - 5, 0, 60) / 60
    rate = Scalar("epoch_learning_rate", 2e-5 * (1 - np.arange(N) / N), "train")
    run = make_run(Scalar("epoch_loss", turned, "validation"), rate)
    assert judge("diverging-loss", run).status == Status.FIRED
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_rate_that_always_jumps_is_no_schedule_and_is_not_looked_at_one_by_one() -> None:
    rng = np.random.default_rng(0)
    count = 2_000
    loss = Scalar("train/loss", 0.5 + rng.random(count), "train")
    rate = Scalar("lr", 10.0 ** rng.uniform(-6, 0, count))
    assert judge(CHECK, make_run(loss, rate)).status != Status.FIRED
