"""Where to clip gradients: advice with a value from the norm that was logged."""

from __future__ import annotations

import numpy as np

from tblogreport.checks.advice import CLIP_GRADIENTS, clip_at
from tblogreport.context.series import Series
from tblogreport.numbers import number
from tblogreport.signals import Signals
from tblogreport.signals.curve import FloatArray

# Fewer norms have no tenth that could be told from chance.
_MIN_NORMS = 8
# The first norms, and times their median that is no longer sound.
_FIRST, _GROWN = 3, 10.0
# A norm that is at its highest in more of the points than this is cut off there.
_CLIPPED_SHARE = 0.05


def clip_advice(signals: Signals, sound_until: float | None = None) -> str:
    """The order to clip gradients: at 1 where no norm was logged that could say better.

    Nine in ten of the norms before `sound_until`, a wall time, are left as they are. Where all
    of the run is unsound, or its norms are clipped already, half of them are.
    """
    series = signals.context.gradient_norm
    norms = _norms(series) if series is not None else np.empty(0)
    if series is None or len(norms) < _MIN_NORMS:
        return CLIP_GRADIENTS
    label = f"`{series.label}`"
    highest = float(norms.max())
    if float(np.mean(norms > 0.999 * highest)) > max(_CLIPPED_SHARE, 1.5 / len(norms)):
        why = f"the median of {label}; it is clipped at {number(highest, 2)} now"
        return clip_at(float(np.median(norms)), why)
    if sound_until is None:
        return clip_at(float(np.percentile(norms, 90)), f"nine in ten of {label} are less")
    sound = _norms(series, sound_until)
    if len(sound) < _MIN_NORMS:
        return clip_at(float(np.median(norms)), f"the median of {label}")
    return clip_at(float(np.percentile(sound, 90)), f"nine in ten of {label} before it are less")


def clip_before_growth(signals: Signals) -> str:
    """The order to clip, at what the norms were before they left the size that they began with."""
    series = signals.context.gradient_norm
    curve = signals.curve(series) if series is not None else None
    if curve is None or len(curve) < _MIN_NORMS:
        return clip_advice(signals)
    usual = float(np.median(curve.values[: max(_FIRST, len(curve) // 10)]))
    high = np.flatnonzero(curve.smooth > _GROWN * usual)
    if not len(high):
        return clip_advice(signals)
    if high[0] < _MIN_NORMS:
        return clip_at(2 * usual, f"twice what `{curve.series.label}` was at first")
    return clip_advice(signals, float(curve.wall_times[high[0]]))


def wall_time_at(series: Series, step: int) -> float:
    """When the first point at or after a step was logged; the last one's where none was."""
    late = np.flatnonzero(series.steps >= step)
    return float(series.wall_times[late[0] if len(late) else -1])


def _norms(series: Series, until: float = np.inf) -> FloatArray:
    """The norms above zero that were logged before a wall time."""
    values = series.values[series.wall_times < until]
    return values[np.isfinite(values) & (values > 0)]
