"""The places that a chart points at: pale bands and thin vertical lines, with labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tblogreport import numbers
from tblogreport.findings import Mark
from tblogreport.report.charts.canvas import (
    LINE,
    SMALL_TEXT,
    Canvas,
    fitted,
    text_width,
)
from tblogreport.report.charts.colours import MARK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 6.0
_MOST_MARKS = 12


@dataclass(frozen=True)
class PlacedLabel:
    """A mark's label: its text, where it is anchored, and on which line it stands."""

    text: str
    left: float
    row: int
    mark: Mark


class MarkLabels:
    """Labels above the axes, each beside its place, on as few lines as they need."""

    def __init__(
        self, marks: tuple[Mark, ...], axis: str, steps: tuple[float, float], width: float
    ) -> None:
        """Lay out the labels over `width` units that show the range `steps`."""
        self._steps, self._width = steps, width
        shown = [mark for mark in marks if mark.last >= steps[0] and mark.first <= steps[1]]
        self.placed: list[PlacedLabel] = []
        starts: list[float] = []
        # From the right: a line up to a label then passes left of the labels below it.
        for mark in sorted(shown[:_MOST_MARKS], key=lambda mark: -mark.first):
            text = fitted(_said(mark, axis), width, SMALL_TEXT)
            size = text_width(text, SMALL_TEXT)
            at = self._at(mark.first)
            # Right of its line, or left of it where the chart ends too soon.
            left = at + 2 if at + 2 + size <= width else max(0.0, at - 2 - size)
            row = next((row for row, start in enumerate(starts) if left + size + _GAP <= start), -1)
            if row < 0:
                row = len(starts)
                starts.append(left)
            starts[row] = left
            self.placed.append(PlacedLabel(text, left, row, mark))

    @property
    def height(self) -> float:
        """What the labels need above the axes."""
        rows = max((label.row + 1 for label in self.placed), default=0)
        return rows * LINE + (3 if rows else 0)

    def _at(self, step: float) -> float:
        low, high = self._steps
        return (min(max(step, low), high) - low) / (high - low) * self._width

    def draw(self, canvas: Canvas, axes: Axes, left: float, top: float) -> None:
        """Draw bands and lines into the axes, and the labels above `top`."""
        for placed in self.placed:
            first, last = placed.mark.first, placed.mark.last
            if last > first:
                axes.axvspan(first, last, facecolor=MARK, alpha=0.09, linewidth=0, zorder=0)
            axes.axvline(first, color=MARK, linewidth=0.8, alpha=0.9, zorder=1)
            baseline = top - 4 - placed.row * LINE
            at = left + self._at(first)
            canvas.line((at, top), (at, baseline - SMALL_TEXT + 2), color=MARK, linewidth=0.8)
            canvas.text(left + placed.left, baseline, placed.text, colour=MARK, size=SMALL_TEXT)


def _said(mark: Mark, axis: str) -> str:
    """The label; a moment always says its step."""
    if mark.last > mark.first:
        return mark.label
    step = numbers.integer(round(mark.first))
    digits = "".join(filter(str.isdigit, mark.label))
    return (
        mark.label if step.replace(numbers.THIN, "") in digits else f"{mark.label}, {axis} {step}"
    )
