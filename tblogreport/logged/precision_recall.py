"""Precision-recall curves: of the first and of the last step, as charts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tblogreport.findings import PrecisionRecall, PrecisionRecallChart
from tblogreport.logged.amounts import not_shown
from tblogreport.numbers import integer, number
from tblogreport.reading import media_values
from tblogreport.reading.media import Medium

_MOST_CHARTS = 6


def precision_recall_of(
    media: Iterable[Medium], left_out: list[str]
) -> tuple[PrecisionRecallChart, ...]:
    """One chart a tag, six at most."""
    tags = [one for one in media if one.kind == "pr_curves"]
    if len(tags) > _MOST_CHARTS:
        left_out.append(not_shown(len(tags) - _MOST_CHARTS, "precision-recall curves"))
    charts = (_chart(medium) for medium in tags[:_MOST_CHARTS])
    return tuple(chart for chart in charts if chart.curves)


def _chart(medium: Medium) -> PrecisionRecallChart:
    curves = []
    for place, value in medium.values(medium.ends):
        rows = media_values.pr_curve(value)
        if rows is not None:
            precision, recall = rows[4], rows[5]
            told = np.isfinite(precision) & np.isfinite(recall)
            step = float(medium.steps[place])
            curves.append(PrecisionRecall(step, recall[told], precision[told]))
    name = medium.tag.removesuffix("/pr_curves")
    return PrecisionRecallChart(
        title=f"Precision against recall of {name}",
        tag=medium.tag,
        split=medium.split,
        curves=tuple(curves),
        description=" ".join(map(_said, curves)),
    )


def average_precision(curve: PrecisionRecall) -> float:
    """The area below the steps of the curve: Σ (Rᵢ − Rᵢ₋₁)·Pᵢ, as scikit-learn defines it."""
    # From the highest threshold down: of thresholds with one recall the first is the best.
    recall, precision = curve.recall[::-1], curve.precision[::-1]
    order = np.argsort(recall, kind="stable")
    recall, precision = recall[order], precision[order]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def _said(curve: PrecisionRecall) -> str:
    area = number(average_precision(curve), 3)
    return f"At step {integer(int(curve.step))} the average precision is {area}."
