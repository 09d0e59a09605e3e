"""What the metrics of a run say of its success."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from tblogreport.context.series import Role, Series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.examples import few_examples
from tblogreport.signals.losses import Losses
from tblogreport.signals.no_skill import MIN_EVALUATIONS, NoSkill, no_skill, quantity, same_kind
from tblogreport.signals.progress import SHARE_WORDS
from tblogreport.signals.success import (
    score_at_end,
    score_gain,
    score_improved,
    succeeded,
)

# Points of a metric from which on it tells whether the run succeeded.
MIN_SCORES = 4
# A loss of sequences, in nats a token, of a model that gets most of them right.
LOW_LOSS = 0.5


class Scores(Losses):
    """The derived signals, with what the metrics say."""

    @property
    def _metric_curves(self) -> list[CurveSignal]:
        """The curves of the metrics, that of validation data first."""
        metrics = (self.context.validation_metric, self.context.train_metric)
        return [self.curve(metric) for metric in metrics if metric is not None]

    @cached_property
    def any_score_improved(self) -> bool:
        """Whether an accuracy, of training or validation, ended above where it began."""
        return any(map(score_improved, self._metric_curves))

    @cached_property
    def metric_succeeded(self) -> bool:
        """Whether a metric improved or ended high: that of validation data where there is one.

        On training data a network that memorises nonsense improves, too.
        """
        known = [curve for curve in self._metric_curves if len(curve.series) >= MIN_SCORES]
        return bool(known) and succeeded(known[0])

    @cached_property
    def best_score(self) -> float | None:
        """The better of the scores (0 to 1) that training and validation end at; None without."""
        scores = map(score_at_end, self._metric_curves)
        return max((score for score in scores if score is not None), default=None)

    @cached_property
    def score_gain(self) -> float:
        """The share that a score gained of what it lacked at its first point; 0 without one."""
        return max(map(score_gain, self._metric_curves), default=0.0)

    @cached_property
    def held_out_examples(self) -> int | None:
        """How many examples the validation accuracy is a share of, where they are but a few."""
        train, held_out = (
            self.curve(metric) if metric is not None and SHARE_WORDS & set(metric.stem) else None
            for metric in (self.context.train_metric, self.context.validation_metric)
        )
        return few_examples(held_out, train) if held_out is not None else None

    @cached_property
    def no_skill(self) -> NoSkill | None:
        """A metric that tells of no use at all throughout, where no other tells of any.

        That of validation data where one was logged: by heart, anything can be learned.
        """
        if self.metric_succeeded or self.any_score_improved:
            return None
        context = self.context
        series = context.of_role(Role.VALIDATION_METRIC) or context.of_role(Role.TRAIN_METRIC)
        known = [metric for metric in series if metric.direction is not None and quantity(metric)]
        judged = [(metric, no_skill(self.curve(metric))) for metric in known]
        found = (one for _, one in judged if one is not None)
        return next((one for one in found if self._nothing_contradicts(one, judged)), None)

    def _nothing_contradicts(
        self, found: NoSkill, judged: Sequence[tuple[Series, NoSkill | None]]
    ) -> bool:
        """Whether no other class or task shows skill by the same metric, and the loss none.

        An error rate near 1 may be in per cent, and excellent: then the loss is low.
        """
        same = [
            said
            for metric, said in judged
            if same_kind(metric, found.series) and len(metric) >= MIN_EVALUATIONS
        ]
        loss = self.context.validation_loss
        low = loss is not None and len(loss) > 0 and self.curve(loss).tail < LOW_LOSS
        per_cent = found.level == 1.0 and low
        return not per_cent and all(said is not None for said in same)
