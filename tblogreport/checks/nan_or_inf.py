"""Values that are not finite: NaN or infinity in losses, weights or gradients.

What it looks for
-----------------
Any non-finite value in a scalar, and histograms of tensors that hold no finite
value. The first place and step are named, with what led up to it: the loss and
the gradient norm before, and whether the run recovered. A loss that stays
non-finite, or is so at half of its points, is an error; one that recovers is a
warning. A metric that is NaN while the loss is finite is left alone: many writers use
NaN for "not evaluated yet".

Why it matters
--------------
A NaN in the loss makes every weight NaN at the next update, and no later step can
bring them back: all training after it is wasted.

How to fix
----------
Lower the learning rate or warm it up if the loss grew before; clip the gradient
norm; look for a logarithm of zero, a division by zero or an overflow of float16 in
the loss if it came out of nothing; check the input for NaN.

When it is wrong
----------------
Mixed-precision training skips single steps with infinite gradients on purpose:
isolated non-finite gradient norms are not reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.clipping import clip_advice
from tblogreport.context.layers import Tensor
from tblogreport.context.series import LOSSES, Role, Series
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import capital, integer, listed, number
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.histogram import is_empty
from tblogreport.signals.places import place_of, place_of_record

# A rise of the loss to this many times its best, just before, is a lead-up.
LEAD_UP_FACTOR = 3.0
# … and it must undo this share of all progress.
LEAD_UP_SHARE = 0.3
# How many finite points before the first non-finite one count as "just before".
_LEAD_UP_POINTS = 10
_WATCHED = (TensorKind.KERNEL, TensorKind.BIAS, TensorKind.SCALE, TensorKind.GRADIENT)

_VALIDATION_DATA = (
    "Look at the validation set: whether it is empty, holds NaN, or leaves an average over no "
    "batches.",
)


@dataclass(frozen=True)
class _Failure:
    """One loss with non-finite values."""

    series: Series
    first: int  # index of the first non-finite value
    count: int
    for_good: bool


@check
def nan_or_inf(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the loss where there is one, else on the tensors."""
    context = signals.context
    if not context.series and not context.layers.tensors:
        raise NotCheckable("no scalar and no histogram was logged")
    losses = [f for s in context.series if s.role in LOSSES and (f := _failure(s))]
    tensors = [t for t in context.layers.tensors if t.kind in _WATCHED and _first_empty(t) >= 0]
    if losses:
        return [_loss_finding(signals, losses, tensors)]
    return [_tensor_finding(signals, tensors)] if tensors else []


def _failure(series: Series) -> _Failure | None:
    bad = np.flatnonzero(~np.isfinite(series.values))
    if not len(bad):
        return None
    return _Failure(series, int(bad[0]), len(bad), bool(bad[-1] == len(series) - 1))


def _first_empty(tensor: Tensor) -> int:
    """Index of the first record without a finite value, -1 where there is none."""
    for index, counts in enumerate(tensor.counts):
        if is_empty(counts) and len(counts):
            return index
    return -1


def _loss_finding(signals: Signals, failures: list[_Failure], tensors: list[Tensor]) -> Finding:
    failure = min(failures, key=lambda f: f.series.wall_times[f.first])
    series = failure.series
    curve = signals.curve(series)
    step, last = int(series.steps[failure.first]), int(series.steps[-1])
    place = place_of(series, step)
    value = "NaN" if np.isnan(series.values[failure.first]) else "infinite"
    lasting = any(f.for_good or f.count > len(f.series) / 2 for f in failures)
    rise = lead_up(series, failure.first)
    gradient_rise = _gradient_lead_up(signals, step)
    message = (
        f"`{series.label}` is {value} at {place}"
        + (" and never finite again" if failure.for_good else "")
        + f" ({integer(failure.count)} of {integer(len(series))} points)."
    )
    held_out = signals.context.train_loss is not None and all(
        f.series.role == Role.VALIDATION_LOSS for f in failures
    )
    clip = clip_advice(signals, float(series.wall_times[failure.first]))
    message += _before(series, failure.first, rise, gradient_rise)
    if tensors:
        names = tuple(dict.fromkeys(t.layer for t in tensors))
        message += f" Tensors without a finite value: {listed(names)}."
    return Finding(
        check="nan-or-inf",
        severity=Severity.ERROR if lasting else Severity.WARNING,
        confidence=1.0,
        title=f"The {'validation ' if held_out else ''}loss is {value} "
        + (f"from {place} on" if failure.for_good else f"at {place}"),
        message=message,
        why="The train loss stays finite, so that the weights are sound: what is validated on, or "
        "how its loss is averaged, is not."
        if held_out
        else "A non-finite loss makes every weight non-finite at the next update; no later step "
        "brings them back."
        if lasting
        else "Single non-finite losses are updates that were lost or nearly ended the run.",
        fixes=(*(_VALIDATION_DATA if held_out else ()), *_fixes(rise or gradient_rise, clip)),
        tags=tuple(f.series.label for f in failures),
        steps=(step, last),
        measured={
            "first_step": step,
            "nonfinite_points": failure.count,
            "only_validation": "yes" if held_out else "no",
            "recovered": "no" if lasting else "yes",
            "loss_rise_before": rise if rise is not None else "none",
            "gradient_rise_before": gradient_rise if gradient_rise is not None else "none",
        },
        thresholds={"nonfinite_points": 0, "loss_rise_before": LEAD_UP_FACTOR},
        evidence=_charts(curve, step),
    )


