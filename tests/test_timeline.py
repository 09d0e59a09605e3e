"""What happened when is told in order, in steps and wall time, and moments alone are told."""

from __future__ import annotations

import numpy as np

from tblogreport.findings import Event
from tblogreport.reading.run import Run
from tests.families import time_of
from tests.runs import BEGUN, DURATION, Scalar, diagnose, make_run

N = 100
T = time_of(N)
FALL = 0.2 + 2 * np.exp(-8 * T)


def loss(values: np.ndarray, split: str = "train") -> Scalar:
    return Scalar("epoch_loss", values, split)


def told(run: Run) -> dict[str, Event]:
    return {event.kind: event for event in diagnose(run).timeline}


def test_events_are_in_the_order_of_wall_time() -> None:
    rate = Scalar("lr", 0.1 * np.where(T < 0.4, 1.0, np.where(T < 0.7, 0.1, 0.03)), "train")
    turned = FALL + 1.5 * np.clip(T - 0.5, 0, None)
    run = make_run(loss(FALL - 0.15 * T), loss(turned, "validation"), rate)
    events = diagnose(run).timeline
    walls = [event.wall_time for event in events]
    assert walls == sorted(walls)
    assert all(BEGUN <= wall <= BEGUN + DURATION for wall in walls)
    assert {"learning-rate", "best", "overfitting", "wasted"} <= {e.kind for e in events}


def test_cuts_of_the_rate_are_told_with_both_values() -> None:
    rate = Scalar("lr", np.where(T <= 0.5, 0.1, 0.02), "train")
    cut = told(make_run(loss(FALL), rate))["learning-rate"]
    assert cut.step == 50
    assert "from 0.1 to 0.02" in cut.what


def test_a_constant_rate_is_no_event() -> None:
    assert "learning-rate" not in told(make_run(loss(FALL), Scalar("lr", np.full(N, 0.1), "train")))


def test_the_first_value_that_is_not_finite_has_its_moment() -> None:
    lost = told(make_run(loss(np.where(np.arange(N) >= 60, np.nan, FALL))))["nan-or-inf"]
    assert lost.step == 60
    assert lost.wall_time == BEGUN + DURATION * 60 / (N - 1)


def test_what_is_so_from_the_start_is_no_moment() -> None:
    flat = np.log(10) + 1e-3 * np.random.default_rng(0).standard_normal(N)
    assert "non-converging-loss" not in told(make_run(loss(flat)))


def test_a_calm_run_has_its_best_value_and_nothing_else() -> None:
    assert set(told(make_run(loss(FALL)))) == {"best"}
