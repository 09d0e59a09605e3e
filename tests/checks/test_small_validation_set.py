from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.runs import FloatArray, Scalar, judge, make_run

CHECK = "small-validation-set"
N = 20
RNG = np.random.default_rng(0)


def counted(examples: int, right: float, points: int = N, seed: int = 0) -> FloatArray:
    """Accuracies of so many examples, each right by chance."""
    rng = np.random.default_rng(seed)
    return rng.binomial(examples, right, points).astype(np.float32).astype(float) / examples


def run_of(values: FloatArray, tag: str = "epoch_accuracy") -> tuple[Scalar, ...]:
    return (Scalar(tag, values, "validation"),)


@pytest.mark.parametrize("examples", [5, 7, 16, 23, 30, 37, 49])
@pytest.mark.parametrize("factor", [1, 100])
def test_the_number_of_examples_is_told(examples: int, factor: int) -> None:
    values = factor * np.round(counted(examples, 0.7), 4)
    finding = judge(CHECK, make_run(*run_of(values))).finding
    assert finding.measured["examples"] == examples
    assert f"{examples} examples" in finding.title


def test_it_is_a_warning_where_luck_shows() -> None:
    lucky = judge(CHECK, make_run(*run_of(counted(16, 0.7)))).finding
    calm = judge(CHECK, make_run(*run_of(np.r_[8, 10, 12, np.full(N, 14)] / 16))).finding
    assert (lucky.severity, calm.severity) == (Severity.WARNING, Severity.INFO)


@pytest.mark.parametrize(
    "values",
    [
        counted(60, 0.7),
        counted(10_000, 0.7),
        0.7 + 0.05 * RNG.random(N),
        np.full(N, 0.5),
        np.tile([0.5, 0.75], N // 2),
        np.round(0.7 + 0.1 * RNG.random(N), 2),
        np.linspace(0.1, 0.9, N),
    ],
    ids=["60", "10000", "any", "constant", "two values", "two digits", "line"],
)
def test_other_accuracies_are_clean(values: FloatArray) -> None:
    assert judge(CHECK, make_run(*run_of(values))).status == Status.CLEAN


@pytest.mark.parametrize(
    "series",
    [
        run_of(counted(16, 0.7, 5)),
        run_of(counted(16, 0.7), "epoch_mae"),
        (Scalar("epoch_accuracy", counted(16, 0.7), "train"),),
    ],
    ids=["five points", "no accuracy", "train"],
)
def test_nothing_to_tell_by_cannot_be_checked(series: tuple[Scalar, ...]) -> None:
    assert judge(CHECK, make_run(*series)).status == Status.NOT_CHECKABLE


def test_fiftieths_may_be_what_two_digits_leave() -> None:
    """A third of all sets of nine scores with two digits are even hundredths, or nearly."""
    even = np.array([0.5, 0.52, 0.58, 0.6, 0.62, 0.64, 0.66, 0.68, 0.7])
    assert judge(CHECK, make_run(*run_of(even))).status == Status.CLEAN


def test_points_that_hold_no_number_are_not_counted() -> None:
    few = np.array([np.nan, 0.5, np.nan, 0.75, np.nan, 1.0, np.nan, np.nan])
    assert judge(CHECK, make_run(*run_of(few))).status != Status.FIRED
