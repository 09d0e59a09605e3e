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
    """Five tanh layers with weights too close to zero: no gradient gets through to the first.

    A layer of 5 units with weights within ±0.2 passes on a quarter of what varies. The
    biases, within ±1, keep the units busy, but with the same values for every point.
    """
    import keras

    model = classifier(
        2,
        2,
        HIDDEN,
        keras.optimizers.SGD(0.01, momentum=0.9),
        activation="tanh",
        kernel_initializer=keras.initializers.RandomUniform(-0.2, 0.2),
        bias_initializer=keras.initializers.RandomUniform(-1.0, 1.0),
    )
    return Experiment(model, circles(seed))


@scenario(epochs=150, seconds=30)
def circles_relu(seed: int) -> Experiment:
    """The same network with ReLU and He initialisation learns to tell the rings apart."""
    import keras

    model = classifier(2, 2, HIDDEN, keras.optimizers.SGD(0.01, momentum=0.9))
    return Experiment(model, circles(seed))
