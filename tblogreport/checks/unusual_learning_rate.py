"""The learning rate is far from any that such a training is run with, and the run went badly.

What it looks for
-----------------
A learning rate above 0.03, logged or in the model's config, with an optimiser that scales its steps
(Adam and its kin, by the config, by the name of the rate, or as the default of the Hugging Face
Trainer); and a loss that lost less than half of its first level, or that stood still for half of
the run, while no score is good, or gained three tenths of what it lacked. Or a rate that never
passes 2e-5 in a run whose loss begins at that of a guess among fifty or more, and loses less than
four tenths of it.

Why it matters
--------------
Adam moves every weight by about the rate in each step, whatever the gradient: at 0.1, weights that
begin between −0.1 and 0.1 are others after a single one. What is left learns little more than how
often each answer occurs.

How to fix
----------
Begin at the rate that the optimiser is usually run with: 1e-3 for small networks, 1e-4 for
transformers, 1e-5 to 5e-5 to train on from trained weights; with a warm-up.

When it is wrong
----------------
Single layers, embeddings of recommenders and physical quantities are trained at such rates, and a
Trainer may have been given another optimiser.

Example
-------
`train/learning_rate` comes down from 0.09, `train/loss` falls from 4.0 to 3.2 within ten steps and
stays there; the same model reaches 2.7 at 1e-3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.advice import WARM_UP
from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import abstain_by_kind
from tblogreport.context.series import Series
from tblogreport.findings import CurveChart, Finding, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import PLATEAU_SHARE, Signals
from tblogreport.signals.charts import reduce_together
from tblogreport.signals.progress import Progress
from tblogreport.signals.success import GOOD_SCORE

# Ten times a rate that is high for Adam; healthy runs were seen up to 0.02.
HIGHEST = 0.03
# Of models that begin untrained, among so many answers, and at this rate or below: the loss begins
# this near to a guess's, and ends above this share of it.
MANY, LOWEST, NEAR_GUESS, LEFT_BY_LITTLE = 50, 2e-5, 0.04, 0.6
# A loss that ends above this share of its first level lost little.
LEFT = 0.5
# A score that gained this share of what it lacked says that the rate served.
GAINED = 0.3


@check
def unusual_learning_rate(signals: Signals) -> Sequence[Finding]:
    """Fire once, where the loss did not get far."""
    abstain_by_kind(signals)
    rate = signals.highest_learning_rate
    if rate is None:
        raise NotCheckable(
            "no learning rate was logged; log it beside the loss, as `lr` or `learning_rate`"
        )
    if (slow := _too_low_from_scratch(signals, rate)) is not None:
        return [_low_finding(signals, rate, slow)]
    if signals.context.adaptive is None:
        raise NotCheckable(
            "nothing tells the optimiser; call the tag of the rate after it, as in `lr-AdamW`"
        )
    progress = _bad_progress(signals)
    if progress is None or not signals.context.adaptive or rate <= HIGHEST:
        return []
    return [_high_finding(signals, rate, progress)]


def _too_low_from_scratch(signals: Signals, rate: float) -> Progress | None:
    """How far the loss came of a model that began untrained, among many, at next to no rate.

    A loss that begins at ln C, for a vocabulary or many classes, is that of weights that know
    nothing. No network is trained from there at the rates of fine-tuning.
    """
    progress, guess, loss = signals.progress, signals.guess_level, signals.loss
    if progress is None or guess is None or guess < np.log(MANY) or loss is None:
        return None
    untrained = abs(float(signals.curve(loss).values[0]) / guess - 1.0) < NEAR_GUESS
    little = progress.tail > LEFT_BY_LITTLE * guess
    return progress if untrained and little and rate <= LOWEST else None


def _low_finding(signals: Signals, rate: float, progress: Progress) -> Finding:
    return _finding(
        signals,
        rate,
        progress,
        title=f"The learning rate, {number(rate)} at most, is far too low to train from scratch",
        message=f"The loss began at that of a guess, {number(progress.start)}, so that the weights "
        f"knew nothing, and came to {number(progress.tail)}. The rate never passed {number(rate)}, "
        "which is one to train on from trained weights with.",
        why="The run ends before the model has learned: its last checkpoint is all but untrained.",
        fixes=(
            "Raise the rate a hundredfold: 3e-4 to 1e-3 for a small transformer with AdamW.",
            "See that the warm-up is over within the first tenth of the run: a warm-up of more "
            "steps than there are keeps the rate near zero.",
        ),
        thresholds={"rate": LOWEST, "left": LEFT_BY_LITTLE},
        chart="The loss at a rate far below the usual ones",
        beside=signals.context.learning_rate,
    )


def _bad_progress(signals: Signals) -> Progress | None:
    """How far the loss came, where that is not far and no score says otherwise; else None."""
    progress, score, loss = signals.progress, signals.best_score, signals.loss
    good = (score is not None and score >= GOOD_SCORE) or signals.score_gain >= GAINED
    if progress is None or loss is None or progress.start <= 0 or good:
        return None
    first = min(progress.start, float(signals.curve(loss).values[0]))
    badly = progress.tail > LEFT * first or progress.plateau_share >= PLATEAU_SHARE
    return progress if badly else None


def _high_finding(signals: Signals, rate: float, progress: Progress) -> Finding:
    return _finding(
        signals,
        rate,
        progress,
        title=f"The learning rate, {number(rate)}, is far above the usual ones",
        message=f"The rate reached {number(rate)}, with an optimiser that scales its steps, as "
        f"Adam does. The loss went from {number(progress.start)} to {number(progress.tail)}, and "
        f"stood still for {percent(progress.plateau_share)} of the run.",
        why="Every step moves every weight by about the rate, whatever its gradient: what the "
        "layers had is lost, and what is left learns little more than how often each answer "
        "occurs.",
        fixes=(
            "Begin at a usual rate: 1e-3 for small networks, 1e-4 for transformers, 1e-5 to 5e-5 "
            "to train on from trained weights.",
            WARM_UP,
        ),
        thresholds={"rate": HIGHEST, "left": LEFT},
        chart="The loss at a rate far above the usual ones",
        references=("Kingma and Ba: Adam: A Method for Stochastic Optimization (2015)",),
    )


def _finding(
    signals: Signals,
    rate: float,
    progress: Progress,
    *,
    title: str,
    message: str,
    why: str,
    fixes: tuple[str, ...],
    thresholds: dict[str, float],
    chart: str,
    beside: Series | None = None,
    references: tuple[str, ...] = (),
) -> Finding:
    series, loss = signals.context.learning_rate, signals.loss
    return Finding(
        check="unusual-learning-rate",
        severity=Severity.WARNING,
        confidence=0.8,
        title=title,
        message=message,
        why=why,
        fixes=fixes,
        tags=tuple(s.label for s in (series, loss) if s is not None),
        measured={"rate": rate, "left": progress.tail / progress.start},
        thresholds=thresholds,
        references=references,
        evidence=(
            CurveChart(
                title=chart,
                curves=reduce_together(signals, loss, signals.context.validation_loss, beside),
                y_label="loss",
            ),
        ),
    )
