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

    x is float32 [n, …] (tokens: int64 [n, length]), y int64 [n] (classes), float32 [n, k]
    (values) or int64 [n, length] (text).
    """

    task: str  # classes, values, text
    x_train: Array
    y_train: Array
    x_validation: Array
    y_validation: Array
    classes: int = 0  # of values: their number a sample

    @property
    def tokens(self) -> int:
        """How many tokens there are; 0 where the inputs are numbers."""
        return int(self.x_train.max()) + 1 if self.x_train.dtype == np.int64 else 0


def load(name: str, recipe: Recipe, seed: int) -> Data:
    """Return the named data set as the recipe wants it: its labels, scale and size."""
    rng = np.random.default_rng([seed, 7])
    data = _spoiled(DATASETS[name](), recipe, rng)
    scale = np.float32(recipe.input_scale)
    if not data.tokens:
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


@cache
def _hastie() -> Data:
    """Whether a point lies inside of a ball in ten dimensions."""
    from sklearn.datasets import make_hastie_10_2

    x, y = make_hastie_10_2(4000, random_state=17)
    return _split("classes", (x / 2.0).astype(np.float32), (y > 0).astype(np.int64), 2)


@cache
def _shifted() -> Data:
    """Digits somewhere near the middle of a larger and noisy canvas."""
    rng, digits = np.random.default_rng(41), _digits()
    images = np.concatenate([digits.x_train, digits.x_validation])
    canvas = 0.1 * rng.standard_normal((len(images), 12, 12))
    for image, (row, column), target in zip(
        images, rng.integers(1, 4, (len(images), 2)), canvas, strict=True
    ):
        target[row : row + 8, column : column + 8] += image
    y = np.concatenate([digits.y_train, digits.y_validation])
    return _split("classes", canvas.astype(np.float32), y, 10)


@cache
def _wine() -> Data:
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True)
    return _split("classes", ((x - x.mean(0)) / x.std(0)).astype(np.float32), y.astype(np.int64), 3)


@cache
def _quantiles() -> Data:
    from sklearn.datasets import make_gaussian_quantiles

    x, y = make_gaussian_quantiles(n_samples=2200, n_features=5, n_classes=4, random_state=23)
    return _split("classes", x.astype(np.float32), y.astype(np.int64), 4)


@cache
def _roll() -> Data:
    """Where on a rolled-up sheet is a point?"""
    from sklearn.datasets import make_swiss_roll

    x, t = make_swiss_roll(1800, noise=0.5, random_state=29)
    target = ((t - t.mean()) / t.std()).astype(np.float32)[:, None]
    return _split("values", ((x - x.mean(0)) / x.std(0)).astype(np.float32), target, 1)


@cache
def _patches() -> Data:
    """Noisy patches of a photograph: what were they before?"""
    from sklearn.datasets import load_sample_image

    rng = np.random.default_rng(43)
    grey = load_sample_image("china.jpg").mean(2) / 127.5 - 1.0
    corners = rng.integers(0, np.array(grey.shape) - 8, (1600, 2))
    clean = np.stack([grey[r : r + 8, c : c + 8] for r, c in corners])
    x = (clean + 0.3 * rng.standard_normal(clean.shape)).astype(np.float32)
    return _split("values", x, clean.reshape(len(clean), -1).astype(np.float32), 64)


@cache
def _tides() -> Data:
    """Two noisy oscillations, added: what comes three samples after the last one?"""
    rng = np.random.default_rng(47)
    n, t = 1800, np.arange(33.0)
    size, phase = rng.uniform(0.3, 1.0, (2, n, 1)), rng.uniform(0, 2 * np.pi, (2, n, 1))
    speed = np.array([0.30, 0.55])[:, None, None]
    levels = (size * np.sin(speed * t + phase)).sum(0)
    x = levels[:, :30] + 0.1 * rng.standard_normal((n, 30))
    return _split("values", x.astype(np.float32)[:, :, None], levels[:, -1:].astype(np.float32), 1)


@cache
def _walks() -> Data:
    """Did a random walk of 24 steps ever come as high as 4?"""
    rng = np.random.default_rng(53)
    steps = rng.choice([-1.0, 1.0], (2400, 24))
    high = steps.cumsum(1).max(1) >= 4
    return _split("classes", steps.astype(np.float32)[:, :, None], high.astype(np.int64), 2)


@cache
def _majority() -> Data:
    """Which of five tokens stands most often in a row of 21?"""
    rng = np.random.default_rng(59)
    rows = rng.integers(0, 5, (5000, 21))
    counts = (rows[:, :, None] == np.arange(5)).sum(1)
    first, second = np.sort(counts, axis=1)[:, :-3:-1].T
    clear = first > second
    return _split("classes", rows[clear][:2400], counts.argmax(1)[clear][:2400], 5)


@cache
def _ratings() -> Data:
    """What 40 users think of 60 items, by a few hidden tastes: a row is a user and an item."""
    rng = np.random.default_rng(61)
    users, items = rng.standard_normal((40, 3)), rng.standard_normal((60, 3))
    leaning = rng.standard_normal(60)
    user, item = (a.ravel() for a in np.meshgrid(np.arange(40), np.arange(60), indexing="ij"))
    score = (users[user] * items[item]).sum(1) / 1.7 + 0.7 * leaning[item]
    score += 0.3 * rng.standard_normal(len(score))
    x = np.stack([user, 40 + item], axis=1)
    return _split("values", x, score.astype(np.float32)[:, None], 1)


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
    "hastie": _hastie,
    "shifted": _shifted,
    "wine": _wine,
    "quantiles": _quantiles,
    "roll": _roll,
    "patches": _patches,
    "tides": _tides,
    "walks": _walks,
    "majority": _majority,
    "ratings": _ratings,
}
