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

    @property
    def steps(self) -> NDArray[np.int64]:
        """The steps at which it was logged: int64 [n]."""
        return self.series.steps

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
    if rest and head in set(Measure) - set(_OF_PARAMETERS):
        return Measure(head), parse_tensor_name(f"activations/{rest}")
    if head in _OF_PARAMETERS and "/" in rest:
        return Measure(head), parse_tensor_name(f"gradients/{rest}")
    if (found := _measured(tag, _NORM_BEFORE, _NORM_BEHIND)) is not None:
        return Measure.GRADIENT_NORM, found
    found = _measured(tag, _RATIO_BEFORE, _RATIO_BEHIND, numbered=False)
    return None if found is None else (Measure.UPDATE_RATIO, found)


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
# How far an update moves a parameter, as a share of it: `update_ratio/fc1`, `fc1/update_ratio`.
_RATIO = (
    r"(?:(?:weight|param(?:eter)?|grad(?:ient)?)s?[/_.-]?)?"
    r"(?:upd(?:ate)?s?[/_.:-]?(?:(?:to|over|per)[/_.-]?)?(?:weight|param(?:eter)?|data)?s?[/_.-]?ratios?"
    r"|upd(?:ate)?s?[/_.:-]?(?:(?:to|over|per)[/_.-]?)(?:weight|param(?:eter)?|data)s?)"
)
_RATIO_BEFORE = re.compile(
    rf"(?:(?:train|training)[/_])?{_RATIO}[/_.](?P<parameter>.+)", re.IGNORECASE
)
_RATIO_BEHIND = re.compile(rf"(?P<parameter>.+?)[/_.]{_RATIO}", re.IGNORECASE)
# What is said of a gradient besides its norm, and what has a number and is no layer.
_NO_NORM = frozenset("mean std var min max median histogram sparsity angle cosine scale".split())
_NO_LAYER = frozenset(
    "total all global overall group groups gpu rank device worker optimizer opt agent env step "
    "epoch before after clip clipped clipping loss task".split()
)
# What updates also have a ratio to, or whose ratio is no single layer's.
_NO_RATIO = frozenset(
    "ratio train training replay policy actor critic generator discriminator target ema avg "
    "average param params weight weights data log".split()
)


def _measured(
    tag: str, before: re.Pattern[str], behind: re.Pattern[str], *, numbered: bool = True
) -> TensorName | None:
    """The parameter, or the layer, that a tag names beside a measure.

    Where only a number tells that it is a layer it must have one: `grad_norm/encoder` may be
    the norm over a whole part of a model.
    """
    found = before.fullmatch(tag) or behind.fullmatch(tag)
    if found is None:
        return None
    said = found["parameter"]
    words = set(re.split(r"[^a-z]+", said.lower()))
    name = parse_tensor_name(said)
    if words & _NO_NORM or not name.path:
        return None
    if name.kind == TensorKind.OTHER:
        if words & _NO_LAYER or (not re.search(r"\d", said) and (numbered or words & _NO_RATIO)):
            return None
        return TensorName(name.path, TensorKind.GRADIENT, TensorKind.KERNEL, name.separator)
    if name.kind in {TensorKind.GRADIENT, TensorKind.ACTIVATION}:
        return None
    return TensorName(name.path, TensorKind.GRADIENT, name.kind, name.separator)
