"""What became of the learning rate over the run: its schedule, read from the log."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.series import Series

# A rate that never differs from its peak by more than this share is constant.
_CONSTANT = 1e-3
# A rise by this share of the peak, after the first peak, is a restart.
_RESTART = 0.2
# Below this share of its peak a rate trains next to nothing, see checks.md.
SPENT = 0.01
# A schedule of so many values at most, over many more points, goes down in steps.
_LEVELS = 12


class ScheduleKind(StrEnum):
    """Shapes of a learning rate over a run."""

    CONSTANT = "constant"
    WARM_UP = "warm-up"  # rises, then stays
    STEPS = "steps"  # falls in steps
    DECAY = "decay"  # falls smoothly, after a warm-up or not
    CYCLIC = "cyclic"  # rises again and again, or restarts


@dataclass(frozen=True, eq=False)
class Schedule:
    """One learning rate over the run.

    `wall_times` and `rates` are the finite points (float64 [n]); shares are of the
    wall-ordered points, from 0 to 1.
    """

    series: Series
    wall_times: NDArray[np.float64]
    rates: NDArray[np.float64]
    kind: ScheduleKind
    peak: float
    warm_up: float  # share of the run before 90 % of the peak is reached
    restarts: tuple[int, ...]  # points at which the rate jumps up again
    cuts: tuple[int, ...]  # points at which it is at once halved or less
    spent_from: int  # first point from which on it is at most `SPENT` of its peak; n for none

    @property
    def spent_share(self) -> float:
        """The share of the run over which the rate is next to nothing."""
        return 1.0 - self.spent_from / len(self.rates)

    def step_at(self, point: int) -> int:
        """The step of a point."""
        finite = np.flatnonzero(np.isfinite(self.series.values))
        return int(self.series.steps[finite[point]])


def schedule_of(series: Series | None) -> Schedule | None:
    """The schedule of a logged learning rate; None without two finite points above zero."""
    if series is None:
        return None
    finite = np.isfinite(series.values)
    rates, times = series.values[finite], series.wall_times[finite]
    if len(rates) < 2 or rates.max() <= 0:
        return None
    peak = float(rates.max())
    top = int(np.argmax(rates >= 0.9 * peak))
    moves = np.diff(rates)
    rises = np.flatnonzero(moves[top:] > _RESTART * peak) + top + 1
    halved = rates[1:] <= 0.5 * rates[:-1]
    low = rates <= SPENT * peak
    spent_from = len(rates) - (len(rates) if low.all() else int(np.argmin(low[::-1])))
    return Schedule(
        series=series,
        wall_times=times,
        rates=rates,
        kind=_kind(rates, peak, top, len(rises)),
        peak=peak,
        warm_up=top / len(rates),
        restarts=tuple(int(i) for i in rises),
        cuts=tuple(int(i) + 1 for i in np.flatnonzero(halved)),
        spent_from=spent_from,
    )


def _kind(rates: NDArray[np.float64], peak: float, top: int, restarts: int) -> ScheduleKind:
    if np.ptp(rates) <= _CONSTANT * peak:
        return ScheduleKind.CONSTANT
    if restarts or _turns(rates, peak) >= 3:
        return ScheduleKind.CYCLIC
    after = rates[top:]
    if np.ptp(after) <= 0.1 * peak:
        return ScheduleKind.WARM_UP
    changes = np.count_nonzero(np.diff(after))
    if changes <= min(_LEVELS, len(after) / 4):
        return ScheduleKind.STEPS
    return ScheduleKind.DECAY


def _turns(rates: NDArray[np.float64], peak: float) -> int:
    """How often the rate changes direction, not counting moves too small to matter."""
    moves = np.diff(rates)
    directions = np.sign(moves[np.abs(moves) > 0.005 * peak])
    return int(np.count_nonzero(np.diff(directions)))
