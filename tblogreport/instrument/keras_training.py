"""What stands between `fit` and a model's training function while `TensorHealth` is on."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tblogreport.instrument import tags
from tblogreport.instrument.event_file import EventFile
from tblogreport.instrument.keras_batches import Batches
from tblogreport.instrument.keras_loss import BatchLoss
from tblogreport.instrument.keras_step import (
    Measured,
    ParameterNames,
    StepMeasure,
    optimizers_of,
)
from tblogreport.instrument.record import (
    write_activations,
    write_gradients,
    write_update_ratios,
    write_weights,
)
from tblogreport.instrument.tags import Schedule

Weights = dict[str, NDArray[np.floating]]


class Training:
    """One call of `fit`: runs its steps with the function that it had, and records some.

    Whatever goes wrong in recording becomes one warning, and never an error of the training.
    """

    def __init__(self, model: Any, file: EventFile, schedule: Schedule) -> None:
        self._loss = BatchLoss(model)
        self._model = model
        self._file = file
        self._schedule = schedule
        self._names = ParameterNames(model)
        self._step = -1  # known from the first step on: other callbacks may restore a state
        self._weights_at = -1
        self._batches: Batches | None = None
        self._measure: StepMeasure | None = None
        self._measurable = True
        self._has_run = False
        self._warned = False
        self._released = False
        self._original = model.train_function
        model.train_function = self._execute

    def begin_epoch(self) -> None:
        """Follow the reset of the model's metrics."""
        self._loss.reset()

    def flush(self) -> None:
        """Bring what was written to the disk."""
        with self._harmless("the last losses may be missing"):
            self._file.flush()

    def end(self) -> None:
        """Leave the model as it was, write its weights once more, and close the file."""
        self._release()
        with self._harmless("the final weights are missing"):
            if self._step > self._weights_at:
                write_weights(self._file, self._step, self._weights())
        with self._harmless("the last records may be missing"):
            self._file.close()

    def _release(self) -> None:
        self._released = True
        if self._model.train_function == self._execute:
            self._model.train_function = self._original

    def _execute(self, iterator: Any) -> Any:
        """What `fit` calls for one step, or for `steps_per_execution` of them."""
        if self._released:  # another callback kept this function, and put it back
            return self._original(iterator)
        try:
            return self._recorded(iterator) if self._due() else self._run(iterator)
        except (StopIteration, tf.errors.OutOfRangeError):
            raise  # the end of an epoch of unknown length
        except BaseException:
            self.end()  # `fit` tells callbacks nothing of an error
            raise

    def _due(self) -> bool:
        if self._step < 0:
            self._step = self._updates()
            self._schedule.start(self._step)
        return self._schedule.due(self._step)

    def _updates(self) -> int:
        """How often the busiest optimiser updated: a model may hold some that never do."""
        optimizers = optimizers_of(self._model)
        return max((int(optimizer.iterations.numpy()) for optimizer in optimizers), default=0)

    def _run(self, iterator: Any) -> Any:
        """Train, write the loss, and count the steps."""
        logs = self._original(iterator)
        with self._harmless("losses are missing"):
            loss = self._loss.read(logs)
            if loss is not None:
                self._file.scalar(tags.STEP_LOSS, loss, self._step)
        self._has_run = True
        several = self._model.steps_per_execution > 1  # and fewer at the end of an epoch
        self._step = max(self._updates() if several else 0, self._step + 1)
        return logs

    def _recorded(self, iterator: Any) -> Any:
        """Train as `_run` does, and write a record of the step."""
        step, source, measured = self._step, iterator, None
        complete = self._prepare(iterator)
        if self._batches is not None and self._measure is not None:
            taken = self._batches.take(iterator, self._model.steps_per_execution)
            if not taken:
                return self._original(iterator)  # which says in its own way that it has ended
            measured = self._measured(taken[0])
            source = self._replayed(taken)
        weights: Weights = {}
        rate: float | None = None
        with self._harmless("weights are missing"):
            weights, rate = self._weights(), self._learning_rate()
        if complete:
            self._schedule.done(step)
        try:
            return self._run(source)
        finally:  # what a step was like that fails is worth most
            with self._harmless("a record is missing"):
                self._write(step, measured, weights, rate)

    def _prepare(self, iterator: Any) -> bool:
        """Make ready to measure steps; False when this can be done at the next step only."""
        if self._measure is not None or not self._measurable:
            return True
        if self._model.run_eagerly and not self._has_run:
            return False  # variables that a first step makes cannot be saved before it
        self._measurable = False
        with self._harmless("gradients and activations are not logged"):
            if not isinstance(iterator, tf.data.Iterator):
                raise TypeError("the model is trained under a distribution strategy")
            batches = Batches(iterator.element_spec)
            self._measure = StepMeasure(self._model, iterator.element_spec, self._names)
            self._batches = batches
        return True

    def _measured(self, batch: Any) -> Measured | None:
        if self._measure is not None:
            with self._harmless("gradients and activations are not logged"):
                return self._measure.measure(batch)
        self._measure = None
        return None

    def _replayed(self, taken: list[Any]) -> Any:
        """The batches as an iterator, whatever happens: none of them may be lost."""
        if self._batches is not None:
            with self._harmless("gradients and activations are not logged"):
                return self._batches.replay(taken)
        self._measure = None
        return iter(taken)

    def _write(
        self, step: int, measured: Measured | None, weights: Weights, rate: float | None
    ) -> None:
        if measured is not None:
            write_activations(self._file, step, measured.activations)
            write_gradients(self._file, step, measured.gradients)
        write_weights(self._file, step, weights)
        self._weights_at = step
        if self._step > step:  # the update was made
            self._write_update_ratios(step, weights)
        if rate is not None:
            self._file.scalar(tags.LEARNING_RATE, rate, step)
        self._file.flush()

    def _write_update_ratios(self, step: int, before: Weights) -> None:
        trainable = {self._names.parameter(v) for v in self._model.trainable_variables}
        after = {path: w for path, w in self._weights().items() if path in trainable & set(before)}
        # While gradients are only gathered there is no update to give the ratio of.
        gathering = any(_gathers(optimizer) for optimizer in optimizers_of(self._model))
        if not gathering or any(not np.array_equal(before[path], after[path]) for path in after):
            write_update_ratios(self._file, step, before, after)

    def _weights(self) -> Weights:
        """A copy of every parameter by path; of none in a model that is not built yet."""
        return {
            self._names.parameter(variable): np.array(keras.ops.convert_to_numpy(variable))
            for variable in self._model.weights
            if keras.backend.is_float_dtype(variable.dtype)
        }

    def _learning_rate(self) -> float | None:
        used = self._measure.used if self._measure is not None else []
        optimizers = used or optimizers_of(self._model)
        if not optimizers:
            return None
        return float(keras.ops.convert_to_numpy(optimizers[0].learning_rate))

    @contextmanager
    def _harmless(self, consequence: str) -> Iterator[None]:
        """Turn an exception into a warning, the first time."""
        try:
            yield
        except Exception as error:
            if not self._warned:
                self._warned = True
                reason = f"{type(error).__name__}: {error}".partition("\n")[0]
                warnings.warn(f"TensorHealth: {consequence}: {reason}", stacklevel=2)


def _gathers(optimizer: Any) -> bool:
    """Whether an optimiser updates only after several steps."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    return bool(inner.gradient_accumulation_steps)
