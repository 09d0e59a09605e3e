"""Weights that begin constant, or far too large or too small for their layer.

What it looks for
-----------------
The first record of every kernel, or else the initialiser in the model's config. Constant:
all values are one, or every value occurs once for each unit, and that stays. Large: root
mean square times √(fan-in) above 7, where He's initialisation gives 1.4; the fan-in is the
number of values over that of the biases, or within the bounds that the size allows. Small:
so far below PyTorch's own 0.6 that a signal comes down to a thousandth through all layers.
A constant kernel that stays one is an error; too large or too small a scale is one only when
the run also does badly. Where no weights were logged: a classifier whose loss begins above
20 and is steadily worn down.

Why it matters
--------------
Units that begin alike get the same gradient and stay alike: a layer of them is worth a
single one. Weights of the wrong scale make the signal, and so the gradient, explode or
vanish from layer to layer before anything is learned.

How to fix
----------
He initialisation before ReLU and its kin, Glorot before tanh and sigmoid; zeros for biases
only.

When it is wrong
----------------
Pre-trained weights are not drawn at random, and stay within the limits. Normalisation and
skip connections undo a wrong scale: small weights are not reported where the model has
normalisation layers or the first layer gets its gradient. Where the first record is not of
step 0, steps that were too long may have thrown the weights: then biases as large show it.
Embeddings, biases, frozen layers and a last layer that begins at zero are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.advice import INSTRUMENT
from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.first_weights import first_weights, initialise_anew
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import Finding, Severity
from tblogreport.numbers import listed, number
from tblogreport.signals import Signals
from tblogreport.signals.gate import gated, held_up
from tblogreport.signals.initialization import (
    USUAL_GAIN,
    Beginning,
    beginnings,
    first_loss,
    gradients_arrive,
    is_normalised,
    shrinkage,
)
from tblogreport.signals.success import score_at_end
from tblogreport.signals.worn_down import NO_GUESS, worn_down

# RMS · √(fan-in): five times He's. Healthy layers were seen from 0.1 to 2.4.
LARGE_GAIN = 7.0
# What is left of a signal after all layers; and by how much two of them must be too small.
SHRINKAGE = 1e-3
SMALL_GAIN = USUAL_GAIN / 5
MIN_SMALL_LAYERS = 2
# So much more is a warning even where nothing tells how the run did.
EXTREME = 10.0
EXTREME_SHRINKAGE = 1e-6
# A score as good as this was not held back by the first weights.
FINE_SCORE = 0.9
# Where the first record is not the beginning: a bias this large was thrown with its kernel.
THROWN_BIAS = 0.2
# … and no initialisation is so far off.
THROWN_GAIN = 1e3


@check
def poor_initialization(signals: Signals) -> Sequence[Finding]:
    """Fire once: a constant kernel is named before a large one, that before small ones."""
    found = beginnings(signals)
    if not found:
        if signals.layers.of(TensorKind.KERNEL):
            return []  # of one unit, recurrent or frozen: nothing that could begin badly
        if told := _by_loss(signals):
            return [told]
        raise NotCheckable(f"no weights were logged; log them from step 0 on: {INSTRUMENT}")
    finding = _constant(signals, found) or _large(signals, found) or _small(signals, found)
    return [finding] if finding else []


def _constant(signals: Signals, found: Sequence[Beginning]) -> Finding | None:
    stays = [one for one in found if one.stays]
    alone = len(stays) == 1 < len(found)  # it may be a filter that is meant as it is
    if stays and not (alone and not stays[0].exact):
        severity, outcome = Severity.ERROR, ""
        if alone and signals.bad_outcome is False:
            severity, outcome = gated(signals, extreme=False)
        return _constant_finding(signals, stays, severity, outcome, 0.97)
    # Zeros that get their gradient are a habit of last layers, in residual branches too.
    begins = [one for one in found if one.value is not None and not one.output]
    begins = [one for one in begins if (one.value and one.exact) or one.tensor is None]
    if not begins or not signals.bad_outcome:
        return None
    severity, outcome = gated(signals, extreme=True)
    return _constant_finding(signals, begins, severity, outcome, 0.85)


def _constant_finding(
    signals: Signals,
    found: Sequence[Beginning],
    severity: Severity,
    outcome: str,
    confidence: float,
) -> Finding:
    names = tuple(one.layer for one in found)
    first = found[0]
    begin = "begin" if len(names) > 1 else "begins"
    if first.value is None:
        seen = "Every value occurs as often as the layer has units, in all records"
    elif first.stays:
        seen = f"All values are {number(first.value)} at the first record and stay alike"
    elif first.tensor is not None:
        seen = f"All values are {number(first.value)} at the first record"
    else:
        seen = f"The model's config fills them with {number(first.value)}"
    return _finding(
        signals,
        found,
        severity=severity,
        confidence=confidence,
        title=f"The weights of {listed(names)} {'are' if len(names) > 1 else 'is'} constant"
        if first.value is None
        else f"The weights of {listed(names)} {begin} constant",
        message=f"{seen}, so that all units of {first.layer} do the same. {outcome}".rstrip(),
        why="Units that begin alike get the same gradient and stay alike: the layer is worth a "
        "single unit.",
        measured={"constant_layers": len(names)},
        thresholds={"constant_layers": 0},
    )


def _large(signals: Signals, found: Sequence[Beginning]) -> Finding | None:
    large = [
        one
        for one in found
        if one.gain is not None
        and one.gain > LARGE_GAIN
        and (one.certain or not _may_be_thrown(one, one.gain))
    ]
    if not large:
        return None
    worst = max(large, key=lambda one: one.gain or 0.0)
    gain = worst.gain or 0.0
    delayed = held_up(signals)
    certain = all(one.certain for one in large)
    everywhere = len(large) > 1 and all(one in large or one.output for one in found)
    if not (certain or everywhere or signals.bad_outcome or delayed):
        return None
    severity, outcome = gated(
        signals,
        extreme=gain > EXTREME * LARGE_GAIN,
        worst=Severity.ERROR if certain else Severity.WARNING,
    )
    if delayed and severity == Severity.INFO:
        severity, outcome = Severity.WARNING, "The run spent much of its time to make up for it."
    levels = first_loss(signals)
    loss = (
        f" The loss begins at {number(levels[0])} and ends at {number(levels[1])}."
        if levels
        else ""
    )
    return _finding(
        signals,
        large,
        severity=severity,
        confidence=0.9 if certain else 0.65,
        title=f"The weights of {listed(tuple(one.layer for one in large))} begin far too large",
        message=f"The weights of {worst.layer} make what they get "
        f"{'' if worst.exact else 'at least '}{number(gain, 2)} times as large (root mean square "
        f"times √(fan-in)), where 1 to 1.4 is usual.{loss} {outcome}",
        why="Every such layer multiplies the signal: the first outputs, the first loss and its "
        "gradients are enormous, or the activations are stuck at their ends.",
        measured={"gain": gain},
        thresholds={"gain": LARGE_GAIN},
    )


def _by_loss(signals: Signals) -> Finding | None:
    """What the loss alone tells of the first outputs."""
    levels = worn_down(signals)
    if levels is None:
        return None
    metric = signals.context.validation_metric or signals.metric
    score = score_at_end(signals.curve(metric)) if metric is not None else None
    fine = score is not None and score >= FINE_SCORE
    return _finding(
        signals,
        (),
        severity=Severity.INFO if fine else Severity.WARNING,
        confidence=0.7,
        title="The loss begins far above that of a mere guess",
        message=f"The loss begins at {number(levels[0])} and comes down to {number(levels[1])} "
        "over the run, where guessing among C classes costs no more than ln C: the first outputs "
        "are enormous, by the initial weights or by inputs that are not scaled. Weights were not "
        "logged; they would tell which.",
        why="The run spends its time on wearing down what it began with, instead of learning.",
        measured={"first_loss": levels[0]},
        thresholds={"first_loss": NO_GUESS},
    )


def _may_be_thrown(one: Beginning, gain: float) -> bool:
    """Whether steps before the first record may have made the weights so large.

    They make the biases large with them, but for those of a last layer behind large outputs.
    """
    return one.output or one.bias_share >= THROWN_BIAS or gain > THROWN_GAIN


def _small(signals: Signals, found: Sequence[Beginning]) -> Finding | None:
    left = shrinkage(tuple(found))
    small = [one for one in found if one.gain and one.value is None and one.gain < SMALL_GAIN]
    if left >= SHRINKAGE or len(small) < MIN_SMALL_LAYERS or signals.bad_outcome is False:
        return None
    if any(one.shrinks for one in small) or is_normalised(signals) or gradients_arrive(signals):
        return None
    severity, outcome = gated(signals, extreme=left < EXTREME_SHRINKAGE)
    smallest = min(small, key=lambda one: one.gain or 0.0)
    return _finding(
        signals,
        small,
        severity=severity,
        confidence=0.9 if all(one.certain for one in small) else 0.8,
        title=f"The weights of {listed(tuple(one.layer for one in small))} begin far too small",
        message=f"The weights of {smallest.layer} make what they get "
        f"{'' if smallest.exact else 'at most '}{number(smallest.gain or 0.0, 2)} times as large, "
        f"where 0.6 to 1.4 is usual. Through all {len(found)} layers a signal comes down to "
        f"{number(left, 2)} of its size. {outcome}",
        why="A signal that is lost on its way to the output brings no gradient back: the first "
        "layers have nothing to learn from.",
        measured={"shrinkage": left, "small_layers": len(small)},
        thresholds={"shrinkage": SHRINKAGE, "small_layers": MIN_SMALL_LAYERS},
    )


def _finding(
    signals: Signals,
    found: Sequence[Beginning],
    *,
    severity: Severity,
    confidence: float,
    title: str,
    message: str,
    why: str,
    measured: dict[str, float | int],
    thresholds: dict[str, float | int],
) -> Finding:
    tensors = [one.tensor for one in found if one.tensor is not None]
    step = int(tensors[0].steps[0]) if tensors else None
    return Finding(
        check="poor-initialization",
        severity=severity,
        confidence=confidence,
        title=title,
        message=message,
        why=why,
        fixes=initialise_anew(signals, found),
        tags=tuple(t.label for t in tensors) or _judged_by(signals),
        layer=found[0].layer if found else None,
        steps=(step, step) if step is not None else None,
        measured=measured,
        thresholds=thresholds,
        references=(
            "He, Zhang, Ren, Sun: Delving deep into rectifiers (2015)",
            "Glorot, Bengio: Understanding the difficulty of training deep feedforward neural "
            "networks (2010)",
        ),
        evidence=first_weights(signals, found, title),
    )


def _judged_by(signals: Signals) -> tuple[str, ...]:
    return (signals.loss.label,) if signals.loss is not None else ()
