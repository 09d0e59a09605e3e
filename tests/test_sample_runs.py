"""The committed runs get the diagnosis that their scenarios promise, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

import tblogreport
from tblogreport.findings import RunDiagnosis, Severity, Status, Verdict
from tblogreport.trainer import all_scenarios

SAMPLE_RUNS = Path(__file__).parent.parent / "sample_runs"


@pytest.fixture(scope="module")
def diagnoses() -> dict[str, RunDiagnosis]:
    return {run.name: run for run in tblogreport.analyze(SAMPLE_RUNS).runs}


def test_every_scenario_has_its_run(diagnoses: dict[str, RunDiagnosis]) -> None:
    assert set(diagnoses) == set(all_scenarios())


@pytest.mark.parametrize("name", all_scenarios())
def test_the_expected_findings_come_and_no_others(
    name: str, diagnoses: dict[str, RunDiagnosis]
) -> None:
    run, scenario = diagnoses[name], all_scenarios()[name]
    serious = {f.check for f in run.findings if f.severity != Severity.INFO}
    assert serious == set(scenario.expected_findings)
    named = run.causes[0].cause if run.causes else None
    assert named == scenario.expected_cause
    assert (run.verdict == Verdict.HEALTHY) == (not scenario.expected_findings)


@pytest.mark.parametrize("name", all_scenarios())
def test_every_check_could_be_made(name: str, diagnoses: dict[str, RunDiagnosis]) -> None:
    """The sample runs log all that the checks need, as a careful user would."""
    statuses = {result.check: result.status for result in diagnoses[name].checks}
    assert set(statuses.values()) <= {Status.FIRED, Status.CLEAN}


@pytest.mark.parametrize("name", all_scenarios())
def test_both_splits_were_joined(name: str, diagnoses: dict[str, RunDiagnosis]) -> None:
    assert diagnoses[name].splits == ("train", "validation")
    assert Path(diagnoses[name].path) == SAMPLE_RUNS / name
