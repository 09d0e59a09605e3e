"""Where a run was taken up again, and how its loss took it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tblogreport.context.series import Series, taken_up_again
from tblogreport.reading.run import Run
from tblogreport.signals.curve import CurveSignal, noise_of, running_median
from tblogreport.signals.pauses import MOST_RESTARTS, Pause

# A jump: so many times the noise, and this share of the progress.
SIGMAS = 5.0
RISE_SHARE = 0.10
# The loss before and after is the median of so many points, and of so many at least.
_POINTS = 5
_LEAST_POINTS = 3
# The share of the run over which it must stay worse to be more than a note, and by how much
# of the progress; of a jump that undoes more, a smaller share.
WORSE_SHARE = 0.25
WORSE_BY = 0.20
LARGE, FOR_A_WHILE = 0.5, 0.1
# What undoes this share of the progress is a beginning.
ANEW = 0.8


@dataclass(frozen=True)
class Restart:
    """Where a series was taken up again: the index of the first point of the later session."""

    curve: CurveSignal
    index: int

    @property
    def step(self) -> int:
        """The step of that point."""
        return self.curve.step_at(self.index)


@dataclass(frozen=True)
class Jump:
    """How a loss (in its own unit) went on after a restart."""

    before: float
    after: float
    rise: float  # of the progress
    peak: float  # of the first points, of the progress
    sigmas: float
    lasted: float  # the share of the run until the loss was back

    @property
    def jumped(self) -> bool:
        """Whether the loss is clearly higher after it."""
        return self.sigmas > SIGMAS and self.rise > RISE_SHARE

    @property
    def began_anew(self) -> bool:
        """Whether the loss was back where it had begun."""
        return self.jumped and self.peak >= ANEW

    @property
    def harmed(self) -> bool:
        """Whether it took the run a large part to make up for it."""
        long = self.lasted >= WORSE_SHARE and self.rise >= WORSE_BY
        far = self.lasted >= FOR_A_WHILE and self.rise >= LARGE
        return self.jumped and (long or far)


def find_restart(curve: CurveSignal, series: Series, resumption: Pause | None) -> Restart | None:
    """The restart that the steps of a series tell, else the one after a known pause."""
    finite = np.cumsum(np.isfinite(series.values)) - np.isfinite(series.values)
    back = taken_up_again(series)
    if 0 < len(back) <= MOST_RESTARTS:
        index = int(finite[back[0]])
    elif resumption is not None:
        index = int(np.searchsorted(curve.wall_times, resumption.end))
    else:
        return None
    return Restart(curve, index) if 0 < index < len(curve) else None


def measure_jump(restart: Restart) -> Jump | None:
    """How the loss went on; None with too few points on either side."""
    curve, index = restart.curve, restart.index
    before = curve.values[max(0, index - _POINTS) : index]
    after = curve.values[index : index + _POINTS]
    if min(len(before), len(after)) < _LEAST_POINTS:
        return None
    noise = noise_of(curve.values[max(0, index - 10 * _POINTS) : index])
    level, first = float(np.median(before)), float(np.median(after[:_LEAST_POINTS]))
    rise, peak = first - level, float(after[:_LEAST_POINTS].max()) - level
    later = running_median(curve.values[index:], _LEAST_POINTS)
    back = np.flatnonzero(later <= level + 2 * noise)
    lasted = (float(back[0]) if len(back) else len(curve) - index) / len(curve)
    return Jump(
        before=level,
        after=first,
        rise=rise / curve.extent if curve.extent > 0 else 0.0,
        peak=peak / curve.extent if curve.extent > 0 else 0.0,
        sigmas=rise / noise if noise > 0 else (float("inf") if rise > 0 else 0.0),
        lasted=lasted,
    )


def was_back_at_its_start(restart: Restart, held_out: CurveSignal) -> bool:
    """Whether a validation loss is, after the restart, as high again as at its first evaluation."""
    begun = restart.curve.wall_times[restart.index]
    index = int(np.searchsorted(held_out.wall_times, begun))
    if index < _LEAST_POINTS or index >= len(held_out):
        return False
    first, before, after = (float(held_out.values[i]) for i in (0, index - 1, index))
    return first - before > SIGMAS * held_out.noise and after - before > ANEW * (first - before)


def jump_at_further_file(run: Run, curve: CurveSignal) -> Pause | None:
    """The time between two event files at whose border the loss jumps; None without a jump.

    Where it does not, nothing was lost: a second `fit` with the directory of the first.
    """
    for begun in run.continued_at:
        index = int(np.searchsorted(curve.wall_times, begun))
        jump = measure_jump(Restart(curve, index)) if 0 < index < len(curve) else None
        if jump is not None and jump.jumped:
            times = curve.wall_times
            return Pause(float(times[index - 1]), float(times[index]))
    return None
