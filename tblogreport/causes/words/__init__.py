"""What is said of each cause: one sentence, and orders that one can follow.

One class a cause, with a `summary` and `fixes` of a case; the tables of the same names name them.
"""

from __future__ import annotations

from tblogreport.causes.words.games import (
    EndlessExploration,
    TooLittleExploration,
    UnbalancedAdversaries,
)
from tblogreport.causes.words.network import (
    BadInitialization,
    DeadUnits,
    LayerNotTrained,
    SaturatingActivations,
    TooMuchRegularization,
)
from tblogreport.causes.words.task import (
    DataNotScaled,
    DataNotShuffled,
    InputRunsOut,
    LabelsOrDataBroken,
    TooLittleRegularization,
    UnequalClasses,
)
from tblogreport.causes.words.training import (
    ClippingTooTight,
    NumericalError,
    RateTooHigh,
    RateTooLow,
    StateNotRestored,
    StoppedTooEarly,
    UnclippedGradients,
)
from tblogreport.causes.words.wrong_loss import WrongLossOrOutput

__all__ = [
    "BadInitialization",
    "ClippingTooTight",
    "DataNotScaled",
    "DataNotShuffled",
    "DeadUnits",
    "EndlessExploration",
    "InputRunsOut",
    "LabelsOrDataBroken",
    "LayerNotTrained",
    "NumericalError",
    "RateTooHigh",
    "RateTooLow",
    "SaturatingActivations",
    "StateNotRestored",
    "StoppedTooEarly",
    "TooLittleExploration",
    "TooLittleRegularization",
    "TooMuchRegularization",
    "UnbalancedAdversaries",
    "UnclippedGradients",
    "UnequalClasses",
    "WrongLossOrOutput",
]
