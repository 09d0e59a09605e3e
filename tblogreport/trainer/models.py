"""The networks of the scenarios: stacks of dense layers, compiled for classification."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def classifier(
    features: int,
    classes: int,
    hidden: Sequence[int],
    optimizer: Any,
    *,
    activation: str = "relu",
    kernel_initializer: Any = "he_uniform",
    bias_initializer: Any = "zeros",
    output_initializer: Any = "glorot_uniform",
    dropout: float = 0.0,
) -> Any:
    """Return a compiled `keras.Sequential` of dense layers.

    Two classes end in one sigmoid unit with binary cross-entropy, more in softmax
    with cross-entropy. `dropout` follows every hidden layer when above 0.
    """
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((features,))])
    for units in hidden:
        model.add(
            layers.Dense(
                units,
                activation=activation,
                kernel_initializer=_fresh(kernel_initializer),
                bias_initializer=_fresh(bias_initializer),
            )
        )
        if dropout:
            model.add(layers.Dropout(dropout))
    binary = classes == 2
    model.add(
        layers.Dense(
            1 if binary else classes,
            activation="sigmoid" if binary else "softmax",
            kernel_initializer=_fresh(output_initializer),
        )
    )
    loss = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    return model


def _fresh(initializer: Any) -> Any:
    """A copy, as an initializer with a seed of its own gives every layer the same values."""
    return initializer if isinstance(initializer, str) else initializer.clone()
