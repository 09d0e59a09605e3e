"""Changes of the task that the run itself announces: stages of a curriculum, longer sequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.context.series import Role, Series
from tblogreport.context.words import words_of
from tblogreport.signals.curve import FloatArray

_NAMES = frozenset("stage curriculum phase resolution res size length len level difficulty".split())
# An agent's episodes get longer as it learns.
_NOT_PLANNED = frozenset("ep episode rollout response completion".split())
MOST_STAGES = 20
# How long after such a change, as a share of the run, what follows is of it.
REACH = 0.04


def stage_changes(series: Sequence[Series]) -> FloatArray:
    """The wall times at which a stage begins: of what takes few values and keeps each for long."""
    found: list[float] = []
    for one in series:
        words = set(words_of(one.tag))
        if one.role != Role.OTHER or not words & _NAMES or words & _NOT_PLANNED:
            continue
        changes = np.flatnonzero(np.diff(one.values) != 0) + 1
        if 0 < len(changes) <= min(MOST_STAGES, len(one) // 4):
            found += [float(one.wall_times[at]) for at in changes]
    return np.array(sorted(found))


def near_a_change(changes: FloatArray, when: float, first: float, last: float) -> bool:
    """Whether a moment of a run from `first` to `last` lies at a change of stage, or soon after."""
    reach = REACH * (last - first)
    return bool(np.any((changes <= when + reach / 2) & (when <= changes + reach)))
