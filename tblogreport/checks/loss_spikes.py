"""The train loss jumps far above its level at single moments.

What it looks for
-----------------
In the most detailed recording of the train loss: points more than eight robust deviations
above the level before them that undo a fifth of the progress or more. They last for some
points, or stand out from the tails of the noise on either side. Three of them are a warning,
and so is one that undoes half of the progress and takes five points or more to recover from.

Why it matters
--------------
One broken batch, or one step that was too long, undoes what many good ones did. Where the
loss comes back, time was lost; at a higher learning rate it will not come back.

How to fix
----------
Look at the batches of those steps; clip the gradient norm; skip steps whose norm is far too
large; lower Adam's second beta; warm the learning rate up for longer.

When it is wrong
----------------
A few hard or mislabelled samples in small batches look like broken batches. New data in the
middle of a run, and restarts of a schedule that was not logged, make the loss jump as well;
they take long to recover from, and such jumps are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.clipping import clip_advice
from tblogreport.checks.jumps import (
    LARGE_RISE,
    MANY,
    MIN_RISE,
    MOST_SHARE,
    Jumps,
    detailed_train_loss,
    loss_jumps,
    together,
)
from tblogreport.checks.needs import abstain_by_kind, points_of
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import integer, number, share_of, times
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.places import place_of, places_of, stretch_of
from tblogreport.signals.spikes import MIN_POINTS, SIGMAS, Spike

_MARKED = 3


@check
def loss_spikes(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the most detailed recording of the train loss."""
    abstain_by_kind(signals)
    curve = detailed_train_loss(signals)
    if curve is None:
        raise NotCheckable(
            "no train loss was recognised; log it at every step or every few steps "
            "(PyTorch `add_scalar('train/loss', loss.item(), step)`)"
        )
    if len(curve) < MIN_POINTS:
        raise NotCheckable(
            f"`{curve.series.label}` has {points_of(curve)} and the check needs {MIN_POINTS}; log "
            "the loss of every batch or every few (Keras `TensorBoard(update_freq=1)`, PyTorch "
            "`add_scalar('train/loss', loss.item(), step)`)"
        )
    if signals.begins_anew is not None:
        raise NotCheckable(signals.begins_anew)
    jumps = loss_jumps(signals, curve)
    return [_finding(signals, jumps)] if jumps is not None else []


def _finding(signals: Signals, jumps: Jumps) -> Finding:
    curve, largest, count = jumps.curve, jumps.largest, len(jumps.spikes)
    norm, beside = _gradient(signals, jumps)
    lasting = any(spike.lasting for spike in jumps.spikes)
    return Finding(
        check="loss-spikes",
        severity=Severity.WARNING if jumps.serious else Severity.INFO,
        confidence=_confidence(jumps, beside),
        title=f"The loss jumped {times(count)}"
        + (f", at {place_of(curve.series, largest.step)}" if count == 1 else "")
        + (" and did not come back" if count == 1 and largest.back is None else ""),
        message=_message(jumps, norm, beside),
        why="Each jump undoes what many steps before it did"
        + (
            ", and time is spent on getting back to where the loss was."
            if lasting
            else ", and its batch may hold what the model should not learn."
        ),
        fixes=_fixes(signals, jumps),
        tags=(curve.series.label, *((norm.series.label,) if norm is not None and beside else ())),
        steps=(jumps.spikes[0].step, jumps.spikes[-1].step),
        measured={
            "spikes": count,
            "largest_in_noise": largest.sigmas,
            "rise_of_progress": largest.rise / jumps.extent,
            "level": largest.level,
            "peak": largest.value,
            "peak_step": largest.step,
            "share_of_points": jumps.share,
            "recovered": "no" if largest.back is None else "yes",
        }
        | ({"with_gradient_norm": beside} if norm is not None else {}),
        thresholds={
            "spikes": MANY,
            "largest_in_noise": SIGMAS,
            "rise_of_progress": MIN_RISE,
            "share_of_points": MOST_SHARE,
        },
        references=(
            "Chowdhery et al.: PaLM, section 5.1 (2022)",
            "Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks "
            "(2013)",
        ),
        evidence=_evidence(jumps, norm if beside else None),
    )


