"""Gradients explode: towards the input, over the run, or in a step that throws it.

What it looks for
-----------------
The gradient of the first kernel, from its histogram or else its logged norm: over 70 times
that of the last ones in most records. The norm of the whole gradient: over 100 times its
typical value at the start, and that beyond what the loss grew. In a recurrent layer: a
gradient that once was thousands of times the weights and its own later size, weights that
lie thousands of times above any initial value, or a loss of single steps that rises a
millionfold within five of them. It is an error only when the run also does badly.

Why it matters
--------------
One such step moves the weights as far as thousands of usual ones do: what was learned is
lost, and often the numbers overflow.

How to fix
----------
Clip the norm of the gradient at what is usual for it; initialise recurrent kernels
orthogonally; LSTM or GRU cells, normalisation, shorter sequences. If more than half of the
steps get clipped, the learning rate is too high.

When it is wrong
----------------
Gradients grow where the loss does, which is then the finding, and where a network leaves a
plateau that it started on. The first steps of a warm-up are the start that later ones are
held against. Embeddings and normalisation layers are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tblogreport.checks.advice import CLIP_GRADIENTS, INSTRUMENT, clip_at
from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.clipping import clip_before_growth
from tblogreport.context.layers import Tensor
from tblogreport.context.series import Series
from tblogreport.findings import CurveChart, Evidence, Finding, HeatMap, Mark, Severity
from tblogreport.numbers import integer, number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import band_chart, heat_map, reduce_series
from tblogreport.signals.gate import gated, held_up
from tblogreport.signals.gradients import (
    GradientNorm,
    gradient_norm,
    kernel_gradients,
    measure_growth,
    rms_grid,
)
from tblogreport.signals.kernels import has_recurrence, one_a_layer
from tblogreport.signals.places import place_of, place_of_record
from tblogreport.signals.recurrence import LOSS_STEPS, against_weights, largest_gain, loss_rise

MIN_LAYERS = 3
MIN_RECORDS = 2
# First over last gradient RMS, and the share of the records that must agree.
DEPTH_RATIO = 70.0
PERSISTENT_SHARE = 0.7
# The largest gradient over that of the start, and the same beyond what the loss grew.
GROWTH = 100.0
# The share of later points near the peak that makes more of it than a spike.
LASTING_SHARE = 0.05
# So much beyond its threshold a symptom is a warning where nothing tells the outcome.
EXTREME = 100.0
# In recurrent layers: gradient over weights and over its usual size; the gain of weights,
# which is about 1 at the start; and the rise of the loss of single steps.
AGAINST_WEIGHTS = 1e3
THROWN = 1e4
LOSS_RISE = 1e6


@check
def exploding_gradients(signals: Signals) -> Sequence[Finding]:
    """Fire once, by the most direct of the ways in which an explosion shows."""
    gradients = one_a_layer(kernel_gradients(signals, MIN_RECORDS))
    norm = gradient_norm(signals)
    found = (
        (_over_the_run(signals, norm) if norm else None)
        or _over_depth(signals, gradients)
        or _against_weights(signals)
        or _thrown(signals)
        or _loss_rise(signals)
    )
    if found:
        return [found]
    if len(gradients) < MIN_RECORDS and (norm is None or measure_growth(signals, norm) is None):
        raise NotCheckable(
            "neither gradients of two layers at two steps nor a gradient norm over the run were "
            f"logged; {INSTRUMENT}"
        )
    return []


def _over_the_run(signals: Signals, norm: GradientNorm) -> Finding | None:
    """The gradient grew far beyond the loss, for good or to the run's loss."""
    growth = measure_growth(signals, norm)
    if growth is None or growth.excess < GROWTH:
        return None
    lost = signals.loss_is_lost and growth.at >= len(norm) - 2
    if growth.share < LASTING_SHARE and not (lost or signals.bad_outcome):
        return None  # a spike that the run got over
    step = int(norm.steps[growth.at])
    fold = number(growth.factor, 2)
    title = f"The gradient grows to {fold} times its first size"
    evidence: Evidence
    if norm.series is not None:
        place = place_of(norm.series, step)
        evidence = _curve(signals, norm.series, title, "gradient norm", (step, step))
    else:
        place = place_of_record(signals, norm.steps, step)
        evidence = _heat_map(signals, kernel_gradients(signals, MIN_RECORDS), title)
    return _finding(
        signals,
        title=title,
        message=f"The gradient norm is {number(growth.peak)} at {place}, against "
        f"{number(growth.early)} at the start. The loss had grown {number(growth.loss_factor, 2)}"
        "-fold until then, which does not explain it.",
        harmed=Severity.ERROR if lost else None,
        extreme=growth.excess >= EXTREME * GROWTH,
        measured={"growth": growth.factor, "growth_beyond_loss": growth.excess},
        thresholds={"growth": GROWTH, "growth_beyond_loss": GROWTH},
        tags=norm.labels,
        steps=(step, int(norm.steps[-1])),
        evidence=evidence,
    )


