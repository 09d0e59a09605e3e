"""A Keras 3 callback that logs what Keras' own `TensorBoard` callback does not.

That callback logs weights after an epoch. Whether gradients reach the first layers and
whether units are dead is seen in gradients and activations:

    model.fit(…, callbacks=[
        keras.callbacks.TensorBoard(log_dir),
        TensorHealth(log_dir),
    ])

Importing this module needs Keras on TensorFlow (the extra `train`).
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

try:
    import keras

    from tblogreport.instrument.event_file import EventFile
    from tblogreport.instrument.keras_training import Training
except ImportError as error:
    raise ImportError(
        "tblogreport.instrument.keras needs TensorFlow: pip install 'tblogreport[train]'"
    ) from error

from tblogreport.instrument.tags import DEFAULT_EVERY, Schedule


class TensorHealth(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Log weights, gradients, activations, updates, learning rate and loss of the training.

    Written to `log_dir/train`, beside what `keras.callbacks.TensorBoard(log_dir)` writes
    there; the tags are in the table of `tblogreport.instrument`. A step is the number of
    batches trained on before, so that step 0 is the initial state.

    What is recorded is the training step itself, on its own batch: the model's
    `train_step` is run once more on it beforehand, with dropout drawn alike and every
    variable put back. Training gives the same results to the bit, and a step that is
    not recorded runs as without this callback. Gradients are those that the optimiser
    is given, before it clips them. An embedding's and a wrapped layer's outputs are
    logged too, those of layers that only pass on or reshape their input are not.

    Weights, learning rate and loss alone are logged, with one warning, under a
    `tf.distribute` strategy and for models whose step cannot be measured. A model that
    is compiled with `run_eagerly` is measured from its second step on.
    """

    def __init__(self, log_dir: str | Path, every: int = DEFAULT_EVERY) -> None:
        """Record at the steps 0, `every`, 2·`every` …, and the weights at the end.

        With `steps_per_execution` above 1, at the first of the steps of an execution.
        Raises `ValueError` for `every` below 1 and `RuntimeError` on another backend.
        """
        if keras.backend.backend() != "tensorflow":
            raise RuntimeError(
                f"TensorHealth needs Keras on TensorFlow, not on {keras.backend.backend()}"
            )
        super().__init__()
        self.log_dir = os.fspath(log_dir)
        self.every = every
        self._schedule = Schedule(every)
        self._training: Training | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Open the event file and stand between `fit` and the model's training function."""
        try:
            file = EventFile(f"{self.log_dir.rstrip('/')}/train")
        except Exception as error:
            warnings.warn(f"TensorHealth: nothing is logged: {error}", stacklevel=2)
        else:
            self._training = Training(self.model, file, self._schedule)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Follow the reset of the loss' running mean."""
        if self._training is not None:
            self._training.begin_epoch()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Bring the losses of the epoch to the disk."""
        if self._training is not None:
            self._training.flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Log the final weights, close the event file, and leave the model as it was."""
        if self._training is not None:
            self._training.end()
        self._training = None
