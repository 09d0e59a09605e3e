"""Data that scikit-learn ships or makes, split for training and validation; and MNIST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Labels: TypeAlias = NDArray[Any]

DIGITS = 10
TONE_RATE = 4000  # samples a second
TONE_LENGTH = 1024  # samples
TONES = (262.0, 330.0, 392.0, 523.0)  # Hz: a C major chord


class DataError(Exception):
    """Data cannot be had; the message is one sentence for the user."""


@dataclass(frozen=True)
class Data:
    """Inputs float32 [n, …], and what is to be learned for each, [n] or [n, …].

    That is a class label int64 0 … C − 1, or values float32: for an autoencoder the
    inputs themselves.
    """

    x_train: FloatArray
    y_train: Labels
    x_validation: FloatArray
    y_validation: Labels


Loader: TypeAlias = Callable[[int], Data]  # of a seed


def digits(seed: int) -> Data:
    """Return scikit-learn's 1797 handwritten digits as 64 grey values in 0 … 1."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return _split(x / 16.0, y, seed, validation=0.25)


def mnist(seed: int) -> Data:
    """Return Keras' 60 000 + 10 000 digits of MNIST as 784 grey values in 0 … 1.

    They come from Keras' cache or, once, from the network; raises `DataError` where
    both fail. The split is MNIST's own, whatever the seed.
    """
    import keras

    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:  # urllib's, or a plain Exception around it
        raise DataError(
            "MNIST is not in Keras' cache and cannot be downloaded; "
            "connect to the network once, or train on the digits that are shipped"
        ) from error

    def flat(images: NDArray[np.uint8]) -> FloatArray:
        return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)

    return Data(flat(x_train), y_train.astype(np.int64), flat(x_test), y_test.astype(np.int64))


def circles(seed: int) -> Data:
    """Return 1000 points on two noisy rings, the inner one 0.8 times as wide, in −1 … 1.

    The rings overlap: no model gets much more than 85 % of the points right.
    """
    from sklearn.datasets import make_circles

    x, y = make_circles(n_samples=1000, noise=0.1, factor=0.8, random_state=seed)
    low, high = x.min(axis=0), x.max(axis=0)
    return _split(2 * (x - low) / (high - low) - 1, y, seed, validation=0.5)


def wine(seed: int) -> Data:
    """Return 178 wines of three cultivars: 13 quantities as measured, from 0.1 to 1680."""
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True)
    return _split(x, y, seed, validation=0.3)


def breast_cancer(seed: int) -> Data:
    """Return 569 tumours, malignant (0) or benign (1): 30 quantities, standardised."""
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    return standardised(_split(x, y, seed, validation=0.3))


def diabetes(seed: int) -> Data:
    """Return 442 patients: 10 quantities and the progress of the disease, all standardised."""
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True)
    return standardised(_split(x, (y - y.mean()) / y.std(), seed, validation=0.3))


def tones(seed: int) -> Data:
    """Return 600 sine tones [1024, 1] in noise, at 4000 samples a second, of four pitches."""
    generator = np.random.default_rng(seed)
    y = generator.integers(0, len(TONES), 600)
    time = np.arange(TONE_LENGTH) / TONE_RATE
    pitch = np.array(TONES)[y] * generator.uniform(0.98, 1.02, len(y))
    phase = generator.uniform(0, 2 * np.pi, len(y))
    clean = np.sin(2 * np.pi * pitch[:, None] * time + phase[:, None])
    noisy = 0.5 * clean + 0.3 * generator.standard_normal(clean.shape)
    return _split(np.clip(noisy, -1, 1)[:, :, None], y, seed, validation=0.25)


def fading_sums(seed: int) -> Data:
    """Return 800 sequences [40, 1] of normal noise; to learn: their sum, the latest most.

    A value counts 5 % less for every step that it lies back. A tenth of noise is added.
    """
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((800, 40))
    sums = values @ 0.95 ** np.arange(40)[::-1]
    y = sums / sums.std() + 0.1 * generator.standard_normal(len(sums))
    return _split(values[:, :, None], y, seed, validation=0.25)


def standardised(data: Data) -> Data:
    """Return inputs of mean 0 and variance 1 by the training samples, column by column."""
    mean, deviation = data.x_train.mean(axis=0), data.x_train.std(axis=0)
    return replace(
        data,
        x_train=(data.x_train - mean) / deviation,
        x_validation=(data.x_validation - mean) / deviation,
    )


def as_images(data: Data) -> Data:
    """Return square grey images [n, side, side, 1] from their values in rows."""

    def square(x: FloatArray) -> FloatArray:
        side = round(x.shape[1] ** 0.5)
        return x.reshape(len(x), side, side, 1)

    return replace(data, x_train=square(data.x_train), x_validation=square(data.x_validation))


def to_reconstruct(data: Data) -> Data:
    """Return the inputs as what is to be learned, for an autoencoder."""
    return replace(data, y_train=data.x_train, y_validation=data.x_validation)


def with_shuffled_labels(data: Data, seed: int) -> Data:
    """Return the same inputs, with labels that have nothing to do with them."""
    generator = np.random.default_rng(seed)
    return replace(
        data,
        y_train=generator.permutation(data.y_train),
        y_validation=generator.permutation(data.y_validation),
    )


def few_and_noisy(data: Data, seed: int, *, size: int, share: float) -> Data:
    """Return `size` training samples, where a `share` of all labels is drawn at random."""
    generator = np.random.default_rng(seed)
    classes = int(data.y_train.max()) + 1

    def noisy(labels: Labels) -> Labels:
        drawn = generator.integers(0, classes, len(labels))
        return np.where(generator.random(len(labels)) < share, drawn, labels)

    return Data(
        x_train=data.x_train[:size],
        y_train=noisy(data.y_train[:size]),
        x_validation=data.x_validation,
        y_validation=noisy(data.y_validation),
    )


def _split(x: NDArray[np.float64], y: Labels, seed: int, validation: float) -> Data:
    order = np.random.default_rng(seed).permutation(len(x))
    inputs = x[order].astype(np.float32)
    whole = np.issubdtype(y.dtype, np.integer)
    targets = y[order].astype(np.int64 if whole else np.float32)
    held_out = round(validation * len(x))
    return Data(inputs[held_out:], targets[held_out:], inputs[:held_out], targets[:held_out])
