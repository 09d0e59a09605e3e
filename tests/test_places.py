"""A finding calls a place by what the series counts: `epoch 7` is no `step 7` to a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import tblogreport
from tblogreport.findings import CurveChart, Finding, RunDiagnosis
from tblogreport.signals.places import place_of, places_of, stretch_of
from tests.families import noisy
from tests.runs import FloatArray, Scalar, context_of, diagnose, make_run
from tests.tensors import STEPS, bad_loss, recorded, rectified, silent

SAMPLE_RUNS = Path(__file__).parent.parent / "sample_runs"
STEP = re.compile(r"\bsteps? \d|\d steps?\b")
EPOCH = re.compile(r"\bepochs? \d|\d epochs?\b")
N = 60
T = np.linspace(0.0, 1.0, N)


def texts(finding: Finding) -> tuple[str, ...]:
    marks = (m for chart in finding.evidence if isinstance(chart, CurveChart) for m in chart.marks)
    labels = (mark.label for mark in marks)
    return (finding.title, finding.message, finding.why, *finding.fixes, *labels)


def counts_epochs(finding: Finding, run: RunDiagnosis) -> bool:
    """Whether all that a finding is about was logged once an epoch."""
    if run.axis != "epoch" or run.steps is None or finding.steps is None:
        return False
    within = finding.steps[1] <= run.steps[1]
    return within and all(tag.rsplit("/", 1)[-1].startswith("epoch_") for tag in finding.tags)


def said_of_epochs(run: RunDiagnosis) -> Iterator[str]:
    """All that is said of places in series of epochs.

    What reading notes is about the records of every tag in a file, which may count batches too.
    """
    noted = re.compile("|".join(re.escape(note.message) for note in run.notes) or "(?!)")
    by_epochs = {f.check for f in run.findings if counts_epochs(f, run)}
    for finding in (f for f in run.findings if counts_epochs(f, run)):
        yield from (noted.sub("", text) for text in texts(finding))
    for cause in run.causes:
        if set(cause.explains) <= by_epochs:
            yield from (cause.summary, *cause.fixes)
            yield from (*cause.evidence_for, *cause.evidence_against)


def wrong(run: RunDiagnosis) -> list[str]:
    return [text for text in said_of_epochs(run) if STEP.search(text)]


@pytest.fixture(scope="module")
def samples() -> tuple[RunDiagnosis, ...]:
    return tblogreport.analyze(SAMPLE_RUNS).runs


def test_no_sample_run_calls_an_epoch_a_step(samples: tuple[RunDiagnosis, ...]) -> None:
    assert {run.name: found for run in samples if (found := wrong(run))} == {}
    told = [text for run in samples for text in said_of_epochs(run)]
    assert sum(bool(EPOCH.search(text)) for text in told) > 20


def loss(values: FloatArray, split: str = "train", steps: FloatArray | None = None) -> Scalar:
    return Scalar("epoch_loss", values, split, steps)


def rate(values: FloatArray) -> Scalar:
    return Scalar("epoch_learning_rate", values, "train")


def noise(values: FloatArray, sigma: float = 0.01) -> FloatArray:
    return noisy(np.random.default_rng(0), values, sigma)


FALL = noise(0.1 + 2.0 * np.exp(-4.0 * T))
LONG = noise(0.1 + 2.0 * np.exp(-4.0 * np.linspace(0.0, 1.0, 5 * N)))
JUMPED = np.where(np.isin(np.arange(5 * N), (100, 175, 250)), 2.0, LONG)
TURNED = noise(0.5 + np.abs(T - 0.3) + np.exp(-12 * T))
SPENT = np.where(T < 0.3, 0.1, 1e-5)
WARM_UP = np.where(T < 0.5, 0.2 * T + 1e-3, 0.01)
SWING = 1.0 + 0.5 * (-1.0) ** np.arange(N)
LOST = np.where(T < 0.4, FALL, 5.0 + 10.0 * T)
WITHOUT_END = np.where(T < 0.6, FALL, np.nan)
STEEP = 2.0 * 0.7 ** np.arange(5)
LINE = noise(2.0 - 0.3 * T, 0.002)
AGAIN = np.concatenate([np.arange(40), np.arange(30, 50)])
SLOW = Scalar("epoch_loss", FALL, "train", seconds=np.cumsum(np.where(T < 0.6, 10.0, 100.0)))
STOOD = Scalar("epoch_loss", FALL, "train", seconds=10.0 * np.arange(N) + 7_200.0 * (T > 0.5))
JOLTED = noise(np.where(T < 0.5, 0.1 + 2.0 * np.exp(-15.0 * T), 2.5 - 2.4 * T))
SCORE = noise(np.interp(np.linspace(0.0, 1.0, 5 * N), (0.0, 0.3, 1.0), (0.5, 0.9, 0.6)), 0.002)
REWARD = Scalar("epoch_episode_reward", 100 * np.where(T < 0.5, T, 0.1 * (1 - T)), "train")

KERAS_RUNS = {
    "overfitting": make_run(loss(FALL), loss(TURNED, "validation")),
    "overfitting by a jump": make_run(
        loss(FALL), loss(np.where(T < 0.6, FALL, FALL + 3.0), "validation")
    ),
    "diverging-loss": make_run(loss(LOST)),
    "nan-or-inf": make_run(loss(WITHOUT_END)),
    "loss-spikes": make_run(loss(JUMPED)),
    "oscillating-loss": make_run(loss(noise(SWING))),
    "still-improving": make_run(loss(STEEP)),
    "slow-convergence": make_run(loss(LINE), rate(np.full(N, 1e-6))),
    "resumed-run": make_run(loss(FALL, steps=AGAIN)),
    "learning-rate-schedule": make_run(loss(np.maximum(FALL, FALL[18])), rate(SPENT)),
    "learning-rate-schedule by a climb": make_run(loss(0.3 + (T - 0.2) ** 2), rate(WARM_UP)),
    "learning-rate-schedule that is lost": make_run(
        loss(LOST), rate(np.where((T > 0.2) & (T < 0.4), 0.01, 0.1))
    ),
    "learning-rate-schedule that goes on": make_run(loss(LINE), rate(0.1 * T + 1e-4)),
    "learning-rate-schedule that jumps": make_run(
        loss(JOLTED), rate(np.where(T < 0.5, 0.001, 0.1))
    ),
    "overfitting by the score": make_run(
        loss(LONG), loss(LONG + 0.1, "validation"), Scalar("epoch_accuracy", SCORE, "validation")
    ),
    "stalled-training": make_run(STOOD),
    "stalled-training by slow epochs": make_run(SLOW),
    "reward-collapse": make_run(REWARD, loss(FALL)),
}


@pytest.mark.parametrize("name", KERAS_RUNS)
def test_no_run_of_keras_calls_an_epoch_a_step(name: str) -> None:
    run = diagnose(KERAS_RUNS[name])
    check = name.split(" ", maxsplit=1)[0]
    assert check in {f.check for f in run.findings if counts_epochs(f, run)}
    assert any(EPOCH.search(text) for f in run.findings if f.check == check for text in texts(f))
    assert wrong(run) == []


def dead_from_half_way(steps: FloatArray) -> RunDiagnosis:
    outputs = [*rectified(0, 0.5)[:5], *silent()[:5]]
    layer = recorded("activations/dense", outputs, steps=steps)
    return diagnose(make_run(bad_loss(), layer))


def test_a_histogram_of_every_epoch_speaks_of_epochs() -> None:
    """Keras' callback counts epochs in its histograms, whose tags do not say so."""
    (message,) = (f.message for f in dead_from_half_way(STEPS).findings if f.check == "dead-layer")
    assert "zero since epoch 50" in message


def test_a_histogram_that_counts_on_beyond_the_epochs_speaks_of_steps() -> None:
    run = dead_from_half_way(100 * STEPS)
    (message,) = (f.message for f in run.findings if f.check == "dead-layer")
    assert "zero since step 5\u202f000" in message


def test_a_series_of_batches_speaks_of_steps_in_a_run_of_epochs() -> None:
    batches = Scalar("batch_loss", np.where(np.arange(N) < 30, FALL, np.nan), "train")
    run = diagnose(make_run(loss(FALL), batches))
    (title,) = (f.title for f in run.findings if f.check == "nan-or-inf")
    assert title == "The loss is NaN from step 30 on"


def test_several_places_and_stretches_have_their_plural() -> None:
    (series,) = context_of(make_run(loss(FALL))).series
    assert place_of(series, 7_000) == "epoch 7\u202f000"
    assert places_of(series, (7,)) == "epoch 7"
    assert places_of(series, (7, 9, 12)) == "epochs 7, 9 and 12"
    assert stretch_of(series, 1) == "1 epoch"
    assert stretch_of(series, 2.5) == "2.5 epochs"
