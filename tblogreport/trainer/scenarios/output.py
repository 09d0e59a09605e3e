"""An output layer that does not fit the loss, and one that does."""

from __future__ import annotations

from tblogreport.trainer.data import breast_cancer
from tblogreport.trainer.models import compiled
from tblogreport.trainer.scenario import Experiment, scenario


@scenario(expects=("loss-metric-mismatch",), cause="wrong-loss-or-output", seconds=5)
def one_unit_softmax(seed: int) -> Experiment:
    """A softmax over one unit is 1 whatever comes in: the network answers the same for all."""
    return _tumours(seed, "softmax")


@scenario(repairs=("one-unit-softmax",), seconds=6)
def one_unit_sigmoid(seed: int) -> Experiment:
    """The same network with a sigmoid on its one unit."""
    return _tumours(seed, "sigmoid")


def _tumours(seed: int, last: str) -> Experiment:
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((30,)),
            layers.Dense(16, activation="relu", kernel_initializer="he_uniform"),
            layers.Dense(1, activation=last),
        ]
    )
    model = compiled(model, 2, keras.optimizers.SGD(0.05))
    return Experiment(model, breast_cancer(seed), epochs=40)
