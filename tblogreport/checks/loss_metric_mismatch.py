"""The loss improves and the metric does not, or the other way round.

What it looks for
-----------------
A loss and a metric of the same split: over block medians the loss falls significantly
(Kendall, or early and for good) by a fifth of its start or more, while the metric gets worse
beyond its noise, or stays at one value that is no good one; or by half or more, while a score
stays within 0.02 that is no good one; or the loss rises while the metric improves, or stands
still while a score gains 0.2. Or the train loss
rises steadily while the validation loss falls; or validation is right most of the time at the loss
of a guess, or hardly ever at the loss of training, where that is right. Or a
classifier is right as often as a good one, and its loss stands, to 6 % of its way, where a
softmax that is applied twice must leave it: at ln(1 + (C − 1) / e) for right answers.

Why it matters
--------------
What is minimised is then not what is wanted: the wrong metric, classes of very different
size, a threshold that is never reached, or an output that does not depend on the loss. A
loss that applies a softmax of its own to probabilities learns slowly and is never sure.

How to fix
----------
Look at the metric on a few predictions by hand; use one that fits the task, such as
balanced accuracy for rare classes; see that loss and metric get the same outputs.

When it is wrong
----------------
Validation loss and accuracy rise together when a classifier grows overconfident, which is
common and harmless; metrics that mean nothing for the task, such as accuracy in a
regression, are constant. It is a note, unless an accuracy that is neither 0 nor good is the
same to the bit at every point: then the outputs cannot depend on the inputs. A loss on the
floor of two softmaxes is a warning; smoothed labels leave it high as well, at other levels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.contradictions import contradiction, score_contradicts
from tblogreport.checks.needs import MIN_POINTS, abstain_by_kind
from tblogreport.context.series import Series
from tblogreport.context.words import Direction, words_of
from tblogreport.findings import CurveChart, Finding, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.double_softmax import MIN_ACCURACY, double_softmax_classes, floor_of
from tblogreport.signals.progress import accuracy_at_end
from tblogreport.signals.success import GOOD_SCORE, best_possible, score_at_end

TREND_TAU = 0.6
TREND_P = 0.005
# What a loss must gain or lose, of its start, and a metric, in standard errors of a block.
LOSS_SHARE = 0.2
METRIC_SIGMAS = 4.0
METRIC_SHARE = 0.05
# A step that is over early shows in so many blocks.
MIN_BLOCKS = 6
# A loss that moved by less of its start stood still; one that fell by more cannot leave a score
# where it was, within so much of the best one and with no more noise than that.
STILL, HALVED = 0.03, 0.5
FLAT, FLAT_NOISE = 0.02, 0.03
# A loss above this share of that of a guess goes with no perfect answers.
NO_BETTER = 0.5
OF_SEVERAL = float(np.log(5))
# A guess among two may be that of several labels at once; and by how much an accuracy must be
# below what the loss allows.
OF_THREE = float(np.log(3)) - 1e-6
MARGIN = 0.1
# Losses over the samples of a batch, which end far above zero by themselves.
_CONTRASTIVE = frozenset("contrastive ntxent xent infonce nce simclr moco triplet clip".split())
# What a score gains beside a loss that stands still.
SCORE_GAIN = 0.2


@check
def loss_metric_mismatch(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the train split, else on validation."""
    abstain_by_kind(signals)
    context = signals.context
    pairs = [
        (signals.curve(loss), signals.curve(metric))
        for loss, metric in (
            (context.train_loss, context.train_metric),
            (context.validation_loss, context.validation_metric),
        )
        if loss is not None and metric is not None and metric.direction is not None
    ]
    pairs = [(a, b) for a, b in pairs if min(len(a), len(b)) >= MIN_POINTS]
    if not pairs:
        raise NotCheckable(
            "no metric with a known direction was logged beside a loss at 8 points or more; log "
            "one, such as the accuracy (Keras `compile(metrics=['accuracy'])`)"
        )
    if (contradicts := contradiction(signals)) is not None:
        return [contradicts]
    if signals.divergence is not None or pairs[0][0].series.lost_from is not None:
        return []
    found: list[Finding] = []
    for loss, metric in pairs:
        contrasts = _CONTRASTIVE & set(words_of(loss.series.tag))
        classes = None if contrasts else double_softmax_classes(loss, metric, signals.classes)
        if classes is not None:
            return [_floor_finding(loss, metric, classes)]
        words = _mismatch(loss, metric)
        severity = _severity(signals, loss, metric, words)
        if severity == Severity.ERROR and (words is None or words[1] != "never changed"):
            words = "fell", "is that of answers that are wrong more often than by chance"
        elif words is None and severity != Severity.INFO:
            constant = np.ptp(metric.values) == 0
            words = "fell", "never changed" if constant else "stayed below what such a loss allows"
        if words:
            found.append(_finding(loss, metric, words, severity))
    return sorted(found, key=lambda finding: finding.severity.rank)[:1]


