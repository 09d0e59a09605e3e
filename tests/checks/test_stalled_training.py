from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tblogreport.findings import CurveChart, Severity, Status
from tests.families import healthy, noisy, stalled, time_of
from tests.runs import (
    BEGUN,
    FloatArray,
    Histogram,
    Scalar,
    every,
    judge,
    make_run,
    renumbered,
    scaled,
    tf_histogram,
    written_again,
)

CHECK = "stalled-training"
N = 300
Intervals = Callable[[np.random.Generator, int], FloatArray]


def run_of(intervals: FloatArray, steps: FloatArray | None = None) -> Scalar:
    n = len(intervals)
    values = noisy(np.random.default_rng(0), 0.3 + np.exp(-5 * time_of(n)), 0.02)
    return Scalar("train/loss", values, "train", steps, np.cumsum(intervals))


def usual(n: int = N, seconds: float = 2.0) -> FloatArray:
    return np.asarray(seconds * np.random.default_rng(1).uniform(0.9, 1.1, n))


def with_pause(seconds: float, at: int = 120) -> FloatArray:
    intervals = usual()
    intervals[at] = seconds
    return intervals


def slowing(factor: float, at: int = 150, n: int = N) -> FloatArray:
    return np.asarray(usual(n) * np.where(np.arange(n) < at, 1.0, factor))


def test_a_pause_is_found_with_its_place_and_its_share() -> None:
    finding = judge(CHECK, make_run(run_of(with_pause(7_200.0)))).finding
    assert finding.severity == Severity.WARNING
    assert finding.title == "Training stood still for 2 hours after step 119"
    assert finding.steps == (119, 120)
    assert finding.tags == ("train/loss",)
    assert float(finding.measured["share_of_time"]) == pytest.approx(0.92, abs=0.02)
    assert set(finding.thresholds) <= set(finding.measured)
    assert any("num_workers" in fix and "prefetch" in fix for fix in finding.fixes)
    (chart,) = finding.evidence
    assert isinstance(chart, CurveChart)
    assert chart.y_label == "seconds"


def test_steps_that_become_slow_are_found_where_they_do() -> None:
    finding = judge(CHECK, make_run(run_of(slowing(10.0)))).finding
    assert finding.severity == Severity.WARNING
    assert finding.steps is not None
    assert abs(finding.steps[0] - 150) <= N // 20
    assert float(finding.measured["slower"]) == pytest.approx(10, rel=0.2)
    assert "times as long" in finding.title
    assert set(finding.thresholds) <= set(finding.measured)


@pytest.mark.parametrize("intervals", [with_pause(7_200.0), slowing(10.0)])
@pytest.mark.parametrize("shift", [-(10**9), 10**6])
def test_neither_units_nor_the_time_of_day_change_the_verdict(
    intervals: FloatArray, shift: int
) -> None:
    series = (run_of(intervals),)
    first = judge(CHECK, make_run(*series)).finding
    for other in (scaled(series, 1e3), scaled(series, 1e-3), renumbered(series, 64)):
        assert judge(CHECK, make_run(*other)).finding.severity == first.severity
    shifted = judge(CHECK, make_run(*series, begun=BEGUN + shift)).finding
    assert (shifted.title, shifted.steps) == (first.title, first.steps)


@pytest.mark.parametrize("intervals", [with_pause(7_200.0), slowing(10.0)])
@pytest.mark.parametrize("nth", [2, 5, 10])
def test_a_stall_is_found_when_less_is_logged(intervals: FloatArray, nth: int) -> None:
    assert judge(CHECK, make_run(*every((run_of(intervals),), nth))).status == Status.FIRED


def test_points_that_stand_for_more_steps_take_longer() -> None:
    """Logged every step at first, and every tenth later."""
    steps = np.cumsum(np.where(np.arange(N) < 150, 1, 10))
    run = make_run(run_of(np.asarray(usual() * np.diff(steps, prepend=0)), steps))
    assert judge(CHECK, run).status == Status.CLEAN


def test_what_costs_seconds_is_not_worth_a_word() -> None:
    assert judge(CHECK, make_run(run_of(1e-3 * with_pause(7_200.0)))).status == Status.CLEAN
    assert judge(CHECK, make_run(run_of(1e-3 * slowing(10.0)))).status == Status.CLEAN


