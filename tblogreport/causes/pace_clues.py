"""What rates, gradients and updates together say of how fast a run could have learned."""

from __future__ import annotations

import numpy as np

from tblogreport.causes.case import STUCK, Case
from tblogreport.context.words import words_of
from tblogreport.signals.curve import CurveSignal, FloatArray
from tblogreport.signals.one_answer import MIN_CONSTANT_POINTS

# A loss that comes down by so small a share at most, at all but a few evaluations, and about as
# much in one half as in the other, creeps.
CREEPS, DOWN, HALVES = 0.05, 0.85, (0.5, 2.0)
# A train loss that falls by more than this share gets on.
GOT_ON = 0.15
# The rate times the squared gradient is what a step takes off a loss, to first order: so many
# times the fall that was seen, and so much of the loss, were promised and not kept.
PROMISED, WORTH = 8.0, 0.1
# Updates whose length varies by less than this share, while gradients vary by more, are clipped.
ONE_LENGTH, VARY = 0.02, 0.15
# A rate that is spent for so much of the run leaves no time to learn.
NO_TIME = 0.5
# What a guess costs with more classes than two.
TWO_CLASSES = 0.8
# A binary loss that rests so near ln 2 in its later half, having moved before.
AT_LN_2, MOVED = 2e-4, 0.01


def creeps(case: Case) -> bool:
    """Whether an evaluated loss falls in a line, and next to nowhere.

    Its data are the same each time, so that weights that hardly move show themselves; a network
    of which only the last bias learns soon comes to rest. Not where training itself got on.
    """
    evaluated, train = _evaluated(case), case.signals.context.train_loss
    if evaluated is None or (train is not None and _got_on(case.signals.curve(train))):
        return False
    values = evaluated.values
    fall, middle = float(values[0] - values[-1]), len(values) // 2
    if values.min() <= 0 or not 0 < fall < CREEPS * float(values[0]):
        return False
    first, second = float(values[0] - values[middle]), float(values[middle] - values[-1])
    even = second > 0 and HALVES[0] <= first / second <= HALVES[1]
    return even and float(np.mean(np.diff(values) <= 0)) >= DOWN


def _got_on(train: CurveSignal) -> bool:
    long = len(train) >= MIN_CONSTANT_POINTS
    return long and train.head - train.tail > GOT_ON * abs(train.head)


def _evaluated(case: Case) -> CurveSignal | None:
    """The loss without the noise of batches: of validation, else the means of epochs."""
    signals, context = case.signals, case.signals.context
    for series in (context.validation_loss, context.train_loss):
        if series is None or len(signals.curve(series)) < MIN_CONSTANT_POINTS:
            continue
        if series is not context.train_loss or signals.averaged(series):
            return signals.curve(series)
    return None


def gradient_promised_more(case: Case) -> bool:
    """Whether steps along the gradient, at the logged rate, would have taken the loss much lower.

    Where the evaluated loss creeps, so that the gradient is no mere noise.
    """
    norm, rate = case.signals.context.gradient_norm, case.signals.highest_learning_rate
    loss, evaluated = case.signals.loss, _evaluated(case)
    if norm is None or rate is None or loss is None or evaluated is None or not creeps(case):
        return False
    squared = float(np.median(np.square(case.signals.curve(norm).values)))
    promised = rate * squared * float(np.ptp(loss.steps))
    fell = float(evaluated.values[0] - evaluated.values[-1])
    return promised > PROMISED * fell and promised > WORTH * float(evaluated.values[0])


def updates_of_one_length(case: Case) -> bool:
    """Whether all updates are equally long though gradients are not: clipped at every step."""
    context = case.signals.context
    norm = context.gradient_norm
    updates = next((s for s in context.series if {"update", "norm"} <= set(words_of(s.tag))), None)
    if norm is None or updates is None or min(len(norm), len(updates)) < MIN_CONSTANT_POINTS:
        return False
    lengths, gradients = (case.signals.curve(s).values[1:] for s in (updates, norm))
    return _variation(lengths) < ONE_LENGTH and _variation(gradients) > VARY


def _variation(values: FloatArray) -> float:
    """The standard deviation as a share of the mean; 0 for a mean of 0."""
    return float(np.std(values) / np.mean(values)) if len(values) and values.mean() > 0 else 0.0


def rate_was_spent(case: Case) -> bool:
    """Whether the rate was next to nothing for most of a run that learned nothing."""
    schedule = case.signals.context.schedule
    return schedule is not None and case.fired(STUCK) and schedule.spent_share >= NO_TIME


def no_gradient_at_all(case: Case) -> bool:
    """Whether the norm of the whole gradient is 0 at every point, and the output is not to blame.

    A softmax of a single unit, where there are but two classes, has none either.
    """
    norm, level = case.signals.context.gradient_norm, case.signals.guess_level
    if level is None or level < TWO_CLASSES:
        return False
    return norm is not None and len(norm) >= MIN_CONSTANT_POINTS and not norm.values.any()


def rests_at_ln_2(case: Case) -> bool:
    """Whether a loss comes to rest at ln 2, to four digits, though it moved before.

    An output that is squashed twice cannot fall below one half.
    """
    loss = case.signals.loss
    curve = case.signals.curve(loss) if loss is not None else None
    if curve is None or len(curve) < MIN_CONSTANT_POINTS:
        return False
    apart = np.abs(curve.values - np.log(2.0))
    return bool(apart[len(apart) // 2 :].max() < AT_LN_2 and apart[0] > MOVED)