def _severity(
    signals: Signals, loss: CurveSignal, metric: CurveSignal, words: tuple[str, str] | None
) -> Severity:
    """How serious: an error where outputs cannot depend on inputs, or the sign is turned."""
    if loss.tail < min(0.0, float(loss.values[0])) and signals.ends_below_chance:
        return Severity.ERROR
    if words is not None and words[1] == "never changed":
        return Severity.ERROR
    wrong = _computed_wrongly(signals, loss, metric)
    if metric.series is signals.context.validation_metric:
        wrong = wrong or score_contradicts(signals)
    wrong = wrong or _below_what_the_loss_allows(signals, loss, metric)
    return Severity.WARNING if wrong else Severity.INFO


def _below_what_the_loss_allows(signals: Signals, loss: CurveSignal, metric: CurveSignal) -> bool:
    """Whether a classifier is right less often than its cross-entropy L, in nats, allows.

    A wrong answer has a probability of one half at most for the right class, and costs ln 2 at
    least: no more than L / ln 2 of the answers can be wrong (Markov's inequality).
    """
    guess, accuracy = signals.guess_level, accuracy_at_end(metric)
    if metric.series is not signals.context.validation_metric:
        return False  # a train loss has its penalties, and an accuracy without dropout
    if guess is None or guess < OF_THREE or accuracy is None or loss.values.min() < 0:
        return False
    if {"seq", "sequence", "exact", "subset"} & set(words_of(metric.series.tag)):
        return False
    if accuracy == 0.0 and metric.series.tag.startswith("epoch_") and signals.classes is None:
        return False  # Keras' users ask for an accuracy in a regression, too
    return accuracy < 1.0 - loss.tail / float(np.log(2)) - MARGIN


def _computed_wrongly(signals: Signals, loss: CurveSignal, metric: CurveSignal) -> bool:
    """Whether a validation accuracy is 0, or perfect, throughout, where it cannot be.

    Perfect answers do not cost what guesses among several do, and a loss that comes down from
    that of a guess is that of a classifier, whose answers are not all wrong.
    """
    guess, score = signals.guess_level, score_at_end(metric)
    if metric.series is not signals.context.validation_metric or np.ptp(metric.values) > 0:
        return False
    if loss.tail > HALVED * float(loss.values[0]) or guess is None:
        return False
    if score == 1.0:
        return guess >= OF_SEVERAL and float(loss.values[0]) > NO_BETTER * guess
    other = signals.context.train_metric
    trained = score_at_end(signals.curve(other)) if other is not None else None
    # Keras' users ask for an accuracy in a regression, too.
    classifies = signals.classes is not None or not metric.series.tag.startswith("epoch_")
    return score == 0.0 and (classifies or bool(trained))


def _mismatch(loss: CurveSignal, metric: CurveSignal) -> tuple[str, str] | None:
    """What the loss and the metric did, where that does not go together."""
    level = loss.size_of(loss.start)
    moved = (loss.blocks[-1] - loss.blocks[0]) / level if level else 0.0
    gain = _gain(metric)
    if abs(moved) <= STILL and _gained(metric, gain):
        return "stood still", "improved"
    if abs(moved) < LOSS_SHARE or not _lasts(loss):
        return None
    if moved < 0 and np.ptp(metric.values) == 0 and _may_improve(metric):
        return "fell", "never changed"
    if moved < 0 and gain < 0:
        return "fell", "got worse"
    if moved <= -HALVED and _stayed(metric):
        return "fell", "stayed where it was"
    if moved > 0 and gain > 0 and loss.series.split != "validation":
        return "rose", "improved"
    return None


def _gain(metric: CurveSignal) -> float:
    """By how much a metric improved (above 0) or got worse, where that is beyond its noise."""
    sign = 1.0 if metric.series.direction == Direction.HIGHER else -1.0
    gain = sign * (metric.blocks[-1] - metric.blocks[0])
    level = max(abs(metric.head), abs(metric.tail))
    clear = abs(gain) > max(METRIC_SIGMAS * metric.block_noise, METRIC_SHARE * level)
    return float(gain) if clear and _lasts(metric) else 0.0