def lead_up(series: Series, first: int) -> float | None:
    """How many times its best the loss had reached just before point `first`, if it rose."""
    before = series.values[max(0, first - _LEAD_UP_POINTS) : first]
    history = series.values[:first]
    history = history[np.isfinite(history)]
    before = before[np.isfinite(before)]
    if not len(before) or history.min() <= 0:
        return None
    before = before[-(len(history) - int(np.argmin(history))) :]  # what came after the best
    factor = float(before.max() / history.min())
    regained = before.max() - history.min() > LEAD_UP_SHARE * (history[0] - history.min())
    if not regained:  # a loss near zero wanders by large factors and small amounts
        return None
    risen_last = before.max() > LEAD_UP_FACTOR * np.median(history) or before[-1] > 2 * history[0]
    return factor if factor >= LEAD_UP_FACTOR and risen_last else None


def _gradient_lead_up(signals: Signals, step: int) -> float | None:
    norm = signals.context.gradient_norm
    if norm is None:
        return None
    before = norm.values[norm.steps <= step]
    finite = before[np.isfinite(before)]
    if len(finite) < 5:
        return None
    factor = float(finite[-_LEAD_UP_POINTS:].max() / np.median(finite)) if finite.any() else 0.0
    return factor if factor >= 10 * LEAD_UP_FACTOR else None


def _before(series: Series, first: int, rise: float | None, gradient: float | None) -> str:
    if first == 0:
        return " It was so from its first logged point on."
    parts = f" Before that it was {number(float(series.values[first - 1]))}"
    if rise is not None:
        parts += f", after rising to {number(rise, 2)} times its best"
    if gradient is not None:
        parts += f", and the gradient norm had grown to {number(gradient, 2)} times its median"
    if rise is None and gradient is None:
        parts += ", with no sign of trouble in the loss"
    return parts + "."


def _fixes(grew: float | None, clip: str) -> tuple[str, ...]:
    stability = (
        "Lower the learning rate tenfold, or warm it up over the first few hundred steps.",
        clip,
    )
    arithmetic = (
        "Look in the loss for log(0), a division by zero or the root of zero, and add a small "
        "epsilon; use the from-logits form of the loss (Keras `from_logits=True`, PyTorch "
        "`CrossEntropyLoss` on raw logits).",
        "Check inputs and targets there for NaN (Keras `tf.debugging.enable_check_numerics()`"
        ", PyTorch `torch.autograd.set_detect_anomaly(True)`).",
    )
    closing = ("Under mixed precision, use loss scaling, or bfloat16 instead of float16.",)
    return (stability + arithmetic if grew is not None else arithmetic + stability) + closing


def _charts(curve: CurveSignal, step: int) -> tuple[CurveChart, ...]:
    return (
        CurveChart(
            title="The loss up to its first non-finite value",
            curves=(reduce_series(curve),),
            marks=(Mark("first non-finite", step, step),),
            y_label="loss",
        ),
    )


def _tensor_finding(signals: Signals, tensors: list[Tensor]) -> Finding:
    first = min(tensors, key=lambda t: t.wall_times[_first_empty(t)])
    step = int(first.steps[_first_empty(first)])
    place = place_of_record(signals, first.steps, step)
    names = tuple(dict.fromkeys(t.layer for t in tensors))
    return Finding(
        check="nan-or-inf",
        severity=Severity.ERROR,
        confidence=0.97,
        title=capital(f"{first.layer} holds no finite value from {place} on"),
        message=f"`{first.label}` holds no finite value at {place}; "
        f"{integer(len(names))} layer{'s' * (len(names) != 1)} became so: {listed(names)}.",
        why="A layer whose weights are not finite makes every output and every later update NaN.",
        fixes=_fixes(None, clip_advice(signals, float(first.wall_times[_first_empty(first)]))),
        tags=tuple(t.label for t in tensors),
        layer=first.layer,
        steps=(step, int(first.steps[-1])),
        measured={"first_step": step, "layers": len(names)},
        thresholds={"layers": 0},
    )
