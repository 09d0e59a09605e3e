"""The loss of every single step, from the running mean that Keras keeps of it."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class BatchLoss:
    """Reads from a model's loss tracker by how much one step moved it.

    The tracker holds a float32 sum over the epoch, so that a difference of it is known to
    about 6e-8 of the epoch's mean loss times the number of its steps so far.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._trackers: list[Any] | None = None
        self._before: dict[int, tuple[float, float]] = {}

    def reset(self) -> None:
        """Follow the reset of the model's metrics at the beginning of an epoch."""
        self._before = {}

    def read(self, logs: Any) -> float | None:
        """The loss of the step just taken, in a longer execution the mean of its steps.

        A model that keeps no running mean has the `loss` of its `logs`, or None.
        """
        if self._trackers is None:  # looked for after the first step, which may make them
            means = (m for m in self._model.metrics if isinstance(m, keras.metrics.Mean))
            self._trackers = [mean for mean in means if mean.name == "loss"]
        losses = [self._moved(tracker) for tracker in self._trackers]
        moved = [loss for loss in losses if loss is not None]
        if moved:
            return moved[0]
        logged = logs.get("loss") if isinstance(logs, dict) else None
        return None if logged is None else float(logged)

    def _moved(self, tracker: Any) -> float | None:
        total, weight = _number(tracker.total), _number(tracker.count)
        total_before, weight_before = self._before.get(id(tracker), (0.0, 0.0))
        self._before[id(tracker)] = total, weight
        added = weight - weight_before
        return (total - total_before) / added if added > 0 else None


def _number(variable: Any) -> float:
    """The value of a scalar; at every step it counts that this is the shortest way to it."""
    stored = variable.value
    if isinstance(stored, tf.distribute.DistributedValues):
        return float(variable.numpy())
    return float(tf.raw_ops.ReadVariableOp(resource=stored.handle, dtype=stored.dtype))
