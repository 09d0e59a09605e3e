"""How a loss would go on: a decay fitted to its block medians, and what it still promises.

Losses fall as a + b·t^(−c) over a wide range of models and data (Hestness et al.: Deep
Learning Scaling is Predictable, Empirically, 2017), and as a + b·e^(−rt) towards the floor of a
small task; where both describe a run, the one promises much and the other little. Whether
either describes the later part better than a constant does is decided by the corrected Akaike
criterion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tblogreport.signals.curve import CurveSignal, FloatArray

# Blocks are fitted, so that batch noise is averaged and autocorrelation does not flatter.
MIN_BLOCKS = 8
# The exponents that are tried: 0.05 is all but a logarithm, 12 as steep as any decay.
_EXPONENTS = np.geomspace(0.05, 12.0, 48)
# The rates of exponential decay that are tried, a run's length being 1: from all but a line on.
_RATES = np.geomspace(0.5, 12.0, 24)
# Fits this close to the best one (AICc) are not to be told from it.
_CLOSE = 2.0
# What comes first is a transient that no power law describes.
_TRANSIENT = 0.3


@dataclass(frozen=True)
class Forecast:
    """What training for as long again would give. Levels are in the loss' own unit."""

    level: float  # of the fit, at the end of the run
    # By how much it falls until twice the run's length, by the fits that promise least and
    # most among those that describe it as well as the best one.
    low: float
    high: float
    advantage: float  # AICc of a constant over the later half less that of the best decay


def forecast(curve: CurveSignal) -> Forecast | None:
    """The forecast for `curve`, which falls; None with fewer than 8 blocks to fit."""
    blocks, at = curve.blocks, _positions(curve)
    kept = at >= _TRANSIENT * at[-1] if len(at) else np.zeros(0, bool)
    x, y = at[kept], blocks[kept]
    if len(x) < MIN_BLOCKS or not np.isfinite(y).all():
        return None
    if np.ptp(y) == 0:
        return Forecast(level=float(y[-1]), low=0.0, high=0.0, advantage=0.0)
    scale = float(np.max(np.abs(y)))
    above_zero = bool(curve.values.min() > 0)
    # Each shape at the blocks, at the end of the run, and at twice its length.
    shapes = [(x**-c, 1.0, 2.0**-c) for c in _EXPONENTS]
    shapes += [(np.exp(-r * x), float(np.exp(-r)), float(np.exp(-2 * r))) for r in _RATES]
    fits = [_fit(z, y / scale, above_zero=above_zero) for z, _, _ in shapes]
    scores = np.array([_aicc(error, len(x), parameters=4) for _, _, error in fits])
    constant = float(np.sum((y / scale - np.mean(y / scale)) ** 2))
    close = np.flatnonzero(scores <= scores.min() + _CLOSE)
    gains = [scale * fits[i][1] * (shapes[i][1] - shapes[i][2]) for i in close]
    best = int(np.argmin(scores))
    a, b, _ = fits[best]
    return Forecast(
        level=scale * (a + b * shapes[best][1]),
        low=float(min(gains)),
        high=float(max(gains)),
        advantage=_aicc(constant, len(x), parameters=2) - float(scores[best]),
    )


def _positions(curve: CurveSignal) -> FloatArray:
    """Where in the run each block lies: 1 at its end, so that a + b is the level there."""
    bounds = curve.bounds
    middles = (bounds[:-1] + bounds[1:]) / 2.0
    return np.asarray(middles / max(len(curve), 1))


def _fit(z: FloatArray, y: FloatArray, *, above_zero: bool) -> tuple[float, float, float]:
    """Least squares of a + b·z with b ≥ 0: a, b and the squared error.

    A loss that was never below zero is not promised to go there: then a ≥ 0 as well.
    """
    centred = z - z.mean()
    b = max(float(centred @ (y - y.mean()) / (centred @ centred)), 0.0)
    a = float(y.mean() - b * z.mean())
    if above_zero and a < 0:
        a, b = 0.0, float(z @ y / (z @ z))
    return a, b, float(np.sum((a + b * z - y) ** 2))


def _aicc(error: float, n: int, parameters: int) -> float:
    """The corrected Akaike criterion of a least-squares fit. Hurvich, Tsai (1989)."""
    correction = 2.0 * parameters * (parameters + 1) / max(n - parameters - 1, 1)
    return n * float(np.log(max(error / n, 1e-300))) + 2.0 * parameters + correction
