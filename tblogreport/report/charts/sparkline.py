"""A loss in the size of a word."""

from __future__ import annotations

import numpy as np

from tblogreport.findings import Curve
from tblogreport.report.charts.colours import BAD, Palette, series_colours
from tblogreport.report.charts.scale import scale_for

_WIDTH, _HEIGHT, _EDGE = 96.0, 20.0, 2.0


def sparkline(curve: Curve, palette: Palette) -> str:
    """The curve as a small SVG without axes, hidden from screen readers."""
    steps = np.asarray(curve.steps, float)
    values = np.asarray(curve.middle if curve.smooth is None else curve.smooth, float)
    scale = scale_for(values)
    kept = np.isfinite(values) & np.isfinite(steps)
    steps, values = steps[kept], np.clip(values[kept], scale.low, scale.high)
    low, high = scale.low, scale.high
    if scale.log:
        values, low, high = np.log10(values), float(np.log10(low)), float(np.log10(high))
    colour = palette[series_colours((curve,))[0]]
    points = ""
    if steps.size:
        reach = float(np.ptp(steps)) or 1.0
        xs = _EDGE + (steps - steps.min()) / reach * (_WIDTH - 4 * _EDGE)
        ys = _EDGE + (high - values) / (high - low) * (_HEIGHT - 2 * _EDGE)
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    bad = ""
    if len(curve.nonfinite_steps):
        bad = (
            f'<path d="M{_WIDTH - 6:.0f} 2l5 5m0-5l-5 5" fill="none" '
            f'style="stroke:{palette[BAD]}" stroke-width="1.3"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" '
        f'aria-hidden="true"><polyline points="{points}" fill="none" style="stroke:{colour}" '
        f'stroke-width="1.3" stroke-linejoin="round"/>{bad}</svg>'
    )
