from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, every, judge, make_run, renumbered, scaled
from tests.tensors import recorded, training

CHECK = "slow-convergence"
N = 60


def line(fall: float = 0.1, n: int = N) -> FloatArray:
    return np.asarray(2.3 * (1.0 - fall * time_of(n)))


def losses(train: FloatArray, held_out: FloatArray | None = None) -> tuple[Scalar, ...]:
    rng = np.random.default_rng(3)
    found = (Scalar("epoch_loss", noisy(rng, train, 0.001), "train"),)
    if held_out is None:
        return found
    return (*found, Scalar("epoch_loss", noisy(rng, held_out, 0.001), "validation"))


@pytest.mark.parametrize("fall", [0.05, 0.1, 0.18])
def test_a_line_that_comes_nowhere_is_found(fall: float) -> None:
    finding = judge(CHECK, make_run(*losses(line(fall), line(fall)))).finding
    assert finding.severity == Severity.WARNING
    assert float(finding.measured["fall"]) == pytest.approx(fall, abs=0.02)
    assert float(finding.measured["late_share"]) == pytest.approx(1.0, abs=0.2)


def test_the_rate_to_try_is_computed_from_the_one_that_was_logged() -> None:
    rate = Scalar("epoch_learning_rate", np.full(N, 2e-4), "train")
    finding = judge(CHECK, make_run(*losses(line()), rate)).finding
    assert "from 0.0002 to 0.0006, then to 0.002" in finding.fixes[0]


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_the_unit_of_the_loss_does_not_matter(factor: float) -> None:
    assert judge(CHECK, make_run(*scaled(losses(line()), factor))).status == Status.FIRED


def test_neither_the_numbering_of_steps_nor_every_second_point_matters() -> None:
    many = losses(line(n=200))
    assert judge(CHECK, make_run(*renumbered(many, 640, 17))).status == Status.FIRED
    assert judge(CHECK, make_run(*every(many, 2))).status == Status.FIRED


def test_weights_that_hardly_moved_support_a_milder_case() -> None:
    curve = 2.3 * (1 - 0.3 * (1 - np.exp(-1.0 * time_of(N))) / (1 - np.exp(-1.0)))
    still = recorded("dense/kernel", training(0, move=0.005))
    assert judge(CHECK, make_run(*losses(curve))).status == Status.CLEAN
    finding = judge(CHECK, make_run(*losses(curve), still)).finding
    assert "no kernel moved" in finding.message


@pytest.mark.parametrize("rate", [2.0, 5.0, 20.0])
def test_a_curve_that_bends_is_not_slow(rate: float) -> None:
    curve = 0.3 + 2.0 * np.exp(-rate * time_of(N))
    assert judge(CHECK, make_run(*losses(curve))).status == Status.CLEAN


def test_a_long_fall_is_not_slow_however_straight() -> None:
    assert judge(CHECK, make_run(*losses(line(0.7)))).status == Status.CLEAN


def test_a_validation_loss_that_does_not_follow_tells_of_memorising() -> None:
    held_out = 2.3 + 0.05 * time_of(N)
    assert judge(CHECK, make_run(*losses(line(), held_out))).status == Status.CLEAN


def test_a_validation_loss_with_noise_of_its_own_follows_all_the_same() -> None:
    (train,) = losses(line())
    rough = noisy(np.random.default_rng(7), line(), 0.02)
    assert judge(CHECK, make_run(train, Scalar("epoch_loss", rough, "validation"))).finding


def test_a_good_score_makes_the_slope_unimportant() -> None:
    score = Scalar("epoch_accuracy", np.linspace(0.93, 0.95, N), "train")
    assert judge(CHECK, make_run(*losses(line()), score)).status == Status.CLEAN


def test_too_few_points_cannot_be_checked() -> None:
    assert judge(CHECK, make_run(*losses(line(n=9)))).status == Status.NOT_CHECKABLE


def test_the_validation_loss_shows_the_slope_that_batch_noise_hides() -> None:
    rng = np.random.default_rng(5)
    slope = line(0.15, 256)
    train = Scalar("train/loss", noisy(rng, slope, 0.03), "train")
    held_out = Scalar("val/loss", noisy(rng, slope[::16], 0.001), "validation", 16 * np.arange(16))
    finding = judge(CHECK, make_run(train, held_out)).finding
    assert finding.tags == ("val/loss",)


@pytest.mark.parametrize(("last", "status"), [(0.7, Status.CLEAN), (0.2, Status.FIRED)])
def test_a_score_that_gained_much_of_what_it_lacked_has_learned(
    last: float, status: Status
) -> None:
    score = Scalar("epoch_accuracy", np.linspace(0.1, last, N), "train")
    assert judge(CHECK, make_run(*losses(line()), score)).status == status


def test_a_validation_loss_that_turned_up_again_does_not_follow() -> None:
    (train,) = losses(line(0.18))
    turned = 2.3 - 0.35 * np.minimum(4 * time_of(N), 1) + 0.25 * np.clip(time_of(N) - 0.25, 0, 1)
    rough = noisy(np.random.default_rng(7), turned, 0.002)
    run = make_run(train, Scalar("epoch_loss", rough, "validation"))
    assert judge(CHECK, run).status == Status.CLEAN
