"""The ways in which published tools are known to fail, and that this one does not.

Where a rule is published, it is applied to the same curves: that it fires on most of them
shows that they are the curves on which it fails.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tblogreport
from tblogreport.findings import Verdict
from tests.eventfiles import event_file_name, scalar_event, write_events
from tests.families import noisy, power_law, time_of
from tests.runs import FloatArray, Scalar, alarms, diagnose, make_run
from tests.tensors import bad_loss, good_loss, recorded, rectified

RUNS = 40


def power_laws(sigma: float, n: int = 400) -> list[FloatArray]:
    rng = np.random.default_rng(7)
    return [noisy(rng, power_law(rng, n), sigma) for _ in range(RUNS)]


def share(fires: list[bool]) -> float:
    return float(np.mean(fires))


@pytest.mark.parametrize("zeros", [0.5, 0.65, 0.8])
def test_a_sparse_relu_is_not_called_dead(zeros: float) -> None:
    """DeepDiagnosis calls 58 of 68 normal models dead for it."""
    layers = [recorded(f"activations/dense_{i}", rectified(i, zeros)) for i in range(3)]
    for loss in (good_loss(), bad_loss()):
        assert "dead-layer" not in alarms(make_run(loss, *layers))


@pytest.mark.parametrize("gap", [1.2, 2.0, 4.0])
def test_a_gap_is_not_called_overfitting(gap: float) -> None:
    """SageMaker Debugger's Overfit fires where (validation − train) / train exceeds 0.1."""
    published, ours = [], []
    for train in power_laws(0.02):
        held_out = noisy(np.random.default_rng(len(ours)), gap * train, 0.02)
        published.append(bool(np.mean((held_out - train) / train) > 0.1))
        run = make_run(Scalar("loss", train, "train"), Scalar("loss", held_out, "validation"))
        ours.append("overfitting" in alarms(run))
    assert share(published) > 0.9
    assert share(ours) <= 0.025


def test_a_solved_plateau_is_not_called_overtraining() -> None:
    """SageMaker Debugger's Overtraining fires when the loss no longer improves (patience 5)."""
    published, ours = [], []
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        values = noisy(rng, 0.02 + 2.0 * np.exp(-time_of(200) * 15), 0.05)
        best = np.minimum.accumulate(values)
        published.append(bool(np.any(best[5:] == best[:-5])))
        ours.append(bool(alarms(make_run(Scalar("loss", values, "train")))))
    assert share(published) > 0.95
    assert share(ours) <= 0.025


def test_a_noisy_power_law_is_not_called_stuck() -> None:
    """SageMaker Debugger's LossNotDecreasing compares points that are a few steps apart."""
    published, ours = [], []
    for values in power_laws(0.2):
        published.append(bool(np.mean(values[10:] > 0.999 * values[:-10]) > 0.3))
        ours.append("non-converging-loss" in alarms(make_run(Scalar("loss", values, "train"))))
    assert share(published) > 0.6
    assert share(ours) <= 0.025


@pytest.mark.parametrize("sigma", [0.1, 0.3])
def test_independent_noise_is_not_called_oscillation(sigma: float) -> None:
    """TheDeepChecker counts sign changes, of which independent noise has two in three."""
    published, ours = [], []
    for values in power_laws(sigma):
        signs = np.sign(np.diff(values))
        published.append(bool(np.mean(signs[1:] != signs[:-1]) > 0.5))
        ours.append("oscillating-loss" in alarms(make_run(Scalar("loss", values, "train"))))
    assert share(published) > 0.9
    assert share(ours) <= 0.025


def test_a_constant_oscillation_is_not_called_a_plateau() -> None:
    """Log linters take its flat mean for a loss that stands still: the opposite cause."""
    swing = 1.0 + 0.4 * (-1.0) ** np.arange(100)
    diagnosis = diagnose(make_run(Scalar("loss", swing, "train")))
    assert {f.check for f in diagnosis.findings} == {"oscillating-loss"}
    assert diagnosis.causes[0].cause == "learning-rate-too-high"


def test_keras_train_and_validation_are_one_run(tmp_path: Path) -> None:
    """Log linters see two runs, and so no overfitting."""
    t = time_of(60)
    for split, values in (
        ("train", 1.5 * np.exp(-4 * t)),
        ("validation", 0.5 + np.exp(-12 * t) + 0.8 * np.clip(t - 0.4, 0, None)),
    ):
        events = [scalar_event("epoch_loss", v, step=i) for i, v in enumerate(values.tolist())]
        write_events(tmp_path / "logs" / split / event_file_name(), events)
    (run,) = tblogreport.analyze(tmp_path / "logs").runs
    assert [f.check for f in run.findings if f.severity != "info"] == ["overfitting"]


def test_a_damaged_file_is_read_as_far_as_it_goes_and_said_to_be_damaged(tmp_path: Path) -> None:
    """Log linters crash on it, or cut it silently."""
    values = (0.2 + 2.0 * np.exp(-8.0 * time_of(80))).tolist()
    path = write_events(
        tmp_path / "logs" / event_file_name(),
        [scalar_event("loss", value, step=i) for i, value in enumerate(values)],
    )
    path.write_bytes(path.read_bytes()[:-7])
    (run,) = tblogreport.analyze(tmp_path / "logs").runs
    assert run.verdict == Verdict.HEALTHY
    assert run.steps == (0, 78)
    assert [note.kind for note in run.notes] == ["truncated-file"]
    assert "damaged-log" in {f.check for f in run.findings}
