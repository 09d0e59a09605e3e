"""The benchmark counts what it says it counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.accuracy import score
from benchmarks.accuracy.labels import Label
from benchmarks.accuracy.readers import Said
from benchmarks.accuracy.score import Rate

HEALTHY = Label(False, (), {"overfitting": False}, ("dead-layer",))
STUCK = Label(True, ("dead-units",), {"dead-layer": True, "overfitting": False})
SILENT = Said({})


def said(cause: str | None = None, **findings: str) -> Said:
    return Said({check.replace("_", "-"): s for check, s in findings.items()}, cause)


def test_the_interval_is_wilsons() -> None:
    """Against the example of Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263."""
    low, high = Rate(81, 263).interval
    assert (low, high) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_rate_and_stays_a_probability(hits: int, more: int) -> None:
    rate = Rate(hits, hits + more)
    low, high = rate.interval
    rounding = 1e-12
    assert 0.0 <= low <= rate.value + rounding
    assert rate.value - rounding <= high <= 1.0


def test_a_rate_of_nothing_is_no_rate() -> None:
    assert str(Rate(0, 0)) == "–"


def test_a_note_is_no_false_alarm_and_a_warning_is_one() -> None:
    assert score.false_alarms([(HEALTHY, said(overfitting="info"))]).hits == 0
    assert score.false_alarms([(HEALTHY, said(overfitting="warning"))]).hits == 1
    assert score.false_alarms_of("overfitting", [(HEALTHY, said(overfitting="error"))]).hits == 1


def test_what_is_undecided_is_never_a_false_alarm() -> None:
    assert score.false_alarms([(HEALTHY, said(dead_layer="error"))]) == Rate(0, 1)


def test_faulty_runs_do_not_count_as_false_alarms() -> None:
    assert score.false_alarms([(STUCK, said(overfitting="error"))]) == Rate(0, 0)


def test_recall_counts_the_runs_that_demand_a_check() -> None:
    judged = [(STUCK, said(dead_layer="error")), (STUCK, SILENT), (HEALTHY, SILENT)]
    assert score.recall("dead-layer", judged) == Rate(1, 2)
    assert score.noticed(judged) == Rate(1, 2)


def test_precision_leaves_out_what_is_undecided() -> None:
    judged = [
        (STUCK, said(dead_layer="error", overfitting="error")),
        (HEALTHY, said(dead_layer="error")),
    ]
    assert score.precision("dead-layer", judged) == Rate(1, 1)
    assert score.precision("overfitting", judged) == Rate(0, 1)


def test_the_cause_counts_where_it_is_known() -> None:
    unknown = Label(True, (), {"dead-layer": True})
    judged = [(STUCK, said("dead-units")), (STUCK, said("bad-initialization")), (unknown, SILENT)]
    assert score.cause_right(judged) == Rate(1, 2)


def test_mistakes_are_told_apart() -> None:
    assert score.mistakes(HEALTHY, said(overfitting="error")) == ["false alarm: overfitting"]
    assert score.mistakes(STUCK, said(overfitting="error")) == [
        "missed: dead-layer",
        "wrongly said: overfitting",
        "cause none instead of dead-units",
    ]
    assert score.mistakes(STUCK, said("dead-units", dead_layer="error")) == []


def test_a_damaged_log_may_be_warned_of_though_its_run_is_healthy() -> None:
    label = Label(False, (), {"damaged-log": True, "overfitting": False})
    assert not score.false_alarms([(label, Said({"damaged-log": "warning"}))]).hits
    assert score.false_alarms([(label, Said({"overfitting": "warning"}))]).hits == 1
