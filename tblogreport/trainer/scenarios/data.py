"""Runs on digits that fail in one known way each."""

from __future__ import annotations

from tblogreport.trainer.data import DIGITS, digits, few_and_noisy, with_shuffled_labels
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario


@scenario(
    expects=("oscillating-loss",),
    cause="learning-rate-too-high",
    epochs=60,
    seconds=25,
)
def learning_rate_too_high(seed: int) -> Experiment:
    """A learning rate 60 times too high throws the loss up and down without letting it settle."""
    import keras

    model = classifier(
        64,
        DIGITS,
        [64, 32],
        keras.optimizers.Adam(0.06),
        activation="tanh",
        kernel_initializer="glorot_uniform",
    )
    return Experiment(model, digits(seed))


@scenario(
    expects=("dead-layer", "non-converging-loss"),
    cause="dead-units",
    epochs=40,
    seconds=20,
)
def dead_relu(seed: int) -> Experiment:
    """Biases that start strongly negative keep all ReLU units at zero: only guessing is left."""
    import keras

    negative = keras.initializers.Constant(-4.0)
    model = classifier(64, DIGITS, [64, 64], "adam", bias_initializer=negative)
    return Experiment(model, digits(seed))


@scenario(
    expects=("non-converging-loss",),
    cause="labels-or-data-broken",
    epochs=40,
    seconds=20,
)
def shuffled_labels(seed: int) -> Experiment:
    """Labels that do not belong to the inputs: the network trains, but cannot learn anything.

    It is too small, and trained too gently, to learn the labels by heart.
    """
    import keras

    data = with_shuffled_labels(digits(seed), seed)
    return Experiment(classifier(64, DIGITS, [8], keras.optimizers.SGD(0.01)), data)


@scenario(
    expects=("overfitting",),
    cause="too-little-regularization",
    epochs=50,
    seconds=20,
)
def overfitting(seed: int) -> Experiment:
    """A large network memorises few samples with noisy labels: the validation loss turns."""
    data = few_and_noisy(digits(seed), seed, size=400, share=0.3)
    return Experiment(classifier(64, DIGITS, [256, 256], "adam"), data)
