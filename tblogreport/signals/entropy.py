"""The entropy of a policy: how much an agent still tries out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tblogreport.context.series import Series
from tblogreport.context.words import words_of
from tblogreport.signals.curve import CurveSignal, true_at_end

MIN_POINTS = 20
# An entropy at this share of its first level, and for half of the run or more, is spent.
SPENT = 0.1
SPENT_SHARE = 0.5
# Words of what goes with an entropy and is not it.
_NOT_IT = frozenset("coef coefficient coeff weight target cross beta alpha bonus".split())


@dataclass(frozen=True)
class Spent:
    """An entropy that came to nothing early. In nats."""

    curve: CurveSignal
    begun: float
    block: int  # from which on it is spent

    @property
    def step(self) -> int:
        """The step from which on it is spent."""
        return int(self.curve.block_steps[self.block])


def entropy_series(series: Sequence[Series]) -> Series | None:
    """The entropy of a policy that chooses among so many actions; None where none was logged.

    A loss of entropy is its negative. A continuous policy's has both signs, and means less.
    """
    for one in sorted(series, key=lambda s: (len(s.stem), -len(s))):
        words = set(words_of(one.tag))
        if "entropy" not in words or words & _NOT_IT or not np.isfinite(one.values).all():
            continue
        if len(one) and (one.values.min() >= 0 or one.values.max() <= 0):
            return replace(one, values=np.abs(one.values))
    return None


def spent(curve: CurveSignal) -> Spent | None:
    """Where the entropy was spent, if it was, for half of the run or more."""
    if len(curve) < MIN_POINTS:
        return None
    begun = float(np.median(curve.values[: max(1, min(5, len(curve) // 20))]))
    last = true_at_end(curve.blocks <= SPENT * begun)
    if begun <= 0 or last < SPENT_SHARE * len(curve.blocks):
        return None
    return Spent(curve, begun, len(curve.blocks) - last)
