"""Data that scikit-learn ships or makes, split for training and validation."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

DIGITS = 10


@dataclass(frozen=True)
class Data:
    """Inputs float32 [n, features] and class labels int64 [n], 0 … C − 1."""

    x_train: FloatArray
    y_train: IntArray
    x_validation: FloatArray
    y_validation: IntArray


def digits(seed: int) -> Data:
    """Return scikit-learn's 1797 handwritten digits as 64 grey values in 0 … 1."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return _split(x / 16.0, y, seed, validation=0.25)


def circles(seed: int) -> Data:
    """Return 1000 points on two noisy rings, the inner one 0.8 times as wide, in −1 … 1.

    The rings overlap: no model gets much more than 85 % of the points right.
    """
    from sklearn.datasets import make_circles

    x, y = make_circles(n_samples=1000, noise=0.1, factor=0.8, random_state=seed)
    low, high = x.min(axis=0), x.max(axis=0)
    return _split(2 * (x - low) / (high - low) - 1, y, seed, validation=0.5)


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

    def noisy(labels: IntArray) -> IntArray:
        drawn = generator.integers(0, classes, len(labels))
        return np.where(generator.random(len(labels)) < share, drawn, labels)

    return Data(
        x_train=data.x_train[:size],
        y_train=noisy(data.y_train[:size]),
        x_validation=data.x_validation,
        y_validation=noisy(data.y_validation),
    )


def _split(x: NDArray[np.float64], y: NDArray[np.int64], seed: int, validation: float) -> Data:
    order = np.random.default_rng(seed).permutation(len(x))
    inputs, labels = x[order].astype(np.float32), y[order].astype(np.int64)
    held_out = round(validation * len(x))
    return Data(inputs[held_out:], labels[held_out:], inputs[:held_out], labels[:held_out])
