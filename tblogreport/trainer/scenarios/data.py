"""What is wrong with the data: labels that are shuffled, single batches that are broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tblogreport.trainer.data import DIGITS, Data, digits, with_shuffled_labels
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario


@scenario(expects=("non-converging-loss",), cause="labels-or-data-broken", seconds=10)
def shuffled_labels(seed: int) -> Experiment:
    """Labels that do not belong to the inputs: the network trains, but cannot learn anything.

    It is too small, and trained too gently, to learn the labels by heart.
    """
    return _small(with_shuffled_labels(digits(seed), seed))


@scenario(repairs=("shuffled-labels",), seconds=10)
def right_labels(seed: int) -> Experiment:
    """The same small network, trained as gently, on labels that belong to their inputs."""
    return _small(digits(seed))


def _small(data: Data) -> Experiment:
    import keras

    return Experiment(classifier(64, DIGITS, [8], keras.optimizers.SGD(0.01)), data, epochs=40)


@scenario(awaits=("loss-spikes", "gradient-spikes"), seconds=10)
def bad_batches(seed: int) -> Experiment:
    """A handful of samples that were never scaled: each batch with one throws the loss up."""
    data = digits(seed)
    spoilt = data.x_train.copy()
    spoilt[np.random.default_rng(seed).choice(len(spoilt), 4, replace=False)] *= 16 * 16
    return _gentle(replace(data, x_train=spoilt))


@scenario(repairs=("bad-batches",), seconds=10)
def good_batches(seed: int) -> Experiment:
    """The same network on the same samples, all of them scaled."""
    return _gentle(digits(seed))


def _gentle(data: Data) -> Experiment:
    import keras

    return Experiment(classifier(64, DIGITS, [64], keras.optimizers.Adam(0.0005)), data, epochs=30)
