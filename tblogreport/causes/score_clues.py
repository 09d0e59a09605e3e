"""What scores and first values say of a task that is set up wrongly."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tblogreport.causes.case import STUCK, Case
from tblogreport.causes.curve_clues import is_constant
from tblogreport.causes.model_clues import rate_is_usual
from tblogreport.context.kind import Kind
from tblogreport.signals.curve import FloatArray
from tblogreport.signals.guesses import AT_CHANCE
from tblogreport.signals.progress import nearest_classes
from tblogreport.signals.scores import MIN_SCORES
from tblogreport.signals.success import best_possible, score_at_end, shares

# A loss that falls to so many times its negative first value has no end.
FAR_BELOW = 10.0
# … and one whose size below zero is so many times all that validation ever had.
FAR_BELOW_ZERO = 10.0
# A validation loss that turns within this share of the run; training that gains so much over
# chance; and of that the share which validation stays below.
AT_ONCE, MUCH, LITTLE = 0.15, 0.4, 0.1
# The share of a class that is by far the largest.
BY_FAR = 0.8
# A score of training data that are learned.
WELL_TRAINED = 0.8
# … and of some that are not.
POOR = 0.3
# A validation loss that begins at so many times the train loss' first value, and above.
ELSEWHERE = 3.0
# … and never comes below so many times that value.
STAYS = 2.0
# A validation loss that ends at so many times the first train loss is sure of its wrong answers.
MUCH_WORSE = 10.0
# A rise to less than so many times the best, by steps less than half of it, is no divergence; and
# no first gradient of a sound network is as large as this.
BIT_BY_BIT = 4.0
ENORMOUS = 1_000.0
# How far validation must be ahead, and what it must lose again, and training gain, of a score that
# is learned by heart.
AHEAD, NOISE_LOST, NOISE_LEARNED = 0.15, 0.03, 0.01
# Points by which the mean of an epoch of training lags behind what is evaluated at its end.
_LAG = 3
# One point that is so many times as high as any before it, after so many calm ones.
BLOW, _CALM = 1_000.0, 20
# Kendall's tau of what rises at all but every block.
RISES_TAU = 0.8


def held_out_below_chance(case: Case) -> bool:
    """Whether validation is right less often than by chance, while training goes well."""
    known = case.signals.context.validation_metric is not None
    return known and case.signals.ends_below_chance and trains_well(case)


def trains_well(case: Case) -> bool:
    """Whether the training data are learned, by their score or by the fall of their loss."""
    signals, metric = case.signals, case.signals.context.train_metric
    if signals.answers_the_majority:
        return False
    score = score_at_end(signals.curve(metric)) if metric is not None else None
    if score is not None:
        return score >= WELL_TRAINED
    train = signals.context.train_loss
    if train is None or not len(signals.curve(train)) or train.lost_from is not None:
        return False
    curve = signals.curve(train)
    return 0 < curve.tail < (1 - WELL_TRAINED) * curve.start


def training_is_poor(case: Case) -> bool:
    """Whether not even the training data are learned, by their score: nothing is memorised."""
    metric = case.signals.context.train_metric
    score = score_at_end(case.signals.curve(metric)) if metric is not None else None
    return score is not None and score < POOR


def held_out_begins_elsewhere(case: Case) -> bool:
    """Whether the validation loss lies above all that training ever had, from its first value on.

    Its inputs are then prepared in another way, or its labels are others.
    """
    train, held_out = case.signals.context.train_loss, case.signals.context.validation_loss
    if train is None or held_out is None:
        return False
    ours, theirs = case.signals.curve(train).values, case.signals.curve(held_out).values
    if min(len(ours), len(theirs)) < 4 or ours.min() <= 0:
        return False
    return bool(theirs.min() > STAYS * ours[0] and theirs[0] > ELSEWHERE * ours.max())


def memorises_noise(case: Case) -> bool:
    """Whether validation was right far more often than training, and lost that as training gained.

    Labels that are wrong are learned last, and by heart (Arpit et al.: A Closer Look at
    Memorization in Deep Networks, 2017).
    """
    train, held_out = case.signals.context.train_metric, case.signals.context.validation_metric
    if train is None or held_out is None or train.stem != held_out.stem:
        return False
    ours, theirs = (case.signals.curve(s) for s in (train, held_out))
    if min(len(ours), len(theirs)) < MIN_SCORES or score_at_end(theirs) is None:
        return False
    unit = best_possible(theirs)
    best = int(np.argmax(theirs.values))
    at = int(np.searchsorted(ours.fraction, theirs.fraction[best]))
    then = float(ours.values[: at + _LAG].max())
    above = float(theirs.values[best]) - then
    lost, gained = float(theirs.values[best]) - theirs.tail, ours.tail - then
    by_heart = lost >= NOISE_LOST * unit and gained >= NOISE_LEARNED * unit
    return above >= AHEAD * unit and by_heart


def swings_in_validation_alone(case: Case) -> bool:
    """Whether validation lies far above a train loss that is learned, and swings by itself."""
    train, held_out = case.signals.context.train_loss, case.signals.context.validation_loss
    if train is None or held_out is None or not case.fired("oscillating-loss"):
        return False
    ours, theirs = case.signals.curve(train), case.signals.curve(held_out)
    if min(len(ours), len(theirs)) < MIN_SCORES or ours.values.min() <= 0:
        return False
    learned = MUCH_WORSE * ours.tail < ours.start
    return (
        learned and theirs.tail > MUCH_WORSE * ours.tail and float(theirs.values.min()) > ours.tail
    )


def single_blow(case: Case) -> bool:
    """Whether one point of a calm loss is a thousand times all twenty before it."""
    loss = case.signals.loss
    curve = case.signals.curve(loss) if loss is not None else None
    if curve is None or len(curve) <= _CALM or curve.values.min() <= 0:
        return False
    higher = curve.values[_CALM:] > BLOW * _recent(curve.values, _CALM)
    if not higher.any():
        return False
    at = int(np.argmax(higher)) + _CALM
    before = curve.values[at - _CALM : at]
    return float(before.max()) < MUCH_WORSE * float(np.median(before))


def _recent(values: FloatArray, width: int) -> FloatArray:
    """The highest of the `width` values before each value from there on: shape [n - width]."""
    return np.asarray(sliding_window_view(values[:-1], width).max(axis=1))


def turned_sign(case: Case) -> bool:
    """Whether the loss rises steadily from the first step on, to answers worse than by chance."""
    signals, lost = case.signals, case.signals.divergence
    if _rises_throughout(case):
        return True
    if lost is None or signals.progress is None or signals.loss is None:
        return False
    curve = signals.curve(signals.loss)
    at_once = int(np.searchsorted(curve.steps, lost.best_step)) <= len(curve) // 10
    return at_once and signals.progress.tau > RISES_TAU and case.signals.ends_below_chance


def _rises_throughout(case: Case) -> bool:
    """Whether the losses of training and validation rise at every one of a few evaluations."""
    losses = (case.signals.context.train_loss, case.signals.context.validation_loss)
    if not case.fired(STUCK, "diverging-loss") or None in losses:
        return False
    if case.fired("diverging-loss") and (case.fired("nan-or-inf") or not rate_is_usual(case)):
        return False  # steps that are too long do that as well
    curves = [case.signals.curve(s) for s in losses if s is not None]
    return all(len(c) >= MIN_SCORES and bool((np.diff(c.blocks) > 0).all()) for c in curves)


def falls_below_zero(case: Case) -> bool:
    """Whether a classifier's loss falls far below zero, and its answers are worse than by chance.

    A cross-entropy is never negative; what an agent minimises may be.
    """
    loss = case.signals.loss
    if case.signals.context.kind == Kind.REINFORCEMENT:
        return False
    if loss is None or not len(case.signals.curve(loss)):
        return False
    curve = case.signals.curve(loss)
    first = float(curve.values[0])
    if nearest_classes(-first) and (
        curve.values.min() < FAR_BELOW * first or not case.signals.any_score_improved
    ):
        return True  # it begins at a guess, with a minus before it
    return curve.tail < 0 and case.signals.ends_below_chance


def falls_below_zero_in_training(case: Case) -> bool:
    """Whether a train loss falls far below zero without end, whose validation twin never does.

    What both compute is bounded for the targets of validation, and not for those of training.
    """
    train, held_out = case.signals.context.train_loss, case.signals.context.validation_loss
    if train is None or held_out is None or case.signals.context.kind != Kind.SUPERVISED:
        return False
    ours, theirs = case.signals.curve(train), case.signals.curve(held_out)
    if min(len(ours), len(theirs)) < MIN_SCORES or theirs.values.min() <= 0:
        return False
    return ours.tail < -FAR_BELOW_ZERO * float(theirs.values.max())


def hardly_carries_over(case: Case) -> bool:
    """Whether training data are learned well, and validation scores hardly leave chance meanwhile.

    The validation loss is at its best within the first evaluations: what comes later only harms.
    """
    signals = case.signals
    chance, learned = signals.chance_of_held_out, signals.train_score
    series = signals.context.validation_metric
    turned = case.measured("overfitting", "turned_at")
    if chance is None or learned is None or series is None or turned is None:
        return False
    best = float(shares(signals.curve(series)).max())
    little = best - chance < LITTLE * (learned - chance)
    return turned <= AT_ONCE and learned > chance + MUCH and little


def answers_the_majority(case: Case) -> bool:
    """Whether the loss is what it costs to name a class every time that is by far the largest."""
    metric = case.signals.context.validation_metric or case.signals.context.train_metric
    score = score_at_end(case.signals.curve(metric)) if metric is not None else None
    return case.signals.answers_the_majority and score is not None and score > BY_FAR


def steps_are_not_applied(case: Case) -> bool:
    """Whether the validation loss never changes, while a gradient that is not zero was logged."""
    held_out, norm = case.signals.context.validation_loss, case.signals.context.gradient_norm
    return norm is not None and is_constant(held_out, 3) and bool(np.nanmin(norm.values) > 0)


def held_out_at_chance(case: Case) -> bool:
    """Whether validation is right as often as by chance, and sure of it, while training is learned.

    A model that memorises a few noisy examples ends near chance as well, but not as far off.
    """
    signals, held_out = case.signals, case.signals.context.validation_loss
    over_chance, train = signals.accuracy_over_chance, signals.context.train_loss
    if over_chance is None or held_out is None or train is None:
        return False
    ours, theirs = signals.curve(train), signals.curve(held_out)
    if not len(ours) or not len(theirs):
        return False
    far = theirs.tail > MUCH_WORSE * ours.start
    return far and over_chance < AT_CHANCE and trains_well(case)


def rises_in_validation_alone(case: Case) -> bool:
    """Whether nothing but a validation loss was logged, and it rises bit by bit."""
    context, lost = case.signals.context, case.signals.divergence
    if context.train_loss is not None or context.validation_loss is None or lost is None:
        return False
    values = case.signals.curve(context.validation_loss).values
    return (
        lost.tail < BIT_BY_BIT * max(lost.best, 1e-12)
        and float(np.diff(values).max()) < lost.rise / 2
    )


def began_enormous(case: Case) -> bool:
    """Whether the gradient norm is enormous at its first record, before any step could be long."""
    norm = case.signals.context.gradient_norm
    return norm is not None and len(norm) > 0 and float(norm.values[0]) > ENORMOUS
