from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

import tblogreport
from tblogreport.findings import CurveChart, Note, Severity, Status
from tblogreport.reading.run import Run
from tests.eventfiles import WALL_TIME, write_run
from tests.families import healthy, noisy, time_of
from tests.runs import FloatArray, Scalar, judge, make_run, renumbered, scaled, written_again

CHECK = "resumed-run"
N = 300
AT = 150


def falling(n: int = N, sigma: float = 0.05) -> FloatArray:
    curve = 0.3 + 2.0 * np.exp(-5.0 * time_of(n))
    return noisy(np.random.default_rng(0), curve, sigma)


def resumed(values: FloatArray, steps: ArrayLike | None = None, wait: float = 60.0) -> Run:
    """A run of which reading noted that the steps from `AT` on were written again."""
    seconds = np.arange(len(values)) + np.where(np.arange(len(values)) < AT, 0.0, wait)
    run = make_run(Scalar("train/loss", values, "train", steps, seconds))
    at = AT if steps is None else int(np.asarray(steps)[AT])
    return written_again(run, at, at + 8)


def jump(height: float, points: float) -> FloatArray:
    after = np.clip(np.arange(N) - AT, 0, None)
    return np.asarray(falling() + np.where(np.arange(N) >= AT, height * np.exp(-after / points), 0))


def test_a_restart_is_noted_with_its_step() -> None:
    finding = judge(CHECK, resumed(falling())).finding
    assert finding.severity == Severity.INFO
    assert finding.title == "The run was resumed at step 150"
    assert finding.steps == (150, 150)
    assert "written again" in finding.message
    assert "went on where it was" in finding.message
    (chart,) = finding.evidence
    assert isinstance(chart, CurveChart)
    assert chart.marks[0].first == 150


def test_a_jump_of_the_loss_says_what_was_not_restored() -> None:
    finding = judge(CHECK, resumed(jump(1.0, 10.0))).finding
    assert finding.severity == Severity.INFO
    assert finding.title.endswith("and the loss jumped there")
    assert "was not restored" in finding.message
    assert "optimizer.state_dict()" in finding.fixes[0]
    assert set(finding.thresholds) <= set(finding.measured)


def test_a_loss_that_stays_worse_for_long_is_a_warning() -> None:
    finding = judge(CHECK, resumed(jump(1.0, 500.0))).finding
    assert finding.severity == Severity.WARNING
    assert "stayed above its level" in finding.message


@pytest.mark.parametrize("factor", [1e-3, 1e3])
@pytest.mark.parametrize("points", [10.0, 500.0])
def test_the_unit_of_the_loss_changes_nothing(points: float, factor: float) -> None:
    first = judge(CHECK, resumed(jump(1.0, points))).finding
    other = judge(CHECK, resumed(factor * jump(1.0, points))).finding
    assert (other.severity, other.title) == (first.severity, first.title)


@pytest.mark.parametrize("nth", [2, 5])
def test_neither_the_numbering_nor_the_cadence_changes_the_severity(nth: int) -> None:
    run = resumed(jump(1.0, 500.0), 64 * np.arange(N))
    assert judge(CHECK, run).finding.steps == (64 * AT, 64 * AT)
    kept = replace(run, scalars=run.scalars.iloc[::nth].reset_index(drop=True))
    assert judge(CHECK, kept).finding.severity == Severity.WARNING


def test_losses_below_zero_are_judged() -> None:
    assert judge(CHECK, resumed(jump(1.0, 10.0) - 5)).finding.title.endswith("jumped there")


def test_two_event_files_of_one_run_are_a_resumed_run(tmp_path: Path) -> None:
    """As it is read: the second file begins at a step that the first had written."""
    values = falling(60).tolist()
    write_run(tmp_path, {"loss": values[:40]})
    write_run(tmp_path, {"loss": values[30:]}, begun=WALL_TIME + 3_600, first_step=30)
    (run,) = tblogreport.read(tmp_path)
    finding = judge(CHECK, run).finding
    assert finding.steps == (30, 30)
    assert finding.severity == Severity.INFO


def test_an_event_file_that_begins_at_the_same_step_is_another_training(tmp_path: Path) -> None:
    write_run(tmp_path, {"loss": falling(60).tolist()})
    write_run(tmp_path, {"loss": falling(40).tolist()}, begun=WALL_TIME + 3_600)
    (run,) = tblogreport.read(tmp_path)
    finding = judge(CHECK, run).finding
    assert (finding.severity, finding.steps) == (Severity.INFO, None)
    assert "earlier training" in finding.title
    assert "60 points" in finding.message


def test_steps_that_go_back_once_are_a_restart() -> None:
    steps = np.r_[np.arange(200), np.arange(150, 250)]
    run = make_run(Scalar("train/loss", falling(), "train", steps))
    finding = judge(CHECK, run).finding
    assert finding.steps == (150, 150)
    assert "go back from 199 to 150" in finding.message
    assert finding.severity == Severity.INFO


def test_steps_that_go_back_all_the_time_cannot_be_checked() -> None:
    steps = np.tile(np.arange(30), 10)
    judged = judge(CHECK, make_run(Scalar("train/loss", falling(), "train", steps)))
    assert judged.status == Status.NOT_CHECKABLE
    assert "go back 9 times" in (judged.reason or "")