def _lasts(curve: CurveSignal) -> bool:
    """Whether a series moved one way: steadily, or at first and then stayed there."""
    blocks = curve.blocks
    tau, p_value = curve.trend
    way = float(np.sign(blocks[-1] - blocks[0]))
    if abs(tau) >= TREND_TAU and p_value < TREND_P:
        return bool(way == np.sign(tau))
    moved, later = way * (blocks - blocks[0]), len(blocks) // 2
    return len(blocks) >= MIN_BLOCKS and bool((moved[later:] > 0.5 * moved[-1]).all())


def _gained(metric: CurveSignal, gain: float) -> bool:
    """Whether a score improved by much."""
    return score_at_end(metric) is not None and gain / best_possible(metric) >= SCORE_GAIN


def _stayed(metric: CurveSignal) -> bool:
    """Whether a score that is not good is the same throughout, but for little noise."""
    unit = best_possible(metric)
    calm = metric.noise / unit <= FLAT_NOISE
    flat = np.ptp(metric.blocks) <= max(METRIC_SIGMAS * metric.block_noise, FLAT * unit)
    return calm and bool(flat) and _may_improve(metric)


def _may_improve(metric: CurveSignal) -> bool:
    """Whether a constant metric is a score that is neither 0 nor good already."""
    score = score_at_end(metric)
    return score is not None and 0 < score < GOOD_SCORE


def _floor_finding(loss: CurveSignal, metric: CurveSignal, classes: int) -> Finding:
    floor = floor_of(classes)
    return Finding(
        check="loss-metric-mismatch",
        severity=Severity.WARNING,
        confidence=0.85,
        title="The loss stands where a softmax that is applied twice must leave it",
        message=f"`{loss.series.label}` stands at {number(loss.tail)} while "
        f"`{metric.series.label}` is {number(metric.tail)}. A softmax of a softmax over "
        f"{classes} classes cannot go below {number(floor)}, and each wrong answer adds to that.",
        why="The probabilities pass through a second softmax: the model is never sure, its "
        "gradients are small, and it learns more slowly than it could.",
        fixes=(
            "In PyTorch give raw scores to `nn.CrossEntropyLoss`, without a softmax before it.",
            "In Keras say `from_logits=False` where the last layer is a softmax.",
        ),
        tags=(loss.series.label, metric.series.label),
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        measured={"loss": loss.tail, "metric": metric.tail, "double_softmax_floor": floor},
        thresholds={"metric": MIN_ACCURACY},
        evidence=(
            CurveChart(
                title="The loss stops far above zero",
                curves=(reduce_series(loss),),
                y_label="loss",
            ),
        ),
    )


def _finding(
    loss: CurveSignal, metric: CurveSignal, words: tuple[str, str], severity: Severity
) -> Finding:
    of_loss, of_metric = words
    names: tuple[Series, Series] = (loss.series, metric.series)
    return Finding(
        check="loss-metric-mismatch",
        severity=severity,
        confidence=0.65 if severity == Severity.INFO else 0.9,
        title=f"The loss {of_loss} while the metric {of_metric}",
        message=f"`{names[0].label}` {of_loss} from {number(loss.head)} to {number(loss.tail)} "
        f"({percent(abs(loss.tail - loss.head) / max(abs(loss.head), 1e-300))}), and "
        f"`{names[1].label}` {of_metric}: {number(metric.head)} at first, {number(metric.tail)} at "
        "the end.",
        why="What is minimised is then not what is wanted, or the metric does not see it.",
        fixes=(
            "Compute the metric by hand on ten predictions, and hold outputs and targets against "
            "what the metric expects: shape, threshold, logits or probabilities.",
            "Use a metric that fits the task: balanced accuracy or the area under the PR curve for "
            "rare classes, none of accuracy for a regression.",
            "See that loss and metric get the same outputs, in the same mode.",
        ),
        tags=(names[0].label, names[1].label),
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        measured={
            "loss_change": (loss.tail - loss.head) / max(abs(loss.head), 1e-300),
            "metric_change": metric.tail - metric.head,
            "loss_trend_tau": loss.trend[0],
        },
        thresholds={"loss_change": LOSS_SHARE, "loss_trend_tau": TREND_TAU},
        evidence=(
            CurveChart(
                title=f"The loss {of_loss}",
                curves=(reduce_series(loss),),
                y_label="loss",
            ),
            CurveChart(
                title=f"The metric {of_metric}",
                curves=(reduce_series(metric),),
                y_label=" ".join(names[1].stem) or "metric",
            ),
        ),
    )
