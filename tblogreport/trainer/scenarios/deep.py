"""Six hidden layers on digits: sigmoid, which lets no gradient through, and ReLU."""

from __future__ import annotations

from tblogreport.trainer.data import DIGITS, digits
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario

HIDDEN = (32,) * 6


@scenario(
    expects=("vanishing-gradients", "non-converging-loss"),
    cause="saturating-activations",
    seconds=8,
)
def deep_sigmoid(seed: int) -> Experiment:
    """Six sigmoid layers: every one passes on at most a quarter of the gradient."""
    import keras

    model = classifier(
        64,
        DIGITS,
        HIDDEN,
        keras.optimizers.SGD(0.1),
        activation="sigmoid",
        kernel_initializer="glorot_uniform",
    )
    return Experiment(model, digits(seed), epochs=30)


@scenario(repairs=("deep-sigmoid",), seconds=10)
def deep_relu(seed: int) -> Experiment:
    """The same six layers with ReLU and He initialisation learn the digits."""
    import keras

    model = classifier(64, DIGITS, HIDDEN, keras.optimizers.SGD(0.1))
    return Experiment(model, digits(seed), epochs=30)
