from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, diagnose, judge, make_run

CHECK = "posterior-collapse"
N = 100
T = time_of(N)


def series(divergence: FloatArray, reconstruction: FloatArray, *tags: str) -> list[Scalar]:
    names = tags or ("train/kl_loss", "train/recon_loss")
    rng = np.random.default_rng(0)
    values = (noisy(rng, divergence, 0.05), noisy(rng, reconstruction, 0.02))
    total = Scalar("train/loss", values[0] + values[1], "train")
    return [
        total,
        *(Scalar(tag, value, "train") for tag, value in zip(names, values, strict=True)),
    ]


LOST = 50.0 * np.exp(-20.0 * T) + 1e-3
FLAT = 0.4 + 0.6 * np.exp(-60.0 * T)


@pytest.mark.parametrize(
    "tags",
    [("train/kl_loss", "train/recon_loss"), ("KLD", "Reconstruction Loss"), ("kl", "rec_loss")],
)
@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e3])
def test_a_code_that_carries_nothing_is_found(tags: tuple[str, str], unit: float) -> None:
    run = make_run(*series(LOST, unit * FLAT, *tags))
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.WARNING
    assert finding.steps is not None
    assert 30 < finding.steps[0] < 60
    assert float(finding.measured["end"]) < float(finding.thresholds["end"])


@pytest.mark.parametrize(
    ("divergence", "reconstruction"),
    [
        (20.0 * (1 - np.exp(-8.0 * T)) + 0.1, FLAT),
        (300.0 * np.exp(-8.0 * T) + 12.0, FLAT),
        (LOST, 0.1 + np.exp(-2.0 * T)),
        (np.full(N, 0.05), FLAT),
        (0.05 * np.exp(-20.0 * T) + 0.003, FLAT),
    ],
    ids=["learned", "annealed", "the reconstruction gains", "small", "averaged"],
)
def test_other_courses_are_clean(divergence: FloatArray, reconstruction: FloatArray) -> None:
    assert judge(CHECK, make_run(*series(divergence, reconstruction))).status == Status.CLEAN


@pytest.mark.parametrize(
    "tags",
    [
        ("train/approx_kl", "train/recon_loss"),
        ("distill_kl", "recon_loss"),
        ("train/kl_loss", "train/other_loss"),
        ("train/ce_loss", "train/recon_loss"),
    ],
)
def test_what_is_no_autoencoder_has_no_code_to_lose(tags: tuple[str, str]) -> None:
    assert judge(CHECK, make_run(*series(LOST, FLAT, *tags))).status == Status.CLEAN


def test_seven_points_cannot_be_checked() -> None:
    run = make_run(*series(LOST[::15], FLAT[::15]))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


@pytest.mark.parametrize("seed", [6, 21, 43, 63])
def test_a_code_that_is_nearly_lost_at_the_end_does_not_crash(seed: int) -> None:
    """Its last values lie below the limit, and its trend does not yet."""
    wild = np.exp(0.5 * np.random.default_rng(seed).standard_normal(N))
    falls = np.maximum(5.0 * np.exp(-0.6 * np.arange(N)), 0.048) * wild
    run = make_run(
        Scalar("train/kl_loss", falls, "train"), Scalar("train/recon_loss", FLAT, "train")
    )
    assert judge(CHECK, run).status in {Status.FIRED, Status.CLEAN}


def test_its_cause_is_the_weight_of_the_term() -> None:
    lead = diagnose(make_run(*series(LOST, FLAT))).causes[0]
    assert lead.cause == "too-much-regularization"
    assert "outweighs" in lead.summary
    assert "annealing" in lead.fixes[0]
