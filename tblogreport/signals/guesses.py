"""Whether a model guesses, or gives one answer to everything."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tblogreport.context.series import LOSSES, Series
from tblogreport.signals.answers import (
    FOLLOWS_TAU,
    MIN_EVALUATIONS,
    above_guess,
    constant_answers,
    costs_a_constant,
)
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.one_answer import AT_REST, MIN_CONSTANT_POINTS, OneAnswer
from tblogreport.signals.progress import (
    GUESS_CEILING,
    HELD_OUT_DROP,
    HELD_OUT_MARGIN,
    Guess,
    accuracy_at_end,
    measure_guess,
    nearest_classes,
)
from tblogreport.signals.scores import MIN_SCORES
from tblogreport.signals.success import GOOD_SCORE, score_at_end

# A loss this many times that of a guess with the same accuracy is no guess: it is thrown about.
WORSE = 2.0
# … and so is a validation loss this many times that of a uniform guess.
WORSE_HELD_OUT = 1.1
# Times the accuracy of chance that one who still guesses has.
AT_CHANCE = 1.3
# A uniform guess costs no more, among all words of a language; a loss that falls from there by
# this share, and surely, and ends near its best, is on its way.
COSTLIEST_GUESS = 12.0
ON_ITS_WAY = 0.1
NEAR_BEST = 0.08
SURELY = 0.01
# Times the loss of a guess that is about that of one.
NEARLY = 1.3
# A loss that rests at ln C at so many last points, with an accuracy of chance, has forgotten all
# that it may have learned.
MIN_REST = 5
# What a loss may move, as a share of it, where a few evaluations all give one answer.
STANDS = 0.02
# A loss that ends within this of the guess that it began with has come nowhere above it.
AT_GUESS = 1.01
# … and is right no more than so many times as often as by chance.
FEW_RIGHT = 3.0
# How far from ln C, by rounding, a loss may lie that is a uniform guess at every point.
GUESS_ROUNDING = 1e-5


class Guesses(OneAnswer):
    """The signals with what tells a guess."""

    @cached_property
    def guess(self) -> Guess | None:
        """The evidence that the model is at chance and has been for most of the run.

        None where it is not, where nothing tells, and once the loss is NaN.
        """
        if self.progress is None or self.loss_is_lost or self._validates_well:
            return None
        metric = self.curve(self.metric) if self.metric is not None else None
        found = measure_guess(self.progress.tail, metric)
        return found if self.stuck or (found and self._came_to_rest_at(found)) else None

    @property
    def _validates_well(self) -> bool:
        """Whether validation ends with a good score, as where training data are mixed up."""
        metric = self.context.validation_metric
        score = score_at_end(self.curve(metric)) if metric is not None else None
        return score is not None and score >= GOOD_SCORE and self.any_score_improved

    def _came_to_rest_at(self, found: Guess) -> bool:
        """Whether the loss stands at ln C in the end, and the accuracy at 1 / C, from wherever."""
        if self.loss is None or found.classes is None:
            return False
        values = self.curve(self.loss).values
        late = values[-max(MIN_REST, len(values) // 4) :]
        level = float(np.log(found.classes))
        rests = len(late) >= MIN_REST and bool((np.abs(late / level - 1) < AT_REST).all())
        return rests and found.accuracy * found.classes < AT_CHANCE

    @cached_property
    def held_out_guess(self) -> Guess | None:
        """The evidence that the model guesses on validation data, whatever it memorises."""
        loss = self.context.validation_loss
        if loss is None or len(self.curve(loss)) < MIN_CONSTANT_POINTS:
            return None
        curve = self.curve(loss)
        best = float(np.min(curve.blocks))
        if curve.values.min() <= 0 or curve.start - best > HELD_OUT_DROP * curve.start:
            return None
        metric = self.context.validation_metric
        held_out = self.curve(metric) if metric is not None else None
        return measure_guess(curve.tail, held_out, HELD_OUT_MARGIN)

    @property
    def _came_down_from_a_guess(self) -> bool:
        """Whether the loss falls from what a guess among many may cost: it is on its way.

        With many classes, as those of a language, a loss is far above what its accuracy gives
        by guessing among few.
        """
        fell, curve = self.progress, self.learning_curve
        if fell is None or curve is None or not 0 < fell.start <= COSTLIEST_GUESS:
            return False
        if fell.tail > (1 + NEAR_BEST) * float(curve.blocks.min()):
            return False
        return fell.relative_drop >= ON_ITS_WAY and fell.tau < 0 and fell.p_value < SURELY

    def _near_a_guess(self, metric: Series | None) -> bool:
        """Whether the loss ends about where a guess with the accuracy of `metric` does."""
        accuracy = accuracy_at_end(self.curve(metric)) if metric is not None else None
        if self.progress is None or accuracy is None or not 0 < accuracy < 1:
            return False
        return self.progress.tail <= -NEARLY * float(np.log(accuracy))

    @cached_property
    def worse_than_guessing(self) -> bool:
        """Whether a classifier's loss stays far above what its accuracy gives by guessing.

        Not so where the accuracy improved: with many classes a good one may cost more.
        """
        if self.progress is None or self.metric is None or self.divergence is not None:
            return False
        if self.metric_succeeded or self.any_score_improved or self._came_down_from_a_guess:
            return False
        accuracy = accuracy_at_end(self.curve(self.metric))
        if accuracy is None or not 0 < accuracy < GUESS_CEILING:
            return False
        return self.progress.tail > WORSE * float(-np.log(accuracy))

    @cached_property
    def above_guess(self) -> bool:
        """Whether the loss stands clearly above that of a uniform guess, at chance accuracy."""
        if self.progress is None or not self.stuck or self.loss is None:
            return False
        if self.metric_succeeded or self.any_score_improved:
            return False
        if self.progress.tau <= FOLLOWS_TAU:
            return False  # what falls at all but every point is not thrown about
        metric = self.context.validation_metric or self.metric
        if self._came_down_from_a_guess and not self._near_a_guess(metric):
            return False
        tail_noise = self.curve(self.loss).noise / np.sqrt(self.curve(self.loss).tail_length)
        curve = self.curve(metric) if metric is not None else None
        if self._rests_where_it_began(curve):
            return False
        return above_guess(self.progress.tail, float(tail_noise), curve, self.classes)

    def _rests_where_it_began(self, metric: CurveSignal | None) -> bool:
        """Whether the loss ends at the guess that it began with, and few answers are right."""
        guess, accuracy = self.guess_level, accuracy_at_end(metric) if metric is not None else None
        if guess is None or accuracy is None or self.progress is None:
            return False
        near_chance = accuracy < FEW_RIGHT * float(np.exp(-guess))
        return near_chance and self.progress.tail <= AT_GUESS * guess

    @cached_property
    def answers_constant(self) -> bool | None:
        """Whether the model seems to answer the same to every input; None where it is unknown.

        Told by the validation accuracy: that of the train set is averaged over an epoch.
        """
        held_out = constant_answers(self.context.validation_metric)
        return held_out if held_out is not None else constant_answers(self.context.train_metric)

    @cached_property
    def at_constant_answer(self) -> bool:
        """Whether the loss is what the best constant answer costs, by the share it gets right."""
        if self.progress is None or self.metric is None:
            return False
        return costs_a_constant(self.progress.tail, self.curve(self.metric))

    @cached_property
    def answers_never_change(self) -> bool:
        """Whether the accuracy is the same to the bit at every point, and no good one.

        Then the model gives one answer to everything, whatever its loss does. An accuracy
        of 0 throughout is that of a regression, where it means nothing.
        """
        metric = self.context.train_metric  # a small validation set may well stay at one value
        if metric is None or len(metric) < MIN_CONSTANT_POINTS:
            return False
        accuracy = accuracy_at_end(self.curve(metric))
        constant = float(np.ptp(metric.values)) == 0.0
        return constant and accuracy is not None and 0 < accuracy < GOOD_SCORE

    @cached_property
    def stuck_at_one_answer(self) -> bool:
        """Whether the loss is what one constant answer costs, and the answers do not vary."""
        metric = self.context.validation_metric or self.context.train_metric
        if not self.stuck or self.answers_constant is not True or metric is None:
            return False
        score = score_at_end(self.curve(metric))
        return score is not None and score < GOOD_SCORE and self.at_constant_answer

    @cached_property
    def few_answers_alike(self) -> bool:
        """Whether all of a few evaluations give one answer: the same accuracy, and what it costs.

        The samples are the same each time, so that there is no noise to wait for.
        """
        loss, metric = self.context.validation_loss, self.context.validation_metric
        if loss is None or metric is None or not MIN_SCORES <= len(loss) < MIN_EVALUATIONS:
            return False
        curve, score = self.curve(loss), score_at_end(self.curve(metric))
        if score is None or score >= GOOD_SCORE or len(metric) < MIN_SCORES:
            return False
        same = np.ptp(metric.values) == 0 and np.ptp(curve.values) <= STANDS * abs(curve.tail)
        fell = self.progress is not None and self.progress.relative_drop > STANDS
        return bool(same) and not fell and costs_a_constant(curve.tail, self.curve(metric))

    @cached_property
    def guessing_part(self) -> Series | None:
        """A part of the loss that is ln C, what a guess costs, at every point: it has no input."""
        whole = (self.context.train_loss, self.context.validation_loss)
        parts = (s for role in LOSSES for s in self.context.of_role(role) if s not in whole)
        return next((part for part in parts if _is_a_constant_guess(part)), None)

    @cached_property
    def held_out_is_worse_than_guessing(self) -> bool:
        """Whether a validation loss ends above ln C, what a uniform guess costs, and never fell.

        Only where the number of classes is known from the model's config.
        """
        loss = self.context.validation_loss
        if self.classes is None or loss is None or len(self.curve(loss)) < MIN_EVALUATIONS:
            return False
        curve, guess = self.curve(loss), float(np.log(self.classes))
        return curve.tail > WORSE_HELD_OUT * guess and float(curve.blocks.min()) > guess

    @property
    def learned_by_heart(self) -> bool:
        """Whether the validation loss never fell, and validation is right as often as by chance."""
        over_chance = self.accuracy_over_chance
        return self.never_generalised and over_chance is not None and over_chance < AT_CHANCE


def _is_a_constant_guess(series: Series) -> bool:
    values = series.values
    if len(values) < MIN_CONSTANT_POINTS or not np.isfinite(values).all():
        return False
    classes = nearest_classes(float(values[0]))
    if classes is None or {"scale", "weight", "coef", "temperature"} & set(series.stem):
        return False
    return bool((np.abs(values - np.log(classes)) < GUESS_ROUNDING).all())
