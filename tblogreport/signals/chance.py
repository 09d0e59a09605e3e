"""What chance gives: how many classes there seem to be, and how accuracies compare with that."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tblogreport.context.series import LOSSES
from tblogreport.signals.progress import (
    COMMON_CLASSES,
    GUESS_CEILING,
    accuracy_at_end,
    nearest_classes,
)
from tblogreport.signals.scores import Scores
from tblogreport.signals.success import best_possible, score_at_end, shares

# Times the accuracy of a guess that is no achievement yet.
NEAR_CHANCE = 1.6
# Times the accuracy of chance at which a model may begin that has learned nothing yet.
BEGUN = 2.0
# Times the accuracy of chance below which answers are wrong on purpose, as it were, and an accuracy
# that is so with any usual number of classes.
BELOW_CHANCE = 0.6
NEXT_TO_NONE = 0.03
# Within what share of ln C the mean of a first epoch may lie, where an accuracy near chance agrees;
# of many classes there is always a number that is near.
AS_MEAN = (0.93, 1.06)
FEW = 20
# A first score of so little is no better than what an untrained model may have.
LOW_SCORE = 0.55


class Chance(Scores):
    """The signals with what chance gives."""

    @cached_property
    def guess_level(self) -> float | None:
        """What a uniform guess costs: ln C by the config, or where the loss begins; else None."""
        if self.classes is not None:
            return float(np.log(self.classes))
        losses = (self.curve(s) for role in LOSSES for s in self.context.of_role(role))
        firsts = (nearest_classes(float(curve.values[0])) for curve in losses if len(curve))
        return next((float(np.log(classes)) for classes in firsts if classes is not None), None)

    @property
    def classes(self) -> int | None:
        """The number of classes, where the model's config says it."""
        return self.context.model.classes if self.context.model is not None else None

    @cached_property
    def chance_of_held_out(self) -> float | None:
        """The validation score (0 to 1) of an untrained model; None where that is not known.

        One half of an area under the ROC curve; else what the config says, or a low first score.
        """
        metric = self.context.validation_metric
        if metric is None or score_at_end(self.curve(metric)) is None:
            return None
        if {"auc", "auroc"} & set(metric.stem):
            return 0.5
        if self.classes is not None and metric.is_accuracy:
            return 1.0 / self.classes
        first = float(shares(self.curve(metric))[0])
        return first if first <= LOW_SCORE else None

    @cached_property
    def train_score(self) -> float | None:
        """The score (0 to 1) that training ends at; None where none was logged."""
        metric = self.context.train_metric
        return score_at_end(self.curve(metric)) if metric is not None else None

    @cached_property
    def accuracy_over_chance(self) -> float | None:
        """The validation accuracy at the end in that of chance; None where either is unknown.

        Where no config says the number of classes, the first loss of a classifier does: its ln,
        as long as the accuracy begins near chance as well.
        """
        metric, loss = self.context.validation_metric, self.loss
        accuracy = accuracy_at_end(self.curve(metric)) if metric is not None else None
        if metric is None or accuracy is None or loss is None or not len(self.curve(loss)):
            return None
        if self.classes is not None:
            return accuracy * self.classes
        classes = classes_behind(float(self.curve(loss).values[0]))
        begun = float(self.curve(metric).values[0]) / best_possible(self.curve(metric))
        return accuracy * classes if classes is not None and begun * classes < BEGUN else None

    @cached_property
    def near_chance(self) -> bool:
        """Whether the accuracy at the end is not far above exp(-loss), what guessing gives."""
        if self.progress is None or self.metric is None or self.progress.tail <= 0:
            return False
        accuracy = accuracy_at_end(self.curve(self.metric))
        expected = NEAR_CHANCE * float(np.exp(-self.progress.tail))
        return accuracy is not None and accuracy < min(GUESS_CEILING, expected)

    @cached_property
    def ends_below_chance(self) -> bool:
        """Whether answers are wrong far more often than by chance, or than they were at first."""
        metric = self.context.validation_metric or self.metric
        accuracy = accuracy_at_end(self.curve(metric)) if metric is not None else None
        if metric is None or accuracy is None:
            return False
        if self.accuracy_over_chance is not None:
            return self.accuracy_over_chance < BELOW_CHANCE
        first = float(self.curve(metric).values[0]) / best_possible(self.curve(metric))
        return accuracy < NEXT_TO_NONE or accuracy < BELOW_CHANCE * first


def classes_behind(first: float) -> int | None:
    """The common number of classes that a first loss, or the mean of a first epoch, began at."""
    below, above = AS_MEAN
    few = [c for c in COMMON_CLASSES if c <= FEW]  # of many there is always one that is near
    fits = (c for c in few if below <= first / float(np.log(c)) <= above)
    return nearest_classes(first) or next(fits, None)
