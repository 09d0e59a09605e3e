"""Train one program in Keras: log it as people do, and record what really happened."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from benchmarks.accuracy import keras_models
from benchmarks.accuracy.data import Array, Data, load
from benchmarks.accuracy.keras_measure import Measure
from benchmarks.accuracy.recipe import Checkpoint, Recipe, Record
from benchmarks.accuracy.schedule import rate_at
from tblogreport.instrument.keras import TensorHealth

CHECKPOINTS = 24
HISTOGRAM_RECORDS = 10
# What each manner logs, as letters: see `recipe.LOGGED`.
MANNERS = {
    "keras": "VH",
    "keras-histograms": "VWH",
    "keras-health": "BVWNGAHU",
    "keras-batches": "BVH",
    "keras-own": "VH",
    "keras-tutorial": "V",
}


def train(
    data_name: str, architecture: str, recipe: Recipe, seed: int, manner: str, log_dir: Path
) -> Record:
    """Train, write event files below `log_dir`, and return what happened."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    data = load(data_name, recipe, seed)
    model = keras_models.build(architecture, recipe, data)
    steps = math.ceil(len(data.x_train) / recipe.batch)
    if recipe.frozen == "backbone":  # what is frozen on purpose was trained before
        model.fit(**_samples(data, recipe, seed, steps), epochs=recipe.epochs, verbose=0)
        keras_models.freeze_backbone(model, recipe, data)
    observer = _Observer(model, data, recipe, steps * recipe.epochs)
    before = {v.path: v.numpy() for v in model.trainable_variables + _frozen(model)}
    model.fit(
        **_samples(data, recipe, seed, steps),
        validation_data=(data.x_validation, data.y_validation),
        epochs=recipe.epochs,
        callbacks=[observer, *_logging(manner, log_dir, recipe, steps)],
        verbose=0,
    )
    after = {v.path: v.numpy() for v in model.trainable_variables + _frozen(model)}
    moved = {path for path in before if not np.array_equal(before[path], after[path])}
    unmoved = [path for path in before if path not in moved]
    return Record(
        observer.checkpoints, observer.losses, [], unmoved, sorted(moved), MANNERS[manner]
    )


def _frozen(model: Any) -> list[Any]:
    """Weights that the optimiser would move if their layer were trainable."""
    return [
        variable
        for layer in model.layers
        if not layer.trainable and not isinstance(layer, keras.layers.BatchNormalization)
        for variable in layer.weights
    ]


def _samples(data: Data, recipe: Recipe, seed: int, steps: int) -> dict[str, Any]:
    """What `fit` trains on: plain arrays, or batches of our own where some are spoiled."""
    if recipe.bad_batches or recipe.nan_from is not None:
        return {"x": _Batches(data, recipe, seed, steps)}
    return {"x": data.x_train, "y": data.y_train, "batch_size": recipe.batch}


class _Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Shuffled batches; some are spoiled where the recipe says so."""

    def __init__(self, data: Data, recipe: Recipe, seed: int, steps: int) -> None:
        super().__init__()
        self._data = data
        self._recipe = recipe
        self._rng = np.random.default_rng([seed, 3])
        self._steps = steps
        self._given = 0
        self._order = self._shuffled()

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        rows = self._order[index]
        x, y = self._data.x_train[rows].copy(), self._data.y_train[rows]
        recipe = self._recipe
        total = self._steps * recipe.epochs
        if recipe.nan_from is not None and self._given >= recipe.nan_from * total:
            x[0] = np.nan
        if recipe.bad_batches and self._rng.random() < recipe.bad_batches:
            x, y = 20.0 * x, self._rng.permutation(y)
        self._given += 1
        return x, y

    def on_epoch_end(self) -> None:
        self._order = self._shuffled()

    def _shuffled(self) -> list[NDArray[np.int64]]:
        return np.array_split(self._rng.permutation(len(self._data.x_train)), self._steps)


class _Observer(keras.callbacks.Callback):  # type: ignore[misc]
    """Sets the learning rate of each step, and looks into the network now and then."""

    def __init__(self, model: Any, data: Data, recipe: Recipe, total_steps: int) -> None:
        super().__init__()
        self._recipe = recipe
        self._total = total_steps
        self._at = {round(s) for s in np.linspace(0, total_steps, CHECKPOINTS)}
        self._measure = Measure(model, data)
        self._step = 0
        self._seen = (0.0, 0.0)  # total and count of the epoch's losses
        self.checkpoints: list[Checkpoint] = [self._measure(0)]
        self.losses: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._seen = (0.0, 0.0)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._step + 1 in self._at:
            self._before = self._measure.kernels()
        if self._recipe.schedule != "constant":
            self.model.optimizer.learning_rate = rate_at(self._recipe, self._step / self._total)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._step += 1
        mean, count = float((logs or {})["loss"]), self._seen[1] + 1.0
        self.losses.append(mean * count - self._seen[0])
        self._seen = (mean * count, count)
        if self._step in self._at:
            ratios = self._measure.moved_since(self._before)
            self.checkpoints.append(replace(self._measure(self._step), update_ratio=ratios))


class _OwnCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """What people write themselves: all of `logs`, by its names, in one directory."""

    def __init__(self, log_dir: Path) -> None:
        super().__init__()
        self._writer = tf.summary.create_file_writer(str(log_dir))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        with self._writer.as_default():
            for name, value in (logs or {}).items():
                tf.summary.scalar(name, value, step=epoch)
            tf.summary.scalar("lr", float(self.model.optimizer.learning_rate), step=epoch)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._writer.close()


class _TutorialCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """As a training loop by hand is logged: the same names in a directory for each data set."""

    def __init__(self, log_dir: Path) -> None:
        super().__init__()
        self._writers = {
            split: tf.summary.create_file_writer(str(log_dir / split))
            for split in ("train", "test")
        }

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        for name, value in (logs or {}).items():
            with self._writers["test" if name.startswith("val_") else "train"].as_default():
                tf.summary.scalar(name.removeprefix("val_"), value, step=epoch)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        for writer in self._writers.values():
            writer.close()


_WRITTEN_BY_HAND = {"keras-own": _OwnCallback, "keras-tutorial": _TutorialCallback}


def _logging(manner: str, log_dir: Path, recipe: Recipe, steps: int) -> list[Any]:
    if manner in _WRITTEN_BY_HAND:
        return [_WRITTEN_BY_HAND[manner](log_dir)]
    histograms = manner in {"keras-histograms", "keras-health"}
    board = keras.callbacks.TensorBoard(
        str(log_dir),
        histogram_freq=max(1, recipe.epochs // HISTOGRAM_RECORDS) if histograms else 0,
        update_freq=5 if manner == "keras-batches" else "epoch",
    )
    if manner != "keras-health":
        return [board]
    every = max(1, steps * recipe.epochs // HISTOGRAM_RECORDS)
    return [board, TensorHealth(log_dir, every=every)]