def _over_depth(signals: Signals, gradients: Sequence[Tensor]) -> Finding | None:
    """The first kernel's gradient is far above the last ones' in most records."""
    if len(gradients) < MIN_LAYERS:
        return None
    _, rms = rms_grid(signals, gradients)
    usable = np.isfinite(rms).all(axis=0) & (rms > 0).all(axis=0)
    if usable.sum() < MIN_RECORDS:
        return None
    ratios = rms[0, usable] / np.maximum(rms[-1, usable], rms[-2, usable])
    share, ratio = float(np.mean(ratios > DEPTH_RATIO)), float(np.median(ratios))
    if share < PERSISTENT_SHARE:
        return None
    first, last = gradients[0], gradients[-1]
    return _finding(
        signals,
        title=f"Gradients explode towards {first.layer}",
        message=f"The gradient of {first.layer} is {number(ratio, 2)} times that of the last "
        f"layers (median over {integer(int(usable.sum()))} records; above {number(DEPTH_RATIO)} "
        f"in {percent(share)} of them).",
        extreme=ratio >= EXTREME * DEPTH_RATIO,
        measured={"depth_ratio": ratio, "share_of_records": share},
        thresholds={"depth_ratio": DEPTH_RATIO, "share_of_records": PERSISTENT_SHARE},
        tags=tuple(t.label for t in gradients),
        steps=(int(first.steps[0]), int(first.steps[-1])),
        evidence=_heat_map(signals, gradients, f"Gradients grow from {last.layer} to the input"),
        layer=first.layer,
    )


def _against_weights(signals: Signals) -> Finding | None:
    """A recurrent kernel's gradient once was enormous."""
    seen = against_weights(signals)
    if seen is None or min(seen.over_weights, seen.over_typical) < AGAINST_WEIGHTS:
        return None
    layer, step = seen.kernel.layer, int(seen.gradient.steps[seen.at])
    place = place_of_record(signals, seen.gradient.steps, step)
    title = f"The gradient of {layer} explodes through time"
    extreme = min(seen.over_weights, seen.over_typical) >= EXTREME * AGAINST_WEIGHTS
    return _finding(
        signals,
        title=title,
        message=f"At {place} the gradient of the recurrent kernel of {layer} is "
        f"{number(seen.over_weights, 2)} times its weights and {number(seen.over_typical, 2)} "
        "times its typical size in this run.",
        harmed=Severity.WARNING if extreme and held_up(signals) else None,
        extreme=extreme,
        measured={"over_weights": seen.over_weights, "over_typical": seen.over_typical},
        thresholds={"over_weights": AGAINST_WEIGHTS, "over_typical": AGAINST_WEIGHTS},
        tags=(seen.gradient.label, seen.kernel.label),
        steps=(step, int(seen.gradient.steps[-1])),
        evidence=band_chart(signals, seen.gradient, title, (Mark("exploded", step, step),)),
        layer=layer,
    )


def _thrown(signals: Signals) -> Finding | None:
    """Recurrent weights are where no initialisation and no usual step takes them."""
    found = largest_gain(signals)
    if found is None or found[1] < THROWN or not signals.bad_outcome:
        return None
    kernel, gain = found
    title = f"A step has thrown the weights of {kernel.layer}"
    return _finding(
        signals,
        title=title,
        message=f"The recurrent weights of {kernel.layer} multiply what they get by "
        f"{number(gain, 2)}, where 1 is usual. Only a gradient that exploded takes them there, "
        "in a step that was not recorded.",
        extreme=True,
        measured={"gain": gain},
        thresholds={"gain": THROWN},
        tags=(kernel.label,),
        steps=(int(kernel.steps[0]), int(kernel.steps[-1])),
        evidence=band_chart(signals, kernel, title),
        layer=kernel.layer,
        confidence=0.75,
    )


