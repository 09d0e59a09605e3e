from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, diagnose, judge, make_run

CHECK = "overfitting"
N = 60


def falling(n: int = N, rate: float = 4.0) -> FloatArray:
    return np.asarray(1.5 * np.exp(-rate * time_of(n)) + 0.02)


def turning(n: int = N, turn: float = 0.4, rebound: float = 0.6) -> FloatArray:
    """Falls to about 0.5 and rises by `rebound` until the end."""
    t = time_of(n)
    return np.asarray(
        0.5 + np.exp(-5 * t / turn) + rebound * np.clip((t - turn) / (1 - turn), 0, None)
    )


def pair(train: FloatArray, validation: FloatArray, tag: str = "epoch_loss") -> tuple[Scalar, ...]:
    rng = np.random.default_rng(11)
    return (
        Scalar(tag, noisy(rng, train, 0.01) if train.min() > 0 else train, "train"),
        Scalar(
            tag, noisy(rng, validation, 0.01) if validation.min() > 0 else validation, "validation"
        ),
    )


@pytest.mark.parametrize("unit", [1.0, 1e-3, 1e4])
@pytest.mark.parametrize("turn", [0.15, 0.4, 0.7])
def test_a_turn_is_found_and_the_best_step_named(turn: float, unit: float) -> None:
    run = make_run(*pair(unit * falling(), unit * turning(turn=turn)))
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.ERROR
    assert finding.tags == ("validation/epoch_loss", "train/epoch_loss")
    assert finding.steps is not None
    assert abs(finding.steps[0] - turn * N) <= 6
    assert finding.steps[1] == N - 1
    assert finding.measured["best_step"] == finding.steps[0]
    assert float(finding.measured["best"]) == pytest.approx(unit * 0.5, rel=0.1)
    assert f"epoch {finding.steps[0]}," in finding.fixes[0]


def test_a_rise_from_the_first_point_on_is_found() -> None:
    run = make_run(*pair(falling(), 0.5 + time_of(N)))
    assert judge(CHECK, run).finding.steps == (0, N - 1)


def test_losses_below_zero_are_judged() -> None:
    run = make_run(*pair(falling() - 5, turning() - 5))
    assert judge(CHECK, run).status == Status.FIRED


def test_losses_on_different_steps_are_judged() -> None:
    """The train loss by batch, the validation loss at every hundredth of them."""
    train = noisy(np.random.default_rng(0), falling(5000), 0.2)
    run = make_run(
        Scalar("train/loss", train, "train"),
        Scalar("val/loss", turning(50), "validation", 100 * np.arange(50)),
    )
    assert judge(CHECK, run).status == Status.FIRED


def test_a_metric_that_holds_makes_it_a_warning_and_a_falling_one_an_error() -> None:
    held = Scalar("epoch_accuracy", 0.9 - 0.4 * np.exp(-9 * time_of(N)), "validation")
    lost = Scalar("epoch_accuracy", 0.9 - turning() / 2, "validation")
    losses = pair(falling(), turning())
    assert judge(CHECK, make_run(*losses, held)).finding.severity == Severity.WARNING
    assert judge(CHECK, make_run(*losses, lost)).finding.severity == Severity.ERROR


def test_a_slight_rebound_is_a_warning() -> None:
    run = make_run(*pair(falling(), turning(rebound=0.08)))
    assert judge(CHECK, run).finding.severity == Severity.WARNING


@pytest.mark.parametrize("gap", [1.1, 2.0, 10.0])
def test_a_gap_is_not_overfitting(gap: float) -> None:
    run = make_run(*pair(falling(), gap * falling() + 0.3))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_validation_loss_that_levels_off_is_not_overfitting() -> None:
    run = make_run(*pair(falling(), turning(rebound=0.0)))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_validation_loss_below_the_train_loss_is_not_overfitting() -> None:
    run = make_run(*pair(falling() + 0.5, falling() + 0.2))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize("sigma", [0.05, 0.15, 0.3])
def test_a_noisy_validation_set_is_not_overfitting(sigma: float) -> None:
    fired = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        run = make_run(
            Scalar("epoch_loss", noisy(rng, falling(), 0.01), "train"),
            Scalar("epoch_loss", noisy(rng, 0.5 + falling(rate=10), sigma), "validation"),
        )
        fired += judge(CHECK, run).status == Status.FIRED
    assert fired <= 1


