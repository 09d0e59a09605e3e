"""Whether the scores alone tell that a model guesses, or names one class for everything.

The accuracy of an evaluation is of the same samples each time. One that stays at 1 / C, that hops
between the shares of two classes, or that is the share of the largest class at every evaluation,
tells what the model does however its loss moves: a loss that was thrown up by the first steps
falls, and shows nothing.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tblogreport.context.series import Role, Series
from tblogreport.signals.answers import price_of_majority
from tblogreport.signals.chance import Chance
from tblogreport.signals.curve import CurveSignal, FloatArray
from tblogreport.signals.progress import SHARE_WORDS, accuracy_at_end, nearest_classes
from tblogreport.signals.scores import MIN_SCORES
from tblogreport.signals.success import shares

# An accuracy of chance lies within these shares of 1 / C throughout, and its mean so near …
LOWEST, HIGHEST, NEAR = 0.6, 1.5, 0.15
# … and the loss beside it between these shares of what a uniform guess among C costs.
LEAST_COST, MOST_COST = 0.97, 1.8
MOST_CLASSES = 200
# Two shares of one whole, to rounding.
ROUNDING = 2e-3
# Points at which a constant accuracy, or one at chance, is no coincidence.
MIN_CONSTANT_POINTS = 8
# One answer to everything: this share of the evaluations gives one accuracy, the others are no
# further from it than this, and the loss is never below this share of what such an answer costs.
ONE_VALUE = 1e-6
ALL_BUT_FEW = 0.7
FAR_FROM_IT = 0.02
UNDER_ENTROPY = 0.97
# An accuracy that is the same to this over the last half, and a loss so near to its price.
AT_THE_END, AT_ITS_PRICE, NEAR_ITS_PRICE = 5e-4, 0.02, 0.15
# How near 1 / (1 - accuracy) is to a whole number, as a share of it.
WHOLE = 2e-3
# Losses that stay within this share of ln C, but for their first fifth, and points that show it.
AT_REST, MIN_FOR_REST = 0.01, 10
# What a score gains that training data are learned by, and that validation would have to.
LEARNED_SCORE, CARRIED_OVER = 0.4, 0.05
# A validation loss that ends below this share of its first value has fallen.
FELL = 0.7


class OneAnswer(Chance):
    """The signals with what scores tell by themselves."""

    @cached_property
    def stays_at_chance(self) -> int | None:
        """The number of classes among which the model guesses at every evaluation; else None.

        Its accuracy is 1 / C throughout, and its loss never below ln C.
        """
        pairs = (
            (self.context.validation_metric, self.context.validation_loss or self.loss),
            (self.context.train_metric, self.context.train_loss),
        )
        known = ((m, loss) for m, loss in pairs if m is not None and loss is not None)
        metric, loss = next(known, (None, None))
        if metric is None or loss is None or not SHARE_WORDS & set(metric.stem):
            return None
        if self.any_score_improved:
            return None
        averaged = metric.role == Role.VALIDATION_METRIC or self.averaged(metric)
        return _chance(self.curve(metric), self.curve(loss)) if averaged else None

    @cached_property
    def rests_at_a_guess(self) -> int | None:
        """The number of classes whose ln both losses are, but for their first points; else None.

        Where no metric tells: a loss that came down to it from above has not fallen.
        """
        losses = (self.context.train_loss, self.context.validation_loss)
        if self._metric_curves or self.loss_is_lost:
            return None
        curves = [self.curve(s) for s in losses if s is not None]
        if len(curves) < 2 or min(map(len, curves)) < MIN_FOR_REST:
            return None
        classes = nearest_classes(curves[1].median)
        if classes is None:
            return None
        level = float(np.log(classes))
        rest = [np.abs(c.values[len(c) // 5 :] / level - 1.0).max() for c in curves]
        return classes if max(rest) < AT_REST else None

    @cached_property
    def flips(self) -> bool:
        """Whether the accuracy hops between the shares of two classes: one answer, then the other.

        Seen on validation data, or in the averages of epochs.
        """
        metric = self.context.validation_metric or self.context.train_metric
        if metric is None or not SHARE_WORDS & set(metric.stem):
            return False
        curve = self.curve(metric)
        values = np.unique(shares(curve))
        two = len(values) == 2 and abs(float(values.sum()) - 1.0) < ROUNDING
        return two and len(curve) >= MIN_CONSTANT_POINTS and values[0] < 0.5 - ROUNDING

    @cached_property
    def answers_the_majority(self) -> bool:
        """Whether the accuracy is one value nearly throughout, as one answer to all gives it.

        Either the loss never comes below what such an answer costs to a model that knows the share
        of the most frequent class, or recall and F1 are those of it.
        """
        metric = self.context.validation_metric or self.context.train_metric
        accuracy = accuracy_at_end(self.curve(metric)) if metric is not None else None
        if metric is None or accuracy is None or not 0.5 < accuracy < 1:
            return False
        curve = self.curve(metric)
        right = shares(curve)
        same = float(np.mean(np.abs(right - accuracy) < ONE_VALUE))
        if self._rests_at_the_majority(right, accuracy):
            return True
        if len(curve) < MIN_SCORES or same < ALL_BUT_FEW or np.ptp(right) > FAR_FROM_IT:
            return False
        return self._finds_nothing(metric, accuracy) or self._costs_the_majority(accuracy, curve)

    def _rests_at_the_majority(self, right: FloatArray, accuracy: float) -> bool:
        """Whether it came to the accuracy of "no" to each of C classes, and the loss to its price.

        Each of the C outputs of a sigmoid is right that way in C - 1 of C cases.
        """
        classes = 1.0 / (1.0 - accuracy)
        if abs(classes - round(classes)) > WHOLE * classes:
            return False
        loss = self.context.validation_loss or self.context.train_loss
        later = right[len(right) // 2 :]
        points = min(len(later), len(self.curve(loss))) if loss is not None else 0
        if loss is None or points < MIN_CONSTANT_POINTS or np.ptp(later) > AT_THE_END:
            return False
        values = self.curve(loss).values
        rest = values[-(len(values) // 4) :] / price_of_majority(accuracy) - 1.0
        return bool(abs(rest[-1]) < AT_ITS_PRICE and np.abs(rest).max() < NEAR_ITS_PRICE)

    def _costs_the_majority(self, accuracy: float, metric: CurveSignal) -> bool:
        loss = self.context.validation_loss or self.context.train_loss
        if loss is None or min(len(self.curve(loss)), len(metric)) < MIN_CONSTANT_POINTS:
            return False
        least = UNDER_ENTROPY * price_of_majority(accuracy)
        return float(self.curve(loss).blocks.min()) > least

    def _finds_nothing(self, metric: Series, accuracy: float) -> bool:
        """Whether recall or F1 are 0 at nearly all evaluations, or F1 is that of one answer.

        The mean of the F1 of two classes, of which one is always named, is p / (1 + p).
        """
        beside = [
            shares(self.curve(s))
            for s in self.context.of_role(metric.role)
            if {"recall", "f1"} & set(s.stem) and len(s) >= MIN_SCORES
        ]
        of_one = (0.0, accuracy / (1.0 + accuracy))
        return any(
            float(np.mean(np.abs(values - level) < ROUNDING)) >= ALL_BUT_FEW
            for values in beside
            for level in of_one
        )

    @cached_property
    def score_never_carried_over(self) -> bool:
        """Whether the accuracy of training rose by much, and that of validation never at all.

        Not where the validation loss fell with it: then the accuracy is computed wrongly.
        """
        train, held_out = self.context.train_metric, self.context.validation_metric
        if train is None or held_out is None or self._held_out_fell:
            return False
        known = all(SHARE_WORDS & set(one.stem) for one in (train, held_out))
        ours, theirs = shares(self.curve(train)), shares(self.curve(held_out))
        if not known or min(len(ours), len(theirs)) < MIN_SCORES:
            return False
        learned = float(np.median(ours[-3:])) - float(ours[0])
        gained = float(theirs.max()) - float(theirs[0])
        worse = float(np.median(theirs[-3:])) < float(np.median(ours[-3:])) - LEARNED_SCORE
        return learned >= LEARNED_SCORE and gained <= CARRIED_OVER and worse

    @property
    def _held_out_fell(self) -> bool:
        loss = self.context.validation_loss
        if loss is None or len(self.curve(loss)) < MIN_SCORES:
            return False
        first = float(self.curve(loss).values[0])
        return 0 < self.curve(loss).tail < FELL * first


def _chance(metric: CurveSignal, loss: CurveSignal) -> int | None:
    if len(metric) < MIN_SCORES or len(loss) < MIN_SCORES or loss.values.min() <= 0:
        return None
    right = shares(metric)
    mean = float(np.mean(right))
    if mean < 0.5 / MOST_CLASSES:
        return None
    classes = round(1.0 / mean)
    if classes < 2 or abs(mean * classes - 1.0) > NEAR:
        return None
    band = classes * np.array([right.min(), right.max()])
    cost = float(np.median(loss.values[len(loss) // 2 :])) / float(np.log(classes))
    near = band[0] >= LOWEST and band[1] <= HIGHEST
    rises = float(np.median(right[-3:]) - np.median(right[:3])) * classes > NEAR
    return classes if near and not rises and LEAST_COST <= cost <= MOST_COST else None
