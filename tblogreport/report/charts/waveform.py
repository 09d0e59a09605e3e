"""A sound as its outline, in the size of a line of text or two."""

from __future__ import annotations

import numpy as np

from tblogreport.findings import Sound
from tblogreport.report.charts.colours import TRAIN, Palette

_WIDTH, _HEIGHT = 240.0, 36.0


def waveform(sound: Sound, palette: Palette) -> str:
    """The outline as a small SVG, hidden from screen readers: the words beside it say it all."""
    middle = _HEIGHT / 2
    reach = max(float(np.max(np.abs([sound.low, sound.high]), initial=0.0)), 1e-9)
    xs = np.linspace(0, _WIDTH, len(sound.low))
    above = middle - np.asarray(sound.high, float) / reach * (middle - 1)
    below = middle - np.asarray(sound.low, float) / reach * (middle - 1)
    outline = [*zip(xs, above, strict=True), *reversed([*zip(xs, below, strict=True)])]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in outline)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" '
        f'preserveAspectRatio="none" aria-hidden="true"><polygon points="{points}" '
        f'style="fill:{palette[TRAIN]};stroke:{palette[TRAIN]}" stroke-width="0.6"/></svg>'
    )
