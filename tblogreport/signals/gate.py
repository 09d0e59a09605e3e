"""How serious a symptom inside the network is: that depends on how the run did.

A symptom that the run did not suffer from is a note, whatever its size (checks.md).
"""

from __future__ import annotations

import numpy as np

from tblogreport.context.series import Role
from tblogreport.findings import Severity
from tblogreport.signals import Signals
from tblogreport.signals.curve import FloatArray, running_median

# A loss that starts at so many times its last level, and needs this share of the run to
# come within twice that level, was held up by what the run began with.
FAR_ABOVE = 10.0
NEAR_END = 2.0
LARGE_PART = 0.25
MIN_LOSSES = 8


def gated(
    signals: Signals, *, extreme: bool, worst: Severity = Severity.ERROR
) -> tuple[Severity, str]:
    """The severity of a symptom, and the sentence that says why.

    `worst` where the run did badly, a note where it did well. Where nothing tells how the
    run did, only an `extreme` symptom is more than a note.
    """
    if signals.bad_outcome:
        return worst, "The run did badly, as one would expect."
    if signals.bad_outcome is False:
        return Severity.INFO, "The loss fell all the same, so that this is a note."
    unknown = "Whether the run suffered from it cannot be told from the loss."
    return (Severity.WARNING if extreme else Severity.INFO), unknown


def held_up(signals: Signals) -> bool:
    """Whether the run spent a large part of its time to bring a huge first loss down."""
    return any(
        _held_up(signals.curve(series).values)
        for series in signals.context.of_role(Role.TRAIN_LOSS)
    )


def first_over_last(values: FloatArray) -> tuple[float, float] | None:
    """The highest of the first losses and the last level, where far above it; else None.

    `values` are finite (float64 [n]); below 8 of them nothing is told.
    """
    if len(values) < MIN_LOSSES or values.min() <= 0:
        return None
    end = float(np.median(values[-max(3, len(values) // 10) :]))
    first = float(np.max(values[: max(1, len(values) // 20)]))
    return (first, end) if first >= FAR_ABOVE * end else None


def _held_up(values: FloatArray) -> bool:
    levels = first_over_last(values)
    if levels is None:
        return False
    smooth = running_median(values, max(1, len(values) // 20))
    return int(np.argmax(smooth <= NEAR_END * levels[1])) >= LARGE_PART * len(values)
