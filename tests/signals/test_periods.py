"""What comes in every period is told from what comes once."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.signals.periods import gathered, recurring
from tests.runs import FloatArray

N, PERIOD = 600, 20


def teeth(height: float = 2.0) -> FloatArray:
    """One point of every period is high; how high, varies."""
    rng = np.random.default_rng(0)
    values = 0.05 * rng.standard_normal(N)
    values[5::PERIOD] += height * rng.uniform(0.5, 1.5, N // PERIOD)
    return values


def test_what_comes_in_every_period_recurs_and_what_is_larger_does_not() -> None:
    values = teeth()
    values[312] = 9.0
    values[325] = 40.0
    assert recurring(values, [205, 312, 325]) == [True, False, False]


def test_points_at_one_place_of_the_period_are_gathered() -> None:
    assert gathered(teeth(), [25, 105, 245, 405])
    assert not gathered(teeth(), [25, 112, 258, 403])
    assert not gathered(teeth(), [25])


@pytest.mark.parametrize(
    "values", [np.random.default_rng(0).standard_normal(N), np.zeros(N), np.zeros(9), np.arange(N)]
)
def test_nothing_recurs_without_a_period(values: FloatArray) -> None:
    points = [1, 3, 5]
    assert recurring(np.asarray(values, dtype=np.float64), points) == [False] * 3
    assert not gathered(np.asarray(values, dtype=np.float64), points)
