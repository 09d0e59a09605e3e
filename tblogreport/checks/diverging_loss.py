"""The loss leaves its best level and does not come back.

What it looks for
-----------------
A loss whose last blocks all lie above its best block by more than 20 % of the
level, by more than a fifth of the progress made, and by more than five times the
noise (for positive losses in the log, so that an explosion does not count as
noise). A short series fires only on three rises in a row to ten times its start.

Why it matters
--------------
What had been learned is being lost. Every step after the turn makes the model
worse, and the last checkpoint is not the one to keep.

How to fix
----------
Restore the best checkpoint; lower the learning rate or warm it up; clip the
gradient norm; look at what the data and the schedule did at the turning step.

When it is wrong
----------------
The losses of adversarial and reinforcement learning are skipped. A change of the
data, of the loss' weights or a warm restart in the middle of a run looks the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.base import check
from tblogreport.checks.clipping import clip_advice, wall_time_at
from tblogreport.checks.needs import judged_loss
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.divergence import (
    SHARE_OF_LEVEL,
    SHARE_OF_PROGRESS,
    SIGMAS,
    Divergence,
)
from tblogreport.signals.places import place_of


@check
def diverging_loss(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the loss by which the run is judged."""
    curve = judged_loss(signals, points=4)
    found = signals.divergence
    if found is None:
        return []
    label = curve.series.label
    best, left = (place_of(curve.series, at) for at in (found.best_step, found.left_step))
    rate = _learning_rate_at(signals, found)
    there = "" if rate is None else f" The learning rate there was {number(rate)}."
    return [
        Finding(
            check="diverging-loss",
            severity=Severity.ERROR,
            confidence=0.95 if found.sigmas > 10 else 0.85,
            title=f"The loss rose from {left} on and did not come back",
            message=f"`{label}` was at its best, {number(found.best)}, near {best}; "
            f"from {left} on it stayed above "
            f"{number(found.limit)} and ended at {number(found.tail)}.{there}",
            why="What had been learned is lost, and every step after the turn made it worse.",
            fixes=(
                f"Keep the checkpoint near {best}, not the last one.",
                "Lower the learning rate three- to tenfold, or warm it up over the first few "
                "hundred steps.",
                clip_advice(signals, wall_time_at(curve.series, found.left_step)),
                f"See what changed near {left}: data order, schedule, resumed optimiser state.",
            ),
            tags=(label,),
            steps=(found.left_step, int(curve.steps[-1])),
            measured={
                "best": found.best,
                "end": found.tail,
                "rise": found.rise,
                "rise_in_noise": found.sigmas,
                "learning_rate": rate if rate is not None else "not logged",
            },
            thresholds={
                "limit": found.limit,
                "rise_in_noise": SIGMAS,
                "share_of_level": SHARE_OF_LEVEL,
                "share_of_progress": SHARE_OF_PROGRESS,
            },
            evidence=(
                CurveChart(
                    title="The loss leaves its best level",
                    curves=(reduce_series(curve),),
                    marks=(
                        Mark("best", found.best_step, found.best_step),
                        Mark("above the limit", found.left_step, float(curve.steps[-1])),
                    ),
                    y_label="loss",
                ),
            ),
        )
    ]


def _learning_rate_at(signals: Signals, found: Divergence) -> float | None:
    rate = signals.context.learning_rate
    if rate is None or rate.axis != (signals.loss.axis if signals.loss else None):
        return None
    then = rate.values[rate.steps <= found.left_step]
    return float(then[-1]) if len(then) and then[-1] > 0 else None
