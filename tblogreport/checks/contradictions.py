"""Curves of one run that cannot all be right: two of them are said of `loss-metric-mismatch`."""

from __future__ import annotations

import numpy as np

from tblogreport.findings import CurveChart, Finding, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series, reduce_together
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.progress import accuracy_at_end
from tblogreport.signals.success import score_at_end

MIN_POINTS = 8
# A train loss that rises at all but few steps, by so much of its start, beside a validation loss
# that falls as steadily by this share.
TAU, ROSE, FELL = 0.8, 0.3, 0.3
# A validation loss that never comes below this share of a guess's, at rest in its last half, beside
# a validation accuracy of at least this and a train loss below that share of a guess's.
STAYS, AT_REST, RIGHT, LEARNED = 0.75, 0.1, 0.6, 0.25
# A train score that is good, and a validation score below this share of it, whose losses agree.
GOOD, FAR_BELOW, ALIKE = 0.8, 0.5, 1.5


def contradiction(signals: Signals) -> Finding | None:
    """The finding on losses that contradict each other or a score; None without one."""
    context = signals.context
    if context.train_loss is None or context.validation_loss is None:
        return None
    train, held_out = signals.curve(context.train_loss), signals.curve(context.validation_loss)
    if min(len(train), len(held_out)) < MIN_POINTS or min(train.start, held_out.start) <= 0:
        return None
    if _added_up(train, held_out):
        return _rises_alone(signals, train, held_out)
    right = _right_all_the_same(signals, train, held_out)
    return _not_alike(signals, train, held_out, right) if right is not None else None


def score_contradicts(signals: Signals) -> bool:
    """Whether validation is right far less often than training at the same loss."""
    context = signals.context
    series = (context.train_loss, context.validation_loss)
    metrics = (context.train_metric, context.validation_metric)
    if None in (*series, *metrics):
        return False
    train, held_out = (signals.curve(s) for s in series if s is not None)
    ours, theirs = (signals.curve(s) for s in metrics if s is not None)
    if ours.series.stem != theirs.series.stem or min(map(len, (train, held_out, ours, theirs))) < 4:
        return False
    good, bad = score_at_end(ours), score_at_end(theirs)
    if good is None or bad is None or good < GOOD or bad > FAR_BELOW * good:
        return False
    fell = held_out.tail < (1 - FELL) * float(held_out.values[0])
    return fell and 0 < held_out.tail < max(ALIKE * train.tail, 0.1 * train.start)


def _added_up(train: CurveSignal, held_out: CurveSignal) -> bool:
    rises = train.trend[0] > TAU and train.tail > (1 + ROSE) * train.head
    falls = held_out.trend[0] < -TAU / 2 and held_out.tail < (1 - FELL) * held_out.head
    return bool(rises and falls)


def _right_all_the_same(
    signals: Signals, train: CurveSignal, held_out: CurveSignal
) -> CurveSignal | None:
    """The validation accuracy, where it is high beside a loss that stays at a guess's."""
    metric, guess = signals.context.validation_metric, signals.guess_level
    if metric is None or guess is None or guess < np.log(3) - 1e-6:
        return None
    accuracy = accuracy_at_end(signals.curve(metric))
    if accuracy is None or accuracy < RIGHT or train.tail > LEARNED * guess:
        return None
    later = held_out.values[len(held_out) // 2 :]
    rests = float(later[0] - later[-1]) < AT_REST * guess
    # A loss that came down and rose again is that of a model that grew too sure of itself.
    never_low = float(held_out.values.min()) > STAYS * guess
    return signals.curve(metric) if rests and never_low else None


def _rises_alone(signals: Signals, train: CurveSignal, held_out: CurveSignal) -> Finding:
    return Finding(
        check="loss-metric-mismatch",
        severity=Severity.WARNING,
        confidence=0.85,
        title="The train loss rises while the validation loss falls",
        message=f"`{train.series.label}` rose from {number(train.head)} to {number(train.tail)}, "
        f"while `{held_out.series.label}` fell from {number(held_out.head)} to "
        f"{number(held_out.tail)}: a model that gets better on data it never saw does not get "
        "worse on those it is trained with. What is logged as the train loss is something else.",
        why="Whoever looks at the train loss alone stops a training that goes well.",
        fixes=(
            "See whether the mean of an epoch begins at zero again in the next one: a sum that is "
            "never reset grows.",
            "See that batches are weighed alike in it, and that no penalty is counted twice.",
        ),
        tags=(train.series.label, held_out.series.label),
        steps=(int(train.steps[0]), int(train.steps[-1])),
        measured={"train_change": train.tail / train.head - 1.0, "wrong_curve": "train loss"},
        thresholds={"train_change": ROSE},
        evidence=(
            CurveChart(
                title="The two losses part from the start",
                curves=reduce_together(signals, train.series, held_out.series),
                y_label="loss",
            ),
        ),
    )


def _not_alike(
    signals: Signals, train: CurveSignal, held_out: CurveSignal, metric: CurveSignal
) -> Finding:
    return Finding(
        check="loss-metric-mismatch",
        severity=Severity.WARNING,
        confidence=0.8,
        title="The validation loss stays near that of a guess, though its answers are right",
        message=f"`{held_out.series.label}` ended at {number(held_out.tail)} and "
        f"`{train.series.label}` at {number(train.tail)}, while {percent(metric.tail)} in "
        f"`{metric.series.label}` are right: in evaluation the network is another one than in "
        "training, and never sure.",
        why="What is evaluated, and what will be used, is not what was trained.",
        fixes=(
            "Look at batch normalisation first: with a momentum near 1 (Keras 0.9999) its running "
            "means never arrive; Keras' default is 0.99, PyTorch's `momentum=0.1` is the rest.",
            "See that evaluation scales inputs and outputs as training does: a temperature, a "
            "softmax that is applied twice, an average of weights that has not arrived.",
        ),
        tags=(held_out.series.label, train.series.label, metric.series.label),
        steps=(int(held_out.steps[0]), int(held_out.steps[-1])),
        measured={"loss": held_out.tail, "metric": metric.tail},
        thresholds={"metric": RIGHT},
        references=("Ioffe and Szegedy: Batch Normalization (2015), section 3.1",),
        evidence=(
            CurveChart(
                title="The losses of training and validation",
                curves=reduce_together(signals, train.series, held_out.series),
                y_label="loss",
            ),
            CurveChart(title="The score", curves=(reduce_series(metric),), y_label="metric"),
        ),
    )
