"""Updates that move the weights by far too much of themselves, or by next to nothing.

What it looks for
-----------------
How far one update moves a kernel, as a share of its own size: about a thousandth is usual.
By the ratios that were logged, after the first tenth of the records. Too long: the fastest
kernel typically moves by more than a tenth, and half of the kernels by more than a
hundredth. Too short: no kernel moves by more than a hundred-thousandth. Without logged
ratios: all kernels together moved so little over the whole run that no update can have been
longer, which is only said of a run that did badly. Otherwise such a run gets a warning, and
one that did well a note.

Why it matters
--------------
A step of a tenth throws away what the weights hold; a step of a hundred-thousandth gets
nowhere within any affordable run.

How to fix
----------
Change the learning rate by the factor that is missing to a thousandth, or schedule it;
clip the gradient; look whether weight decay or a frozen layer explains what is seen.

When it is wrong
----------------
Weights that begin close to zero move by a large share of themselves for a while, as do a
few small layers. At the end of a schedule every step is short: where the learning rate was
next to zero for most of the run, the finding says so. Updates of exactly zero are left to
`dead-layer` and `unchanged-weights`; embeddings and biases are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tblogreport.checks.advice import INSTRUMENT, WARM_UP
from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.clipping import clip_advice
from tblogreport.context.layer_scalars import LayerScalar, Measure
from tblogreport.context.series import Role
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import CurveChart, Evidence, Finding, Severity
from tblogreport.numbers import integer, number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import band_chart, reduce_together
from tblogreport.signals.curve import FloatArray
from tblogreport.signals.gate import gated
from tblogreport.signals.kernels import is_embedding, kernels

USUAL = 1e-3
TOO_LONG = 0.1
# … in the fastest kernel; the typical one must move by as much.
TOO_LONG_TYPICAL = 0.01
TOO_SHORT = 1e-5
# So much beyond its threshold is a warning even where nothing tells how the run did.
EXTREME = 10.0
MIN_RECORDS = 4
SKIPPED_SHARE = 0.1
# From weights: losses that must have been logged, each after at least one update.
MIN_LOSSES = 20
# A rate that was next to zero for this share of the run explains short steps.
SPENT_SHARE = 0.5
_MAX_CURVES = 6


@dataclass(frozen=True)
class _Ratios:
    """The logged ratios of all kernels at the steps that they share."""

    scalars: tuple[LayerScalar, ...]
    fastest: FloatArray  # the largest of all kernels, record by record
    typical: float  # of the middle kernel, the median over the records

    @property
    def level(self) -> float:
        """The typical ratio of the fastest kernel."""
        return float(np.median(self.fastest))


@check
def update_ratio(signals: Signals) -> Sequence[Finding]:
    """Fire once, by logged ratios where there are any, else by what the weights moved."""
    logged = [s for s in signals.layers.scalars if s.measure == Measure.UPDATE_RATIO]
    ratios = _ratios(logged)
    if ratios is not None:
        return _by_ratios(signals, ratios)
    still = _by_weights(signals)
    if still is not None:
        return still
    if any(len(s.series) > MIN_RECORDS for s in logged):
        return []  # of biases alone: the kernels are zero, which no update changes
    raise NotCheckable(
        f"no update ratios of kernels were logged at {MIN_RECORDS + 1} steps or more; {INSTRUMENT}"
    )


def _ratios(logged: Sequence[LayerScalar]) -> _Ratios | None:
    """The ratios of kernels after the start; None for too few records."""
    of_kernels = tuple(
        s
        for s in logged
        if s.parameter == TensorKind.KERNEL and len(s.series) and not is_embedding(s.series.tag)
    )
    if not of_kernels:
        return None
    steps = np.unique(np.concatenate([s.series.steps for s in of_kernels]))
    grid = np.array([s.at(steps) for s in of_kernels])  # [kernels, records]
    grid = grid[:, np.isfinite(grid).any(axis=0)]
    grid = grid[:, max(1, int(SKIPPED_SHARE * grid.shape[1])) :]
    if grid.shape[1] < MIN_RECORDS:
        return None
    known = grid[np.isfinite(grid).any(axis=1)]
    typical = float(np.median(np.nanmedian(known, axis=1)))
    return _Ratios(of_kernels, np.nanmax(grid, axis=0), typical)


def _by_ratios(signals: Signals, ratios: _Ratios) -> list[Finding]:
    level, records = ratios.level, len(ratios.fastest)
    if level > TOO_LONG and ratios.typical > TOO_LONG_TYPICAL:
        extreme = level > EXTREME * TOO_LONG
        title = f"One update moves the weights by {percent(level)} of themselves"
        message = (
            f"The fastest kernel moves by {percent(level)} of its own size in a typical update "
            f"(median over {integer(records)} records), the middle one by "
            f"{percent(ratios.typical)}; {percent(USUAL)} is usual."
        )
        why = "Steps of this length throw away what the weights hold: the run jumps about."
        fixes: tuple[str, ...] = (
            _other_rate(signals, USUAL / level, "Lower"),
            clip_advice(signals),
            WARM_UP,
        )
        measured = {"update_ratio": level, "typical_update_ratio": ratios.typical}
        thresholds = {"update_ratio": TOO_LONG, "typical_update_ratio": TOO_LONG_TYPICAL}
    elif 0 < level < TOO_SHORT:
        extreme = level < TOO_SHORT / EXTREME
        title = f"No update moves the weights by more than {number(level, 2)} of themselves"
        spent = _spent(signals)
        message = (
            f"Even the fastest kernel moves by {number(level, 2)} of its own size in a typical "
            f"update (median over {integer(records)} records); {number(USUAL)} is usual.{spent}"
        )
        why = "At this length a weight needs more updates than any run makes to change at all."
        fixes = _too_short_fixes(signals, USUAL / level, spent=bool(spent))
        measured, thresholds = {"update_ratio": level}, {"update_ratio": TOO_SHORT}
    else:
        return []
    severity, outcome = gated(signals, extreme=extreme, worst=Severity.WARNING)
    first = ratios.scalars[0].series
    curves = reduce_together(signals, *(s.series for s in ratios.scalars[:_MAX_CURVES]))
    chart = CurveChart(title=title, curves=curves, y_label="update ratio")
    return [
        Finding(
            check="update-ratio",
            severity=severity,
            confidence=0.9,
            title=title,
            message=f"{message} {outcome}",
            why=why,
            fixes=fixes,
            tags=tuple(s.series.label for s in ratios.scalars),
            steps=(int(first.steps[0]), int(first.steps[-1])),
            measured=measured,
            thresholds=thresholds,
            evidence=(chart,),
        )
    ]


def _spent(signals: Signals) -> str:
    """The sentence that explains short steps by the schedule, empty where it does not."""
    schedule = signals.context.schedule
    if schedule is None or schedule.spent_share < SPENT_SHARE:
        return ""
    return (
        f" The learning rate was next to zero for {percent(schedule.spent_share)} of the run, "
        "which explains it."
    )


def _other_rate(signals: Signals, factor: float, verb: str) -> str:
    """The order to change the learning rate, with the number where it was logged."""
    rate = signals.highest_learning_rate
    times = number(max(factor, 1 / factor), 1)
    if rate is None:
        return f"{verb} the learning rate by a factor of {times}, in steps of ten at most."
    return (
        f"{verb} the learning rate from {number(rate)} towards {number(rate * factor, 1)}, in "
        "steps of ten at most."
    )


def _too_short_fixes(signals: Signals, factor: float, *, spent: bool) -> tuple[str, ...]:
    rate = _other_rate(signals, factor, "Raise")
    schedule = (
        "Stretch the schedule over the whole run: Keras `CosineDecay(rate, "
        "decay_steps=epochs * steps_per_epoch)`, PyTorch "
        "`CosineAnnealingLR(optimizer, T_max=epochs)`."
    )
    range_test = (
        "Find the rate by a range test: raise it tenfold every epoch from 1e-6 on, and take a "
        "third of the one at which the loss falls fastest."
    )
    return (schedule, rate) if spent else (rate, range_test, schedule)


def _by_weights(signals: Signals) -> list[Finding] | None:
    """What no update can have exceeded, by the movement of the weights over the whole run.

    Values may trade places unseen, so that only a bad outcome makes it a finding. None
    where it tells nothing.
    """
    tensors = [t for t in kernels(signals.layers) if len(t) >= 2]
    losses = max((len(s) for s in signals.context.of_role(Role.TRAIN_LOSS)), default=0)
    if not tensors or losses < MIN_LOSSES or not signals.bad_outcome:
        return None
    moved = np.array([signals.tensor(t).movement for t in tensors])
    most = float(moved.max()) / losses if np.isfinite(moved).all() else np.nan
    if not 0 < most < TOO_SHORT or moved.min() <= 0:
        return None
    fastest = tensors[int(np.argmax(moved))]
    title = "The weights stand all but still"
    severity, outcome = gated(signals, extreme=False, worst=Severity.WARNING)
    charts: tuple[Evidence, ...] = (band_chart(signals, fastest, title),)
    return [
        Finding(
            check="update-ratio",
            severity=severity,
            confidence=0.65,
            title=title,
            message=f"Over the whole run the fastest kernel, {fastest.layer}, moved by "
            f"{number(float(moved.max()), 2)} of its spread. With {integer(losses)} losses logged "
            f"that is {number(most, 2)} an update at most; {number(USUAL)} is usual. {outcome}",
            why="At this length a weight needs more updates than any run makes to change at all.",
            fixes=_too_short_fixes(signals, 10.0, spent=bool(_spent(signals))),
            tags=tuple(t.label for t in tensors),
            layer=fastest.layer,
            steps=(int(fastest.steps[0]), int(fastest.steps[-1])),
            measured={"update_ratio": most},
            thresholds={"update_ratio": TOO_SHORT},
            evidence=charts,
        )
    ]
