from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from syrupy.assertion import SnapshotAssertion

from tblogreport.findings import (
    CheckResult,
    Diagnosis,
    Finding,
    RunDiagnosis,
    Severity,
    Status,
    Verdict,
)
from tblogreport.report import junit

from . import factory


def suites(diagnosis: Diagnosis) -> list[TestSuite]:
    """The suites of the report, as a parser of JUnit reads them."""
    return list(JUnitXml.fromstring(junit.render(diagnosis)))


def cases(run: RunDiagnosis) -> dict[str, TestCase]:
    """The cases of the only run, by their names."""
    (suite,) = suites(factory.diagnosis(run))
    return {case.name: case for case in suite}


def finding(check: str, severity: Severity, title: str = "It is so") -> Finding:
    return Finding(check, severity, 0.9, title, f"{title}.", "", (f"Change {title}.",))


def run_with(*findings: Finding, checks: tuple[CheckResult, ...] = ()) -> RunDiagnosis:
    fired = dict.fromkeys(one.check for one in findings)
    return replace(
        factory.unknown_run(),
        findings=findings,
        checks=(*(CheckResult(check, Status.FIRED) for check in fired), *checks),
    )


def test_the_published_form_of_a_failing_run(snapshot: SnapshotAssertion) -> None:
    assert junit.render(factory.failing()).decode() == snapshot


@pytest.mark.parametrize("name", factory.ALL)
def test_the_counts_are_those_of_the_diagnosis(name: str) -> None:
    diagnosis = factory.ALL[name]()
    found = {suite.name: suite for suite in suites(diagnosis)}
    assert len(found) == len(diagnosis.runs)
    for suite, run in zip(found.values(), diagnosis.runs, strict=True):
        statuses = [result.status for result in run.checks]
        serious = {one.check for one in run.findings if one.severity is not Severity.INFO}
        assert suite.tests == len(run.checks) == len(list(suite))
        assert suite.failures == len(serious)
        assert suite.skipped == statuses.count(Status.NOT_CHECKABLE)
        assert suite.errors == statuses.count(Status.CRASHED)
        assert {case.classname for case in suite} == {suite.name}
    root = ET.fromstring(junit.render(diagnosis))
    for count in ("tests", "failures", "skipped", "errors"):
        counted = sum(int(suite.get(count, "")) for suite in root.findall("testsuite"))
        assert root.get(count) == str(counted)


def test_a_check_ends_in_the_one_element_that_says_how() -> None:
    found = cases(
        run_with(
            finding("overfitting", Severity.WARNING),
            finding("damaged-log", Severity.INFO),
            checks=(
                CheckResult("dead-layer", Status.NOT_CHECKABLE, "no outputs; log them"),
                CheckResult("nan-or-inf", Status.CRASHED, "ValueError: x; please report it"),
                CheckResult("loss-spikes", Status.CLEAN),
            ),
        )
    )
    ends = {name: [type(end) for end in case.result] for name, case in found.items()}
    assert ends == {
        "overfitting": [Failure],
        "damaged-log": [],
        "dead-layer": [Skipped],
        "nan-or-inf": [Error],
        "loss-spikes": [],
    }
    assert found["dead-layer"].result[0].message == "no outputs; log them"
    assert found["nan-or-inf"].result[0].message == "ValueError: x; please report it"
    assert "Change It is so." in (found["damaged-log"].system_out or "")


def test_findings_of_one_check_are_one_failure_as_bad_as_the_worst() -> None:
    found = cases(
        run_with(
            finding("dead-layer", Severity.WARNING, "dense is nearly dead"),
            finding("dead-layer", Severity.ERROR, "dense_1 is dead"),
            finding("dead-layer", Severity.INFO, "dense_2 is sparse"),
        )
    )
    (failure,) = found["dead-layer"].result
    assert failure.type == "error"
    assert failure.message == "dense is nearly dead; dense_1 is dead"
    assert "Change dense is nearly dead." in failure.text
    assert "Change dense_1 is dead." in failure.text
    assert "sparse" not in failure.text
    assert "dense_2 is sparse" in (found["dead-layer"].system_out or "")


def test_a_failure_says_where_how_sure_why_and_what_to_do() -> None:
    (failure,) = cases(factory.failing_run())["dead-layer"].result
    lines = failure.text.split("\n")
    assert lines[:5] == [
        "dense_2 is dead",
        "98 % of the units of dense_2 have put out zero since epoch 3.",
        "Where: epochs 3–49, layer dense_2",
        "How sure: certain",
        "Cause: learning rate too high (very likely)",
    ]
    assert lines[5].startswith("What to do: Lower the learning rate to about 0.02")
    assert lines[-1] == "What to do: Use He initialisation and Leaky ReLU."


def test_times_are_those_of_the_log() -> None:
    failing, suspect, unknown, _ = suites(factory.several())
    assert (failing.time, failing.timestamp) == (6_912.0, "2026-01-01T12:00:00+00:00")
    assert (suspect.time, suspect.timestamp) == (95.0, None)
    assert (unknown.time, unknown.timestamp) == (0, None)
    assert ET.fromstring(junit.render(factory.several())).get("time") == "10732.000"


def test_times_that_are_none_are_left_out() -> None:
    (suite,) = ET.fromstring(junit.render(factory.hostile()))
    assert not {"time", "timestamp"} & set(suite.attrib)


def test_a_run_that_could_not_be_diagnosed_does_not_pass() -> None:
    run = replace(factory.unknown_run(), checks=(), headline="This run could not be diagnosed.")
    (suite,) = suites(factory.diagnosis(run))
    assert (suite.tests, suite.errors) == (1, 1)
    (case,) = suite
    assert case.result[0].message == "This run could not be diagnosed."


def test_runs_stand_worst_first_also_those_without_charts() -> None:
    plain = replace(factory.failing_run(), drawn=False)
    found = suites(factory.diagnosis(factory.healthy_run(), plain))
    assert [suite.name for suite in found] == ["20260101-120000", "digits-mlp"]


@settings(deadline=None)
@given(st.text(st.characters(codec=None), min_size=1))
def test_any_text_is_valid_xml_and_stays_text(text: str) -> None:
    hostile = replace(
        run_with(
            replace(finding("nan-or-inf", Severity.ERROR, text), fixes=(text,)),
            checks=(
                CheckResult("dead-layer", Status.NOT_CHECKABLE, text),
                CheckResult("overfitting", Status.CRASHED, text),
            ),
        ),
        name=text,
        headline=text,
        verdict=Verdict.FAILING,
    )
    content = junit.render(factory.diagnosis(hostile))
    assert content == junit.render(factory.diagnosis(hostile))
    (suite,) = ET.fromstring(content)
    assert [child.tag for child in suite] == [*["testcase"] * 3, "system-out"]
    assert [[end.tag for end in case] for case in suite.findall("testcase")] == [
        ["failure"],
        ["skipped"],
        ["error"],
    ]


def test_hostile_names_are_shown_as_text() -> None:
    (suite,) = suites(factory.hostile())
    assert factory.SCRIPT in suite.name
    assert "\\x1b[31m\\u202e" in suite.name
    assert b"<script>" not in junit.render(factory.hostile())
