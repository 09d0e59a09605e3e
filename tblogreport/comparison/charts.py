"""Curves of both runs on one axis, and heat maps of both in the same colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tblogreport.comparison.values import shown
from tblogreport.findings import Curve, CurveChart, HeatMap, Level, RunDiagnosis, ValueChange

_MOST_CURVES = 12
_SHARE = "share of the run"
_DECADES = 12.0


def curves_of(
    before: RunDiagnosis, after: RunDiagnosis, values: Sequence[ValueChange]
) -> tuple[CurveChart, ...]:
    """One chart for each series that both runs logged: those with a value to compare first.

    Where their steps count different things, both are drawn over the share of their run.
    """
    old, new = (_curves(run) for run in (before, after))
    levels = {(level.split, level.tag) for level in after.levels}
    valued = [
        _chart(old[was], new[now], value)
        for value in values
        if (was := _name(value.before)) in old and (now := _name(value.after)) in new
    ]
    # A level that is not among the values says again what another one says.
    names = [name for name in new if name in old and name not in levels]
    others = [
        _chart(old[name], new[name], None)
        for name in names
        if not _same_constant(old[name], new[name])
    ]
    return tuple([*valued, *others][:_MOST_CURVES])


def _name(level: Level) -> tuple[str, str]:
    return level.split, level.tag


def _same_constant(before: Curve, after: Curve) -> bool:
    """Whether nothing moved, and nothing differs: a rate that was left as it was."""
    ends = [np.asarray(part, float) for one in (before, after) for part in (one.low, one.high)]
    finite = np.concatenate(ends)
    return bool(np.isfinite(finite).all() and np.ptp(finite) <= 1e-9 * np.abs(finite).max())


def _curves(run: RunDiagnosis) -> dict[tuple[str, str], Curve]:
    overview = run.overview.curves if run.overview else ()
    all_curves = (*overview, *(curve for chart in run.curves for curve in chart.curves))
    found: dict[tuple[str, str], Curve] = {}
    for curve in all_curves:
        if len(curve.steps):
            found.setdefault((curve.split, curve.tag), curve)
    return found


def _chart(before: Curve, after: Curve, value: ValueChange | None) -> CurveChart:
    if before.axis != after.axis:
        before, after = _over_its_run(before), _over_its_run(after)
    name = f"{after.split} {after.tag}".strip()
    title = f"{name[0].upper()}{name[1:]} before and after"
    if value is not None:
        title = f"{title}: {shown(value.before)} → {shown(value.after)}"
    return CurveChart(
        title=title,
        curves=(replace(before, run="before"), replace(after, run="after")),
        y_label=after.tag,
    )


def _over_its_run(curve: Curve) -> Curve:
    first, last = float(curve.steps.min()), float(curve.steps.max())
    reach = last - first or 1.0
    bad = (curve.nonfinite_steps - first) / reach * 100
    return replace(
        curve,
        axis=_SHARE,
        steps=(curve.steps - first) / reach * 100,
        nonfinite_steps=np.round(bad).astype(np.int64),
    )


def maps_of(before: RunDiagnosis, after: RunDiagnosis) -> tuple[tuple[HeatMap, HeatMap], ...]:
    """The heat maps of quantities that both runs logged."""
    old, new = (
        {chart.quantity: chart for chart in run.layers if isinstance(chart, HeatMap)}
        for run in (before, after)
    )
    return tuple(_in_same_colours(old[name], new[name]) for name in old if name in new)


def _in_same_colours(before: HeatMap, after: HeatMap) -> tuple[HeatMap, HeatMap]:
    limits = before.limits or _limits(before, after)
    titled = (("before", before), ("after", after))
    first, second = (
        replace(one, title=f"{one.title}, {when}", limits=limits) for when, one in titled
    )
    return first, second


def _limits(before: HeatMap, after: HeatMap) -> tuple[float, float] | None:
    values = np.concatenate([np.asarray(one.values, float).ravel() for one in (before, after)])
    kept = values[np.isfinite(values) & ((values > 0) | (not before.log))]
    if not kept.size:
        return None
    low, high = float(kept.min()), float(kept.max())
    if before.log:
        low = max(low, high / 10**_DECADES)
    if not high > low * (1 + 1e-9):
        return None
    return low, high
