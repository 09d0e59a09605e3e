"""The committed runs get the diagnosis that their scenarios promise, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tblogreport
from tblogreport.findings import RunDiagnosis, Severity, Status, Verdict
from tblogreport.reading.run import Run
from tblogreport.trainer import Scenario, all_scenarios

SAMPLE_RUNS = Path(__file__).parent.parent / "sample_runs"
SCENARIOS = all_scenarios()
MOST_BYTES, MOST_BYTES_A_FILE = 8_000_000, 1_000_000
each_scenario = pytest.mark.parametrize("name", SCENARIOS)


@pytest.fixture(scope="module")
def diagnoses() -> dict[str, RunDiagnosis]:
    return {run.name: run for run in tblogreport.analyze(SAMPLE_RUNS).runs}


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return {run.name: run for run in tblogreport.read(SAMPLE_RUNS)}


def test_every_scenario_has_its_run(diagnoses: dict[str, RunDiagnosis]) -> None:
    assert set(diagnoses) == set(SCENARIOS)


def _wrong_where_known(scenario: Scenario) -> Any:
    """A wrong diagnosis fails as soon as it is right, so that the mark goes."""
    marks = (
        [pytest.mark.xfail(strict=True, reason=scenario.known_wrong)]
        if scenario.known_wrong
        else []
    )
    return pytest.param(scenario, marks=marks, id=scenario.name)


@pytest.mark.parametrize("scenario", [_wrong_where_known(s) for s in SCENARIOS.values()])
def test_the_expected_findings_come_and_no_others(
    scenario: Scenario, diagnoses: dict[str, RunDiagnosis]
) -> None:
    run = diagnoses[scenario.name]
    serious = {f.check for f in run.findings if f.severity != Severity.INFO}
    assert serious == set(scenario.expected_findings)
    named = run.causes[0].cause if run.causes else None
    assert named == scenario.expected_cause
    assert (run.verdict == Verdict.HEALTHY) == (not scenario.expected_findings)


@each_scenario
def test_no_check_lacks_what_it_needs(name: str, diagnoses: dict[str, RunDiagnosis]) -> None:
    """The sample runs log all that the checks need, as a careful user would.

    But for the gradient's norm at every step, which costs too much, and a metric, which a
    regression has not. A loss of NaN, or one that is thrown about, leaves others nothing to
    judge.
    """
    run = diagnoses[name]
    no_metric = {"loss-metric-mismatch", "small-validation-set"}
    lacking = {"gradient-spikes", *no_metric}
    if {"nan-or-inf", "oscillating-loss"} & {f.check for f in run.findings}:
        return
    allowed = {Status.FIRED, Status.CLEAN}
    assert all(result.status in allowed or result.check in lacking for result in run.checks)


@each_scenario
def test_both_splits_were_joined(name: str, diagnoses: dict[str, RunDiagnosis]) -> None:
    assert diagnoses[name].splits == ("train", "validation")
    assert Path(diagnoses[name].path) == SAMPLE_RUNS / name


def test_only_the_resumed_run_has_a_note(diagnoses: dict[str, RunDiagnosis]) -> None:
    notes = {name: [note.kind for note in run.notes] for name, run in diagnoses.items()}
    assert {name: kinds for name, kinds in notes.items() if kinds} == {
        "resumed-run": ["superseded-points"]
    }


def test_the_crashed_run_ends_where_it_crashed(runs: dict[str, Run]) -> None:
    """Half-way, in an epoch of which the losses of the batches are there and no mean is."""
    scalars = runs["crashed-run"].scalars
    epochs = scalars[(scalars.tag == "epoch_loss") & (scalars.split == "train")].step
    batches = scalars[scalars.tag == "step_loss"].step
    assert list(epochs) == list(range(15))
    assert 15 * 22 < batches.max() < 16 * 22


def test_all_runs_together_stay_small() -> None:
    sizes = [path.stat().st_size for path in SAMPLE_RUNS.rglob("events*")]
    assert sum(sizes) < MOST_BYTES
    assert max(sizes) < MOST_BYTES_A_FILE
