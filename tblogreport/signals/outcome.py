"""How a run ended: whether the model learned anything, and whether that can be told."""

from __future__ import annotations

from functools import cached_property

from tblogreport.context.kind import Kind
from tblogreport.signals.guesses import Guesses
from tblogreport.signals.reward import Course

# A drop of this share of the start shows that something was learned; a loss that ends at so
# many times its first value was thrown about.
LEARNED = 0.2
FAR_ABOVE = 2.0


class Signals(Guesses):
    """All that checks and causes ask about a run."""

    @property
    def learned_nothing(self) -> bool:
        """Whether the metric says that the model learned nothing, whatever its loss does."""
        return self.is_stuck_at_chance or self.answers_never_change or self.no_skill is not None

    @property
    def is_stuck_at_chance(self) -> bool:
        """Whether the model does no better than one that never looks at its input."""
        guesses = self.guess is not None or self.held_out_guess is not None
        thrown = self.worse_than_guessing or self.above_guess
        alike = self.stuck_at_one_answer or self.few_answers_alike or self.flips
        return guesses or thrown or alike or self.stays_at_chance is not None

    @property
    def tells_of_health(self) -> bool:
        """Whether the loss, the metric or the reward lets one say how the run did at all."""
        if self.context.kind == Kind.REINFORCEMENT:
            return self.reward is not None and self.reward.course == Course.IMPROVED
        if self.progress is None or self.context.kind != Kind.SUPERVISED:
            return False
        return self.metric_succeeded or self.progress.resolvable

    @cached_property
    def bad_outcome(self) -> bool | None:
        """Whether the run did badly: stuck, at chance, or diverged. None where it is unknown.

        Symptoms inside the network are serious only then. A loss that hardly fell, or that ends
        far above its first value whatever the metric says, is neither good nor bad.
        """
        if self.progress is None or self.context.kind != Kind.SUPERVISED:
            return None
        if (
            self.learned_nothing
            or self.divergence is not None
            or self.held_out_is_worse_than_guessing
        ):
            return True
        if self.metric_succeeded:
            return None if self._ends_far_above_its_start else False
        if self.progress.resolvable and self.progress.flat:
            return True
        fell = self.progress.resolvable and self.progress.relative_drop >= LEARNED
        return False if fell else None

    @property
    def _ends_far_above_its_start(self) -> bool:
        curve = self.curve(self.loss) if self.loss is not None else None
        return curve is not None and 0 < FAR_ABOVE * float(curve.values[0]) < curve.tail
