"""The learning rate: too high in three ways, right, and too low."""

from __future__ import annotations

from tblogreport.trainer.data import DIGITS, diabetes, digits
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario


def _digits(seed: int, rate: float, epochs: int) -> Experiment:
    import keras

    model = classifier(
        64,
        DIGITS,
        [64, 32],
        keras.optimizers.Adam(rate),
        activation="tanh",
        kernel_initializer="glorot_uniform",
    )
    return Experiment(model, digits(seed), epochs, batch_size=32)


@scenario(
    expects=("oscillating-loss", "saturated-activations"),
    cause="learning-rate-too-high",
    seconds=9,
)
def learning_rate_too_high(seed: int) -> Experiment:
    """A learning rate 60 times too high throws the loss up and down without letting it settle."""
    return _digits(seed, 0.06, epochs=40)


@scenario(repairs=("learning-rate-too-high", "learning-rate-too-low"), seconds=8)
def learning_rate_right(seed: int) -> Experiment:
    """The same network at Adam's usual rate."""
    return _digits(seed, 0.001, epochs=20)


@scenario(expects=("slow-convergence",), cause="learning-rate-too-low", seconds=8)
def learning_rate_too_low(seed: int) -> Experiment:
    """The same network at a fiftieth of that: the loss still falls in a line when time is up."""
    return _digits(seed, 0.00002, epochs=20)


@scenario(
    expects=("diverging-loss", "update-ratio", "weight-growth"),
    cause="learning-rate-too-high",
    seconds=6,
)
def regression_diverging(seed: int) -> Experiment:
    """A regression whose every step overshoots a little further: the loss climbs."""
    return _regression(seed, 0.05)


@scenario(expects=("diverging-loss", "nan-or-inf"), cause="learning-rate-too-high", seconds=6)
def regression_nan(seed: int) -> Experiment:
    """The same regression at a rate at which it overflows: the loss becomes NaN."""
    return _regression(seed, 0.2)


@scenario(repairs=("regression-diverging", "regression-nan"), seconds=7)
def regression(seed: int) -> Experiment:
    """The same regression at a rate that suits it comes down to the noise of its data."""
    return _regression(seed, 0.0005)


def _regression(seed: int, rate: float) -> Experiment:
    import keras
    from keras import layers

    model = keras.Sequential(
        [keras.Input((10,)), layers.Dense(32, activation="tanh"), layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(rate, momentum=0.99), loss="mean_squared_error")
    return Experiment(model, diabetes(seed), epochs=30, batch_size=32)
