"""Series and tensors that no training should write, and logs do hold."""

from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Status, Verdict
from tests.runs import FloatArray, Histogram, Scalar, diagnose, make_run, tf_histogram
from tests.tensors import bad_loss

N = 40
FALL = np.exp(-np.arange(N) / 10) + 0.1

ODD_VALUES = {
    "no point": np.array([]),
    "one point": np.array([1.0]),
    "two points": np.array([1.0, 2.0]),
    "all NaN": np.full(N, np.nan),
    "all infinite": np.full(N, np.inf),
    "one finite": np.where(np.arange(N) == 3, 1.0, np.nan),
    "zero": np.zeros(N),
    "constant": np.full(N, 2.3),
    "negative constant": np.full(N, -2.3),
    "negative": FALL - 50,
    "thousandths": 1e-3 * FALL,
    "tens of thousands": 3e4 * FALL,
    "denormal": 1e-310 * FALL,
    "near the largest": 1e308 * FALL,
    "both signs of the largest": 1e308 * (-1.0) ** np.arange(N),
    "every second NaN": np.where(np.arange(N) % 2, np.nan, FALL),
}
ODD_STEPS = {
    "descending": np.arange(N)[::-1],
    "equal": np.full(N, 7),
    "back and forth": np.tile(np.arange(N // 4), 4),
    "negative": np.arange(N) - 100,
    "huge": 2**61 + np.arange(N),
}
ODD_RECORDS = {
    "NaN": tf_histogram([np.nan, 1.0]),
    "constant": tf_histogram(np.full(9, 0.5)),
    "zero": tf_histogram(np.zeros(9)),
    "one value": tf_histogram([3.0]),
    "no bucket": (np.array([0.0]), np.array([])),
    "no count": (np.linspace(0, 1, 5), np.zeros(4)),
    "infinite edges": (np.array([-np.inf, 0.0, np.inf]), np.array([1.0, 1.0])),
    "NaN count": (np.array([0.0, 1.0]), np.array([np.nan])),
    "huge": (np.array([-1e308, 0.0, 1e308]), np.array([1.0, 1.0])),
}


def crashes(*series: Scalar | Histogram) -> list[str | None]:
    checks = diagnose(make_run(*series)).checks
    return [result.reason for result in checks if result.status == Status.CRASHED]


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("values", ODD_VALUES.values(), ids=list(ODD_VALUES))
@pytest.mark.parametrize("split", ["train", "validation", "both"])
def test_odd_values_crash_no_check(values: FloatArray, split: str) -> None:
    odd = Scalar("epoch_loss", values, "train" if split == "both" else split)
    other = Scalar(
        "epoch_loss",
        values if split == "both" else FALL,
        "validation" if split != "validation" else "train",
    )
    metric = Scalar("epoch_accuracy", np.clip(values, 0, 1), "train")
    assert crashes(odd, other, metric) == []


@pytest.mark.parametrize("values", ODD_VALUES.values(), ids=list(ODD_VALUES))
def test_odd_companions_of_a_loss_crash_no_check(values: FloatArray) -> None:
    tags = ("train/learning_rate", "train/grad_norm", "train/accuracy")
    companions = [Scalar(tag, values, "train") for tag in tags]
    lost = np.where(np.arange(N) > 30, np.nan, FALL)
    swing = 1 + 0.5 * (-1.0) ** np.arange(N)
    for loss in (lost, swing, FALL[::-1] * 100):
        series = (Scalar("train/loss", loss, "train"), Scalar("val/loss", FALL, "validation"))
        assert crashes(*series, *companions) == []


@pytest.mark.parametrize("steps", ODD_STEPS.values(), ids=list(ODD_STEPS))
def test_odd_steps_crash_no_check(steps: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    swing = 1 + 0.5 * (-1.0) ** np.arange(N)
    for values in (FALL, FALL[::-1] * 100, swing, np.where(np.arange(N) > 30, np.nan, FALL)):
        losses = [Scalar("loss", values, split, steps) for split in ("train", "validation")]
        assert crashes(*losses, Histogram("fc.weight", [tf_histogram(FALL)] * N, "", steps)) == []


@pytest.mark.parametrize("steps", ODD_STEPS.values(), ids=list(ODD_STEPS))
@pytest.mark.parametrize("form", ["{}/kernel/histogram", "{}.weight.grad", "activations/{}"])
def test_odd_steps_of_tensors_crash_no_check(
    form: str, steps: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> None:
    rng = np.random.default_rng(0)
    tensors = [
        Histogram(
            form.format(f"fc{i}"),
            [tf_histogram(0.01**i * rng.normal(size=99)) for _ in steps],
            "train",
            steps,
        )
        for i in range(4)
    ]
    assert crashes(bad_loss(), *tensors) == []


@pytest.mark.parametrize("record", ODD_RECORDS.values(), ids=list(ODD_RECORDS))
@pytest.mark.parametrize("form", ["{}/kernel/histogram", "{}.weight.grad", "activations/{}"])
def test_odd_records_crash_no_check(form: str, record: tuple[FloatArray, FloatArray]) -> None:
    sound = tf_histogram(np.random.default_rng(0).normal(size=99))
    sequences = ([record] * 5, [sound, record, sound, record, record])
    for records in sequences:
        tensors = [Histogram(form.format(f"fc{i}"), records, "train") for i in range(4)]
        alone = [Histogram(form.format("fc4"), [sound, record], "train")]
        assert crashes(Scalar("loss", np.ones(N), "train"), *tensors, *alone) == []


@pytest.mark.parametrize("name", ["no point", "one point", "two points", "all NaN", "one finite"])
def test_what_holds_no_curve_is_never_called_healthy(name: str) -> None:
    verdict = diagnose(make_run(Scalar("loss", ODD_VALUES[name], "train"))).verdict
    assert verdict != Verdict.HEALTHY


def test_every_check_says_why_it_could_not_judge_an_empty_run() -> None:
    diagnosis = diagnose(make_run())
    assert diagnosis.verdict == Verdict.UNKNOWN
    assert {result.status for result in diagnosis.checks} == {Status.NOT_CHECKABLE}
    assert all(result.reason for result in diagnosis.checks)
