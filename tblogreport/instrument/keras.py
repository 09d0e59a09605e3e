"""A Keras 3 callback that logs what Keras' own `TensorBoard` callback does not.

That callback logs weights. Whether gradients reach the first layers and whether units
are dead is seen in gradients and activations:

    x, y = x_train[:256], y_train[:256]
    model.fit(…, callbacks=[
        keras.callbacks.TensorBoard(log_dir, histogram_freq=1),
        TensorHealth(log_dir, (x, y)),
    ])

Importing this module needs Keras on TensorFlow (the extra `train`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    import keras
    import tensorflow as tf
except ImportError as error:
    raise ImportError(
        "tblogreport.instrument.keras needs TensorFlow: pip install 'tblogreport[train]'"
    ) from error

# Layers that hand their input on, at most in another shape: they have no signal of their own.
_PASSING_ON = (
    keras.layers.Flatten,
    keras.layers.Reshape,
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
    keras.layers.AlphaDropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
)


class TensorHealth(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """Log gradients and activations of every layer on one fixed batch.

    Written to `log_dir/train`, beside what `keras.callbacks.TensorBoard(log_dir)`
    writes there: histograms `activations/<layer>` and `gradients/<layer>/<parameter>`
    in model order, and the scalar `epoch_gradient_norm`, the 2-norm of all gradients.

    The steps are those of Keras' callback: step e is the state after epoch e, counted
    from 0, so that gradients and weights of one step belong together. The state before
    training is not logged, as its step would be that of the first epoch.

    The batch goes through the model as in inference: dropout is off, and running
    statistics and random seeds stay as they are, so that training goes on unchanged.
    """

    def __init__(self, log_dir: str | Path, data: Any, every: int = 1) -> None:
        """Log after epochs 0, `every`, 2·`every` … below `log_dir`.

        `data` is a batch as `model.train_on_batch` takes it: `(x, y)` or
        `(x, y, sample_weight)`, each an array or a structure of arrays. Raises
        `ValueError` for `every` below 1 and `RuntimeError` on another backend.
        """
        if keras.backend.backend() != "tensorflow":
            raise RuntimeError(
                f"TensorHealth needs Keras on TensorFlow, not on {keras.backend.backend()}"
            )
        if every < 1:
            raise ValueError(f"every must be at least 1, not {every}")
        super().__init__()
        self.log_dir = Path(log_dir)
        self.every = every
        self._batch = keras.utils.unpack_x_y_sample_weight(
            keras.tree.map_structure(tf.convert_to_tensor, data)
        )
        self._writer: Any = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Open the event file."""
        self._writer = tf.summary.create_file_writer(str(self.log_dir / "train"))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Log, when it is this epoch's turn."""
        if epoch % self.every == 0:
            self._log(epoch)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Close the event file."""
        self._writer.close()

    def _log(self, step: int) -> None:
        activations, gradients = self._forward_and_back()
        with self._writer.as_default(step=step), tf.summary.record_if(True):
            for path, values in activations.items():
                tf.summary.histogram(f"activations/{path}", values)
            for path, gradient in gradients:
                tf.summary.histogram(f"gradients/{path}", gradient)
            if gradients:
                norm = tf.linalg.global_norm([tf.cast(g, tf.float32) for _, g in gradients])
                tf.summary.scalar("epoch_gradient_norm", norm)
        self._writer.flush()

    def _forward_and_back(self) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
        """Outputs by layer, in the order in which the layers came, and gradients by parameter."""
        model = self.model
        x, y, sample_weight = self._batch
        variables = [variable.value for variable in model.trainable_variables]
        with tf.GradientTape() as tape, _captured(_leaves(model)) as captured:
            predicted = model(x, training=False)
            loss = model.compute_loss(
                x=x, y=y, y_pred=predicted, sample_weight=sample_weight, training=False
            )
        # A parameter that the loss does not depend on has gradient zero, which is worth knowing.
        found = tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        outputs = {_path(model, layer): _flat(values) for layer, values in captured}
        gradients = [
            (_path(model, variable), tf.convert_to_tensor(gradient))
            for variable, gradient in zip(model.trainable_variables, found, strict=True)
        ]
        return outputs, gradients


def _leaves(model: Any) -> Iterator[Any]:
    """All layers of a model that are no models themselves and do something to their input."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        elif not isinstance(layer, (keras.layers.InputLayer, *_PASSING_ON)):
            yield layer


@contextmanager
def _captured(layers: Iterable[Any]) -> Iterator[list[tuple[Any, list[Any]]]]:
    """Collect what the layers output while inside: (layer, its outputs), first called first."""
    outputs_of: dict[int, list[Any]] = {}
    captured: list[tuple[Any, list[Any]]] = []
    wrapped = {id(layer): layer for layer in layers}  # a shared layer stands there twice

    def wrap(layer: Any) -> None:
        call = layer.call

        def capturing(*args: Any, **kwargs: Any) -> Any:
            outputs = call(*args, **kwargs)
            if id(layer) not in outputs_of:
                outputs_of[id(layer)] = []
                captured.append((layer, outputs_of[id(layer)]))
            outputs_of[id(layer)].extend(keras.tree.flatten(outputs))
            return outputs

        # Past Keras' own attribute tracking, which refuses some changes to a built layer.
        object.__setattr__(layer, "call", capturing)

    try:
        for layer in wrapped.values():
            wrap(layer)
        yield captured
    finally:
        for layer in wrapped.values():
            layer.__dict__.pop("call", None)


def _path(model: Any, owned: Any) -> str:
    """The path of a layer or a variable inside the model: `dense`, `dense/kernel`."""
    return str(owned.path or owned.name).removeprefix(f"{model.name}/")


def _flat(outputs: list[Any]) -> Any:
    """All values of a layer's outputs in one float32 vector."""
    values = [tf.convert_to_tensor(output) for output in outputs if output is not None]
    return tf.concat([tf.reshape(tf.cast(v, tf.float32), [-1]) for v in values], axis=0)
