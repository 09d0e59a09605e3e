"""Data that scikit-learn ships or numpy draws, the same for both frameworks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.recipe import Recipe

Array: TypeAlias = NDArray[Any]
TEXT_LENGTH = 24


@dataclass(frozen=True)
class Data:
    """Samples for training and validation; targets are classes, values or tokens.

    x is float32 [n, …] (text: int64 [n, length]), y int64 [n] (classes), float32 [n, k]
    (values) or int64 [n, length] (text).
    """

    task: str  # classes, values, text
    x_train: Array
    y_train: Array
    x_validation: Array
    y_validation: Array
    classes: int = 0  # of values: their number a sample


def load(name: str, recipe: Recipe, seed: int) -> Data:
    """Return the named data set as the recipe wants it: its labels, scale and size."""
    rng = np.random.default_rng([seed, 7])
    data = _spoiled(DATASETS[name](), recipe, rng)
    scale = np.float32(recipe.input_scale)
    if data.task != "text":
        data = replace(data, x_train=data.x_train * scale, x_validation=data.x_validation * scale)
    if data.task == "values" and recipe.target_scale != 1.0:
        unit = np.float32(recipe.target_scale)
        data = replace(data, y_train=data.y_train * unit, y_validation=data.y_validation * unit)
    return data


def _spoiled(data: Data, recipe: Recipe, rng: np.random.Generator) -> Data:
    size = recipe.train_size or len(data.x_train)
    x, y = data.x_train[:size], data.y_train[:size].copy()
    y_validation = data.y_validation
    if recipe.labels == "shuffled":
        y, y_validation = rng.permutation(y), rng.permutation(y_validation)
    if recipe.label_noise and data.task == "classes":
        drawn = rng.integers(0, data.classes, len(y))
        y = np.where(rng.random(len(y)) < recipe.label_noise, drawn, y)
    elif recipe.label_noise:
        noise = rng.standard_normal(y.shape) * recipe.label_noise * np.std(y)
        y = (y + noise).astype(y.dtype)
    return replace(data, x_train=x, y_train=y, y_validation=y_validation)


def _split(task: str, x: Array, y: Array, classes: int, held_out: float = 0.3) -> Data:
    """Split once and for all: which samples are held out does not depend on a run's seed."""
    order = np.random.default_rng(99).permutation(len(x))
    x, y = x[order], y[order]
    n = round(held_out * len(x))
    return Data(task, x[n:], y[n:], x[:n], y[:n], classes)


@cache
def _digits() -> Data:
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    images = (x / 16.0).astype(np.float32).reshape(-1, 8, 8)
    return _split("classes", images, y.astype(np.int64), 10)


@cache
def _pictures() -> Data:
    """Digits to be painted again: the target is the input."""
    images = _digits()
    flat_train = images.x_train.reshape(len(images.x_train), -1)
    flat_validation = images.x_validation.reshape(len(images.x_validation), -1)
    return Data("values", images.x_train, flat_train, images.x_validation, flat_validation, 64)


@cache
def _cancer() -> Data:
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    scaled = ((x - x.mean(0)) / x.std(0)).astype(np.float32)
    return _split("classes", scaled, y.astype(np.int64), 2)


@cache
def _diabetes() -> Data:
    """Values that half of the spread of which nothing in the inputs explains."""
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True)
    target = ((y - y.mean()) / y.std()).astype(np.float32)[:, None]
    return _split("values", (x / x.std(0)).astype(np.float32), target, 1)


@cache
def _moons() -> Data:
    from sklearn.datasets import make_moons

    x, y = make_moons(2000, noise=0.15, random_state=5)
    return _split("classes", x.astype(np.float32), y.astype(np.int64), 2)


@cache
def _blobs() -> Data:
    from sklearn.datasets import make_classification

    x, y = make_classification(
        2400, 40, n_informative=12, n_redundant=8, n_classes=5, class_sep=1.6, random_state=11
    )
    return _split("classes", x.astype(np.float32) / 3.0, y.astype(np.int64), 5)


@cache
def _friedman() -> Data:
    from sklearn.datasets import make_friedman1

    x, y = make_friedman1(1500, 10, noise=0.5, random_state=3)
    target = ((y - y.mean()) / y.std()).astype(np.float32)[:, None]
    return _split("values", (2 * x - 1).astype(np.float32), target, 1)


@cache
def _waves() -> Data:
    """Noisy oscillations of four kinds, 40 samples long: which kind is it?"""
    rng = np.random.default_rng(21)
    n, t = 1600, np.linspace(0.0, 1.0, 40)
    kind = rng.integers(0, 4, n)
    phase, speed = rng.uniform(0, 2 * np.pi, n)[:, None], rng.uniform(3, 5, n)[:, None]
    angle = 2 * np.pi * speed * t + phase
    forms = np.stack(
        [np.sin(angle), np.sign(np.sin(angle)), angle / np.pi % 2 - 1, np.sin(angle * (1 + t))]
    )
    x = forms[kind, np.arange(n)] + 0.3 * rng.standard_normal((n, len(t)))
    return _split("classes", x.astype(np.float32)[:, :, None], kind.astype(np.int64), 4)


@cache
def _sums() -> Data:
    """Sequences of 30 numbers of which two are marked: what is their sum?"""
    rng = np.random.default_rng(31)
    n, length = 2000, 30
    values = rng.uniform(0, 1, (n, length))
    marks = np.zeros((n, length))
    for row in marks:
        row[rng.choice(length, 2, replace=False)] = 1.0
    target = (values * marks).sum(1, keepdims=True)
    x = np.stack([values, marks], axis=2)
    return _split("values", x.astype(np.float32), (target - 1.0).astype(np.float32), 1)


@cache
def _text() -> Data:
    """What scikit-learn says of its data sets, as letters: which comes next?"""
    from sklearn import datasets

    loaders = (datasets.load_digits, datasets.load_breast_cancer, datasets.load_diabetes)
    text = "\n".join(loader()["DESCR"] for loader in loaders).lower()
    letters = sorted(set(text))
    tokens = np.array([letters.index(letter) for letter in text], dtype=np.int64)
    rows = (len(tokens) - 1) // TEXT_LENGTH
    windows = np.stack([tokens[TEXT_LENGTH * i : TEXT_LENGTH * (i + 1) + 1] for i in range(rows)])
    return _split("text", windows[:, :-1], windows[:, 1:], len(letters))


DATASETS = {
    "digits": _digits,
    "pictures": _pictures,
    "cancer": _cancer,
    "diabetes": _diabetes,
    "moons": _moons,
    "blobs": _blobs,
    "friedman": _friedman,
    "waves": _waves,
    "sums": _sums,
    "text": _text,
}
