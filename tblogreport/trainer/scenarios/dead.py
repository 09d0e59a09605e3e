"""Dead ReLU units: by their bias, by the learning rate, by the scale of the inputs."""

from __future__ import annotations

from typing import Any

from tblogreport.trainer.data import DIGITS, Data, digits, standardised, wine
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario


@scenario(expects=("dead-layer", "non-converging-loss"), cause="dead-units", seconds=11)
def dead_relu(seed: int) -> Experiment:
    """Biases that start strongly negative keep all ReLU units at zero: only guessing is left."""
    import keras

    negative = keras.initializers.Constant(-4.0)
    model = classifier(64, DIGITS, [64, 64], "adam", bias_initializer=negative)
    return Experiment(model, digits(seed), epochs=30)


@scenario(expects=("dead-layer", "non-converging-loss"), cause="learning-rate-too-high", seconds=7)
def dead_relu_by_learning_rate(seed: int) -> Experiment:
    """A few steps of enormous length push all ReLU units below zero, where they stay."""
    return _digits(seed, 3.0)


@scenario(repairs=("dead-relu", "dead-relu-by-learning-rate"), seconds=7)
def living_relu(seed: int) -> Experiment:
    """The same layers with biases of zero and steps of a usual length."""
    return _digits(seed, 0.1)


def _digits(seed: int, rate: float) -> Experiment:
    import keras

    model = classifier(64, DIGITS, [64, 64], keras.optimizers.SGD(rate))
    return Experiment(model, digits(seed), epochs=20)


@scenario(expects=("dead-layer", "non-converging-loss"), cause="learning-rate-too-high", seconds=11)
def dead_relu_by_input_scale(seed: int) -> Experiment:
    """Inputs up to 1680 make the first step so long that all ReLU units die of it.

    No log tells the scale of the inputs: what can be seen is that the rate is too high for it.
    """
    return Experiment(_of_wine(), wine(seed), epochs=40, batch_size=16)


@scenario(repairs=("dead-relu-by-input-scale",), seconds=10)
def standardised_inputs(seed: int) -> Experiment:
    """The same network and rate on the same inputs, of mean 0 and variance 1."""
    data: Data = standardised(wine(seed))
    return Experiment(_of_wine(), data, epochs=40, batch_size=16)


def _of_wine() -> Any:
    import keras

    return classifier(13, 3, [32, 32], keras.optimizers.SGD(0.01))
