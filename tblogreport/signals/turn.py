"""Whether a validation loss turned: how far it rose above its smoothed minimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tblogreport.signals.curve import CurveSignal, block_medians, kendall

# A jump for good: so many points stand on either side of it, it is so much of the whole rise, and
# every later point lies above all the near ones before it.
JUMP_POINTS = 4
JUMP_SHARE = 0.8


@dataclass(frozen=True)
class Turn:
    """A minimum and what came after it. Levels are in the loss' own unit."""

    index: int  # the point of the smoothed minimum
    step: int  # of the lowest value near it: the checkpoint to keep
    lowest: float  # that value
    best: float  # the smoothed minimum, which noise does not flatter
    tail: float
    rebound: float  # tail - best
    relative: float  # rebound / |best|, or / the range of a loss that goes below zero
    sigmas: float  # rebound over the noise of the two levels
    share_of_progress: float  # rebound / (start - best); infinite when it rose from the start
    remaining: float  # share of the run after the minimum
    tau: float  # Kendall's trend of what came after the minimum, over 20 block medians
    p_value: float


def measure_turn(curve: CurveSignal) -> Turn:
    """The turn of `curve`, which has at least 4 finite points."""
    index = curve.best_index
    best = curve.best
    rebound = curve.tail - best
    level = curve.size_of(best)
    progress = curve.start - best
    width = max(1, len(curve) // 15)
    noise = curve.noise * np.hypot(1.2533 / np.sqrt(curve.tail_length), 1.2533 / np.sqrt(width))
    near = max(width, len(curve) // 10)
    begin = max(0, index - near)
    lowest = begin + int(np.argmin(curve.values[begin : index + near + 1]))
    tau, p_value = kendall(block_medians(curve.values[index:]))
    return Turn(
        index=index,
        step=curve.step_at(lowest),
        lowest=float(curve.values[lowest]),
        best=best,
        tail=curve.tail,
        rebound=rebound,
        relative=_ratio(rebound, level),
        sigmas=_ratio(rebound, noise),
        share_of_progress=_ratio(rebound, progress),
        remaining=1.0 - float(curve.fraction[index]),
        tau=tau,
        p_value=p_value,
    )


def jump_for_good(curve: CurveSignal, turn: Turn) -> int | None:
    """The point at which a loss rose at once and stayed; None where it rose by and by.

    What is learned by heart shows bit by bit. Other data, or the same data prepared otherwise, are
    worse from one evaluation to the next, and no worse later on.
    """
    values = curve.values
    at = int(np.argmax(np.diff(values))) + 1
    before, after = values[max(0, at - JUMP_POINTS) : at], values[at:]
    if len(before) < JUMP_POINTS or len(after) < JUMP_POINTS or at <= turn.index:
        return None
    jump = float(np.median(after[:JUMP_POINTS]) - np.median(before))
    stays = bool(after.min() > before.max()) and float(np.median(after[-JUMP_POINTS:])) > turn.best
    later = float(np.median(after[-JUMP_POINTS:]) - np.median(after[:JUMP_POINTS]))
    at_once = jump >= JUMP_SHARE * turn.rebound and later <= (1 - JUMP_SHARE) * jump
    return at if stays and at_once else None


def _ratio(rebound: float, unit: float) -> float:
    """The rebound in a unit of 0 or more, which a constant loss has not: no rebound is none."""
    if unit > 0:
        return rebound / unit
    return float("inf") if rebound > 0 else 0.0
