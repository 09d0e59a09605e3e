"""Five hidden layers of five units on two rings: with vanishing gradients, and repaired.

After the classic demonstration by Brownlee, "How to Fix the Vanishing Gradients
Problem Using the ReLU" (2019).
"""

from __future__ import annotations

from typing import Any

from tblogreport.trainer.data import circles
from tblogreport.trainer.models import classifier, compiled
from tblogreport.trainer.scenario import Experiment, scenario

HIDDEN = (5, 5, 5, 5, 5)
EPOCHS, BATCH = 50, 32


def _momentum(rate: float = 0.05) -> Any:
    import keras

    return keras.optimizers.SGD(rate, momentum=0.9)


def _small() -> Any:
    """Weights within ±0.05, what Keras draws for `random_uniform`."""
    import keras

    return keras.initializers.RandomUniform(-0.05, 0.05)


@scenario(
    expects=("vanishing-gradients", "non-converging-loss", "poor-initialization"),
    cause="bad-initialization",
    seconds=13,
)
def circles_tanh(seed: int) -> Experiment:
    """Five tanh layers whose weights start close to zero: no gradient gets through to the first.

    On its way the signal shrinks until only the biases are left of it, and the gradient
    on its way back: the network gives the same answer for every point. The units are
    nowhere near saturation.
    """
    model = classifier(
        2,
        2,
        HIDDEN,
        _momentum(),
        activation="tanh",
        kernel_initializer=_small(),
        bias_initializer=_small(),
        output_initializer=_small(),
    )
    return Experiment(model, circles(seed), epochs=EPOCHS, batch_size=BATCH)


@scenario(repairs=("circles-tanh",), seconds=38)
def circles_relu(seed: int) -> Experiment:
    """The same network with ReLU and He initialisation learns to tell the rings apart."""
    return Experiment(
        classifier(2, 2, HIDDEN, _momentum()), circles(seed), epochs=120, batch_size=BATCH
    )


@scenario(repairs=("circles-tanh",), seconds=16)
def circles_leaky_relu(seed: int) -> Experiment:
    """With Leaky ReLU and He initialisation no unit can die, and the rings are told apart."""
    model = classifier(2, 2, HIDDEN, _momentum(), activation="leaky_relu")
    return Experiment(model, circles(seed), epochs=EPOCHS, batch_size=BATCH)


@scenario(repairs=("circles-tanh",), seconds=19)
def circles_batch_normalisation(seed: int) -> Experiment:
    """Tanh and the same small weights, normalised before every activation: the signal stays.

    Five units in batches of 32 are too few for good statistics, and a higher rate is borne.
    """
    model = classifier(
        2,
        2,
        HIDDEN,
        _momentum(0.1),
        activation="tanh",
        kernel_initializer=_small(),
        normalise=True,
    )
    return Experiment(model, circles(seed), epochs=80, batch_size=64)


@scenario(repairs=("circles-tanh",), seconds=12)
def circles_residual(seed: int) -> Experiment:
    """Tanh and the same small weights, with a way around every layer: the gradient takes it."""
    import keras
    from keras import layers

    inputs = keras.Input((2,))
    signal = layers.Dense(HIDDEN[0], activation="tanh")(inputs)
    for units in HIDDEN[1:]:
        change = layers.Dense(
            units, activation="tanh", kernel_initializer=_small(), bias_initializer=_small()
        )(signal)
        signal = layers.Add()([signal, change])
    outputs = layers.Dense(1, activation="sigmoid")(signal)
    model = compiled(keras.Model(inputs, outputs), 2, _momentum())
    return Experiment(model, circles(seed), epochs=40, batch_size=BATCH)
