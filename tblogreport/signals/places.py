"""How a place in a run is called, by what its steps count: `epoch 7`, or `step 4 000`.

Whoever reads `step 7` thinks of batches, where Keras' `epoch_loss` has gone through seven epochs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tblogreport.context.series import Axis, Series
from tblogreport.numbers import integer, listed, number
from tblogreport.signals import Signals


def unit_of(series: Series) -> str:
    """What the steps of a series count, as a word."""
    return "epoch" if series.axis == Axis.EPOCH else "step"


def unit_of_records(signals: Signals, *recorded: NDArray[np.int64]) -> str:
    """What the steps of histograms count: epochs where the loss' do and they fit its range."""
    loss = signals.loss
    if loss is None or loss.axis != Axis.EPOCH:
        return "step"
    fits = all(int(steps.max()) <= int(loss.steps.max()) for steps in recorded)
    return "epoch" if fits else "step"


def place_of(series: Series, step: int) -> str:
    """A step of a series: `epoch 7`."""
    return f"{unit_of(series)} {integer(step)}"


def place_of_record(signals: Signals, recorded: NDArray[np.int64], step: int) -> str:
    """One of the steps at which a histogram was recorded: `epoch 7`."""
    return f"{unit_of_records(signals, recorded)} {integer(step)}"


def places_of(series: Series, steps: Sequence[int]) -> str:
    """Steps of a series: `epoch 7`, or `epochs 7, 9 and 12`."""
    return f"{unit_of(series)}{'s' * (len(steps) != 1)} {listed([integer(s) for s in steps])}"


def stretch_of(series: Series, steps: float) -> str:
    """How long something takes in a series: `1 epoch`, or `2.5 epochs`."""
    return f"{number(steps, 2)} {unit_of(series)}{'s' * (steps != 1)}"