def test_a_pause_in_which_another_series_was_written_is_none() -> None:
    loss = run_of(with_pause(7_200.0))
    others = 240.0 + 60.0 * np.arange(120)
    pretraining = Scalar("other/loss", np.ones(120), "train", None, others)
    assert judge(CHECK, make_run(loss, pretraining)).status == Status.CLEAN


@pytest.mark.parametrize("places", [(90, 130), (60, 75, 220), (40, 150, 170, 280)])
def test_pauses_that_nothing_plans_are_found_together(places: tuple[int, ...]) -> None:
    intervals = usual()
    intervals[list(places)] = 300.0
    assert judge(CHECK, make_run(run_of(intervals))).status == Status.FIRED


@pytest.mark.parametrize("places", [(100, 200), (75, 150, 225), (60, 120, 180, 240)])
def test_pauses_after_equally_many_steps_are_planned(places: tuple[int, ...]) -> None:
    intervals = usual()
    intervals[list(places)] = 300.0
    assert judge(CHECK, make_run(run_of(intervals))).status == Status.CLEAN


def test_pauses_that_end_in_an_evaluation_are_none() -> None:
    intervals, places = usual(), [90, 130, 250]
    intervals[places] = 300.0
    ends = np.cumsum(intervals)[places]
    evaluated = Scalar("val/loss", [0.9, 0.7, 0.6], "validation", places, ends)
    assert judge(CHECK, make_run(run_of(intervals), evaluated)).status == Status.CLEAN


@pytest.mark.parametrize("at", [1, N - 1])
def test_what_happens_once_at_the_start_or_the_end_is_no_stall(at: int) -> None:
    assert judge(CHECK, make_run(run_of(with_pause(7_200.0, at)))).status == Status.CLEAN


def test_the_time_that_a_restart_took_is_explained() -> None:
    run = make_run(run_of(with_pause(7_200.0)))
    assert judge(CHECK, written_again(run, 120, 122)).status == Status.CLEAN
    assert judge(CHECK, written_again(run, 200, 202)).status == Status.FIRED


def test_a_pause_after_which_the_steps_go_back_is_a_restart() -> None:
    """Nothing was written twice in the files, so that reading notes nothing."""
    steps = np.arange(N, dtype=float)
    steps[120:] -= 10
    assert judge(CHECK, make_run(run_of(with_pause(900.0), steps))).status == Status.CLEAN
    steps[200:] -= 5  # another restart explains nothing here, the longest does
    assert judge(CHECK, make_run(run_of(with_pause(900.0), steps))).status == Status.CLEAN


def _uneven(rng: np.random.Generator, n: int) -> FloatArray:
    spread = float(rng.uniform(0.05, 0.5))
    return np.asarray(rng.uniform(1.0, 60.0) * np.exp(spread * rng.standard_normal(n)))


