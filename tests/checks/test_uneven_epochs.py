from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import healthy, noisy, oscillating, time_of
from tests.runs import FloatArray, Scalar, diagnose, judge, make_run

CHECK = "uneven-epochs"
N = 60


def fall(n: int = N, seed: int = 0, sigma: float = 0.01) -> FloatArray:
    return noisy(np.random.default_rng(seed), 0.2 + 1.5 * np.exp(-4.0 * time_of(n)), sigma)


def emptied(values: FloatArray, first: int) -> FloatArray:
    every_second = np.arange(len(values)) % 2 == first
    return np.where(every_second, 0.0, values)


def scattered(values: FloatArray, seed: int, first: int = 1) -> FloatArray:
    """Every second value is that of a single batch."""
    every_second = np.arange(len(values)) % 2 == first
    batch = 1 + 0.2 * np.random.default_rng(seed).standard_normal(len(values))
    return np.where(every_second, values * batch, values)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("n", [6, 7, N])
@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_every_second_epoch_of_nothing_is_found(n: int, first: int, factor: float) -> None:
    run = make_run(
        Scalar("epoch_loss", factor * emptied(fall(n), first), "train"),
        Scalar("epoch_loss", factor * fall(n, 1), "validation"),
    )
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.steps) == (Severity.WARNING, (first, n - 1))
    assert finding.title == "Every second epoch sees no data"
    assert finding.tags == ("train/epoch_loss",)
    assert "repeat()" in finding.fixes[0]
    assert diagnose(run).causes[0].cause == "input-runs-out"


def test_every_second_epoch_of_a_batch_is_found() -> None:
    run = make_run(
        Scalar("epoch_loss", scattered(fall(), 1), "train"),
        Scalar("epoch_loss", scattered(fall(), 2), "validation"),
    )
    finding = judge(CHECK, run).finding
    assert finding.title == "Every second epoch sees hardly any data"
    assert float(finding.measured["noise_ratio"]) > float(finding.thresholds["noise_ratio"])
    assert len(finding.tags) == 2


@pytest.mark.parametrize(
    "train",
    [
        fall(),
        fall(sigma=0.2),
        np.zeros(N),
        np.where(np.arange(N) % 3 == 1, 0.0, fall()),
        np.where(np.arange(N) == 7, 0.0, fall()),
    ],
    ids=["smooth", "noisy", "zero", "every third", "one zero"],
)
def test_other_series_are_clean(train: FloatArray) -> None:
    run = make_run(Scalar("epoch_loss", train, "train"), Scalar("epoch_loss", fall(), "validation"))
    assert judge(CHECK, run).status == Status.CLEAN


def test_one_series_alone_is_not_enough_where_none_is_empty() -> None:
    run = make_run(
        Scalar("epoch_loss", scattered(fall(), 1), "train"),
        Scalar("epoch_loss", scattered(fall(), 2, first=0), "validation"),
    )
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_wave_of_four_epochs_is_another_thing() -> None:
    wave = 1 + 0.3 * np.sin(np.pi / 2 * np.arange(N))
    run = make_run(Scalar("epoch_loss", wave, "train"), Scalar("epoch_loss", wave, "validation"))
    assert judge(CHECK, run).status == Status.CLEAN


def test_what_is_written_every_second_epoch_only_is_another_thing() -> None:
    for tag in ("epoch_acc", "epoch_aux_loss"):
        beside = Scalar(tag, emptied(1 - fall(), 0), "validation")
        losses = [Scalar("epoch_loss", fall(N, k), s) for k, s in ((1, "train"), (2, "validation"))]
        assert judge(CHECK, make_run(*losses, beside)).status == Status.CLEAN


def test_batches_may_alternate() -> None:
    run = make_run(Scalar("train/loss", emptied(fall(5_000), 1), "train"))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


@pytest.mark.parametrize("family", [healthy, oscillating])
def test_drawn_curves_are_never_uneven(family: object) -> None:
    rng = np.random.default_rng(1)
    assert callable(family)
    statuses = {judge(CHECK, make_run(*family(rng))).status for _ in range(100)}
    assert Status.FIRED not in statuses


def test_five_points_cannot_be_checked() -> None:
    judged = judge(CHECK, make_run(Scalar("epoch_loss", emptied(fall(5), 1), "train")))
    assert judged.status == Status.NOT_CHECKABLE


def shifted(values: FloatArray, by: float) -> FloatArray:
    return values * np.where(np.arange(len(values)) % 2 == 1, by, 1.0)


@pytest.mark.parametrize("by", [0.6, 1.5])
def test_every_second_epoch_of_other_data_is_found(by: float) -> None:
    run = make_run(
        Scalar("loss", shifted(fall(), by), "train"), Scalar("loss", fall(seed=1), "validation")
    )
    finding = judge(CHECK, run).finding
    assert finding.title == "Every second epoch sees other data"
    assert ("higher" in finding.message) == (by > 1)
    assert [cause.cause for cause in diagnose(run).causes] == ["input-runs-out"]


def test_a_network_that_is_thrown_to_and_fro_is_so_for_validation_data_as_well() -> None:
    run = make_run(
        Scalar("epoch_loss", shifted(fall(), 1.5), "train"),
        Scalar("epoch_loss", shifted(fall(seed=1), 1.5), "validation"),
    )
    assert judge(CHECK, run).status == Status.CLEAN
    alone = make_run(Scalar("epoch_loss", shifted(fall(), 1.5), "train"))
    assert judge(CHECK, alone).status == Status.CLEAN
