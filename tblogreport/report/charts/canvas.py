"""A sheet to draw on, measured in units of 1/72 inch from its upper left corner."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from matplotlib.transforms import Affine2D

from tblogreport import numbers
from tblogreport.report.charts.colours import GRID, INK, MUTED
from tblogreport.report.text import elide, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from tblogreport.report.charts.plot import Plot

TEXT = 9.0
SMALL_TEXT = 8.0
LINE = 12.0  # from one line of text to the next

_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text: selectable, and small
    "svg.hashsalt": "tblogreport",
    "font.family": ["DejaVu Sans"],
    "text.usetex": False,
    "text.parse_math": False,
    "axes.unicode_minus": False,
}

_MOST_CHARACTERS = 90

# Where to show figures is the user's own: the backend and its like are left alone.
_DEFAULTS = [
    key
    for key in mpl.rcParamsDefault
    if key.startswith(("axes", "figure", "font", "grid", "hatch", "image", "lines", "patch"))
    or key.startswith(("path", "savefig", "svg", "text", "xtick", "ytick"))
]

Anchor = Literal["left", "center", "right"]


def plot_height(width: float) -> float:
    """How high the axes of a chart of this width are."""
    return 20 + 0.28 * width


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = TEXT) -> float:
    """The width of a line of text in units."""
    font = get_font(findfont(FontProperties(family=["DejaVu Sans"])))
    font.set_size(size, 72)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a glyph that the font lacks
        font.set_text(text)
    return float(font.get_width_height()[0]) / 64


def fitted(text: str, width: float, size: float = TEXT) -> str:
    """The text, elided in its middle until it is no wider than `width`."""
    shown = label(text, _MOST_CHARACTERS).shown
    if text_width(shown, size) <= width:
        return shown
    fits, too_long = 1, len(shown)
    while too_long - fits > 1:
        limit = (fits + too_long) // 2
        if text_width(elide(shown, limit), size) <= width:
            fits = limit
        else:
            too_long = limit
    return elide(shown, fits)


@contextmanager
def our_style() -> Iterator[None]:
    """Matplotlib's defaults and ours, whatever the user's own settings are."""
    with mpl.rc_context():
        settings: dict[Any, Any] = {key: mpl.rcParamsDefault[key] for key in _DEFAULTS} | _SETTINGS
        # Matplotlib checks every setting anew: those that are so already are left alone.
        mpl.rcParams.update(
            {key: value for key, value in settings.items() if mpl.rcParams[key] != value}
        )
        yield


class Canvas:
    """One figure; `left`, `top` … count from the upper left corner."""

    def __init__(self, width: float, height: float) -> None:
        """A sheet of this size in units."""
        self.width, self.height = width, height
        self.plot: Plot | None = None  # what can be read off, once the chart is drawn
        self._figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        self._figure.patch.set_visible(False)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes with a hairline below and pale horizontal grid lines."""
        axes = self._figure.add_axes(
            (
                left / self.width,
                1 - (top + height) / self.height,
                width / self.width,
                height / self.height,
            )
        )
        axes.patch.set_visible(False)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(MUTED)
        axes.spines["bottom"].set_linewidth(0.6)
        axes.set_axisbelow(True)
        axes.tick_params(axis="x", length=3, width=0.6, color=MUTED, pad=2)
        axes.tick_params(axis="y", length=0, pad=4)
        axes.tick_params(labelsize=SMALL_TEXT, labelcolor=MUTED)
        axes.grid(axis="y", color=GRID, linewidth=0.7)
        for axis in (axes.xaxis, axes.yaxis):
            # No axis has a label: its place, once given, is not looked for.
            axis.set_label_coords(0, 0)
        return axes

    def text(
        self,
        left: float,
        baseline: float,
        text: str,
        *,
        colour: str = INK,
        size: float = TEXT,
        anchor: Anchor = "left",
        weight: str = "normal",
    ) -> None:
        """A line of text whose baseline is `baseline` below the upper edge."""
        self._figure.text(
            left / self.width,
            1 - baseline / self.height,
            text,
            color=colour,
            fontsize=size,
            ha=anchor,
            va="baseline",
            weight=weight,
            parse_math=False,
        )

    def box(self, left: float, top: float, width: float, height: float, **style: Any) -> None:
        """A box with round corners."""
        from matplotlib.patches import FancyBboxPatch

        corner = (left, self.height - top - height)
        to_sheet = Affine2D().scale(1 / self.width, 1 / self.height) + self._figure.transFigure
        rounded = "round,pad=0,rounding_size=3"
        box = FancyBboxPatch(corner, width, height, boxstyle=rounded, **style)
        box.set_transform(to_sheet)
        self._figure.add_artist(box)

    def line(self, start: tuple[float, float], end: tuple[float, float], **style: Any) -> None:
        """A straight line between two points of the sheet."""
        from matplotlib.lines import Line2D

        xs = [start[0] / self.width, end[0] / self.width]
        ys = [1 - start[1] / self.height, 1 - end[1] / self.height]
        self._figure.add_artist(Line2D(xs, ys, **style))

    def svg(self) -> str:
        """The figure as an SVG document, free of dates and of this machine."""
        buffer = io.StringIO()
        empty = {"Date": None, "Creator": None, "Format": None, "Type": None}
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # glyphs that DejaVu lacks: the reader's fonts have them
            self._figure.savefig(buffer, format="svg", metadata=empty, facecolor="none")
        return buffer.getvalue()


def step_range(*sources: NDArray[Any]) -> tuple[float, float]:
    """The range of all finite steps; never empty, never of width zero."""
    steps = np.concatenate(
        [np.asarray(source, float).ravel() for source in sources] or [np.empty(0)]
    )
    steps = steps[np.isfinite(steps)]
    if not steps.size:
        return 0.0, 1.0
    low, high = float(steps.min()), float(steps.max())
    if high - low > 1e-9 * max(abs(low), abs(high)):
        return low, high
    around = max(0.5, 1e-6 * abs(high))
    return low - around, high + around


def mark_steps(axes: Axes, low: float, high: float, *, labels: bool = True) -> None:
    """Whole steps on the horizontal axis, with thin spaces between thousands."""
    axes.set_xlim(low, high)
    ticks = MaxNLocator(nbins=5, integer=True, steps=[1, 2, 5, 10]).tick_values(low, high)
    whole = [tick for tick in ticks if abs(tick - round(tick)) < 1e-9]
    inside = [tick for tick in whole if low <= tick <= high] or [(low + high) / 2]
    axes.xaxis.set_major_locator(FixedLocator(inside))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda step, _: numbers.number(int(step) if abs(step) < 1e12 else step))
    )
    axes.tick_params(axis="x", labelbottom=labels)


def nice_ticks(low: float, high: float, *, log: bool, most: int = 4) -> list[float]:
    """A few round values between two bounds."""
    if log:
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        stride = max(1, math.ceil((last - first + 1) / (most + 1)))
        powers = [10.0**exponent for exponent in range(first, last + 1, stride)]
        return powers if len(powers) > 1 else _between_powers(low, high)
    ticks = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = (high - low) * 1e-9
    return [float(tick) for tick in ticks if low - slack <= tick <= high + slack]


def _between_powers(low: float, high: float) -> list[float]:
    """Ticks of a log scale that holds less than two powers of ten: 1, 2 and 5, or its ends."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [factor * 10.0**decade for decade in decades for factor in (1, 2, 5)]
    inside = [tick for tick in ticks if low <= tick <= high]
    return inside if len(inside) > 1 else [low, high]


def tick_label(value: float) -> str:
    """A value on an axis."""
    return numbers.number(value)
