"""Scalars of single layers, as `tblogreport.instrument` and, for gradient norms, others write them.

They are exact where a histogram is not: how many outputs are zero cannot be told from
a bucket that holds small values, too. The tags are in the table of that package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.series import Series
from tblogreport.context.tensor_names import TensorKind, TensorName, parse_tensor_name


class Measure(StrEnum):
    """What was measured: the first part of the tag."""

    GRADIENT_NORM = "gradient_norm"  # of one parameter
    UPDATE_RATIO = "update_ratio"  # of one parameter
    ZERO_SHARE = "zero_share"
    INACTIVE_UNITS = "inactive_units"
    SATURATED_SHARE = "saturated_share"


_OF_PARAMETERS = (Measure.GRADIENT_NORM, Measure.UPDATE_RATIO)


@dataclass(frozen=True, eq=False)
class LayerScalar:
    """One measure of one layer or of one of its parameters, over the run."""

    layer: str
    measure: Measure
    parameter: TensorKind | None  # kernel, bias … for measures of a parameter
    series: Series

    def before(self, wall_time: float) -> LayerScalar:
        """The same scalar with only the points written before `wall_time` (seconds)."""
        kept = self.series.wall_times < wall_time
        series = replace(
            self.series,
            steps=self.series.steps[kept],
            wall_times=self.series.wall_times[kept],
            values=self.series.values[kept],
        )
        return replace(self, series=series)

    def at(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """The values at these steps (int64 [n]), NaN where none was logged; float64 [n]."""
        value_at = dict(zip(self.series.steps.tolist(), self.series.values, strict=True))
        return np.array([value_at.get(step, np.nan) for step in steps.tolist()], np.float64)


def parse_layer_scalar(tag: str) -> tuple[Measure, TensorName] | None:
    """The measure and the layer (and parameter) that a scalar tag names; None for others.

    `gradient_norm` alone is the norm over all parameters, and no layer's.
    """
    head, _, rest = tag.partition("/")
    if not rest or head not in set(Measure):
        found = _gradient_norm_of(tag)
        return None if found is None else (Measure.GRADIENT_NORM, found)
    measure = Measure(head)
    if measure not in _OF_PARAMETERS:
        return measure, parse_tensor_name(f"activations/{rest}")
    name = parse_tensor_name(f"gradients/{rest}")
    return (measure, name) if "/" in rest else None


# Lightning's `grad_2.0_norm/fc.weight` (older: `grad_2.0_norm_fc.weight`), Composer's
# `l2_norm/grad/fc.weight`, and what people write: `gradients/fc.weight`, `fc.weight/grad_norm`.
_NORM_BEFORE = re.compile(
    r"(?:(?:train|training)[/_])?"
    r"(?:l2_norm/grads?/|grad(?:ient)?s?[/_.]l2_?norms?/"
    r"|grad(?:ient)?s?_(?:\d+(?:\.\d+)?|inf)_norm[/_.]"
    r"|grad(?:ient)?s?[/_.]?norms?[/_.]|grad(?:ient)?s?/)"
    r"(?P<parameter>.+)",
    re.IGNORECASE,
)
_NORM_BEHIND = re.compile(
    r"(?P<parameter>.+?)[/_.]grad(?:ient)?s?(?:[/_.]?(?:l2[/_.]?)?norm)?", re.IGNORECASE
)
# What is said of a gradient besides its norm, and what has a number and is no layer.
_NO_NORM = frozenset("mean std var min max median histogram sparsity angle cosine scale".split())
_NO_LAYER = frozenset(
    "total all global overall group groups gpu rank device worker optimizer opt agent env step "
    "epoch before after clip clipped clipping loss task".split()
)


def _gradient_norm_of(tag: str) -> TensorName | None:
    """The parameter, or the layer with a number, of whose gradient a scalar is the norm."""
    found = _NORM_BEFORE.fullmatch(tag) or _NORM_BEHIND.fullmatch(tag)
    if found is None:
        return None
    said = found["parameter"]
    words = set(re.split(r"[^a-z]+", said.lower()))
    name = parse_tensor_name(said)
    if words & _NO_NORM or not name.path:
        return None
    if name.kind == TensorKind.OTHER:
        if words & _NO_LAYER or not re.search(r"\d", said):
            return None
        return TensorName(name.path, TensorKind.GRADIENT, TensorKind.KERNEL, name.separator)
    if name.kind in {TensorKind.GRADIENT, TensorKind.ACTIVATION}:
        return None
    return TensorName(name.path, TensorKind.GRADIENT, name.kind, name.separator)
