"""Steps that became slow for good, by the wall times or by what the run says that they take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tblogreport.context import Context
from tblogreport.context.series import Role, Series
from tblogreport.context.words import words_of
from tblogreport.signals.pauses import Pace

# Blocks in a row that make a pace a sustained one.
_SUSTAINED = 3
# How many times longer steps take in the last part than in the best part before.
SLOWER = 4.5
LAST_SHARE = 0.2
# Less is not worth a word. Time is the one quantity here that has a unit of its own.
MIN_LOST = 10.0  # seconds
_MIN_TOLD = 20
_TIMES = frozenset("time seconds second sec secs s ms".split())
# Times of something else than a step of training, and speeds, which are measured the other way.
_OF_OTHERS = frozenset(
    (
        "elapsed total eta remaining left eval evaluate evaluation val valid validation test "
        "fps samples tokens frames items steps episodes relative clock timesteps since"
    ).split()
)


@dataclass(frozen=True)
class Slowdown:
    """Where and by how much the steps of a run became slow."""

    first: int  # tick
    lost: float  # seconds
    before: float  # seconds a step, in the best part
    after: float


def slowdown_of(pace: Pace) -> Slowdown | None:
    """Where steps became slow for good: a last part in which all blocks are slow."""
    blocks, bounds = pace.blocks, pace.bounds
    sustained = np.array([np.max(blocks[i : i + _SUSTAINED]) for i in range(len(blocks) - 2)])
    for first in range(_SUSTAINED, len(blocks)):
        at = int(bounds[first])
        best = float(np.min(sustained[: first - _SUSTAINED + 1]))
        if best <= 0 or 1 - at / len(pace.intervals) < LAST_SHARE:
            break
        if blocks[first:].min() >= SLOWER * best:
            lost = float(np.sum(pace.intervals[at:]) - best * np.sum(pace.steps[at:]))
            after = float(np.median(blocks[first:]))
            return Slowdown(at, lost, best, after) if lost >= MIN_LOST else None
    return None


def told_paces(context: Context) -> list[tuple[Series, Pace]]:
    """What the run itself says that a step, or its data, takes: `data_time`, `step_time_ms`.

    Programs that write late, or all at once, tell their pace only so. A clock that counts on
    is none.
    """
    named = [s for s in context.of_role(Role.THROUGHPUT) if s.split in {"", "train"}]
    return [(s, pace) for s in named if (pace := _told_pace(s)) is not None]


def _told_pace(series: Series) -> Pace | None:
    words = set(words_of(series.tag))
    if not words & _TIMES or words & _OF_OTHERS or len(series) < _MIN_TOLD:
        return None
    values = series.values / (1e3 if "ms" in words else 1.0)
    if not np.isfinite(values).all() or values.min() < 0 or (np.diff(values) >= 0).all():
        return None
    apart = np.diff(series.steps).astype(np.float64)
    steps = np.concatenate([apart[:1], apart])
    in_steps = bool(steps.min() > 0)
    counted = steps if in_steps else np.ones(len(values))
    ticks = np.concatenate([[0.0], np.cumsum(values * counted)])
    points = np.concatenate([[0], np.arange(len(values))])
    return Pace(ticks, points, counted, in_steps)
