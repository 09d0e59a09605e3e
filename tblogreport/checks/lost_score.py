"""Overfitting that shows in the score alone: it falls while the validation loss hardly rises."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.curve import CurveSignal, kendall
from tblogreport.signals.places import place_of
from tblogreport.signals.success import best_possible, score_at_end

_MIN_POINTS = 12
# What a score (0 to 1) must lose, and in its noise; over so much of the run, and how steadily.
LOST = 0.05
SIGMAS = 4.0
_REMAINING = 0.25
_TAU, _P = -0.5, 0.005
# What the train loss must lose meanwhile.
TRAIN_FALL = 0.1


def score_has_turned(signals: Signals, train: CurveSignal) -> Sequence[Finding]:
    """A finding of `overfitting` on a validation score that falls while the train loss does."""
    series = signals.context.validation_metric
    curve = signals.curve(series) if series is not None else None
    if series is None or curve is None or len(curve) < _MIN_POINTS or not curve.increasing:
        return []
    if score_at_end(curve) is None or signals.divergence is not None or signals.loss_is_lost:
        return []
    unit, at = best_possible(curve), int(np.argmax(curve.blocks))
    blocks = curve.blocks[at:] / unit
    lost = float(blocks[0] - blocks[-3:].mean())
    tau, p_value = kendall(blocks)
    steady = tau <= _TAU and p_value < _P and len(blocks) >= _REMAINING * len(curve.blocks)
    if lost < max(LOST, SIGMAS * curve.block_noise / unit) or not steady:
        return []
    step = int(curve.block_steps[at])
    begun = float(curve.wall_times[int(curve.bounds[at])])
    after = train.values[train.wall_times >= begun]
    fall = float(after[0] - train.tail) if len(after) else 0.0
    if fall < TRAIN_FALL * train.size_of(float(after[0]) if len(after) else 0.0):
        return []
    return [_finding(curve, train, step, lost, (float(blocks[0]), float(blocks[-1])))]


def _finding(
    curve: CurveSignal, train: CurveSignal, step: int, lost: float, levels: tuple[float, float]
) -> Finding:
    best = place_of(curve.series, step)
    return Finding(
        check="overfitting",
        severity=Severity.WARNING,
        confidence=0.8,
        title=f"The validation score has fallen since {best}",
        message=f"`{curve.series.label}` fell from {percent(levels[0])} near {best} "
        f"to {percent(levels[1])}, while `{train.series.label}` went on falling, to "
        f"{number(train.tail)}: what is learned since then does not carry over, as where wrong "
        "labels are learned by heart.",
        why="Every epoch after the turning point makes the model worse on new data, however good "
        "the train loss looks.",
        fixes=(
            f"Keep the checkpoint of {best}, and stop early next time by the score: "
            "Keras `EarlyStopping('val_accuracy', mode='max', restore_best_weights=True)`, "
            "Lightning `EarlyStopping('val_acc', mode='max')`.",
            "Look at the training examples with the highest loss: are their labels right?",
            "Regularise: Keras `Dropout(0.3)`, PyTorch `nn.Dropout(0.3)`; smooth the labels.",
        ),
        tags=(curve.series.label, train.series.label),
        steps=(step, int(curve.steps[-1])),
        measured={"best_step": step, "lost_score": lost},
        thresholds={"lost_score": LOST},
        references=("Arpit et al.: A closer look at memorization in deep networks (2017)",),
        evidence=(
            CurveChart(
                title="The validation score falls",
                curves=(reduce_series(curve),),
                marks=(Mark("best", step, step),),
                y_label=" ".join(curve.series.stem) or "score",
            ),
        ),
    )
