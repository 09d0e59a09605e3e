"""What is wrong with the data: labels that are shuffled, single batches that are broken."""

from __future__ import annotations

from typing import Any

from tblogreport.trainer.data import DIGITS, Data, digits, with_shuffled_labels
from tblogreport.trainer.models import classifier, compiled
from tblogreport.trainer.scenario import Experiment, scenario


@scenario(expects=("non-converging-loss",), cause="labels-or-data-broken", seconds=13)
def shuffled_labels(seed: int) -> Experiment:
    """Labels that do not belong to the inputs: the network trains, but cannot learn anything.

    It is too small, and trained too gently, to learn the labels by heart.
    """
    return _small(with_shuffled_labels(digits(seed), seed))


@scenario(repairs=("shuffled-labels",), seconds=19)
def right_labels(seed: int) -> Experiment:
    """The same small network, trained as gently, on labels that belong to their inputs."""
    return _small(digits(seed))


def _small(data: Data) -> Experiment:
    import keras

    return Experiment(classifier(64, DIGITS, [8], keras.optimizers.SGD(0.02)), data, epochs=40)


@scenario(expects=("loss-spikes",), cause="labels-or-data-broken", seconds=11)
def bad_batches(seed: int) -> Experiment:
    """One batch in sixty is fed with grey values of 0 … 16 instead of 0 … 1: the loss jumps."""
    return _digits(seed, forgotten=1 / 60)


@scenario(repairs=("bad-batches",), seconds=8)
def good_batches(seed: int) -> Experiment:
    """The same network, fed as it should be."""
    return _digits(seed, forgotten=0.0)


def _digits(seed: int, forgotten: float) -> Experiment:
    import keras
    from keras import layers

    class Unscale(layers.Layer):  # type: ignore[misc]  # Keras ships no types
        """Undoes the division by 16 for a share of the batches."""

        def __init__(self) -> None:
            super().__init__(name="scale")
            self.draws = keras.random.SeedGenerator(seed)

        def call(self, inputs: Any, training: bool = False) -> Any:
            if not training:
                return inputs
            drawn = keras.random.uniform((), seed=self.draws)
            return inputs * keras.ops.where(drawn < forgotten, 16.0, 1.0)

    model = keras.Sequential(
        [
            keras.Input((64,)),
            Unscale(),
            layers.Dense(64, activation="relu", kernel_initializer="he_uniform"),
            layers.Dense(DIGITS, activation="softmax"),
        ]
    )
    compiled(model, DIGITS, keras.optimizers.SGD(0.02, momentum=0.9))
    return Experiment(model, digits(seed), epochs=20)
