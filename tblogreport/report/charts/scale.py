"""The vertical scale of a chart: linear or logarithmic, and what it leaves out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tblogreport import numbers
from tblogreport.report.charts.canvas import nice_ticks

LOG_DECADES = 2.0
# A linear axis leaves out values that are this many times farther from the
# middle than nine tenths of the data: else one spike would flatten all the rest.
_LEAST_SPAN = 0.02
_OUTLIER = 12.0
_LIMIT = 1e300


@dataclass(frozen=True)
class Scale:
    """Bounds, kind and ticks of a vertical axis; `beyond` names what lies outside."""

    low: float
    high: float
    log: bool
    ticks: tuple[float, ...]
    above: float | None = None  # the greatest value, where the axis does not reach it
    below: float | None = None

    def clip(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values held near the axis, so that no coordinate overflows; NaN stays."""
        if self.log:
            return np.clip(values, self.low / 10, self.high * 10)
        reach = self.high - self.low
        return np.clip(values, self.low - reach, self.high + reach)

    def share(self, value: float) -> float:
        """Where a value stands on the axis: 0 at its lower end, 1 at its upper."""
        value = min(max(value, self.low), self.high)
        if self.log:
            low, high = math.log10(self.low), math.log10(self.high)
            return (math.log10(value) - low) / (high - low)
        return (value - self.low) / (self.high - self.low)

    @property
    def words(self) -> str:
        """What the axis must say of itself, such as `log scale`."""
        said = ["log scale"] if self.log else []
        if self.above is not None:
            said.append(f"↑ up to {numbers.number(self.above, 2)}")
        if self.below is not None:
            said.append(f"↓ down to {numbers.number(self.below, 2)}")
        return ", ".join(said)


def scale_for(values: NDArray[np.float64]) -> Scale:
    """The scale that shows these values: logarithmic beyond two positive decades."""
    positive = values[np.isfinite(values)]
    if positive.size and positive.min() > 0:
        low, high = float(positive.min()), float(min(positive.max(), _LIMIT))
        if np.log10(high) - np.log10(low) > LOG_DECADES:
            return _logarithmic(low, high)
    return linear_scale(values)


def linear_scale(values: NDArray[np.float64]) -> Scale:
    """A linear scale; single values far outside the rest are left out and named."""
    finite = np.clip(values[np.isfinite(values)], -_LIMIT, _LIMIT)
    if not finite.size:
        return Scale(0.0, 1.0, False, ())
    return _from_data(finite, float(finite.min()), float(finite.max()))


def _logarithmic(low: float, high: float) -> Scale:
    margin = 10 ** (0.04 * (np.log10(high) - np.log10(low)))
    bottom, top = max(low / margin, 1e-305), min(high, 1e305 / margin) * margin
    ticks = tuple(nice_ticks(bottom, top, log=True))
    return Scale(bottom, top, True, ticks, below=low if low < bottom else None)


def _from_data(finite: NDArray[np.float64], least: float, greatest: float) -> Scale:
    low, high = _core(finite, least, greatest)
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        around = abs(high) * 0.1 or 0.5
        return Scale(low - around, high + around, False, (low,))
    if high - low < _LEAST_SPAN * max(abs(low), abs(high)):
        # A line that moves by less than this is flat, and is to look so.
        around = _LEAST_SPAN * max(abs(low), abs(high))
        low, high = low - around, high + around
    if 0 < low < 0.35 * (high - low):
        low = 0.0  # near enough to zero that the axis may as well start there
    margin = 0.05 * (high - low)
    bottom, top = (low - margin if low != 0 else low), high + margin
    return Scale(
        bottom,
        top,
        False,
        tuple(nice_ticks(bottom, top, log=False)),
        above=greatest if greatest > top else None,
        below=least if least < bottom else None,
    )


def _core(finite: NDArray[np.float64], least: float, greatest: float) -> tuple[float, float]:
    """The range to show: all of it, unless single values lie far outside the rest."""
    q05, middle, q95 = (float(q) for q in np.quantile(finite, (0.05, 0.5, 0.95)))
    spread = q95 - q05
    if finite.size < 8 or not spread > 0:
        return least, greatest
    low = least if middle - least <= _OUTLIER * spread else q05 - spread
    high = greatest if greatest - middle <= _OUTLIER * spread else q95 + spread
    return low, high
