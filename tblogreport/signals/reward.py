"""What became of the reward of an agent, the one curve of reinforcement learning that tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tblogreport.context.series import Series
from tblogreport.context.words import words_of
from tblogreport.signals.curve import BLOCKS, CurveSignal

MIN_POINTS = 15
# A reward that is the same at this share of its points, and never better for long, stands still.
SAME_SHARE = 0.8
# A collapse gives up this share of what had been gained, over the last blocks of twenty: agents
# forget and learn again all the time.
GIVEN_UP = 0.6
_LAST_BLOCKS = 4
# A reward falls by this share of its first level at least, and never rose by as much of that; and
# ends within this share of its fall from its lowest.
FALL, NEAR_LOWEST = 0.2, 0.5
# The mean over many episodes wanders smoothly: fewer points of it do not show how far.
SHOWS_WANDER = 40
# Both the gain and the loss must stand out of the noise of a block by so many times.
SIGMAS = 5.0
_REWARDS = frozenset("reward rewards rew return returns".split())
# Words of what goes with a reward and is not how well the agent does.
_NOT_THE_MEAN = frozenset(
    (
        "std min max loss len length margin margins chosen rejected accuracy accuracies frac rate "
        "time value advantage intrinsic curiosity hist baseline target scale clip weight coef "
        "coefficient threshold bonus penalty"
    ).split()
)


class Course(StrEnum):
    """What a reward did."""

    STOOD_STILL = "stood still"
    COLLAPSED = "collapsed"
    FELL = "fell"
    IMPROVED = "improved"


@dataclass(frozen=True)
class Reward:
    """The reward and its course. Levels in the unit of the reward."""

    curve: CurveSignal
    course: Course | None  # None where it wanders
    begun: float
    best: float
    best_step: int
    end: float
    same: float  # the share of points at the most frequent value
    usual: float  # that value

    @property
    def gained(self) -> bool:
        """Whether it ends higher than it began, beyond its noise."""
        curve = self.curve
        return self.end - curve.head > SIGMAS * curve.block_noise


def rewards(series: tuple[Series, ...]) -> list[Series]:
    """The series that say how well an agent does: those that move, the plainest and longest."""
    found = []
    for one in series:
        words = set(words_of(one.tag))
        if words & _REWARDS and not words & _NOT_THE_MEAN:
            found.append(one)

    def preference(one: Series) -> tuple[bool, bool, int, int]:
        moves = len(one) > 0 and bool(np.ptp(one.values) > 0)
        return len(one) < MIN_POINTS, not moves, len(one.stem), -len(one)

    return sorted(found, key=preference)


def measure_reward(curve: CurveSignal) -> Reward | None:
    """The course of a reward; None below 15 finite points."""
    if len(curve) < MIN_POINTS:
        return None
    at = int(np.argmax(curve.blocks))
    values, counts = np.unique(curve.values, return_counts=True)
    usual, same = float(values[np.argmax(counts)]), float(counts.max()) / len(curve)
    return Reward(
        curve=curve,
        course=_course(curve, at, usual, same),
        begun=_begun(curve, at),
        best=float(curve.blocks[at]),
        best_step=int(curve.block_steps[at]),
        end=curve.tail,
        same=same,
        usual=usual,
    )


def _begun(curve: CurveSignal, best_at: int) -> float:
    """The lowest level before the best block: what was gained is measured from there."""
    return float(curve.blocks[: best_at + 1].min())


def _grew(curve: CurveSignal) -> bool:
    """Whether the last third is better than the first, by two standard errors."""
    third = len(curve) // 3
    first, last = curve.values[:third], curve.values[-third:]
    error = float(np.sqrt((np.var(first) + np.var(last)) / third))
    return float(np.mean(last) - np.mean(first)) > 2.0 * error


def _fell(curve: CurveSignal) -> bool:
    """Whether it ends far below its first level, near its lowest, and never was much above it."""
    begun = max(float(curve.values[0]), curve.head)
    lost, noise = begun - curve.tail, curve.block_noise
    risen = float(curve.blocks.max()) - begun
    low = curve.tail - float(curve.blocks.min()) <= NEAR_LOWEST * lost
    return low and lost > max(SIGMAS * noise, FALL * abs(begun)) and risen < FALL * lost


def _course(curve: CurveSignal, at: int, usual: float, same: float) -> Course | None:
    blocks = curve.blocks
    solved = usual == curve.values.max() and same < 1.0
    if same >= SAME_SHARE and not solved and not _grew(curve):
        return Course.STOOD_STILL
    gained, noise = float(blocks[at]) - _begun(curve, at), curve.block_noise
    left = blocks[at] - blocks[-_LAST_BLOCKS:]
    least = SIGMAS * noise
    if len(curve) < SHOWS_WANDER:
        least = max(least, FALL * abs(float(blocks[at])), FALL * abs(curve.head))
    clear = gained > least
    if clear and at < BLOCKS - _LAST_BLOCKS and (left >= GIVEN_UP * gained).all():
        return Course.COLLAPSED
    if _fell(curve):
        return Course.FELL
    tau, p_value = curve.trend
    return Course.IMPROVED if clear and tau > 0 and p_value < 0.01 else None
