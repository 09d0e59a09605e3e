"""What the held-out curves tell of a model that does not learn.

A network that answers the same to every input has an accuracy that takes one value or a
few, whatever its loss does: only the last bias moves. One that answers at random, because
labels are, changes its accuracy from epoch to epoch. And one that learns too slowly takes
its validation loss down in step with its train loss, as nothing is memorised.
"""

from __future__ import annotations

import numpy as np

from tblogreport.context.series import Series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.progress import (
    COMMON_CLASSES,
    GUESS_CEILING,
    SHARE_WORDS,
    accuracy_at_end,
)

# An accuracy that was evaluated so often at least …
MIN_EVALUATIONS = 8
# … and that is the same to the bit at this share of its later half, is that of an answer that
# does not depend on the input; it may hop from one class to another.
SAME_SHARE = 0.5
# Kendall's tau of a validation loss that falls at all but every evaluation.
FOLLOWS_TAU = -0.85
# The share of the train loss' fall that it must share in.
FOLLOWS_SHARE = 0.1
# By so many times the noise of a block it lies above its lowest one where it turned up again.
TURNED_SIGMAS = 4.0
# What a validation loss may fall, and a train loss must at least, for the one to say that
# nothing carries over; and how close the two must begin.
NEVER_FELL = 0.03
BY_HEART = 0.05
ALIKE = 0.2
# A loss above that of a uniform guess by this share is no guess.
ABOVE_GUESS = 0.01
# How close a loss must come to that of a constant answer.
CONSTANT_TOLERANCE = 0.005
# How far, in the log, an accuracy may lie from 1/C to be that of C classes.
CLASS_TOLERANCE = 0.2


def constant_answers(metric: Series | None) -> bool | None:
    """Whether an accuracy hardly ever changes; None for what is no accuracy, or too short."""
    if metric is None or not SHARE_WORDS & set(metric.stem):
        return None
    values = metric.values[np.isfinite(metric.values)]
    if len(values) < MIN_EVALUATIONS:
        return None
    _, counts = np.unique(values[len(values) // 2 :], return_counts=True)
    return bool(counts.max() >= SAME_SHARE * counts.sum())


def follows(train: CurveSignal | None, held_out: CurveSignal | None) -> bool | None:
    """Whether a validation loss falls steadily and together with the train loss."""
    if train is None or held_out is None or min(len(train), len(held_out)) < MIN_EVALUATIONS:
        return None
    tau, p_value = held_out.trend
    return bool(tau <= FOLLOWS_TAU and p_value < 0.001 and _falls_with(train, held_out))


def lags(train: CurveSignal | None, held_out: CurveSignal | None) -> bool:
    """Whether a validation loss falls far less than the train loss, or turned up again.

    Its noise is allowed for, which `follows` takes for not following.
    """
    if train is None or held_out is None or min(len(train), len(held_out)) < MIN_EVALUATIONS:
        return False
    turned = held_out.blocks[-1] - held_out.blocks.min() > TURNED_SIGMAS * held_out.block_noise
    return bool(turned) or not _falls_with(train, held_out)


def _falls_with(train: CurveSignal, held_out: CurveSignal) -> bool:
    """Whether a validation loss falls by a part of what the train loss does."""
    fall = float(held_out.blocks[0] - held_out.blocks[-1])
    return fall >= FOLLOWS_SHARE * max(train.head - train.tail, 0.0)


def above_guess(
    tail: float, noise: float, metric: CurveSignal | None, known: int | None = None
) -> bool:
    """Whether a loss at chance accuracy ends clearly above what a uniform guess costs.

    Labels that cannot be learned bring a network down to that level, or below it by heart;
    weights that are thrown about keep it above. `known` is the number of classes, where the
    model's config says it; else it is guessed from the accuracy.
    """
    accuracy = accuracy_at_end(metric) if metric is not None else None
    if accuracy is None or not 0 < accuracy < GUESS_CEILING:
        return False
    common = COMMON_CLASSES if known is None else (known,)
    classes = [c for c in common if abs(np.log(c * accuracy)) <= CLASS_TOLERANCE]
    if not classes:
        return False
    guess = float(np.log(max(classes)))
    excess = tail - guess
    return excess > max(ABOVE_GUESS * guess, 3.0 * noise)


def price_of_majority(share: float) -> float:
    """What it costs to give the more frequent of two classes, by its share (0 to 1), each time.

    That is the entropy of the share, in nats.
    """
    return float(-share * np.log(share) - (1 - share) * np.log(1 - share))


def costs_a_constant(tail: float, metric: CurveSignal) -> bool:
    """Whether a loss is the cross-entropy of one constant answer that is right this often.

    The best constant answer gives each class its share: with two classes its loss is the
    entropy of the accuracy, with C equal ones ln C.
    """
    p = accuracy_at_end(metric)
    if p is None or not 0 < p < 1:
        return False
    entropy = price_of_majority(p) if p >= 0.5 else np.inf
    classes = np.array(COMMON_CLASSES)
    near = classes[np.abs(np.log(classes * p)) <= CLASS_TOLERANCE]
    levels = [entropy, *np.log(near)]
    return any(abs(tail / level - 1.0) < CONSTANT_TOLERANCE for level in levels if level > 0)


def never_fell(train: CurveSignal | None, held_out: CurveSignal | None) -> bool:
    """Whether a validation loss never fell, while the train loss it began at did.

    Then what is learned by heart does not carry over to a single new sample. Losses that
    begin far apart were not first evaluated before something had been learned.
    """
    if train is None or held_out is None or min(len(train), len(held_out)) < MIN_EVALUATIONS:
        return False
    if train.values.min() <= 0 or held_out.values.min() <= 0:
        return False
    begun, least = float(held_out.blocks[0]), float(np.min(held_out.blocks))
    fell = (train.head - train.tail) / train.head
    tau, p_value = train.trend
    learned = fell >= BY_HEART and tau < -0.7 and p_value < 1e-3
    alike = abs(begun - train.head) <= ALIKE * train.head
    return bool(learned and alike and begun - least <= NEVER_FELL * begun)
