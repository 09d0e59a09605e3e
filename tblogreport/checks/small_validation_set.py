"""The validation set holds a handful of examples, and what it says is luck.

What it looks for
-----------------
A validation accuracy of which all values, three different ones at least, are whole numbers of
the same n-th part, n no more than 50: then n examples were counted. It is a warning where the
accuracy also goes up and down by 0.08 (standard deviation over the later half of the run).

Why it matters
--------------
One example more or less moves the accuracy by 1/n. The best checkpoint, early stopping and the
score that is reported are chosen by which examples happen to be among them.

How to fix
----------
Hold out more, stratified by class; or cross-validate, where there are not more.

When it is wrong
----------------
An accuracy that is averaged over batches of equal size shows the examples of all of them
together, and one of a whole data set that was logged with two digits may look like hundredths:
larger parts than 50 are not told.

Example
-------
A validation accuracy of 0.875, 0.625, 0.9375, 1.0, 0.8125 counts 16 examples: each is 6.2
points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.findings import CurveChart, Finding, Severity
from tblogreport.numbers import integer, number
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.examples import MIN_POINTS, MOST_EXAMPLES
from tblogreport.signals.progress import SHARE_WORDS
from tblogreport.signals.success import shares

WANDERS = 0.08


@check
def small_validation_set(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the validation accuracy."""
    metric = signals.context.validation_metric
    if metric is None or not SHARE_WORDS & set(metric.stem) or len(metric) < MIN_POINTS:
        raise NotCheckable(
            f"no validation accuracy was logged at {MIN_POINTS} points or more; log it every epoch"
        )
    examples = signals.held_out_examples
    return [_finding(signals.curve(metric), examples)] if examples is not None else []


def _finding(curve: CurveSignal, examples: int) -> Finding:
    accuracy = shares(curve)
    wander = float(np.std(accuracy[len(accuracy) // 2 :]))
    label = curve.series.label
    return Finding(
        check="small-validation-set",
        severity=Severity.WARNING if wander >= WANDERS else Severity.INFO,
        confidence=0.9,
        title=f"The validation set seems to hold {integer(examples)} examples",
        message=f"Every value of `{label}` is a multiple of 1/{integer(examples)}, as of "
        f"{integer(examples)} examples or a small multiple of that: one "
        f"example more or less is {number(100 / examples, 2)} points. Over the later half of the "
        f"run it goes up and down by {number(100 * wander, 2)} points.",
        why="The best checkpoint and the score that is reported are chosen by luck.",
        fixes=(
            "Hold out more: a fifth of the data, stratified by class (scikit-learn "
            "`train_test_split(…, test_size=0.2, stratify=labels)`).",
            "Where there is not more, cross-validate (`StratifiedKFold(5)`) and report mean and "
            "spread.",
        ),
        tags=(label,),
        steps=(int(curve.steps[0]), int(curve.steps[-1])),
        measured={"examples": examples, "wander": wander},
        thresholds={"examples": MOST_EXAMPLES, "wander": WANDERS},
        evidence=(
            CurveChart(
                title="The accuracy takes a few values only",
                curves=(reduce_series(curve),),
                y_label="accuracy",
            ),
        ),
    )
