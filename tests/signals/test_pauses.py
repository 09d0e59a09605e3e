"""How fast a run went, where it paused and where it was resumed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike

from tblogreport.context.series import steps_back
from tblogreport.signals.pauses import Pace, longest_pause, pace_of, resumption
from tests.runs import BEGUN, Histogram, Scalar, context_of, make_run, tf_histogram, written_again

N = 100


def pace(seconds: ArrayLike, steps: ArrayLike | None = None) -> Pace | None:
    values = np.ones(len(np.ravel(seconds)))
    return pace_of(context_of(make_run(Scalar("loss", values, "", steps, seconds))).series[0])


def test_every_interval_counts_its_steps() -> None:
    found = pace(3.0 * np.arange(N), np.cumsum(np.arange(N) % 2 + 1))
    assert found is not None
    assert found.in_steps
    assert found.duration == 3.0 * (N - 1)
    assert set(np.round(found.seconds_a_step, 6)) == {1.5, 3.0}
    assert len(found.blocks) == 20


def test_points_written_at_once_are_one_tick() -> None:
    found = pace(np.repeat(60.0 * np.arange(30), 10) + 1e-4 * (np.arange(300) % 10))
    assert found is not None
    assert len(found.ticks) == 30
    assert found.seconds_a_step == pytest.approx(6.0, rel=0.01)


def test_points_are_counted_where_steps_do_not_increase() -> None:
    found = pace(2.0 * np.arange(N), np.arange(N) % 10)
    assert found is not None
    assert not found.in_steps
    assert found.seconds_a_step == pytest.approx(2.0)


def test_a_clock_that_is_set_back_is_waited_for() -> None:
    seconds = np.arange(N, dtype=float)
    seconds[50:] -= 10
    found = pace(seconds)
    assert found is not None
    assert found.intervals.min() > 0
    assert found.duration == pytest.approx(89)


@pytest.mark.parametrize("seconds", [np.zeros(N), np.full(N, -BEGUN), np.full(N, np.nan), [1, 2]])
def test_times_that_tell_nothing_have_no_pace(seconds: ArrayLike) -> None:
    assert pace(seconds) is None


def test_a_pause_is_one_in_which_no_series_was_written() -> None:
    gap = np.where(np.arange(N) < 50, 0, 500) + np.arange(N)
    loss = Scalar("loss", np.ones(N), "train", seconds=gap)
    pause = longest_pause(make_run(loss))
    assert pause is not None
    assert (pause.begin - BEGUN, pause.seconds) == (49, 501)
    within = Scalar("val", np.ones(2), "validation", seconds=[100, 300])
    assert longest_pause(make_run(loss, within)).seconds == 250  # type: ignore[union-attr]
    assert longest_pause(make_run(Histogram("w", [tf_histogram([1.0])]))) is None


def test_a_restart_is_where_the_rewritten_steps_begin() -> None:
    seconds = np.arange(N) + np.where(np.arange(N) < 60, 0.0, 7.0)
    run = make_run(Scalar("loss", np.ones(N), "train", 5 * np.arange(N), seconds))
    found = resumption(written_again(run, 300, 315))
    assert found is not None
    assert (found.begin - BEGUN, found.end - BEGUN) == (59, 67)
    assert resumption(run) is None


def test_the_series_that_waited_tells_whose_steps_are_meant() -> None:
    """Epochs and batches are counted apart, and the note names steps of either."""
    late = np.where(np.arange(N) < 60, 0.0, 7.0)
    batches = Scalar("step_loss", np.ones(N), "train", np.arange(N), np.arange(N) + late)
    epochs = Scalar("epoch_loss", np.ones(10), "train", None, (np.arange(N) + late)[9::10])
    found = resumption(written_again(make_run(batches, epochs), 60, 64))
    assert found is not None
    assert found.end - BEGUN == 67


def test_steps_that_go_back_are_found() -> None:
    series = context_of(make_run(Scalar("loss", np.ones(6), "", [0, 1, 2, 1, 2, 0]))).series[0]
    assert steps_back(series.steps).tolist() == [3, 5]
