"""Whether a loss left its best level and did not come back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tblogreport.signals.curve import CurveSignal, FloatArray, noise_of, true_at_end

# Starting points of checks.md: above the best by 5 σ and 20 %.
SIGMAS = 5.0
SHARE_OF_LEVEL = 0.20
# … and by a fifth of what had been gained: a solved loss of 1e-4 may triple unharmed.
SHARE_OF_PROGRESS = 0.20
MIN_POINTS = 8
# A series of so many points shows its loss before any update took effect: its first one.
_LONG = 100
# Times that, below which a loss that was thrown up by the first updates never came again.
THROWN = 2.0
# … and what it must rise to, in its first value, to be lost whatever it comes back to, as long as
# that is not below this share of it.
BLOWN_UP = 1_000.0
NEVER_BELOW = 0.75
# The last blocks that must all lie above the limit.
_TAIL_BLOCKS = 3
# A loss that was above the limit and came back so often (its first descent included)
# oscillates, and merely ends on a high.
_OSCILLATES = 3


@dataclass(frozen=True)
class Divergence:
    """A rise for good. Levels are in the loss' own unit."""

    best: float
    best_step: int
    left_step: int  # from here on the loss stayed above `limit`
    tail: float
    limit: float
    rise: float  # tail - best
    sigmas: float  # the rise over the noise of a block; infinite for a short series


def measure_divergence(curve: CurveSignal) -> Divergence | None:
    """The rise of `curve` above its best level, if it is large, beyond noise and lasting."""
    if len(curve) < MIN_POINTS:
        return _runaway(curve)
    if thrown := _thrown_up(curve):
        return thrown
    blocks = curve.blocks
    best_index = int(np.argmin(blocks))
    best = float(blocks[best_index])
    limit, noise = _limit(curve, best_index)
    above = blocks > limit
    if best_index >= len(blocks) - 1 or not above[-_TAIL_BLOCKS:].all():
        return None
    left = len(blocks) - true_at_end(above)
    came_back = np.count_nonzero(above[:left][:-1] & ~above[:left][1:])
    if came_back >= _OSCILLATES:
        return None
    return Divergence(
        best=best,
        best_step=int(curve.block_steps[best_index]),
        left_step=curve.step_at(_onset(curve, left, limit)),
        tail=curve.tail,
        limit=limit,
        rise=curve.tail - best,
        sigmas=(curve.tail - best) / noise if noise > 0 else float("inf"),
    )


def _onset(curve: CurveSignal, block: int, limit: float) -> int:
    """The point at which the loss went above `limit`, where `block` is the first block above it.

    The point that best parts those below from those above, in that block and the one before:
    an edge of a block may lie far from it.
    """
    begin = int(curve.bounds[max(block - 1, 0)])
    above = curve.values[begin : int(curve.bounds[block + 1])] > limit
    below_before = np.concatenate([[0], np.cumsum(~above)])
    above_after = np.concatenate([np.cumsum(above[::-1])[::-1], [0]])
    return min(begin + int(np.argmax(below_before + above_after)), len(curve) - 1)


def _thrown_up(curve: CurveSignal) -> Divergence | None:
    """A loss whose first point, before any update, is never reached again.

    Only a long series shows them: one of epochs begins with a mean over the first of those.
    """
    values, first = curve.values, float(curve.values[0])
    if len(values) < _LONG or values.min() <= 0 or first <= 0:
        return None
    limit, noise = THROWN * first, curve.block_noise
    if float(np.percentile(values[1:], 1)) <= limit:
        return None
    return Divergence(
        best=first,
        best_step=curve.step_at(0),
        left_step=curve.step_at(int(np.argmax(values > limit))),
        tail=curve.tail,
        limit=limit,
        rise=curve.tail - first,
        sigmas=(curve.tail - first) / noise if noise > 0 else float("inf"),
    )


def blown_up(curve: CurveSignal) -> Divergence | None:
    """A loss that exploded a thousandfold from its first value, and never was below that again.

    It may come most of the way back: weights that were thrown so far decay, and learn nothing.
    """
    values, first = curve.values, float(curve.values[0]) if len(curve) else 0.0
    if len(values) < MIN_POINTS or first <= 0 or values.max() < BLOWN_UP * first:
        return None
    if float(np.percentile(values[1:], 5)) < NEVER_BELOW * first:
        return None
    return Divergence(
        best=first,
        best_step=curve.step_at(0),
        left_step=curve.step_at(int(np.argmax(values > THROWN * first))),
        tail=curve.tail,
        limit=first,
        rise=curve.tail - first,
        sigmas=float("inf"),
    )


def _limit(curve: CurveSignal, best_index: int) -> tuple[float, float]:
    """The level above which the loss has left its best, and the noise of a block there.

    Positive losses are taken in the log, where an explosion is a steady slope and
    does not pass for noise; the others against their own range.
    """
    best = float(curve.blocks[best_index])
    until_best = int(curve.bounds[best_index + 1])
    progress = max(curve.start - best, 0.0)
    shrink = curve.block_noise / curve.noise if curve.noise > 0 else 1.0
    if curve.values.min() > 0:
        log_noise = _noise(np.log(curve.values), until_best) * shrink
        by_noise = best * float(np.exp(min(SIGMAS * log_noise, 700.0)))
        noise = best * log_noise
        by_level = best * (1 + SHARE_OF_LEVEL)
    else:
        low, high = np.percentile(curve.values[:until_best], [5, 95])
        noise = _noise(curve.values, until_best) * shrink
        by_noise = best + SIGMAS * noise
        by_level = best + SHARE_OF_LEVEL * max(abs(best), float(high - low))
    return max(by_noise, by_level, best + SHARE_OF_PROGRESS * progress), noise


def _noise(values: FloatArray, until_best: int) -> float:
    """The noise up to the best point where that part is long enough, else of the whole."""
    return noise_of(values[:until_best]) if until_best >= MIN_POINTS else noise_of(values)


def _runaway(curve: CurveSignal) -> Divergence | None:
    """A short series diverges only beyond doubt: three rises in a row to ten times its start."""
    values = curve.values
    if len(values) < 4 or values.min() <= 0 or not np.all(np.diff(values[-4:]) > 0):
        return None
    best_index = int(np.argmin(values))
    best = float(values[best_index])
    if values[-1] < 10 * values[0]:
        return None
    return Divergence(
        best=best,
        best_step=curve.step_at(best_index),
        left_step=curve.step_at(max(best_index + 1, len(values) - 3)),
        tail=float(values[-1]),
        limit=10 * float(values[0]),
        rise=float(values[-1]) - best,
        sigmas=float("inf"),
    )