def test_a_restart_whose_place_is_not_known_is_noted_all_the_same() -> None:
    run = make_run(Scalar("train/loss", falling(), "train"))
    finding = judge(CHECK, replace(run, notes=(Note("restart", "It was resumed."),))).finding
    assert finding.title == "The run was resumed"
    assert finding.steps is None


def test_a_run_without_a_loss_is_noted_without_it() -> None:
    run = resumed(falling())
    named = replace(run, scalars=run.scalars.assign(tag="speed"))
    finding = judge(CHECK, named).finding
    assert finding.steps == (150, 150)
    assert "loss_before" not in finding.measured


def test_runs_in_one_piece_are_clean() -> None:
    runs = [make_run(*healthy(np.random.default_rng(seed))) for seed in range(50)]
    assert {judge(CHECK, run).status for run in runs} == {Status.CLEAN}
    series = (Scalar("train/loss", jump(1.0, 10.0), "train"),)
    for other in (series, scaled(series, 1e3), renumbered(series, 7, 100)):
        assert judge(CHECK, make_run(*other)).status == Status.CLEAN


def test_nothing_to_look_at_cannot_be_checked() -> None:
    judged = judge(CHECK, make_run())
    assert judged.status == Status.NOT_CHECKABLE
    assert "log the loss" in (judged.reason or "")


def test_a_step_that_is_written_again_after_a_long_pause() -> None:
    steps = np.sort(np.append(np.arange(N), AT))
    seconds = np.arange(N + 1) * 5.0 + np.where(np.arange(N + 1) > AT, 3_600.0, 0.0)
    values = np.exp(-steps / 40) + 0.2
    run = make_run(Scalar("train/loss", values, "", steps, seconds))
    finding = judge("resumed-run", run).finding
    assert finding.steps == (AT, AT)
    assert "twice, with a long pause" in finding.message
    assert judge("stalled-training", run).status == Status.CLEAN


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_a_jump_over_the_longest_pause_tells_of_a_restart(factor: float) -> None:
    """A machine that stands still leaves the weights, and so the loss, as they are."""
    seconds = np.arange(N) * 5.0 + np.where(np.arange(N) >= AT, 36_000.0, 0.0)
    run = make_run(Scalar("loss", factor * jump(1.0, 10.0), "train", None, seconds))
    assert judge(CHECK, run).finding.steps == (AT, AT)
    assert judge("stalled-training", run).status == Status.CLEAN
    calm = make_run(Scalar("loss", factor * falling(), "train", None, seconds))
    assert judge(CHECK, calm).status == Status.CLEAN
    assert judge("stalled-training", calm).status == Status.FIRED


def test_a_step_that_is_always_written_twice_is_no_restart() -> None:
    steps = np.repeat(np.arange(N), 2)
    seconds = np.arange(2 * N) * 5.0 + np.where(np.arange(2 * N) > N, 3_600.0, 0.0)
    run = make_run(Scalar("train/loss", np.exp(-steps / 40) + 0.2, "", steps, seconds))
    assert judge("resumed-run", run).status == Status.CLEAN


def waited(*at: int, seconds: float = 600.0) -> FloatArray:
    """Wall times of a point a second, but for these."""
    return np.cumsum(np.where(np.isin(np.arange(N), at), seconds, 1.0))


def test_pauses_that_recur_are_no_restarts_though_the_loss_jumps_after_them() -> None:
    at = (60, 120, 180, 240)
    jumps = 0.3 * np.exp(-(np.arange(N) % 60) / 5.0) * (np.arange(N) >= 60)
    seconds = waited(*at) + np.where(np.arange(N) >= 240, 10.0, 0.0)
    calm = 0.3 + 2.0 * np.exp(-5.0 * time_of(N))
    values = noisy(np.random.default_rng(0), calm, 0.01) + jumps * (1 + np.arange(N) / N)
    run = make_run(Scalar("loss", values, "train", None, seconds))
    assert judge(CHECK, run).status == Status.CLEAN


def test_where_only_the_loss_tells_it_is_a_note() -> None:
    higher = falling() + 1.5 * (np.arange(N) >= AT)
    run = make_run(Scalar("loss", higher, "train", None, waited(AT)))
    assert judge(CHECK, run).finding.severity == Severity.INFO


def test_a_jump_that_tells_is_not_said_to_have_changed_nothing() -> None:
    values = noisy(np.random.default_rng(0), 1.0 + 3.0 * np.exp(-np.arange(N) / 20), 0.002)
    run = make_run(Scalar("loss", values + 0.08 * (np.arange(N) >= AT), "train", None, waited(AT)))
    judged = judge(CHECK, run)
    assert judged.status == Status.CLEAN or "went on where it was" not in judged.finding.message


def test_a_validation_loss_that_is_back_at_its_start_tells_of_lost_weights() -> None:
    t = time_of(N)
    train = 2.0 + 2.5 * np.exp(-40 * t) + 0.3 * np.exp(-8 * (t % 0.5))
    held_out = 2.0 + 0.4 * np.exp(-0.8 * (np.arange(15) % 8))
    seconds = np.arange(N) + np.where(np.arange(N) < AT, 0.0, 60.0)
    run = make_run(
        Scalar("train/loss", noisy(np.random.default_rng(0), train, 0.02), "train", None, seconds),
        Scalar("val/loss", held_out, "validation", 20 * np.arange(15), seconds[::20]),
    )
    finding = judge(CHECK, written_again(run, AT, AT + 8)).finding
    assert finding.severity == Severity.WARNING
    assert "weights were not restored" in finding.message
