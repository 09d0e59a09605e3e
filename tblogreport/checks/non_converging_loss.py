"""The loss stays where it started.

What it looks for
-----------------
A loss of which a drop by 8 % of its level from start to end can be excluded at two
standard errors, that has no first drop beyond its noise, and no significant fall over
20 block medians (Kendall) of 2 % or more; and a classifier that is still guessing: its
accuracy is no more than exp(-loss), what a uniform guess gives (or its loss is twice
what guessing would cost), and the loss has not improved over most of the run; or whose
accuracy is the same to the bit at every point, or that guesses on validation data. And a
validation loss that began where the train loss did and never fell by 3 %, while that fell by
5 % or more. And a metric that stays where nothing was learned in every evaluation, five or
more: R² or a correlation at 0, an area under the ROC curve of one half, a word or character
error rate near 1. And a part of the loss that is ln C, to the last digit, at every point.
Where noise hides the answer, it abstains.

Why it matters
--------------
Nothing is being learned, however long the run goes on.

How to fix
----------
First labels and data order (do inputs and targets still belong together?), then
the loss and the last activation, then initialisation and dead layers, and only
then the learning rate. A model that cannot overfit ten examples has a bug.

When it is wrong
----------------
A loss that starts at its floor (a solved problem, a fine-tuned model) is flat as
well: where a metric says that the model is good, the check stays silent, and
without any metric it is only a warning.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import abstain_by_kind, judged_loss
from tblogreport.checks.stuck_in_words import scores_in_words
from tblogreport.context.series import Series
from tblogreport.findings import CurveChart, Finding, Severity
from tblogreport.numbers import integer, number, percent
from tblogreport.signals import PLATEAU_SHARE, Signals
from tblogreport.signals.charts import reduce_series, reduce_together
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.no_skill import NoSkill
from tblogreport.signals.outcome import LEARNED
from tblogreport.signals.places import place_of
from tblogreport.signals.progress import (
    EXCLUDED_SHARE,
    EXCLUDED_SIGMAS,
    FLAT_SHARE,
    GUESS_MARGIN,
    Guess,
    Progress,
)

_FIXES = (
    "Train on ten examples until the loss is near zero; if it cannot, there is a bug in "
    "the data, the loss or the model.",
    "Look at a batch as the model gets it: do inputs and labels still belong together "
    "after shuffling, batching and augmentation?",
    "Match loss and last activation: one sigmoid unit with binary cross-entropy, C softmax "
    "units with (sparse) categorical cross-entropy, raw logits with the from-logits form.",
    "Look at the initialisation and at gradients per layer; then try a learning rate three "
    "times higher and lower.",
)


@check
def non_converging_loss(signals: Signals) -> Sequence[Finding]:
    """Fire once: on the loss by which the run is judged, a metric that needs none, or a part."""
    abstain_by_kind(signals)
    part = signals.guessing_part
    try:
        found = _of_the_whole(signals)
    except NotCheckable:
        if part is None:
            raise
        found = []
    return found or ([_guessing(signals, part)] if part is not None else [])


def _of_the_whole(signals: Signals) -> Sequence[Finding]:
    worthless = signals.no_skill
    if worthless is not None and not signals.is_stuck_at_chance:
        return [] if signals.divergence is not None else [_worthless(signals, worthless)]
    if not (signals.few_answers_alike or signals.stays_at_chance or signals.answers_the_majority):
        judged_loss(signals)
    curve, progress, guess = signals.learning_curve, signals.progress, signals.guess
    if curve is None or progress is None or signals.divergence is not None:
        return []
    lost = signals.is_stuck_at_chance or (signals.answers_never_change and signals.stuck)
    if not lost and signals.never_generalised and not signals.metric_succeeded:
        return [_finding(curve, progress, guess, signals, lost=False)]
    told = signals.answers_the_majority or signals.score_never_carried_over
    if not lost and (told or signals.rests_at_a_guess is not None):
        return [_finding(curve, progress, guess, signals, lost=False)]
    if not lost and signals.metric_succeeded:
        return []
    if not progress.resolvable and not lost:
        raise NotCheckable(
            f"the noise of `{curve.series.label}` hides whether it fell; log an average over more "
            "batches, or more often"
        )
    if not progress.flat and not lost:
        return []
    return [_finding(curve, progress, guess, signals, lost=lost)]


def _guessing(signals: Signals, part: Series) -> Finding:
    curve, classes = signals.curve(part), round(float(np.exp(part.values[0])))
    return Finding(
        check="non-converging-loss",
        severity=Severity.WARNING,
        confidence=0.9,
        title="A part of the loss is that of a guess at every point",
        message=f"`{part.label}` is {number(float(part.values[0]), 4)} at all "
        f"{integer(len(curve))} points, the loss of a uniform guess among {classes}: what it is "
        "computed from never changes.",
        why="That part of the model gives one answer to everything, and no gradient comes from it.",
        fixes=(
            "Print the outputs of that part for two inputs: if they are alike, follow the tensor "
            "back to where they become so (a detached tensor, a dead layer, zeroed inputs).",
            "See that its parameters were given to the optimiser, and that their gradient is not "
            "`None` or 0.",
        ),
        tags=(part.label,),
        steps=(int(curve.steps[0]), int(curve.steps[-1])),
        measured={"loss": float(part.values[0]), "classes": classes},
        evidence=(
            CurveChart(
                title="A part of the loss never moves",
                curves=(reduce_series(curve),),
                y_label="loss",
            ),
        ),
    )


def _worthless(signals: Signals, metric: NoSkill) -> Finding:
    curve = signals.curve(metric.series)
    fell = signals.progress is not None and signals.progress.relative_drop >= LEARNED
    return Finding(
        check="non-converging-loss",
        severity=Severity.WARNING if fell else Severity.ERROR,
        confidence=0.9,
        title="The model has learned nothing that its metric shows",
        message=f"`{metric.series.label}` was {number(metric.best)} at its best and "
        f"{number(metric.end)} at the end of {integer(len(curve))} evaluations. At "
        f"{number(metric.level)} {metric.meaning}.",
        why="However the loss moves, the model is of no use for its task.",
        fixes=_FIXES,
        tags=(metric.series.label,),
        steps=(int(curve.steps[0]), int(curve.steps[-1])),
        measured={"best": metric.best, "end": metric.end},
        thresholds={"end": metric.level},
        evidence=(
            CurveChart(
                title="The metric stays at the level of no skill",
                curves=(reduce_series(curve),),
                y_label=" ".join(metric.series.stem) or "metric",
            ),
        ),
    )


def _title(signals: Signals, progress: Progress) -> str:
    if progress.flat:
        return "The loss stays where it started"
    if signals.never_generalised and not signals.learned_nothing:
        return "The validation loss never fell"
    if signals.score_never_carried_over:
        return "What is learned does not hold for the validation data"
    if signals.answers_never_change or signals.answers_the_majority or signals.flips:
        return "The model gives one answer to everything"
    if signals.guess is None and signals.held_out_guess is not None:
        return "The model guesses on validation data"
    return "The model is still guessing"


def _finding(
    curve: CurveSignal,
    progress: Progress,
    guess: Guess | None,
    signals: Signals,
    *,
    lost: bool,
) -> Finding:
    label = curve.series.label
    message = (
        f"`{label}` started at {number(progress.start)} and ended at {number(progress.tail)}: "
        f"a {'drop' if progress.drop >= 0 else 'rise'} of {percent(abs(progress.relative_drop))}, "
    )
    if progress.flat or guess is None:
        message += f"known to ±{percent(EXCLUDED_SIGMAS * progress.uncertainty)} through its noise."
    else:
        plateau = curve.step_at(progress.plateau_from)
        message += f"and nothing since {place_of(curve.series, plateau)}."
    if guess is not None:
        level = f", the loss of a uniform guess among {guess.classes}" if guess.classes else ""
        message += (
            f" The accuracy at the end, {percent(guess.accuracy)}, is that of guessing"
            f" (exp(−loss) = {percent(guess.expected)}){level}."
        )
    message += scores_in_words(signals, guess)
    metric = signals.metric
    return Finding(
        check="non-converging-loss",
        severity=Severity.ERROR if lost else Severity.WARNING,
        confidence=_confidence(progress, guess, lost=lost),
        title=_title(signals, progress),
        message=message,
        why="Nothing is being learned, however long the run goes on.",
        fixes=_FIXES,
        tags=(label, *((metric.label,) if guess is not None and metric is not None else ())),
        steps=(int(curve.steps[0]), int(curve.steps[-1])),
        measured={
            "start": progress.start,
            "end": progress.tail,
            "relative_drop": progress.relative_drop,
            "trend_tau": progress.tau,
            "trend_p": progress.p_value,
            "plateau_share": progress.plateau_share,
        }
        | ({"accuracy": guess.accuracy, "guess_accuracy": guess.expected} if guess else {}),
        thresholds={
            "relative_drop": EXCLUDED_SHARE,
            "standard_errors": EXCLUDED_SIGMAS,
            "trend_p": 0.01,
        }
        | ({"plateau_share": PLATEAU_SHARE, "guess_margin": GUESS_MARGIN} if guess else {}),
        evidence=(
            CurveChart(
                title="The loss does not fall",
                curves=reduce_together(signals, signals.loss, signals.context.validation_loss),
                y_label="loss",
            ),
        ),
    )


def _confidence(progress: Progress, guess: Guess | None, *, lost: bool) -> float:
    if guess is not None:
        return 0.97 if guess.classes else 0.93
    if lost:
        return 0.93
    return 0.75 if progress.relative_drop < FLAT_SHARE else 0.65