def _evaluated(rng: np.random.Generator, n: int) -> FloatArray:
    intervals, epoch = _uneven(rng, n), int(rng.integers(5, n // 3))
    intervals[epoch - 1 :: epoch] += intervals.mean() * rng.uniform(1.0, 60.0)
    return intervals


def _compiled(rng: np.random.Generator, n: int) -> FloatArray:
    intervals = _uneven(rng, n)
    intervals[: int(rng.integers(1, 4))] *= rng.uniform(5.0, 300.0)
    return intervals


def _shared(rng: np.random.Generator, n: int) -> FloatArray:
    """For a tenth or two of the run another job is on the machine."""
    intervals, at = _uneven(rng, n), int(n * rng.uniform(0.0, 0.6))
    intervals[at : at + int(n * rng.uniform(0.05, 0.25))] *= rng.uniform(2.0, 6.0)
    return intervals


def _drifting(rng: np.random.Generator, n: int) -> FloatArray:
    return np.asarray(_uneven(rng, n) * np.linspace(1.0, rng.uniform(1.0, 3.0), n))


def _at_once(rng: np.random.Generator, n: int) -> FloatArray:
    """The points of an epoch are written together at its end."""
    intervals, epoch = np.full(n, 1e-4), int(rng.integers(5, n // 25))
    intervals[epoch - 1 :: epoch] = _uneven(rng, len(intervals[epoch - 1 :: epoch])) * epoch
    return intervals


def _set_back(rng: np.random.Generator, n: int) -> FloatArray:
    intervals = _uneven(rng, n)
    intervals[rng.random(n) < 0.01] *= -rng.uniform(0.0, 3.0)
    return intervals


@pytest.mark.parametrize(
    "draw", [_uneven, _evaluated, _compiled, _shared, _drifting, _at_once, _set_back]
)
def test_the_times_of_healthy_runs_are_silent(draw: Intervals) -> None:
    fired = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(150, 1_500))
        fired += [seed] if judge(CHECK, make_run(run_of(draw(rng, n)))).findings else []
    assert fired == []


def test_healthy_families_are_silent_and_stalled_ones_are_found() -> None:
    runs = [make_run(*healthy(np.random.default_rng(seed))) for seed in range(100)]
    assert all(not judge(CHECK, run).findings for run in runs)
    broken = [make_run(*stalled(np.random.default_rng(seed))) for seed in range(60)]
    assert sum(judge(CHECK, run).status == Status.FIRED for run in broken) >= 58


def test_a_leak_that_slows_step_by_step_is_found() -> None:
    leak = np.asarray(usual() * np.linspace(1.0, 20.0, N))
    assert "every step took" in judge(CHECK, make_run(run_of(leak))).finding.title


@pytest.mark.parametrize("intervals", [np.zeros(N), usual(19), np.r_[np.zeros(280), usual(10)]])
def test_times_that_tell_nothing_cannot_be_checked(intervals: FloatArray) -> None:
    judged = judge(CHECK, make_run(run_of(intervals)))
    assert judged.status == Status.NOT_CHECKABLE
    assert "different times" in (judged.reason or "")


def test_times_that_were_not_recorded_cannot_be_checked() -> None:
    run = make_run(replace(run_of(usual()), seconds=np.full(N, -BEGUN)))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


def test_histograms_alone_cannot_be_checked() -> None:
    run = make_run(Histogram("fc.weight", [tf_histogram([1.0, 2.0])] * 30))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


def told(tag: str, values: FloatArray) -> Scalar:
    return Scalar(tag, values, "", np.arange(0, 10 * len(values), 10))


def test_the_times_that_a_run_tells_are_found_slow_though_it_was_written_evenly() -> None:
    seconds = np.where(np.arange(N) < 180, 0.02, 0.4) * usual() / 2.0
    run = make_run(run_of(usual()), told("train/data_time", seconds))
    finding = judge(CHECK, run).finding
    assert finding.tags == ("train/data_time",)
    assert finding.steps is not None
    assert abs(finding.steps[0] - 1_800) <= 10 * N // 20
    assert float(finding.measured["slower"]) == pytest.approx(20, rel=0.2)
    in_thousandths = make_run(run_of(usual()), told("step_time_ms", 1e3 * seconds))
    assert judge(CHECK, in_thousandths).finding.measured["slower"] == finding.measured["slower"]


@pytest.mark.parametrize("tag", ["time/elapsed", "eval_time", "samples_per_sec", "time/total"])
def test_times_of_something_else_than_steps_are_silent(tag: str) -> None:
    slow = np.where(np.arange(N) < 180, 0.02, 0.4) * usual()
    assert not judge(CHECK, make_run(run_of(usual()), told(tag, slow))).findings


def test_a_clock_that_counts_on_is_silent() -> None:
    assert not judge(CHECK, make_run(run_of(usual()), told("time", np.cumsum(usual())))).findings


@pytest.mark.parametrize("tag", ["curriculum/seq_len", "stage"])
def test_steps_that_a_stage_of_the_task_makes_slow_are_no_stall(tag: str) -> None:
    stages = Scalar(tag, np.where(np.arange(N) < 150, 3.0, 31.0), "", None, np.cumsum(slowing(10)))
    assert not judge(CHECK, make_run(run_of(slowing(10)), stages)).findings


def test_the_episodes_of_an_agent_get_longer_as_it_learns() -> None:
    seconds = slowing(10)
    rises = np.linspace(20, 480, N)
    reward = Scalar("episode_return", rises, "", None, np.cumsum(seconds))
    assert not judge(CHECK, make_run(reward, run_of(seconds))).findings
