"""Five hidden layers of five units on two rings: with vanishing gradients, and repaired.

After the classic demonstration by Brownlee, "How to Fix the Vanishing Gradients
Problem Using the ReLU" (2019).
"""

from __future__ import annotations

from tblogreport.trainer.data import circles
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario

HIDDEN = (5, 5, 5, 5, 5)


@scenario(
    expects=("vanishing-gradients", "non-converging-loss"),
    cause="bad-initialization",
    epochs=100,
    seconds=30,
)
def circles_tanh(seed: int) -> Experiment:
    """Five tanh layers whose weights start close to zero: no gradient gets through to the first.

    Weights within ±0.05 are what Keras draws for `random_uniform`. On its way the signal
    shrinks until only the biases are left of it, and the gradient on its way back: the
    network gives the same answer for every point. The units are nowhere near saturation.
    """
    import keras

    uniform = keras.initializers.RandomUniform(-0.05, 0.05)
    model = classifier(
        2,
        2,
        HIDDEN,
        keras.optimizers.SGD(0.01, momentum=0.9),
        activation="tanh",
        kernel_initializer=uniform,
        bias_initializer=uniform,
        output_initializer=uniform,
    )
    return Experiment(model, circles(seed))


@scenario(epochs=150, seconds=30)
def circles_relu(seed: int) -> Experiment:
    """The same network with ReLU and He initialisation learns to tell the rings apart."""
    import keras

    model = classifier(2, 2, HIDDEN, keras.optimizers.SGD(0.01, momentum=0.9))
    return Experiment(model, circles(seed))
