"""A recurrent network whose gradients explode, and its repair by clipping."""

from __future__ import annotations

from tblogreport.trainer.data import fading_sums
from tblogreport.trainer.scenario import Experiment, scenario


@scenario(
    expects=("nan-or-inf", "exploding-gradients"),
    cause="unclipped-gradients",
    seconds=10,
)
def exploding_rnn(seed: int) -> Experiment:
    """Forty steps through the same ReLU: now and then a gradient explodes, once for good."""
    return _sums(seed, clip=None)


@scenario(repairs=("exploding-rnn",), seconds=14)
def clipped_rnn(seed: int) -> Experiment:
    """The same network with the norm of the gradient clipped at 0.5."""
    return _sums(seed, clip=0.5)


def _sums(seed: int, clip: float | None) -> Experiment:
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((40, 1)),
            layers.SimpleRNN(
                32,
                activation="relu",
                recurrent_initializer="orthogonal",
                kernel_initializer=keras.initializers.RandomNormal(stddev=0.2),
            ),
            layers.Dense(1),
        ]
    )
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9, clipnorm=clip), loss="mean_squared_error"
    )
    return Experiment(model, fading_sums(seed), epochs=20, batch_size=16)