def _gradient(signals: Signals, jumps: Jumps) -> tuple[CurveSignal | None, int]:
    """The gradient norm where it was logged often enough, and how many jumps it shares."""
    series = signals.context.gradient_norm
    if series is None or len(signals.curve(series)) < MIN_POINTS:
        return None, 0
    norm = signals.curve(series)
    return norm, together(jumps.curve, jumps.spikes, norm, signals.spikes(series))


def _confidence(jumps: Jumps, beside: int) -> float:
    if beside >= max(1, len(jumps.spikes) // 2):
        return 0.95
    return 0.85 if jumps.serious else 0.6


def _message(jumps: Jumps, norm: CurveSignal | None, beside: int) -> str:
    curve, largest, count = jumps.curve, jumps.largest, len(jumps.spikes)
    which = "" if count == 1 else ", furthest"
    said = (
        f"`{curve.series.label}` jumped {times(count)} far above its level{which} at "
        f"{place_of(curve.series, largest.step)}, from {number(largest.level)} to "
        f"{number(largest.value)}: "
        f"{share_of(largest.rise / jumps.extent, 'all that it had gained')}. "
        f"{_recovery(curve, largest)}"
    )
    if norm is not None:
        where = "there" if count == 1 else f"at {integer(beside)} of them"
        moved = f"jumped {where} as well" if beside else "did not jump there"
        said += f" `{norm.series.label}` {moved}."
    if any(spike.lasting for spike in jumps.spikes):
        return (
            f"{said} Several points in a row are far out: a step that was too long threw the "
            "weights off, more than that one batch is unlike the others."
        )
    return said + " Those batches are unlike the others: the points beside them are as usual."


def _recovery(curve: CurveSignal, spike: Spike) -> str:
    if spike.back is None:
        return "It has not come back to its level since."
    if not curve.increasing:
        return f"It was back after {integer(spike.back - spike.first)} points."
    steps = int(curve.steps[spike.back] - curve.steps[spike.first])
    return f"It was back after {stretch_of(curve.series, steps)}."


def _fixes(signals: Signals, jumps: Jumps) -> tuple[str, ...]:
    highest = sorted(jumps.spikes, key=lambda spike: -spike.rise)[:_MARKED]
    places = places_of(jumps.curve.series, sorted(spike.step for spike in highest))
    batches = (
        f"Look at the batch{'es' * (len(highest) > 1)} of {places}: values out of "
        "range or not scaled like the others, wrong labels, empty samples. Log the indices of "
        "the samples with the loss, and drop what is broken."
    )
    skip = (
        "Skip a step whose gradient norm is more than five times its running median: PyTorch "
        "`if norm < 5 * usual: optimizer.step()`, with `norm` from `clip_grad_norm_`."
    )
    if not any(spike.lasting for spike in jumps.spikes):
        return (batches, clip_advice(signals), skip)
    beta = (
        "With Adam, forget old gradients sooner: Keras `Adam(beta_2=0.95)`, PyTorch "
        "`Adam(…, betas=(0.9, 0.95))`; and warm the learning rate up for longer."
    )
    back = (
        f"Go back to the checkpoint before {place_of(jumps.curve.series, jumps.largest.step)} and "
        "leave out the batches around it.",
    )
    lost = any(s.back is None or s.rise >= LARGE_RISE * jumps.extent for s in jumps.spikes)
    return (clip_advice(signals), batches, beta, *(back if lost else ()))


def _evidence(jumps: Jumps, norm: CurveSignal | None) -> tuple[CurveChart, ...]:
    highest = sorted(jumps.spikes, key=lambda spike: -spike.rise)[:_MARKED]
    marks = tuple(Mark("jump", s.step, s.step) for s in sorted(highest, key=lambda s: s.first))
    charts = [
        CurveChart(
            title="The loss jumps far above its level",
            curves=(reduce_series(jumps.curve),),
            marks=marks if jumps.curve.increasing else (),
            y_label="loss",
        )
    ]
    if norm is not None:
        charts.append(
            CurveChart(
                title="The gradient norm jumps with it",
                curves=(reduce_series(norm),),
                y_label="gradient norm",
            )
        )
    return tuple(charts)
