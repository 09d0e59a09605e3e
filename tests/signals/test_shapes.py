"""What is measured of the shape of a loss: its progress, swing, turn and divergence."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.signals.divergence import measure_divergence
from tblogreport.signals.progress import measure_guess, measure_progress, nearest_classes
from tblogreport.signals.success import succeeded
from tblogreport.signals.swing import autocorrelation, measure_swing
from tblogreport.signals.turn import measure_turn
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, curve_of, make_run, signals_of

T = time_of(200)


def test_progress_is_the_drop_from_start_to_end() -> None:
    progress = measure_progress(curve_of(np.linspace(4, 1, 200)))
    assert (progress.start, progress.tail) == pytest.approx((4, 1.15), rel=0.05)
    assert progress.relative_drop == pytest.approx(0.71, abs=0.03)
    assert progress.resolvable
    assert not progress.flat


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e4])
def test_a_constant_loss_is_flat_from_its_first_point_on(unit: float) -> None:
    progress = measure_progress(curve_of(unit * np.ones(50)))
    assert (progress.flat, progress.drop, progress.plateau_from) == (True, 0.0, 0)


def test_the_plateau_begins_where_the_fall_ends() -> None:
    values = noisy(np.random.default_rng(0), np.maximum(3 - 8 * T, 1.0), 0.005)
    progress = measure_progress(curve_of(values))
    assert progress.plateau_share == pytest.approx(0.75, abs=0.1)


def test_a_loss_below_zero_is_held_against_its_own_range() -> None:
    progress = measure_progress(curve_of(noisy(np.random.default_rng(0), 3 - 6 * T + 9, 0.01) - 9))
    assert not progress.flat
    assert progress.relative_drop > 0.5


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_the_loss_and_accuracy_of_a_guess_are_known(classes: int) -> None:
    accuracy = curve_of(np.full(50, 1.0 / classes, np.float64), tag="accuracy")
    guess = measure_guess(float(np.log(classes)), accuracy)
    assert guess is not None
    assert guess.classes == classes
    assert guess.accuracy == pytest.approx(guess.expected)
    learned = curve_of(np.full(50, 2.0 / classes + 0.2, np.float64), tag="accuracy")
    assert measure_guess(float(np.log(classes)), learned) is None


def test_only_accuracy_tells_a_guess() -> None:
    assert measure_guess(2.3, None) is None
    assert measure_guess(2.3, curve_of(np.full(50, 0.1), tag="auc")) is None
    assert measure_guess(0.0, curve_of(np.full(50, 0.1), tag="accuracy")) is None


def test_levels_of_guessing_have_common_numbers_of_classes() -> None:
    assert [nearest_classes(loss) for loss in (0.693, 2.31, 4.605, 1.9, 0.0, -1.0)] == [
        2,
        10,
        100,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("tag", "values", "expected"),
    [
        ("accuracy", np.linspace(0.1, 0.6, 50), True),
        ("accuracy", np.full(50, 0.95), True),
        ("accuracy", np.full(50, 95.0), True),
        ("accuracy", np.full(50, 0.1), False),
        ("accuracy", np.linspace(0.6, 0.1, 50), False),
        ("mae", np.linspace(9, 1, 50), True),
        ("mae", np.full(50, 0.9), False),
        ("energy", np.linspace(0.1, 0.9, 50), False),
        ("accuracy", np.array([0.1, 0.9]), False),
    ],
)
def test_a_metric_says_success(tag: str, values: FloatArray, expected: bool) -> None:
    assert succeeded(curve_of(values, tag=tag)) is expected


def test_a_swing_has_its_height_period_and_sign() -> None:
    swing = measure_swing(curve_of(2 + np.sin(2 * np.pi * np.arange(600) / 40)))
    assert swing is not None
    assert swing.level == pytest.approx(2, abs=0.1)
    assert swing.amplitude == pytest.approx(2, rel=0.1)
    assert swing.period == pytest.approx(40, rel=0.1)
    assert 8 <= swing.cycles <= 10
    assert swing.lag1 > 0.9
    alternating = measure_swing(curve_of(2 + 0.5 * (-1.0) ** np.arange(60)))
    assert alternating is not None
    assert alternating.lag1 < -0.9


def test_averages_of_noise_spread_as_noise_does_and_those_of_waves_more() -> None:
    noise = np.random.default_rng(0).standard_normal(3000)
    waves = 2 * np.sin(np.arange(3000) / 60)
    flat, wavy = measure_swing(curve_of(9 + noise)), measure_swing(curve_of(9 + noise + waves))
    assert flat is not None
    assert wavy is not None
    assert flat.excess == pytest.approx(1, abs=0.4)
    assert wavy.excess > 3


def test_too_few_points_have_no_swing() -> None:
    assert measure_swing(curve_of(np.arange(10.0))) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [(np.ones(9), 0.0), (np.tile([1.0, -1.0], 50), -1.0), (np.sin(T * 6), 1.0)],
)
def test_autocorrelation(values: FloatArray, expected: float) -> None:
    assert autocorrelation(values) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("turn", [0.2, 0.5, 0.8])
def test_a_turn_has_its_place_and_its_height(turn: float) -> None:
    values = 1 + np.abs(T - turn)
    measured = measure_turn(curve_of(values))
    assert measured.index == pytest.approx(200 * turn, abs=2)
    assert measured.step == measured.index
    assert measured.lowest == pytest.approx(1, abs=0.01)
    assert measured.remaining == pytest.approx(1 - turn, abs=0.02)
    assert measured.rebound == pytest.approx(1 - turn - 0.05, abs=0.03)
    assert measured.share_of_progress == pytest.approx((0.95 - turn) / turn, rel=0.2)
    assert measured.tau > 0.9


def test_a_falling_curve_has_not_turned() -> None:
    measured = measure_turn(curve_of(np.linspace(2, 1, 200)))
    assert measured.remaining < 0.05
    assert measured.rebound <= 0.05


def test_a_divergence_has_its_place_and_its_level() -> None:
    values = np.concatenate([np.linspace(3, 1, 100), np.linspace(1, 5, 100)])
    found = measure_divergence(curve_of(values))
    assert found is not None
    assert found.best == pytest.approx(1, abs=0.1)
    assert found.best_step == pytest.approx(99, abs=10)
    assert 100 <= found.left_step <= 150
    assert found.tail == pytest.approx(4.8, abs=0.2)
    assert found.rise == pytest.approx(found.tail - found.best)


@pytest.mark.parametrize(
    "values",
    [np.linspace(3, 1, 100), np.ones(100), 2 + np.sin(np.arange(400) / 8), np.array([3.0, 9.0])],
    ids=["fall", "constant", "oscillation", "two points"],
)
def test_what_falls_stays_or_comes_back_has_not_diverged(values: FloatArray) -> None:
    assert measure_divergence(curve_of(values)) is None


@pytest.mark.parametrize(
    ("values", "bad"),
    [
        (np.linspace(3, 1, 100), False),
        (np.concatenate([np.linspace(3, 1, 50), np.linspace(1, 9, 50)]), True),
        (np.full(100, 2.3), True),
        (np.ones(3), None),
    ],
)
def test_the_outcome_of_a_run(values: FloatArray, bad: bool | None) -> None:
    assert signals_of(make_run(Scalar("loss", values))).bad_outcome is bad


def test_the_outcome_of_what_is_not_supervised_is_unknown() -> None:
    run = make_run(Scalar("g_loss", np.ones(99)), Scalar("d_loss", np.ones(99)))
    assert signals_of(run).bad_outcome is None
