"""A layer's weights grow out of all proportion, or collapse to zero.

What it looks for
-----------------
The root mean square of a kernel's values, record by record, with the bounds that the
buckets allow. Growth: over 10 times the level of the first tenth at the end, rising over
the whole run and still in its second half (by a fifth of it in the log, or by 0.35 of the size
that was gained), to more than three times what any initialisation gives; or, unless the run did
well, over 20 times that level in a jump. In a run that did badly whose first record is not of
step 0, also 20 times what He's initialisation gives. Collapse: below a hundredth of the first
level at the end. A warning where the run also does badly, and an error for a collapse; else a
note.

Why it matters
--------------
Ever larger weights make ever larger outputs and steeper losses, until numbers overflow or
activations are stuck at their ends. Weights of zero pass nothing on.

How to fix
----------
Weight decay, a lower learning rate, clipping and normalisation against growth; less weight
decay against collapse.

When it is wrong
----------------
Weights that begin close to zero grow a lot at first and then level off: that is training,
as is slow growth of a classifier that is still getting surer. Layers before a normalisation
may grow without harm, as their scale is divided out again, and the last layer of a
regression has to where its targets are large; a run that did well gets a note at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from tblogreport.checks.advice import LOG_WEIGHTS
from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.clipping import clip_advice
from tblogreport.context.layers import Tensor
from tblogreport.findings import Evidence, Finding, Mark, Severity
from tblogreport.numbers import integer, listed, number
from tblogreport.signals import Signals
from tblogreport.signals.charts import band_chart, heat_map
from tblogreport.signals.curve import kendall
from tblogreport.signals.gate import gated
from tblogreport.signals.initialization import LARGEST_GAIN, is_before_training
from tblogreport.signals.kernels import fan_in, kernels, likely_gains
from tblogreport.signals.places import place_of_record

MIN_RECORDS = 5
# Root mean square at the end over that of the first tenth.
GROWTH = 10.0
JUMP = 20.0
COLLAPSE = 0.01
# Growth goes on where the second half has this share of it, in the log or, for straight growth,
# of the size itself, and the trend over the run is significant.
LATE_SHARE = 0.2
LATE_STRAIGHT = 0.35
P_VALUE = 0.01
# Weights that come up from next to nothing to this size, in that of He's, were only too small.
LARGE = 3.0
# So much beyond its threshold is a warning even where nothing tells how the run did.
EXTREME = 10.0
_END_SHARE = 0.1


class _Way(Enum):
    GROWS = "grow without levelling off"
    JUMPED = "jumped far above their usual size"
    COLLAPSED = "collapse to zero"


@dataclass(frozen=True)
class _Moved:
    """One kernel that left its first size."""

    kernel: Tensor
    way: _Way
    factor: float  # end over start, what the buckets prove at least
    at_once: bool = False  # before the first record: over He's initialisation instead


@check
def weight_growth(signals: Signals) -> Sequence[Finding]:
    """Fire once, naming every layer that grows, else every one that collapses."""
    recorded = kernels(signals.layers, records=MIN_RECORDS)
    if not recorded:
        raise NotCheckable(f"no weights were logged at {MIN_RECORDS} steps or more; {LOG_WEIGHTS}")
    moved = [one for kernel in recorded if (one := _moved(signals, kernel))]
    for way in _Way:
        found = [one for one in moved if one.way == way]
        if found:
            return [_finding(signals, found, recorded)]
    return []


def _moved(signals: Signals, kernel: Tensor) -> _Moved | None:
    bounds = signals.tensor(kernel).rms_bounds
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if len(bounds) < MIN_RECORDS or bounds[0, 0] <= 0:
        return None
    ends = max(1, int(_END_SHARE * len(bounds)))
    # A jump may come between the first records: growth counts from the smallest of them.
    start_low, start_high = float(bounds[:ends, 0].max()), float(bounds[:ends, 1].min())
    end_low, end_high = np.median(bounds[-ends:], axis=0)
    middle = bounds.mean(axis=1)
    tau, p_value = kendall(middle)
    rises = bool(np.all(np.diff(middle) > 0)) or (tau > 0 and p_value < P_VALUE)
    grown, shrunk = float(end_low / start_high), float(end_high / start_low)
    half_way = float(bounds[len(bounds) // 2, 1])
    goes_on = np.log(end_low / half_way) > LATE_SHARE * np.log(
        max(grown, 1.0 + 1e-9)
    ) or end_low - half_way > LATE_STRAIGHT * (end_low - start_high)
    usual = float(likely_gains(signals.layers, kernel, np.array([end_low]))[0]) / LARGEST_GAIN
    if grown > GROWTH and rises and goes_on and usual > LARGE:
        return _Moved(kernel, _Way.GROWS, grown)
    if grown > JUMP and usual > LARGE and signals.bad_outcome is not False:
        return _Moved(kernel, _Way.JUMPED, grown)
    known = fan_in(signals.layers, kernel) is not None and signals.bad_outcome
    if usual > JUMP and known and not is_before_training(signals, kernel):
        return _Moved(kernel, _Way.JUMPED, usual, at_once=True)
    if shrunk < COLLAPSE:
        return _Moved(kernel, _Way.COLLAPSED, shrunk)
    return None


def _finding(signals: Signals, found: list[_Moved], recorded: Sequence[Tensor]) -> Finding:
    way = found[0].way
    collapsed = way == _Way.COLLAPSED
    worst = min(found, key=lambda m: m.factor) if collapsed else max(found, key=lambda m: m.factor)
    limit = {_Way.GROWS: GROWTH, _Way.JUMPED: JUMP, _Way.COLLAPSED: COLLAPSE}[way]
    severity, outcome = gated(
        signals,
        extreme=max(worst.factor / limit, limit / max(worst.factor, 1e-300)) > EXTREME,
        worst=Severity.ERROR if collapsed else Severity.WARNING,
    )
    names = tuple(dict.fromkeys(one.kernel.layer for one in found))
    layer, steps = worst.kernel.layer, worst.kernel.steps
    first = place_of_record(signals, steps, int(steps[0]))
    if worst.at_once:
        seen = (
            f"At its first record, {first}, the root mean square of the "
            f"weights of {layer} is already {number(worst.factor, 2)} times what He's "
            "initialisation gives."
        )
    else:
        seen = (
            f"From {first} to {integer(int(steps[-1]))} the root mean square of the weights of "
            f"{layer} comes to {'at most' if collapsed else 'at least'} "
            f"{number(worst.factor, 2)} times its first level"
            f"{', and it still rises' if way == _Way.GROWS else ''}."
        )
    return Finding(
        check="weight-growth",
        severity=severity,
        confidence=0.75 if way == _Way.JUMPED else 0.85,
        title=f"The weights of {listed(names)} {way.value}",
        message=f"{seen} {outcome}",
        why="A layer whose weights are next to zero passes no signal on and gets no gradient back."
        if collapsed
        else "Ever larger weights make larger outputs and steeper losses, until activations are "
        "stuck or numbers overflow.",
        fixes=_fixes(way, layer, clip_advice(signals)),
        tags=tuple(one.kernel.label for one in found),
        layer=layer,
        steps=(int(steps[0]), int(steps[-1])),
        measured={"growth": worst.factor, "layers": len(names)},
        thresholds={"growth": limit, "layers": 0},
        evidence=_charts(signals, worst, names, recorded),
    )


def _fixes(way: _Way, layer: str, clip: str) -> tuple[str, ...]:
    decay = (
        "Add weight decay: Keras `AdamW(weight_decay=0.01)`, PyTorch "
        "`torch.optim.AdamW(model.parameters(), weight_decay=0.01)`."
    )
    rate = "Lower the learning rate three- to tenfold."
    if way == _Way.COLLAPSED:
        return (
            f"Take {layer} out of the weight decay, or divide it by ten: Keras "
            "`AdamW(weight_decay=…)` and `kernel_regularizer`, PyTorch a parameter group of its "
            "own with `weight_decay=0`.",
            f"Look whether any other loss term pulls {layer} to zero, as an L1 penalty does.",
        )
    if way == _Way.JUMPED:
        return rate, clip, decay
    return (
        decay,
        rate,
        f"Normalise behind {layer}: Keras `LayerNormalization()`, PyTorch `nn.LayerNorm(n)`.",
        clip,
    )


def _charts(
    signals: Signals, worst: _Moved, names: tuple[str, ...], recorded: Sequence[Tensor]
) -> tuple[Evidence, ...]:
    kernel = worst.kernel
    last = int(kernel.steps[-1])
    title = f"The weights of {kernel.layer} {worst.way.value}"
    bands = band_chart(signals, kernel, title, (Mark("last record", last, last),))
    if len(recorded) == 1:
        return (bands,)
    rms = [signals.tensor(t).rms for t in recorded]
    heat = heat_map(
        signals,
        recorded,
        rms,
        title="Size of the weights, layer by layer",
        quantity="weight RMS",
        log=True,
        marked=names,
    )
    return heat, bands
