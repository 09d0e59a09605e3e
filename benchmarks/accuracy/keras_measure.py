"""What a network in Keras is really like at one moment, over whole data sets."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from benchmarks.accuracy.data import Data
from benchmarks.accuracy.recipe import Checkpoint

MAX_EVALUATED = 600
SATURATION = 0.03
RANGES = {"tanh": -1.0, "sigmoid": 0.0}  # the lower end; the upper is 1


class Measure:
    """Measures one model on one data set, in inference mode, touching no state of training."""

    def __init__(self, model: Any, data: Data) -> None:
        self._model = model
        self._sets = [
            (tf.constant(x[:MAX_EVALUATED]), tf.constant(y[:MAX_EVALUATED]))
            for x, y in (
                (data.x_train, data.y_train),
                (data.x_validation, data.y_validation),
            )
        ]
        self._task = data.task
        self._watched = [
            layer
            for layer in model.layers[:-1]
            if getattr(getattr(layer, "activation", None), "__name__", "") in {"relu", *RANGES}
            and not isinstance(layer, keras.layers.RNN)
        ]
        outputs = [layer.output for layer in self._watched]
        self._inside = keras.Model(model.inputs, [*outputs, model.outputs[0]])
        self._compute = tf.function(self._losses_and_gradients)

    def __call__(self, step: int) -> Checkpoint:
        """Return the state after `step` updates."""
        (train, *inside), gradients, held_out = self._compute()
        kernels = self._kernels()
        predicted = inside[-1]
        zero, saturated = self._shares([output.numpy() for output in inside[:-1]])
        (_, y), (_, y_validation) = self._sets
        return Checkpoint(
            step,
            float(train),
            float(held_out[0]),
            self._accuracy(predicted, y),
            self._accuracy(held_out[1], y_validation),
            {
                variable.path: _rms(gradient.numpy())
                for variable, gradient in zip(kernels, gradients, strict=True)
            },
            {variable.path: _rms(variable.numpy()) for variable in kernels},
            zero,
            saturated,
        )

    def kernels(self) -> dict[str, NDArray[np.float32]]:
        """Return the values of all kernels."""
        return {variable.path: variable.numpy() for variable in self._kernels()}

    def moved_since(self, before: dict[str, NDArray[np.float32]]) -> dict[str, float]:
        """How far each kernel is from what it was `before`, of its own norm."""
        return {
            path: float(np.linalg.norm(now - before[path]) / np.linalg.norm(before[path]))
            for path, now in self.kernels().items()
            if before[path].any()
        }

    def _kernels(self) -> list[Any]:
        return [v for v in self._model.trainable_variables if len(v.shape) >= 2]

    def _losses_and_gradients(self) -> Any:
        (x, y), (x_validation, y_validation) = self._sets
        variables = [v.value for v in self._kernels()]
        with tf.GradientTape() as tape:
            inside = self._inside(x, training=False)
            inside = inside if isinstance(inside, (list, tuple)) else [inside]
            loss = self._model.compute_loss(y=y, y_pred=inside[-1])
        unconnected = tf.UnconnectedGradients.ZERO
        gradients = tape.gradient(loss, variables, unconnected_gradients=unconnected)
        predicted = self._model(x_validation, training=False)
        loss_held_out = self._model.compute_loss(y=y_validation, y_pred=predicted)
        return (loss, *inside), gradients, (loss_held_out, predicted)

    def _shares(
        self, outputs: list[NDArray[np.float32]]
    ) -> tuple[dict[str, float], dict[str, float]]:
        zero: dict[str, float] = {}
        saturated: dict[str, float] = {}
        for layer, output in zip(self._watched, outputs, strict=True):
            kind = layer.activation.__name__
            if kind == "relu":
                zero[layer.name] = float((output == 0).mean())
            else:
                bottom = RANGES[kind]
                margin = SATURATION * (1.0 - bottom)
                outside = (output < bottom + margin) | (output > 1.0 - margin)
                saturated[layer.name] = float(outside.mean())
        return zero, saturated

    def _accuracy(self, predicted: Any, y: Any) -> float | None:
        if self._task == "values":
            return None
        scores, labels = predicted.numpy(), y.numpy()
        chosen = scores[:, 0] > 0.5 if scores.shape[1] == 1 else scores.argmax(1)
        return float((chosen == labels).mean())


def _rms(values: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))
