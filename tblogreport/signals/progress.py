"""Whether a loss got anywhere: how far it fell, and whether the model still guesses.

Flat because solved is not stuck: a loss that is low from its first point on cannot
be told from a stuck one by its shape. The metric tells, and the level that pure
guessing gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tblogreport.context.words import ACCURACY_WORDS
from tblogreport.signals.curve import CurveSignal, kendall
from tblogreport.signals.success import best_possible

# A drop below this share of the level is none (checks.md).
FLAT_SHARE = 0.02
# A loss counts as flat only when the noise lets one exclude a drop of this share …
EXCLUDED_SHARE = 0.08
# … at this many standard errors; and so many make a drop stand out.
EXCLUDED_SIGMAS = 2.0
SIGMAS = 3.0
# A uniform guess has accuracy exp(-cross-entropy); learning shows as more than that.
GUESS_MARGIN = 1.15
# A loss on held-out data that never fell by this share lets the accuracy there be this much
# larger by chance (small validation sets, uneven classes).
HELD_OUT_DROP = 0.05
HELD_OUT_MARGIN = 1.5
# Above this accuracy a model does not guess, whatever its loss.
GUESS_CEILING = 0.7
# Names of the share of right answers: of these chance can be told.
SHARE_WORDS = ACCURACY_WORDS | {"top1"}
COMMON_CLASSES = (2, 3, 4, 5, 6, 8, 10, 20, 50, 100, 1000)


@dataclass(frozen=True)
class Progress:
    """How far one loss fell. Levels are in the loss' own unit."""

    start: float
    tail: float
    drop: float
    relative_drop: float  # drop / |start|, or / the robust range where the loss goes below zero
    uncertainty: float  # standard error of the relative drop
    flat: bool  # a drop of `EXCLUDED_SHARE` or more can be excluded
    resolvable: bool  # whether flat and falling can be told apart at all
    tau: float
    p_value: float
    plateau_from: int  # first index from which on nothing improved any more
    plateau_share: float  # how much of the run that is


@dataclass(frozen=True)
class Guess:
    """The evidence that a classifier is at chance."""

    accuracy: float  # at the end, 0 to 1
    expected: float  # accuracy of a uniform guess with this loss: exp(-loss)
    classes: int | None  # whose ln is the loss, where it is a common number


def measure_progress(curve: CurveSignal) -> Progress:
    """How far the loss of `curve` (at least 4 finite points) fell, and whether that counts."""
    level = curve.size_of(curve.start) or 1.0
    first = max(1, min(5, len(curve) // 20))
    tail_error = 1.2533 * curve.noise / np.sqrt(curve.tail_length)
    start_error = float(np.hypot(curve.noise / np.sqrt(first), tail_error)) / level
    block_error = float(np.hypot(curve.block_noise, tail_error)) / level
    early_drop = (curve.start - curve.tail) / level
    late_drop = (curve.head - curve.tail) / level
    tau, p_value = curve.trend
    falls = tau < 0 and p_value < 0.01 and max(early_drop, late_drop) >= FLAT_SHARE
    stands_out = early_drop >= max(FLAT_SHARE, SIGMAS * start_error)
    known = EXCLUDED_SIGMAS * block_error < EXCLUDED_SHARE
    excluded = known and late_drop + EXCLUDED_SIGMAS * block_error < EXCLUDED_SHARE
    plateau_from = _plateau_start(curve)
    return Progress(
        start=curve.start,
        tail=curve.tail,
        drop=curve.start - curve.tail,
        relative_drop=early_drop,
        uncertainty=block_error,
        flat=excluded and not stands_out and not falls,
        resolvable=known or stands_out or falls,
        tau=tau,
        p_value=p_value,
        plateau_from=plateau_from,
        plateau_share=1.0 - plateau_from / len(curve),
    )


def _plateau_start(curve: CurveSignal) -> int:
    """The first point after which the loss never again improves on what it had there.

    Block by block from the end: as long as the blocks from there on show no fall
    beyond noise and 2 % of the level, they belong to the plateau.
    """
    blocks = curve.blocks
    start = len(blocks) - 1
    for begin in range(len(blocks) - 2, -1, -1):
        later = blocks[begin:]
        fall = later[0] - float(np.min(later))
        tolerance = max(SIGMAS * curve.block_noise, FLAT_SHARE * abs(later[0]))
        tau, p_value = kendall(later)
        if fall > tolerance or (tau < 0 and p_value < 0.001 and fall > tolerance / 2):
            break
        start = begin
    return int(curve.bounds[start])


def measure_guess(
    loss: float, metric: CurveSignal | None, margin: float = GUESS_MARGIN
) -> Guess | None:
    """Whether `loss` and the accuracy at the end are what guessing gives; None when not.

    A classifier that outputs a uniform guess has the cross-entropy ln C and the
    accuracy 1/C = exp(-loss). Learning makes accuracy larger than exp(-loss)
    (Jensen's inequality), so that their ratio tells without knowing C.
    """
    accuracy = accuracy_at_end(metric) if metric is not None else None
    if accuracy is None or loss <= 0:
        return None
    expected = float(np.exp(-loss))
    if accuracy > GUESS_CEILING or accuracy > margin * expected:
        return None
    return Guess(accuracy=accuracy, expected=expected, classes=nearest_classes(loss))


def accuracy_at_end(metric: CurveSignal) -> float | None:
    """The accuracy (0 to 1) that the series ends at; None where it is no accuracy."""
    if not SHARE_WORDS & set(metric.series.stem) or not len(metric):
        return None
    return metric.tail / best_possible(metric)


def nearest_classes(loss: float) -> int | None:
    """The common number of classes whose ln is within 2 % of `loss`, or None."""
    if loss <= 0:
        return None
    best = min(COMMON_CLASSES, key=lambda c: abs(np.log(c) - loss))
    return best if abs(np.log(best) - loss) <= 0.02 * np.log(best) else None