def _loss_rise(signals: Signals) -> Finding | None:
    """The loss of single steps shot up, and the run is lost."""
    rise = loss_rise(signals)
    if rise is None or rise.factor < LOSS_RISE or not (signals.loss_is_lost or signals.bad_outcome):
        return None
    rose = f"rises {number(rise.factor, 2)}-fold within {LOSS_STEPS} steps"
    return _finding(
        signals,
        title=f"The loss of a recurrent model {rose}",
        message=f"The loss `{rise.series.label}` {rose}, from step {integer(rise.first)} on. A "
        "gradient that exploded through time does that; it came in a step that was not recorded.",
        harmed=Severity.ERROR,
        extreme=True,
        measured={"loss_rise": rise.factor},
        thresholds={"loss_rise": LOSS_RISE},
        tags=(rise.series.label,),
        steps=(rise.first, rise.last),
        evidence=_curve(signals, rise.series, f"The loss {rose}", "loss", (rise.first, rise.last)),
        confidence=0.75,
    )


def _finding(
    signals: Signals,
    *,
    title: str,
    message: str,
    extreme: bool,
    measured: Mapping[str, float],
    thresholds: Mapping[str, float],
    tags: tuple[str, ...],
    steps: tuple[int, int],
    evidence: Evidence,
    layer: str | None = None,
    harmed: Severity | None = None,
    confidence: float = 0.9,
) -> Finding:
    """The finding; `harmed` is its severity where what was seen is itself the harm."""
    severity, outcome = gated(signals, extreme=extreme)
    if harmed is not None and harmed.rank < severity.rank:
        severity, outcome = harmed, "The run was held up or lost by it."
    return Finding(
        check="exploding-gradients",
        severity=severity,
        confidence=confidence,
        title=title,
        message=f"{message} {outcome}",
        why="One step with such a gradient moves the weights as far as thousands of usual ones: "
        "what was learned is lost.",
        fixes=_fixes(signals),
        tags=tags,
        layer=layer,
        steps=steps,
        measured=measured,
        thresholds=thresholds,
        references=("Pascanu, Mikolov, Bengio: On the difficulty of training RNNs (2013)",),
        evidence=(evidence,),
    )


def _fixes(signals: Signals) -> tuple[str, ...]:
    clip = f"{_clip(signals)} If more than half of the steps get clipped, cut the learning rate."
    if has_recurrence(signals.context.layers):
        return (
            clip,
            "Initialise recurrent kernels orthogonally: Keras `recurrent_initializer='orthogonal'`"
            ", PyTorch `nn.init.orthogonal_(rnn.weight_hh_l0)`.",
            "Use cells with gates, Keras `LSTM(…)` or `GRU(…)`, PyTorch `nn.LSTM(…)` or "
            "`nn.GRU(…)`, or cut the sequences into shorter ones.",
        )
    return (
        clip,
        "Start with He initialisation: Keras `kernel_initializer='he_normal'`, PyTorch "
        "`nn.init.kaiming_normal_(layer.weight)`.",
        "Normalise between layers: Keras `LayerNormalization()`, PyTorch `nn.LayerNorm(n)`.",
    )


def _clip(signals: Signals) -> str:
    """The order to clip, by the norm that was logged, else by that of the kernels' gradients."""
    if signals.context.gradient_norm is not None:
        return clip_before_growth(signals)
    norm = gradient_norm(signals)
    usual = norm.usual if norm is not None and len(norm) >= MIN_LAYERS else None
    return clip_at(usual, "the 90th percentile of what was logged") if usual else CLIP_GRADIENTS


def _heat_map(signals: Signals, tensors: Sequence[Tensor], title: str) -> HeatMap:
    rms = [signals.tensor(t).rms for t in tensors]
    return heat_map(signals, tensors, rms, title=title, quantity="gradient RMS", log=True)


def _curve(
    signals: Signals, series: Series, title: str, label: str, at: tuple[int, int]
) -> CurveChart:
    curves = (reduce_series(signals.curve(series)),)
    return CurveChart(title=title, curves=curves, marks=(Mark("exploded", *at),), y_label=label)
