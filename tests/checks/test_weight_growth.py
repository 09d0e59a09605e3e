from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.runs import Buckets, FloatArray, Histogram, Scalar, judge, make_run, tf_histogram
from tests.tensors import bad_loss, both_writers, good_loss, no_loss, recorded

CHECK = "weight-growth"
INPUTS, UNITS, N = 32, 16, 20


def layer(
    name: str, gains: FloatArray, buckets: Buckets = tf_histogram, every: int = 1, first: int = 0
) -> list[Histogram]:
    """A layer whose weights have these gains, record by record; 1.4 is He's."""
    rng = np.random.default_rng(sum(name.encode()))
    draws = rng.standard_normal(INPUTS * UNITS)
    steps = 100 * np.arange(len(gains))[::every] + first
    kernel: list[FloatArray] = [gain / np.sqrt(INPUTS) * draws for gain in gains[::every]]
    biases = [0.01 * np.arange(UNITS, dtype=np.float64) * (i + 1) for i in range(len(kernel))]
    return [
        recorded(f"weights/{name}/kernel", kernel, buckets, steps),
        recorded(f"weights/{name}/bias", biases, buckets, steps),
    ]


def steadily(factor: float, start: float = 1.4) -> FloatArray:
    return np.asarray(start * factor ** np.linspace(0.0, 1.0, N))


def levelling_off(factor: float, start: float = 1.4) -> FloatArray:
    share = 1.0 - np.exp(-np.arange(N) / 1.5)
    return np.asarray(start * factor**share)


@both_writers
@pytest.mark.parametrize("every", [1, 2])
def test_weights_that_grow_to_the_end_name_their_layer(buckets: Buckets, every: int) -> None:
    run = make_run(
        bad_loss(),
        *layer("dense", steadily(1.0), buckets, every),
        *layer("dense_1", steadily(200.0), buckets, every),
    )
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.layer) == (Severity.WARNING, "dense_1")
    assert 50 < float(finding.measured["growth"]) <= 200
    assert finding.steps == (0, 100 * (N - every))


@both_writers
@pytest.mark.parametrize("factor", [60.0, 1_000.0])
def test_straight_growth_goes_on_as_well(factor: float, buckets: Buckets) -> None:
    gains = np.linspace(1.4, 1.4 * factor, N)
    assert judge(CHECK, make_run(bad_loss(), *layer("dense", gains, buckets))).finding.layer
    as_a_root = 1.4 + 1.4 * factor * np.sqrt(np.linspace(0.0, 1.0, N))  # Adam's steps add up so
    run = make_run(good_loss(), *layer("dense", as_a_root, buckets))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize("factor", [1.0, 1.5, 3.0, 8.0])
@pytest.mark.parametrize("loss", [bad_loss(), good_loss(), no_loss()])
def test_usual_growth_is_silent(factor: float, loss: Scalar) -> None:
    assert judge(CHECK, make_run(loss, *layer("dense", steadily(factor)))).status == Status.CLEAN


@pytest.mark.parametrize("loss", [bad_loss(), good_loss()])
def test_early_growth_that_levels_off_is_training(loss: Scalar) -> None:
    run = make_run(loss, *layer("dense", levelling_off(15.0)))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize("curve", [steadily(60.0, 0.03), levelling_off(60.0, 0.03)])
@pytest.mark.parametrize("loss", [bad_loss(), good_loss()])
def test_weights_that_began_too_small_come_up_to_the_usual_size(
    curve: FloatArray, loss: Scalar
) -> None:
    assert judge(CHECK, make_run(loss, *layer("dense", curve))).status == Status.CLEAN


@pytest.mark.parametrize(
    ("loss", "severity"),
    [(bad_loss(), Severity.WARNING), (no_loss(), Severity.INFO), (good_loss(), Severity.INFO)],
    ids=["bad", "unknown", "good"],
)
def test_it_is_as_serious_as_the_outcome(loss: Scalar, severity: Severity) -> None:
    finding = judge(CHECK, make_run(loss, *layer("dense", steadily(60.0)))).finding
    assert finding.severity == severity


def test_extreme_growth_is_a_warning_where_nothing_tells_the_outcome() -> None:
    run = make_run(*layer("dense", steadily(1e4)))
    assert judge(CHECK, run).finding.severity == Severity.WARNING


def test_weights_that_jump_are_found_unless_the_run_did_well() -> None:
    gains = np.r_[1.4, np.full(N - 1, 80.0)]
    finding = judge(CHECK, make_run(bad_loss(), *layer("dense", gains))).finding
    assert (finding.severity, finding.thresholds["growth"]) == (Severity.WARNING, 20.0)
    assert "jumped" in finding.title
    assert judge(CHECK, make_run(good_loss(), *layer("dense", gains))).status == Status.CLEAN


@pytest.mark.parametrize(
    ("loss", "first", "status"),
    [
        (bad_loss(), 100, Status.FIRED),
        (bad_loss(), 0, Status.CLEAN),
        (good_loss(), 100, Status.CLEAN),
    ],
    ids=["thrown", "began so", "harmless"],
)
def test_weights_that_are_huge_at_a_late_first_record_were_thrown(
    loss: Scalar, first: int, status: Status
) -> None:
    run = make_run(loss, *layer("dense", np.full(N, 80.0), first=first))
    assert judge(CHECK, run).status == status


@both_writers
@pytest.mark.parametrize(
    ("loss", "severity"), [(bad_loss(), Severity.ERROR), (good_loss(), Severity.INFO)]
)
def test_weights_that_collapse_are_found(
    loss: Scalar, severity: Severity, buckets: Buckets
) -> None:
    run = make_run(
        loss,
        *layer("dense", steadily(1.0), buckets),
        *layer("dense_1", levelling_off(1e-4), buckets),
    )
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.layer) == (severity, "dense_1")
    assert "collapse" in finding.title


@pytest.mark.parametrize("factor", [0.5, 0.1, 0.02])
def test_weight_decay_at_work_is_silent(factor: float) -> None:
    run = make_run(bad_loss(), *layer("dense", levelling_off(factor)))
    assert judge(CHECK, run).status == Status.CLEAN


def test_weights_that_begin_at_zero_have_no_growth() -> None:
    gains = np.r_[0.0, np.linspace(0.1, 2.0, N - 1)]
    assert judge(CHECK, make_run(bad_loss(), *layer("dense", gains))).status == Status.CLEAN


def test_one_outlier_is_no_growth() -> None:
    """It makes the buckets so wide that nothing is certain of the others."""
    rng = np.random.default_rng(0)
    values = [0.1 * rng.standard_normal(INPUTS * UNITS) for _ in range(N)]
    for index, record in enumerate(values):
        record[0] = 0.3 * 1.15**index
    run = make_run(bad_loss(), recorded("weights/dense/kernel", values, steps=np.arange(N)))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize(
    "series",
    [[bad_loss()], [bad_loss(), *layer("dense", steadily(60.0)[:4])]],
    ids=["no tensors", "few records"],
)
def test_without_weights_it_cannot_be_checked(series: list[Scalar | Histogram]) -> None:
    judged = judge(CHECK, make_run(*series))
    assert judged.status == Status.NOT_CHECKABLE
    assert "no weights were logged" in (judged.reason or "")
