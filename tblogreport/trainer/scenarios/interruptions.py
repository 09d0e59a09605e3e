"""A training that was interrupted and resumed, and one that crashed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tblogreport.trainer.data import DIGITS, as_images, digits
from tblogreport.trainer.models import compiled
from tblogreport.trainer.scenario import Experiment, Fit, scenario


class OutOfMemoryError(RuntimeError):
    """What a training fails with here: nothing of Keras, so that nothing else is caught."""


@scenario(seconds=9)
def resumed_run(seed: int) -> Experiment:
    """A training dies half-way and goes on from its checkpoint, in the same log directory."""
    return _digits(seed, _resumed)


@scenario(seconds=5)
def crashed_run(seed: int) -> Experiment:
    """A training dies half-way, and nobody resumes it: the log can be read up to there."""
    return _digits(seed, _crashed)


def _resumed(fit: Fit, epochs: int) -> None:
    import keras

    with TemporaryDirectory() as checkpoints:

        def checkpoint() -> Any:
            return keras.callbacks.BackupAndRestore(
                Path(checkpoints) / "last", delete_checkpoint=False
            )

        with suppress(OutOfMemoryError):
            fit([checkpoint(), _crash(after=epochs // 2)])
        fit([checkpoint()])


def _crashed(fit: Fit, epochs: int) -> None:
    with suppress(OutOfMemoryError):
        fit([_crash(after=epochs // 2)])


def _crash(after: int) -> Any:
    """A callback that fails in the middle of the epoch that follows so many."""
    import keras

    class Crash(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
        def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            self.doomed = epoch >= after

        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            if self.doomed and batch == 10:
                raise OutOfMemoryError

    return Crash()


def _digits(seed: int, course: Any) -> Experiment:
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(8, 3, activation="relu", kernel_initializer="he_uniform"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(DIGITS, activation="softmax"),
        ]
    )
    compiled(model, DIGITS, "adam")
    return Experiment(model, as_images(digits(seed)), epochs=30, course=course)
