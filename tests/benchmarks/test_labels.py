"""Labels follow what was measured inside a network, not what was meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.accuracy.labels import Label, curve_label, judge
from benchmarks.accuracy.recipe import Checkpoint, Record

FALLING = np.linspace(2.3, 0.2, 24)
LOGGED = "BVWNGAH"


def record(
    train: Sequence[float] | np.ndarray = FALLING,
    held_out: Sequence[float] | np.ndarray | None = None,
    *,
    accuracy: float = 0.95,
    gradients: tuple[float, ...] = (0.1, 0.1, 0.1),
    zeros: float = 0.5,
    unmoved: tuple[str, ...] = (),
    logged: str = LOGGED,
) -> Record:
    validation = train if held_out is None else held_out
    checkpoints = [
        Checkpoint(
            step=10 * i,
            train_loss=float(loss),
            validation_loss=float(validation[i]),
            train_accuracy=accuracy,
            validation_accuracy=accuracy,
            gradient_rms={f"fc{n}": g for n, g in enumerate(gradients)},
            kernel_rms={"fc0": 0.1},
            zero_share={"relu": zeros},
            saturated_share={},
        )
        for i, loss in enumerate(train)
    ]
    return Record(checkpoints, [float(loss) for loss in train], [], list(unmoved), ["fc0"], logged)


TWIN = record()
STUCK = record(np.full(24, 2.3), accuracy=0.1)


def label(case: str, found: Record, twin: Record | None = TWIN) -> Label:
    result = judge(case, ("some-cause",), found, twin)
    assert result is not None
    return result


def test_a_habit_under_which_the_program_learns_is_healthy() -> None:
    healthy = label("dropout", record(), twin=None)
    assert not healthy.faulty
    assert not any(healthy.checks.values())


def test_a_habit_under_which_nothing_is_learned_is_no_example_of_health() -> None:
    assert judge("dropout", (), STUCK, None) is None


def test_a_fault_that_does_not_show_itself_is_dropped() -> None:
    assert judge("shuffled-labels", ("labels-or-data-broken",), record(), TWIN) is None


def test_a_run_that_stays_at_its_start_while_its_twin_learns_is_stuck() -> None:
    found = label("shuffled-labels", STUCK)
    assert found.faulty
    assert found.checks["non-converging-loss"] is True
    assert found.checks["nan-or-inf"] is False


def test_a_validation_loss_that_rises_is_overfitting_whatever_was_meant() -> None:
    rising = np.concatenate([np.linspace(2.3, 0.8, 10), np.linspace(0.8, 1.6, 14)])
    found = label("plain", record(held_out=rising), twin=None)
    assert found.faulty
    assert found.causes == ("too-little-regularization",)
    assert found.checks["overfitting"] is True


def test_a_small_rise_is_undecided() -> None:
    rising = np.concatenate([np.linspace(2.3, 0.8, 18), np.linspace(0.8, 0.85, 6)])
    found = label("plain", record(held_out=rising), twin=None)
    assert "overfitting" in found.undecided


def test_a_loss_that_leaves_its_level_once_does_not_oscillate() -> None:
    def wrong(late: np.ndarray) -> Label:
        losses = np.concatenate([np.linspace(2.3, 0.5, 12), late])
        return label("learning-rate-too-high", record(losses, np.full(24, 2.3), accuracy=0.5))

    up_and_down = wrong(np.resize([0.3, 1.2], 12))
    assert up_and_down.checks["oscillating-loss"] is True
    one_hump = wrong(0.3 + 1.2 * np.exp(-(np.linspace(-2.0, 2.0, 12) ** 2)))
    assert "oscillating-loss" in one_hump.undecided


def test_what_was_not_logged_is_not_demanded() -> None:
    dead = replace(STUCK, checkpoints=record(np.full(24, 2.3), accuracy=0.1, zeros=1.0).checkpoints)
    assert label("negative-bias", dead).checks["dead-layer"] is True
    assert "dead-layer" not in label("negative-bias", replace(dead, logged="V")).checks


def test_gradients_vanish_only_where_they_are_really_small() -> None:
    small = record(np.full(24, 2.3), accuracy=0.1, gradients=(1e-6, 1e-4, 0.1))
    assert label("deep-sigmoid", small).checks["vanishing-gradients"] is True
    assert label("deep-sigmoid", STUCK).checks["vanishing-gradients"] is False


def test_nan_is_measured_too() -> None:
    lost = np.where(np.arange(24) > 12, np.nan, FALLING)
    assert label("nan-in-the-data", record(lost)).checks["nan-or-inf"] is True


def test_weights_that_are_nan_behind_a_finite_loss_are_seen_in_histograms_alone() -> None:
    hidden = replace(STUCK.checkpoints[-1], kernel_rms={"fc0": float("nan")})
    found = replace(STUCK, checkpoints=[*STUCK.checkpoints[:-1], hidden])
    assert label("nan-in-the-data", found).checks["nan-or-inf"] is True
    assert "nan-or-inf" in label("nan-in-the-data", replace(found, logged="V")).undecided


def test_updates_and_a_gap_are_judged_by_what_was_measured() -> None:
    far = [replace(c, update_ratio={"fc0": 0.5}) for c in STUCK.checkpoints]
    thrown = replace(STUCK, checkpoints=far, logged=LOGGED + "U")
    assert label("learning-rate-too-high", thrown).checks["update-ratio"] is True
    usual = [replace(c, update_ratio={"fc0": 1e-3}) for c in STUCK.checkpoints]
    steady = replace(thrown, checkpoints=usual)
    assert label("shuffled-labels", steady).checks["update-ratio"] is False
    easy = label("plain", record(held_out=0.3 * FALLING), twin=None)
    assert easy.checks["validation-below-training"] is True
    assert not easy.faulty


def test_layers_that_were_meant_to_be_frozen_are_no_fault() -> None:
    frozen = record(unmoved=("fc0",))
    assert label("frozen-backbone", frozen, twin=None).checks["unchanged-weights"] is False
    harmed = record(unmoved=("fc0",), accuracy=0.7)
    assert label("forgotten-layer", harmed).checks["unchanged-weights"] is True
    assert judge("forgotten-layer", ("layer-not-trained",), frozen, TWIN) is None


def test_a_drawn_curve_demands_its_class_alone() -> None:
    assert curve_label("overfitting", ()).checks == {"overfitting": True}
    assert not any(curve_label(None, ()).checks.values())
