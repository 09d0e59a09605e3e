"""The embeddings of all inputs come to be the same.

What it looks for
-----------------
A spread of embeddings, features or representations over a batch, logged as their standard deviation
or variance (`embedding_std`, `z_std`, `feature_var`): it ends at a twentieth of its first level or
less (a four-hundredth of a variance), for the last quarter of the run, or is below 0.01 throughout
where that is the spread of vectors of length 1.

Why it matters
--------------
A network that says the same of every input has nothing left to compare. Its loss is as low as
can be: without something that keeps embeddings apart, that is the easiest way down.

How to fix
----------
Keep what keeps them apart: negatives in the batch, a stop-gradient with a predictor (SimSiam),
a momentum encoder (BYOL), a variance term (VICReg); and batch normalisation in the projector.

When it is wrong
----------------
Where embeddings shrink as a whole and are normalised before use, their spread says nothing: log
that of the normalised ones, which is 1/√d for vectors that point everywhere.

Example
-------
`embedding_std` falls from 0.09 to 0.0004 while `contrastive_loss` falls to 1e-5.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import scalars
from tblogreport.context.series import Series
from tblogreport.context.words import words_of
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.curve import CurveSignal, true_at_end
from tblogreport.signals.places import place_of

MIN_POINTS = 8
# A spread at this share of its first level, or below this from the first point on, is none.
LEFT, NONE = 0.05, 0.01
# For so much of the run at its end.
_LASTS = 0.25
_WHAT = frozenset(
    "embedding embeddings emb embed feature features representation representations repr z h "
    "latent latents projection projections proj".split()
)
_SPREAD, _SQUARED = frozenset({"std", "stddev"}), frozenset({"var", "variance"})
# Words of a spread that is meant to vanish, or of something else.
_OTHER = frozenset("loss grad gradient weight weights kernel bias noise prior log logvar".split())


@check
def representation_collapse(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the spread that was logged longest."""
    spread = _spread(scalars(signals))
    if spread is None:
        return []  # nothing that is called a spread of embeddings
    curve = signals.curve(spread)
    if len(curve) < MIN_POINTS:
        raise NotCheckable(
            f"`{spread.label}` was logged at fewer than {MIN_POINTS} points; log it more often"
        )
    squared = bool(_SQUARED & set(words_of(spread.tag)))
    left, none = (LEFT**2, NONE**2) if squared else (LEFT, NONE)
    limit = max(left * float(curve.values[:3].max()), none if curve.values.max() < 1.0 else 0.0)
    last = true_at_end(curve.values <= limit)
    if curve.values.min() < 0 or last < max(MIN_POINTS // 2, _LASTS * len(curve)):
        return []
    return [_finding(curve, limit, len(curve) - last)]


def _spread(series: Sequence[Series]) -> Series | None:
    """The longest series that is called the spread of embeddings."""
    named = [
        one
        for one in series
        if (words := set(words_of(one.tag))) & _WHAT
        and words & (_SPREAD | _SQUARED)
        and not words & _OTHER
    ]
    return max(named, key=len, default=None)


def _finding(curve: CurveSignal, limit: float, since: int) -> Finding:
    step, last = curve.step_at(since), int(curve.steps[-1])
    return Finding(
        check="representation-collapse",
        severity=Severity.ERROR,
        confidence=0.9,
        title="All embeddings have become the same",
        message=f"`{curve.series.label}` went from {number(float(curve.values[0]))} to "
        f"{number(curve.tail)}, and is next to nothing from {place_of(curve.series, step)} on: the "
        "network says the same of every input.",
        why="The loss is as low as can be, and nothing was learned: there is no difference left "
        "that a later task could use.",
        fixes=(
            "See that something keeps embeddings apart: negatives in the batch, `z.detach()` on "
            "one side with a predictor on the other (SimSiam), a momentum encoder (BYOL), or a "
            "variance term (VICReg).",
            "Use batch normalisation in the projector, larger batches, and stronger augmentation.",
            "Log the spread of normalised embeddings: 1/√d is that of vectors that point "
            "everywhere.",
        ),
        tags=(curve.series.label,),
        steps=(step, last),
        measured={"end": curve.tail, "first": float(curve.values[0])},
        thresholds={"end": limit},
        references=(
            "Chen and He: Exploring Simple Siamese Representation Learning (2021), section 4.1",
            "Jing et al.: Understanding Dimensional Collapse in Contrastive Learning (2022)",
        ),
        evidence=(
            CurveChart(
                title="The spread of the embeddings goes to nothing",
                curves=(reduce_series(curve),),
                marks=(Mark("the same from here", step, last),),
                y_label="spread",
            ),
        ),
    )
