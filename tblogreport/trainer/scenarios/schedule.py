"""A learning rate that decays to nothing long before the end, and one that does so in time."""

from __future__ import annotations

from tblogreport.trainer.data import DIGITS, digits
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario

EPOCHS = 40
STEPS = 22  # an epoch: 1348 samples in batches of 64


@scenario(expects=("learning-rate-schedule",), cause="training-stopped-too-early", seconds=12)
def schedule_too_short(seed: int) -> Experiment:
    """A cosine decay made for 8 epochs: for the other 32 the rate is zero and the loss stands."""
    return _digits(seed, decay=8)


@scenario(repairs=("schedule-too-short",), seconds=10)
def schedule_in_full(seed: int) -> Experiment:
    """The same decay over all 40 epochs."""
    return _digits(seed, decay=EPOCHS)


def _digits(seed: int, decay: int) -> Experiment:
    import keras

    rate = keras.optimizers.schedules.CosineDecay(0.05, decay * STEPS)
    model = classifier(64, DIGITS, [64], keras.optimizers.SGD(rate))
    return Experiment(model, digits(seed), epochs=EPOCHS)
