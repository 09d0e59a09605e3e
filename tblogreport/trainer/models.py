"""The networks that several scenarios share, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def classifier(
    features: int,
    classes: int,
    hidden: Sequence[int],
    optimizer: Any,
    *,
    activation: Any = "relu",
    kernel_initializer: Any = "he_uniform",
    bias_initializer: Any = "zeros",
    output_initializer: Any = "glorot_uniform",
    dropout: float = 0.0,
    normalise: bool = False,
) -> Any:
    """Return a compiled `keras.Sequential` of dense layers.

    Two classes end in one sigmoid unit with binary cross-entropy, more in softmax
    with cross-entropy. `normalise` puts batch normalisation before every hidden
    activation; `dropout` follows every hidden layer when above 0.
    """
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((features,))])
    for units in hidden:
        model.add(
            layers.Dense(
                units,
                activation=None if normalise else activation,
                use_bias=not normalise,  # it would be normalised away
                kernel_initializer=_fresh(kernel_initializer),
                bias_initializer=_fresh(bias_initializer),
            )
        )
        if normalise:
            model.add(layers.BatchNormalization(momentum=0.9))
            model.add(layers.Activation(activation))
        if dropout:
            model.add(layers.Dropout(dropout))
    model.add(
        layers.Dense(
            1 if classes == 2 else classes,
            activation="sigmoid" if classes == 2 else "softmax",
            kernel_initializer=_fresh(output_initializer),
        )
    )
    return compiled(model, classes, optimizer)


def compiled(model: Any, classes: int, optimizer: Any) -> Any:
    """Return the model, compiled with the cross-entropy of so many classes and accuracy."""
    loss = "binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy"
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    return model


def _fresh(initializer: Any) -> Any:
    """A copy, as an initializer with a seed of its own gives every layer the same values."""
    return initializer if isinstance(initializer, str) else initializer.clone()
