"""Layers that are not trained: frozen by mistake, or cut off from the loss."""

from __future__ import annotations

from tblogreport.trainer.data import DIGITS, digits
from tblogreport.trainer.models import compiled
from tblogreport.trainer.scenario import Experiment, scenario


@scenario(
    expects=("unchanged-weights",),
    cause="layer-not-trained",
    seconds=7,
)
def frozen_layers(seed: int) -> Experiment:
    """An encoder is frozen as if it were pre-trained, and its weights were never loaded."""
    return _digits(seed, frozen=True)


@scenario(
    expects=("unchanged-weights",),
    cause="layer-not-trained",
    seconds=6,
)
def detached_layers(seed: int) -> Experiment:
    """A `stop_gradient` that was forgotten cuts the same encoder off from the loss."""
    return _digits(seed, detached=True)


@scenario(repairs=("frozen-layers", "detached-layers"), seconds=6)
def trained_layers(seed: int) -> Experiment:
    """The same network, trained from the first layer to the last."""
    return _digits(seed)


def _digits(seed: int, *, frozen: bool = False, detached: bool = False) -> Experiment:
    """An encoder down to three numbers, which must be chosen well, and a classifier of them."""
    import keras
    from keras import layers

    encoder = [layers.Dense(32, activation="tanh"), layers.Dense(3, activation="tanh")]
    signal = inputs = keras.Input((64,))
    for layer in encoder:
        layer.trainable = not frozen
        signal = layer(signal)
    if detached:
        signal = layers.Lambda(keras.ops.stop_gradient)(signal)
    signal = layers.Dense(32, activation="tanh")(signal)
    outputs = layers.Dense(DIGITS, activation="softmax")(signal)
    model = compiled(keras.Model(inputs, outputs), DIGITS, keras.optimizers.Adam(0.004))
    return Experiment(model, digits(seed), epochs=20)
