"""Where the loss left its best level, and where the run was taken up again."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tblogreport.context.kind import Kind
from tblogreport.context.selection import comparable
from tblogreport.context.series import Role, Series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.derived import Derived
from tblogreport.signals.divergence import Divergence, blown_up, measure_divergence
from tblogreport.signals.pauses import Pause, jump_at_pause, longest_pause, resumption
from tblogreport.signals.restarts import (
    LARGE,
    Jump,
    Restart,
    find_restart,
    jump_at_further_file,
    measure_jump,
    was_back_at_its_start,
)
from tblogreport.signals.success import GOOD_SCORE, MIN_LATER, gained_after, score_at_end
from tblogreport.signals.swing import repeats_after
from tblogreport.signals.teeth import begins_again, count_teeth

# A validation loss that ends within this share of its best is as good as that.
AS_GOOD = 0.02
# … and is clearly better where it fell by this share.
CLEARLY = 0.05
# Evaluations between which a loss may repeat.
MIN_EPOCHS = 3


class Losses(Derived):
    """The derived signals, with the turns that the loss takes."""

    @cached_property
    def longest_pause(self) -> Pause | None:
        """The longest time in which nothing was written; None with fewer than two wall times."""
        return longest_pause(self.context.run)

    @cached_property
    def resumption(self) -> Pause | None:
        """The pause at which the run was interrupted and resumed; None where it was not."""
        known = resumption(self.context.run, self.main_series)
        if known is not None or self.loss is None:
            return known
        curve, again = self.curve(self.loss), self.goes_again
        if again is not None:
            times = curve.wall_times
            return Pause(float(times[again - 1]), float(times[again]))
        return jump_at_further_file(self.context.run, curve) or jump_at_pause(curve)

    @cached_property
    def goes_again(self) -> int | None:
        """The point from which on the loss goes its whole way a second time; None without one."""
        if self.loss is None or self._teeth[0]:
            return None
        return begins_again(self.curve(self.loss))

    @cached_property
    def _teeth(self) -> tuple[int, ...]:
        """How many trainings of one length there are by the loss, and by that of validation."""
        losses = (self.loss, self.context.validation_loss)
        return tuple(0 if one is None else count_teeth(self.curve(one)) for one in losses)

    @cached_property
    def divergence(self) -> Divergence | None:
        """Where the loss left its best level for good; None where it did not.

        A validation loss that rises while the train loss falls does something else, and so
        does a train loss that rises while what it trains gets better.
        """
        train, loss = self.context.train_loss, self.loss
        if loss is None or (loss is not train and train is not None and self._fell(train)):
            return None
        if self._blown_up is not None:
            return self._blown_up
        found = measure_divergence(self.curve(loss))
        metric = self.context.train_metric
        if found is None or self._held_out_did_well_after(found):
            return None
        if metric is None or not comparable(metric, loss):
            return found
        return None if gained_after(self.curve(metric), found.best_step) else found

    @cached_property
    def _blown_up(self) -> Divergence | None:
        """A train loss of any kind that exploded beyond all that may come down again."""
        losses = self.context.of_role(Role.TRAIN_LOSS)
        found = (blown_up(self.curve(loss)) for loss in losses if loss.lost_from is None)
        return next((one for one in found if one is not None), None)

    def _held_out_did_well_after(self, found: Divergence) -> bool:
        """Whether validation got better, or as good, after the train loss had left its best.

        Then the task became another or harder one: more augmentation, another stage.
        """
        loss, metric = self.context.validation_loss, self.context.validation_metric
        if loss is not None and loss is not self.loss and loss.lost_from is None:
            levels = _before_and_at_end(self.curve(loss), found.left_step)
            if levels is not None:
                return levels[1] <= (1 + AS_GOOD) * levels[0]
        if loss is None and self._another_loss_fell_after(found):
            return True
        if metric is None or self.loss_is_lost:
            return False
        score = score_at_end(self.curve(metric))
        good = score is not None and score >= GOOD_SCORE
        return good and gained_after(self.curve(metric), found.left_step, since=0)

    def _another_loss_fell_after(self, found: Divergence) -> bool:
        """Whether a validation loss of another name got clearly better after that step."""
        others = self.context.of_role(Role.VALIDATION_LOSS)
        curves = (self.curve(series) for series in others if series.lost_from is None)
        levels = (_before_and_at_end(curve, found.left_step) for curve in curves)
        return any(one and one[0] > 0 and one[1] < (1 - CLEARLY) * one[0] for one in levels)

    def _fell(self, series: Series) -> bool:
        values = self.curve(series).values
        return len(values) > 1 and bool(values[-1] < values[0])

    @cached_property
    def restart(self) -> Restart | None:
        """Where the main series was taken up again; None where it was not."""
        series = self.main_series
        if series is None:
            return None
        return find_restart(self.curve(series), series, self.resumption)

    @cached_property
    def restart_jump(self) -> Jump | None:
        """How the loss went on after the restart; None where there is none that tells."""
        if self.restart is None or self.loss is None or self.context.kind != Kind.SUPERVISED:
            return None
        return measure_jump(self.restart)

    @cached_property
    def held_out_began_anew(self) -> bool:
        """Whether the validation loss was back where it had begun after the restart."""
        held_out = self.context.validation_loss
        if self.restart is None or held_out is None or self.context.kind != Kind.SUPERVISED:
            return False
        return was_back_at_its_start(self.restart, self.curve(held_out))

    @cached_property
    def follows_the_data(self) -> bool:
        """Whether the loss repeats between evaluations: the batches are the same each time."""
        held_out = self.context.validation_loss
        if self.loss is None or held_out is None or len(held_out) < MIN_EPOCHS:
            return False
        curve = self.curve(self.loss)
        between = np.diff(np.searchsorted(curve.wall_times, held_out.wall_times))
        return repeats_after(curve, int(np.median(between)))

    @property
    def begins_anew(self) -> str | None:
        """Why the loss goes up again at once, and then down as before; None where it does not."""
        jump = self.restart_jump
        if jump is not None and jump.harmed and jump.rise >= LARGE:
            return "the loss jumps where the run was resumed, which explains how it moves"
        if not any(self._teeth):
            return None
        count = max(self._teeth)
        return f"{count} trainings of one length stand one behind the other, as folds and tasks do"


def _before_and_at_end(curve: CurveSignal, step: int) -> tuple[float, float] | None:
    """The lowest value before a step, and the level at the end; None with too few points."""
    left = int(np.searchsorted(curve.steps, step))
    if not 0 < left <= len(curve) - MIN_LATER:
        return None
    return float(curve.values[:left].min()), float(np.median(curve.values[-MIN_LATER:]))
