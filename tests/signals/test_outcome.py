"""How a run did, as its loss and its metrics tell."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Verdict
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, diagnose, make_run, signals_of

T = time_of(60)


def loss(values: FloatArray) -> Scalar:
    return Scalar("epoch_loss", noisy(np.random.default_rng(0), values, 0.002), "train")


GOOD = Scalar("epoch_accuracy", np.linspace(0.5, 0.95, 60), "train")
HIGH = Scalar("epoch_accuracy", np.linspace(0.95, 0.9, 60), "train")


@pytest.mark.parametrize(
    ("series", "bad"),
    [
        ((loss(2.3 * (1 - 0.5 * T)),), False),
        ((loss(2.3 * (1 - 0.06 * T)),), None),  # it fell, and by next to nothing
        ((loss(np.full(60, 2.3)),), True),
        ((loss(2.3 * (1 - 0.06 * T)), GOOD), False),
        ((loss(0.6 + 3.0 * T), HIGH), True),  # it diverged
        ((loss(0.6 + 3.0 * T), GOOD), None),  # it got better at something else
    ],
)
def test_a_run_did_well_where_its_loss_fell_clearly_or_its_metric_is_good(
    series: tuple[Scalar, ...], *, bad: bool | None
) -> None:
    assert signals_of(make_run(*series)).bad_outcome is bad


def test_a_good_score_over_a_loss_that_is_thrown_about_is_neither() -> None:
    swings = 5.0 + 4.0 * np.sin(3.0 * np.arange(60))
    swings[0] = 0.7
    assert signals_of(make_run(loss(swings), GOOD)).bad_outcome is None


def test_a_small_fall_without_findings_is_health_all_the_same() -> None:
    fall = 2.3 * (1 - 0.1 * (1 - np.exp(-8 * T)))
    assert diagnose(make_run(loss(fall))).verdict == Verdict.HEALTHY


def test_the_accuracy_of_chance_needs_the_number_of_classes() -> None:
    score = Scalar("epoch_accuracy", 0.1 + 0.2 * (T > 0.2), "validation")
    ten, unknown = loss(np.full(60, np.log(10))), loss(np.full(60, 5.0))
    assert signals_of(make_run(ten, score)).accuracy_over_chance == pytest.approx(3.0)
    assert signals_of(make_run(unknown, score)).accuracy_over_chance is None
    good_already = Scalar("epoch_accuracy", np.full(60, 0.3), "validation")
    assert signals_of(make_run(ten, good_already)).accuracy_over_chance is None
