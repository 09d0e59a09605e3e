from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import Scalar, judge, make_run
from tests.tensors import no_loss

CHECK = "diverging-loss"


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def fall_then(rise: np.ndarray, n: int = 100) -> np.ndarray:
    """A loss near 0.3 from the middle on, with `rise` (0 to 1, over the second half) added."""
    base = 0.3 + 1.7 * np.exp(-12 * time_of(n))
    return noisy(rng(), base + np.concatenate([np.zeros(n - len(rise)), rise]), 0.03)


@pytest.mark.parametrize(
    "rise",
    [np.linspace(0, 1.5, 50), np.full(40, 2.0), np.exp(np.linspace(0, 12, 30))],
    ids=["climb", "jump", "explosion"],
)
def test_a_rise_for_good_is_an_error_that_names_where_it_left(rise: np.ndarray) -> None:
    steps = 10 * np.arange(100)
    finding = judge(CHECK, make_run(Scalar("train/loss", fall_then(rise), "train", steps))).finding
    began = 10 * (100 - len(rise))
    assert finding.severity == Severity.ERROR
    assert finding.tags == ("train/loss",)
    assert finding.steps is not None
    assert began - 50 <= finding.steps[0] <= began + 200
    assert finding.steps[1] == 990
    assert float(finding.measured["best"]) == pytest.approx(0.3, rel=0.15)
    assert float(finding.measured["end"]) > float(finding.thresholds["limit"])


def test_a_negative_loss_diverges_as_well() -> None:
    values = fall_then(np.linspace(0, 1.5, 50)) - 5.0
    assert judge(CHECK, make_run(Scalar("loss", values))).status == Status.FIRED


def test_a_rise_that_comes_back_is_silent() -> None:
    bump = 1.5 * np.exp(-(((np.arange(60) - 15) / 5.0) ** 2))
    assert judge(CHECK, make_run(Scalar("loss", fall_then(bump)))).status == Status.CLEAN


def test_an_oscillation_that_ends_on_a_high_is_another_finding() -> None:
    values = 2 + np.sin(2 * np.pi * np.arange(448) / 130)
    assert judge(CHECK, make_run(Scalar("loss", values))).status == Status.CLEAN


def test_a_single_spike_at_the_end_is_silent() -> None:
    values = fall_then(np.zeros(10))
    values[-1] = 20.0
    assert judge(CHECK, make_run(Scalar("loss", values))).status == Status.CLEAN


def test_a_solved_loss_may_triple_unharmed() -> None:
    t = time_of(100)
    values = 2 * np.exp(-40 * t) + 1e-4 * (1 + 4 * np.clip(t - 0.5, 0, None))
    values = noisy(rng(), values, 0.02)
    assert judge(CHECK, make_run(Scalar("loss", values))).status == Status.CLEAN


def test_a_constant_or_falling_loss_is_silent() -> None:
    for values in (np.ones(50), np.zeros(50), np.linspace(3, -3, 50)):
        assert judge(CHECK, make_run(Scalar("loss", values))).status == Status.CLEAN


def test_the_validation_loss_of_an_overfitted_run_is_not_a_divergence() -> None:
    train = Scalar("loss", np.exp(-3 * time_of(60)), "train")
    validation = Scalar("loss", fall_then(np.linspace(0, 1.5, 30), 60), "validation")
    assert judge(CHECK, make_run(train, validation)).status == Status.CLEAN


@pytest.mark.parametrize(
    "tags",
    [("loss/generator", "loss/discriminator"), ("Loss_G", "Loss_D"), ("g_loss", "d_loss")],
)
def test_adversarial_losses_are_not_judged(tags: tuple[str, str]) -> None:
    run = make_run(*(Scalar(tag, fall_then(np.linspace(0, 1.5, 50))) for tag in tags))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


def test_the_loss_of_an_agent_is_not_judged() -> None:
    run = make_run(
        Scalar("train/loss", fall_then(np.linspace(0, 1.5, 50)), "train"),
        Scalar("train/value_loss", fall_then(np.linspace(0, 1.5, 50)), "train"),
        Scalar("rollout/ep_rew_mean", np.linspace(0, 200, 100)),
    )
    judged = judge(CHECK, run)
    assert judged.status == Status.NOT_CHECKABLE
    assert "agent" in (judged.reason or "")


def test_the_learning_rate_at_the_turn_is_told() -> None:
    run = make_run(
        Scalar("train/loss", fall_then(np.linspace(0, 1.5, 50)), "train"),
        Scalar("train/learning_rate", np.full(100, 0.25), "train"),
    )
    assert "0.25" in judge(CHECK, run).finding.message


def test_too_few_points_cannot_be_checked() -> None:
    judged = judge(CHECK, make_run(Scalar("loss", [1.0, 0.5, 0.4])))
    assert judged.status == Status.NOT_CHECKABLE
    assert "3 points" in (judged.reason or "")


def test_no_loss_cannot_be_checked_and_says_how_to_name_it() -> None:
    judged = judge(CHECK, make_run(no_loss()))
    assert judged.status == Status.NOT_CHECKABLE
    assert "tool.tblogreport.roles" in (judged.reason or "")


def test_warm_restarts_are_silent() -> None:
    t = time_of(400)
    bumps = 1 + 0.25 * (1 - (4 * t) % 1) ** 4 * (t > 0.24)
    values = noisy(rng(), (0.3 + 1.5 * np.exp(-3 * t)) * bumps, 0.05)
    assert judge(CHECK, make_run(Scalar("loss", values))).status == Status.CLEAN


@pytest.mark.parametrize("jump", [1000, 2377, 2400, 4000])
def test_the_step_that_is_named_is_where_the_points_rose(jump: int) -> None:
    """A long series is judged in blocks, whose edges may lie hundreds of steps away."""
    steps = 20 * np.arange(300)
    loss = 5.2 + 5.0 * np.exp(-steps / 200) + np.where(steps >= jump, 4.0, 0.0)
    noise = 0.05 * rng().standard_normal(300)
    finding = judge(CHECK, make_run(Scalar("train/loss", loss + noise, "train", steps))).finding
    assert finding.steps is not None
    assert 0 <= finding.steps[0] - jump < 20


@pytest.mark.parametrize(("end", "found"), [(0.6, False), (1.0, True), (1.4, True)])
def test_harder_tasks_are_no_divergence_where_validation_of_another_name_improves(
    end: float, found: bool
) -> None:
    """A curriculum: the train loss rises with each stage, the loss on the full task falls."""
    stage = np.arange(60) // 15
    train = noisy(np.random.default_rng(0), 0.3 + 0.25 * stage + 2 * np.exp(-np.arange(60)), 0.03)
    full = np.where(np.arange(60) < 15, 1.0 + np.exp(-0.5 * np.arange(60)), 1.0)
    full = full + (end - 1.0) * np.clip(np.arange(60) - 15, 0, None) / 44
    run = make_run(
        Scalar("train/loss", train, "train"), Scalar("val_full_difficulty/loss", full, "validation")
    )
    assert bool(judge(CHECK, run).findings) == found
