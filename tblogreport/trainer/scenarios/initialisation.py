"""Weights that start all alike, or far too large; and as they should."""

from __future__ import annotations

from typing import Any

from tblogreport.trainer.data import DIGITS, digits
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario


@scenario(
    expects=("dead-layer", "non-converging-loss", "poor-initialization"),
    cause="bad-initialization",
    seconds=4,
)
def zero_initialisation(seed: int) -> Experiment:
    """Weights that start at zero give every unit the same gradient: none."""
    return _digits(seed, "zeros", output="zeros")


@scenario(
    expects=("poor-initialization",),
    cause="bad-initialization",
    seconds=4,
)
def huge_initialisation(seed: int) -> Experiment:
    """Weights that start fifteen times too large: the first loss is in the thousands."""
    import keras

    return _digits(seed, keras.initializers.RandomNormal(stddev=3.0))


@scenario(repairs=("zero-initialisation", "huge-initialisation"), seconds=4)
def he_initialisation(seed: int) -> Experiment:
    """The same network with the weights that He et al. give for ReLU."""
    return _digits(seed, "he_normal")


def _digits(seed: int, kernel: Any, output: str = "glorot_uniform") -> Experiment:
    import keras

    model = classifier(
        64,
        DIGITS,
        [48, 48],
        keras.optimizers.Adam(0.001),
        kernel_initializer=kernel,
        output_initializer=output,
    )
    return Experiment(model, digits(seed), epochs=20)
