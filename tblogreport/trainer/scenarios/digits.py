"""Runs that nothing is wrong with."""

from __future__ import annotations

from tblogreport.trainer.data import DIGITS, digits
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario


@scenario(epochs=30, seconds=20)
def digits_mlp(seed: int) -> Experiment:
    """A multi-layer perceptron with dropout learns handwritten digits: a healthy run."""
    data = digits(seed)
    return Experiment(classifier(64, DIGITS, [128], "adam", dropout=0.2), data)
