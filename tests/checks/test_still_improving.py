from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, judge, make_run, scaled

CHECK = "still-improving"


def power(n: int = 200, exponent: float = 0.5, floor: float = 0.2) -> FloatArray:
    return np.asarray(floor + (1.0 + 50.0 * time_of(n)) ** -exponent)


def loss(values: FloatArray, split: str = "train", sigma: float = 0.01, seed: int = 1) -> Scalar:
    return Scalar("epoch_loss", noisy(np.random.default_rng(seed), values, sigma), split)


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_a_power_law_that_goes_on_is_forecast(factor: float) -> None:
    run = make_run(*scaled((loss(power()),), factor))
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.INFO
    truth = (51.0**-0.5 - 101.0**-0.5) / power()[-1]  # at the end, and at twice the length
    assert float(finding.measured["gain_least"]) <= truth * 1.4
    assert float(finding.measured["gain_most"]) >= truth * 0.6


def test_the_validation_loss_is_the_one_that_counts() -> None:
    turned = 0.5 + np.abs(time_of(200) - 0.3)
    held_out = loss(turned, "validation", seed=2)
    assert judge(CHECK, make_run(loss(power()), held_out)).status == Status.CLEAN
    falling = loss(power(floor=0.4), "validation", seed=3)
    finding = judge(CHECK, make_run(loss(power()), falling)).finding
    assert finding.tags == ("validation/epoch_loss",)


@pytest.mark.parametrize("n", [30, 200, 5_000])
def test_a_plateau_promises_nothing(n: int) -> None:
    settled = 0.3 + 2 * np.exp(-time_of(n) * 25)
    assert judge(CHECK, make_run(loss(settled))).status == Status.CLEAN


def test_noise_about_one_level_promises_nothing() -> None:
    fired = [
        judge(CHECK, make_run(loss(np.ones(100), sigma=0.3, seed=s))).status for s in range(20)
    ]
    assert set(fired) == {Status.CLEAN}


def test_too_few_points_cannot_be_checked() -> None:
    assert judge(CHECK, make_run(loss(power(10)))).status == Status.NOT_CHECKABLE


@pytest.mark.parametrize("shape", [power(), 1.0 - 0.9 * time_of(200), power(floor=-0.13)])
def test_a_loss_above_zero_is_not_promised_to_fall_below(shape: FloatArray) -> None:
    result = judge(CHECK, make_run(loss(shape, sigma=0.001)))
    gains = [float(f.measured["gain_most"]) for f in result.findings]
    assert all(gain <= 1.0 for gain in gains)


def test_a_rate_that_has_run_out_ends_what_could_be_forecast() -> None:
    constant = Scalar("train/lr", np.full(200, 0.1), "train")
    decayed = Scalar("train/lr", 0.1 * (1.0 - 0.999 * time_of(200)), "train")
    assert judge(CHECK, make_run(loss(power()), constant)).status == Status.FIRED
    assert judge(CHECK, make_run(loss(power()), decayed)).status == Status.CLEAN
