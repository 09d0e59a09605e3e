"""A metric or a loss takes values that it cannot have.

What it looks for
-----------------
A score that is a share (accuracy, precision, recall, F1, an overlap, an area under a curve) and
lies above 1 at a tenth of its points or more, but not above 1.5 (3 where the loss is too low for
so few per cent), and has a median of 0.3 or more, so that it is not in per cent. Such a score
below 0, but for a -1 that stands for none, or a score called a per cent above 100. And a squared
or absolute error, a cross-entropy or a standard deviation below 0, a perplexity below 1, and a
gradient norm below 0, but for a few of -1, which stand for steps that were skipped.

Why it matters
--------------
The number is computed wrongly, and whatever is chosen by it is chosen by a mistake: a mean of
batches of which each counts differently, one-hot labels where indices are expected, targets
outside of 0 and 1.

How to fix
----------
Compute it over whole epochs with a library's own implementation, and hold it against a few
predictions by hand.

When it is wrong
----------------
A loss with that name to which something else was added, a reward or a log-density, may lie
below 0 with right.

Example
-------
`val_F1_score` of 0.71, 0.93, 1.04, 1.09: an F1 that is summed over one-hot labels and divided
by a mean over batches.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tblogreport.checks.base import NotCheckable, check
from tblogreport.context.series import CURVES, LOSSES, Role, Series
from tblogreport.context.words import words_of
from tblogreport.findings import CurveChart, Finding, Severity
from tblogreport.numbers import integer, listed, number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series

BoolArray = NDArray[np.bool_]

MIN_POINTS = 3
SHARES = frozenset(
    "acc accuracy precision recall f1 fscore auc auroc iou miou dice jaccard sensitivity "
    "specificity".split()
)
# … and those that are mostly in per cent.
PER_CENTS = frozenset("top1 top5".split())
ERRORS = frozenset("mse mae rmse crossentropy bce ce xent ppl perplexity".split())
# What is neither a loss nor a score, and has a sign all the same.
SPREADS = frozenset("std stddev variance".split())
# e to the power of a cross-entropy, which is never below 0.
PERPLEXITIES = frozenset("ppl perplexity".split())
_PER_CENT = frozenset("percent percentage pct perc".split())
# Words of another quantity: how much of a code book is used, and R².
_OTHERWISE = frozenset("codebook vq usage explained".split())
# The gradient norm that DeepSpeed, for one, writes for a step that overflowed and was skipped; a
# few of them, and those at the start, are how it finds its loss scale.
SKIPPED, SKIPPED_SHARE = -1.0, 0.03
_SPELT_OUT = {("squared", "error"): "mse", ("absolute", "error"): "mae"}
# Words of what was mirrored or put on another scale.
_TRANSFORMED = frozenset("neg negative minus log ln db normalized normalised scaled".split())
# Words of what is counted from another value than 0.
_COMPARED = frozenset(
    "reward rewards delta diff difference gain change improvement margin adjusted".split()
)
# Words of a second term, and words that say how a score was computed.
_ADDED = frozenset("reward kl entropy total combined".split())
_HOW = frozenset("loss losses score coefficient coef value macro micro weighted binary t".split())
# A rounding error above 1, and the part of the points that must lie higher.
ROUNDING = 1e-3
ABOVE_SHARE = 0.1
# Where the median of a share lies that is not in per cent, and its highest value; and how far
# from 1 it must get.
USUAL = (0.3, 1.5)
BELOW, ABOVE = 0.9, 1.05
# A score in per cent may end below the first where a model hardly learns: then its loss ends above
# the second.
UNUSUAL, LOW_LOSS = 3.0, 2.0
# No share is above this, in per cent or not.
MOST_PER_CENT = 100.5
_OF_SKIPPED = " DeepSpeed writes −1 for a step that overflowed and was skipped."
# What COCO's evaluation, for one, gives where there is nothing to score.
NONE = -1.0


@check
def impossible_values(signals: Signals) -> Sequence[Finding]:
    """Fire once, on all series that have such values."""
    series = [
        one
        for one in signals.context.series
        if (one.role in CURVES or one.role == Role.GRADIENT_NORM or _quantity(one) in SPREADS)
        and len(signals.curve(one)) >= MIN_POINTS
    ]
    if not series:
        raise NotCheckable(f"no loss or metric was logged at {MIN_POINTS} points or more")
    found = [one for one in series if _wrong(signals, one).any()]
    return [_finding(signals, found)] if found else []


def _wrong(signals: Signals, series: Series) -> BoolArray:
    """Which values cannot be; none where the quantity has no known bounds."""
    values = signals.curve(series).values
    words, quantity = set(words_of(series.tag)), _quantity(series)
    possible = np.zeros(len(values), dtype=bool)
    if _TRANSFORMED & words:
        return possible
    if series.role == Role.GRADIENT_NORM:
        skipped = values == SKIPPED
        goes_on = skipped.mean() >= SKIPPED_SHARE and skipped[len(skipped) // 2 :].sum() > 1
        return values < 0 if goes_on and not skipped.all() else (values < 0) & ~skipped
    if words & _OTHERWISE:
        return possible
    if quantity in PERPLEXITIES and not words & (SHARES | _ADDED):
        met = values != 0  # 0 is what a meter says that has met nothing yet
        return np.asarray(met & (values < 1 - ROUNDING))
    if quantity in ERRORS | SPREADS:
        return possible if words & (SHARES | _ADDED) else values < 0
    if quantity not in SHARES | PER_CENTS or series.role in LOSSES or words & _COMPARED:
        return possible  # a loss that is named after a score is weighed, or a logarithm of it
    if quantity in PER_CENTS or (values > MOST_PER_CENT).any():
        return np.asarray(values > MOST_PER_CENT)
    below: BoolArray = (values < -ROUNDING) & (values != NONE)
    if below.any():
        return below
    low, high = USUAL if _may_be_few_per_cent(signals) else (USUAL[0], UNUSUAL)
    unit = 100.0 if words & _PER_CENT else 1.0
    shares = values / unit
    in_parts = low <= float(np.median(shares)) and (unit > 1 or shares.max() <= high)
    wide = shares.min() < BELOW or shares.max() > ABOVE  # not a per cent, more or less
    above = shares > 1 + ROUNDING
    return above if in_parts and wide and float(np.mean(above)) >= ABOVE_SHARE else possible


def _may_be_few_per_cent(signals: Signals) -> bool:
    """Whether the model may be right in two cases of a hundred only: not with a low loss."""
    curve = signals.curve(signals.loss) if signals.loss is not None else None
    return curve is None or not len(curve) or curve.tail > LOW_LOSS


def _quantity(series: Series) -> str:
    """What is measured: the last word, but for those that say how (`f1_score`, `dice_coef`)."""
    words = [word for word in series.stem if word not in _HOW | _PER_CENT and not word.isdigit()]
    if tuple(words[-2:]) in _SPELT_OUT:
        return _SPELT_OUT[words[-2], words[-1]]
    return words[-1] if words else ""


def _limit_of(series: Series, wrong: NDArray[np.float64]) -> float:
    """The value that was passed."""
    if _quantity(series) in PERPLEXITIES:
        return 1.0
    if wrong.min() < 0:
        return 0.0
    per_cent = _PER_CENT & set(words_of(series.tag)) or wrong.min() > MOST_PER_CENT
    return 100.0 if per_cent else 1.0


def _finding(signals: Signals, found: Sequence[Series]) -> Finding:
    first, curve = found[0], signals.curve(found[0])
    wrong = _wrong(signals, first)
    limit = _limit_of(first, curve.values[wrong])
    below = bool(curve.values[wrong].min() < limit)
    worst = float(curve.values[wrong].min() if below else curve.values.max())
    bound = f"cannot be {'below' if below else 'above'} {number(limit)}"
    at = np.flatnonzero(wrong)
    labels = tuple(one.label for one in found)
    return Finding(
        check="impossible-values",
        severity=Severity.WARNING,
        confidence=0.9,
        title=f"{listed([f'`{label}`' for label in labels])} "
        f"{'takes' if len(labels) == 1 else 'take'} values that cannot be",
        message=f"`{first.label}` {bound}, and is {number(worst)} at its "
        f"{'lowest' if below else 'highest'}: so it is at {integer(len(at))} of "
        f"{integer(len(curve))} points ({percent(float(np.mean(wrong)))})."
        + (_OF_SKIPPED if first.role == Role.GRADIENT_NORM and worst == SKIPPED else ""),
        why="The number is computed wrongly, and what is chosen by it is chosen by a mistake.",
        fixes=(
            "Use a library's own implementation over whole epochs: Keras "
            "`keras.metrics.F1Score()`, PyTorch `torchmetrics.classification.F1Score(…)`.",
            "Compute it by hand on ten predictions: are labels and outputs of the shape and range "
            "that it expects (indices or one-hot, logits or probabilities, targets from 0 to 1)?",
        ),
        tags=labels,
        steps=(curve.step_at(int(at[0])), curve.step_at(int(at[-1]))),
        measured={"worst": worst, "points": len(at)},
        thresholds={"worst": limit},
        evidence=(
            CurveChart(
                title="Values that cannot be",
                curves=(reduce_series(curve),),
                y_label=" ".join(first.stem) or "value",
            ),
        ),
    )