def test_both_losses_rising_is_not_memorising() -> None:
    run = make_run(*pair(turning(), turning()))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_rise_in_the_last_moment_is_too_early_to_tell() -> None:
    t = time_of(400)
    late = 1.5 - t + (t > 0.945)
    run = make_run(*pair(falling(400), late))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_rebound_that_is_small_against_the_level_is_silent() -> None:
    run = make_run(
        Scalar("epoch_loss", 10 + falling(), "train"),
        Scalar("epoch_loss", 10 + turning(rebound=0.2), "validation"),
    )
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize("level", [0.0, 0.5])
def test_a_validation_loss_that_is_never_computed_does_not_rise(level: float) -> None:
    run = make_run(*pair(falling(60), np.full(60, level)))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_loss_that_swings_on_its_way_to_thrice_its_minimum_is_found() -> None:
    t = time_of(32)
    rng = np.random.default_rng(30)
    held_out = (0.01 + 0.02 * np.clip(2.5 * (t - 0.25), 0, 1)) * np.exp(0.35 * rng.normal(size=32))
    run = make_run(*pair(0.01 * np.exp(-2.5 * t), held_out))
    assert judge(CHECK, run).status == Status.FIRED


def test_no_validation_loss_cannot_be_checked_and_says_how_to_log_it() -> None:
    judged = judge(CHECK, make_run(Scalar("epoch_loss", falling(), "train")))
    assert judged.status == Status.NOT_CHECKABLE
    assert "validation_data" in (judged.reason or "")


def test_a_validation_loss_alone_cannot_be_checked() -> None:
    judged = judge(CHECK, make_run(Scalar("epoch_loss", turning(), "validation")))
    assert judged.status == Status.NOT_CHECKABLE
    assert "train loss" in (judged.reason or "")


@pytest.mark.parametrize(("train", "validation"), [(60, 5), (2, 60)])
def test_too_few_points_cannot_be_checked(train: int, validation: int) -> None:
    run = make_run(*pair(falling(train), turning(validation)))
    judged = judge(CHECK, run)
    assert judged.status == Status.NOT_CHECKABLE
    assert f"{min(train, validation)} points" in (judged.reason or "")


def test_a_value_loss_is_no_validation_loss() -> None:
    run = make_run(
        Scalar("train/loss", falling(), "train"),
        Scalar("train/value_loss", turning(), "train"),
        Scalar("rollout/ep_rew_mean", np.linspace(0, 9, N)),
    )
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


def test_the_rise_is_told_as_a_share_of_the_lowest_value() -> None:
    finding = judge(CHECK, make_run(*pair(falling(), turning()))).finding
    lowest, end = float(finding.measured["best"]), float(finding.measured["end"])
    assert f"by {100 * (end / lowest - 1):.0f} %" in finding.message


def test_a_plain_rise_needs_no_share_of_a_fall_that_went_far() -> None:
    n = 150
    t = np.linspace(0, 1, n)
    held_out = 0.57 + 1.7 * np.exp(-30 * t) + 0.09 * t
    run = make_run(
        Scalar("Loss/train", 2.3 * np.exp(-8 * t), "train"),
        Scalar("Loss/val", held_out, "validation"),
    )
    assert judge(CHECK, run).findings


def test_a_loss_that_rises_at_one_evaluation_and_no_further_is_not_called_memorising() -> None:
    """The data of the evaluation became other ones; what is learned by heart shows bit by bit."""
    jumps = 0.5 + np.exp(-10 * time_of(N)) + 0.6 * (np.arange(N) >= 35)
    diagnosis = diagnose(make_run(*pair(falling(), jumps)))
    (finding,) = (f for f in diagnosis.findings if f.check == CHECK)
    assert "rose at once by epoch 35" in finding.title
    assert "memorising" not in finding.message
    assert "training" in finding.fixes[0]
    assert diagnosis.causes[0].cause == "labels-or-data-broken"


@pytest.mark.parametrize("noise", [0.01, 0.05])
def test_a_loss_that_climbs_is_no_jump(noise: float) -> None:
    train, held_out = falling(), noisy(np.random.default_rng(5), turning(turn=0.3), noise)
    run = make_run(
        Scalar("epoch_loss", train, "train"), Scalar("epoch_loss", held_out, "validation")
    )
    diagnosis = diagnose(run)
    assert "memorising" in next(f for f in diagnosis.findings if f.check == CHECK).message
    assert diagnosis.causes[0].cause == "too-little-regularization"
