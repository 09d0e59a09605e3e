"""Restarts: which points of a series were written again later.

A run that is resumed from a checkpoint writes some steps a second time, into a
second file or, after a SessionLog START, into the same one. The later writing is
what training went on from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tblogreport.reading.columns import Column, Columns, chosen, joined


@dataclass(frozen=True)
class Segment:
    """The points of one tag from one session of one file, in the order written."""

    file: str  # how the file is named to the user
    points: Columns  # at least one


@dataclass
class Superseded:
    """How many points were dropped because they were written again later."""

    points: int = 0
    first_step: int = 0
    last_step: int = 0
    files: set[str] = field(default_factory=set)
    restated: int = 0  # last values of a file that the next one began with: no restart

    def add(self, steps: Column, file: str) -> None:
        """Count dropped points of a file by their steps (at least one)."""
        low, high = int(steps.min()), int(steps.max())
        self.first_step = min(self.first_step, low) if self.points else low
        self.last_step = max(self.last_step, high) if self.points else high
        self.points += len(steps)
        self.files.add(file)

    def merge(self, other: Superseded) -> None:
        """Take over what another directory of the same run counted."""
        self.restated += other.restated
        if other.points:
            self.first_step = (
                min(self.first_step, other.first_step) if self.points else other.first_step
            )
            self.last_step = (
                max(self.last_step, other.last_step) if self.points else other.last_step
            )
            self.points += other.points
            self.files |= other.files


def join(segments: Sequence[Segment], superseded: Superseded) -> Columns:
    """Return the points of one tag, oldest segment first, without superseded ones.

    Points of earlier segments at or beyond the first step of a later one are
    dropped and counted in `superseded`. Within a segment nothing is dropped or
    moved: steps may go back or repeat there for good reasons.
    """
    # A point survives if every later segment begins beyond it: one pass, newest first.
    kept: list[Columns] = []
    limit: int | None = None
    for segment in reversed(segments):
        steps, points = segment.points["step"], segment.points
        late = steps >= limit if limit is not None else np.zeros(len(steps), bool)
        if late.any():
            # A last value that a further file says once more is no training that was repeated.
            if late.sum() == 1 and steps[late][0] == limit:
                superseded.restated += 1
            else:
                superseded.add(steps[late], segment.file)
            points = chosen(points, ~late)
        kept.append(points)
        limit = int(steps[0]) if limit is None else min(limit, int(steps[0]))
    return joined(kept[::-1])
