"""A classifier's loss that begins far above that of any guess and is worn down over the run."""

from __future__ import annotations

from tblogreport.context.series import LOSSES
from tblogreport.signals import Signals
from tblogreport.signals.gate import held_up
from tblogreport.signals.initialization import first_loss
from tblogreport.signals.progress import accuracy_at_end

# A cross-entropy that no guess among any number of classes costs.
NO_GUESS = 20.0
# How steadily such a loss comes down (Kendall's tau): one that was thrown up does not.
STEADY_TAU = -0.9
# A loss says nothing of the first weights where another begins at so small a part of what no
# guess costs.
UNLIKE = 2.0
# A series of so many steps shows its loss before any of them, and what follows soon is less.
LONG = 50


def worn_down(signals: Signals) -> tuple[float, float] | None:
    """The first level of such a loss and its last; None where there is none.

    Steps that are too long throw a loss up and leave it there, or lose it within the first
    records; large weights, or inputs, are worn down over a large part of the run.
    """
    levels, metric, progress = first_loss(signals), signals.metric, signals.progress
    if metric is None or progress is None or accuracy_at_end(signals.curve(metric)) is None:
        return None
    before_any_step = _before_any_step(signals)
    if before_any_step is not None:
        levels = (before_any_step, progress.tail)
    elif progress.tau > STEADY_TAU:
        return None
    elif levels is None and progress.tail >= NO_GUESS:  # it is not down yet
        levels = (progress.start, progress.tail)
    elif not held_up(signals):
        return None
    unlike = levels is None or levels[0] < NO_GUESS or _another_loss_is_usual(signals)
    return None if unlike else levels


def _before_any_step(signals: Signals) -> float | None:
    """The loss of a first step, where it is far above all that came soon after it; else None.

    Only a long series of steps shows it: one of epochs begins with a mean over the first of those,
    and steps that are too long throw a loss up behind its first point.
    """
    curve = signals.curve(signals.loss) if signals.loss is not None else None
    if curve is None or len(curve) < LONG or signals.averaged(curve.series):
        return None
    first, soon = float(curve.values[0]), curve.values[1 : LONG // 5]
    return first if first >= NO_GUESS and first > float(soon.max()) else None


def _another_loss_is_usual(signals: Signals) -> bool:
    """Whether another loss began where guesses do: then this one is a sum, or weighted."""
    context, loss = signals.context, signals.loss
    others = [s for role in LOSSES for s in context.of_role(role) if s is not loss and len(s)]
    return any(
        0 < float(other.values[0]) < NO_GUESS / UNLIKE for other in others if loss is not None
    )
