"""Curves of both runs on one axis, and heat maps of both in the same colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tblogreport.findings import Curve, CurveChart, HeatMap, RunDiagnosis

_MOST_CURVES = 12
_SHARE = "share of the run"
_DECADES = 12.0


def curves_of(before: RunDiagnosis, after: RunDiagnosis) -> tuple[CurveChart, ...]:
    """One chart for each series that both runs logged, losses first.

    Where their steps count different things, both are drawn over the share of their run.
    """
    old, new = (_curves(run) for run in (before, after))
    charts = [_chart(old[name], new[name]) for name in new if name in old]
    return tuple(charts[:_MOST_CURVES])


def _curves(run: RunDiagnosis) -> dict[tuple[str, str], Curve]:
    overview = run.overview.curves if run.overview else ()
    all_curves = (*overview, *(curve for chart in run.curves for curve in chart.curves))
    found: dict[tuple[str, str], Curve] = {}
    for curve in all_curves:
        if len(curve.steps):
            found.setdefault((curve.split, curve.tag), curve)
    return found


def _chart(before: Curve, after: Curve) -> CurveChart:
    if before.axis != after.axis:
        before, after = _over_its_run(before), _over_its_run(after)
    name = f"{before.split} {before.tag}".strip()
    return CurveChart(
        title=f"How {name} moved before and after",
        curves=(replace(before, run="before"), replace(after, run="after")),
        y_label=before.tag,
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
    shown = values[np.isfinite(values) & ((values > 0) | (not before.log))]
    if not shown.size:
        return None
    low, high = float(shown.min()), float(shown.max())
    if before.log:
        low = max(low, high / 10**_DECADES)
    if not high > low * (1 + 1e-9):
        return None
    return low, high
