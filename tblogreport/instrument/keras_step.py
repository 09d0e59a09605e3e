"""Measure one training step of a Keras model without taking it.

The model's own `train_step` runs on the batch, with optimisers that note the gradients
instead of applying them, and every variable is put back afterwards: random seeds too, so
that the real step draws the same dropout masks as the measured one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tblogreport.instrument.record import Activation
from tblogreport.instrument.tags import HISTOGRAM_VALUES, Names, saturation_bounds

# Layers that hand their input on, at most in another shape: they have no signal of their own.
_PASSING_ON = (
    keras.layers.InputLayer,
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


@dataclass(frozen=True)
class Measured:
    """What one step was like: by layer path, and by parameter path."""

    activations: dict[str, Activation]
    gradients: dict[str, NDArray[np.floating]]


class StepMeasure:
    """Measures training steps of one model on batches of one structure."""

    def __init__(self, model: Any, element_spec: Any, names: ParameterNames) -> None:
        """`element_spec` is that of the iterator over the batches."""
        self._model = model
        self._names = names
        self._layers: list[Any] = []
        self._variables: list[Any] = []
        self._function: Any = self._look
        self._touched: Sequence[Any] = ()
        self._optimizers = optimizers_of(model)
        if not model.run_eagerly:
            scales = tf.TensorSpec([len(self._optimizers)], tf.float32)
            self._function = tf.function(
                tf.autograph.experimental.do_not_convert(self._look),
                input_signature=(element_spec, scales),
            )
            # Tracing alone makes the variables of a model that was not built yet, so that
            # they can be saved before anything runs.
            self._touched = self._function.get_concrete_function().variables

    def measure(self, batch: Any) -> Measured:
        """Measure the step that the model would take on `batch`; it stays as it is."""
        scales = tf.constant([_loss_scale(o) for o in self._optimizers], tf.float32)
        with self._unchanged():
            activations, gradients = self._function(batch, scales)
        for layer in self._layers:
            self._names.add_layer(layer)
        return Measured(
            {
                self._names.layer(layer): _activation(summary)
                for layer, summary in zip(self._layers, activations, strict=True)
            },
            {
                self._names.parameter(variable): gradient.numpy()
                for variable, gradient in zip(self._variables, gradients, strict=True)
            },
        )

    def _look(self, batch: Any, scales: Any) -> tuple[list[dict[str, Any]], list[Any]]:
        """Summaries of `self._layers`' outputs and gradients of `self._variables`."""
        gradients = _Gradients(self._model)
        with _noted_calls() as calls, ExitStack() as noted:
            for index, optimizer in enumerate(self._optimizers):
                noted.enter_context(gradients.noted(optimizer, scales[index]))
            self._model.train_step(batch)
        outputs = calls.outputs()
        self._layers = [layer for layer, _ in outputs]
        self._variables = [variable for variable, _ in gradients.found.values()]
        summaries = [_summary(floats, _bounds_of(layer)) for layer, floats in outputs]
        return summaries, [gradient for _, gradient in gradients.found.values()]

    @contextmanager
    def _unchanged(self) -> Iterator[None]:
        """Put every variable that the step may move back to what it was."""
        keras_variables = [*self._model.variables, *self._model.metrics_variables]
        for optimizer in self._optimizers:
            keras_variables += optimizer.variables
        own = [variable.value for variable in keras_variables]
        variables = {id(variable): variable for variable in (*own, *self._touched)}.values()
        saved = [(variable, variable.read_value()) for variable in variables]
        try:
            yield
        finally:
            for variable, value in saved:
                variable.assign(value, read_value=False)


class ParameterNames:
    """The path of every layer and parameter of a model, without the model's own name."""

    def __init__(self, model: Any) -> None:
        self._prefix = f"{model.name}/"
        self._layers = Names()
        self._parameters = Names()
        self._owners: dict[int, Any] = {}

    def add_layer(self, layer: Any) -> None:
        """Make a layer known, so that its parameters stand below its name."""
        if id(layer) not in self._layers:
            for variable in layer.weights:
                self._owners.setdefault(id(variable), layer)

    def layer(self, layer: Any) -> str:
        """The path of a layer: `dense`, `encoder/dense_1`."""
        return self._layers.name(id(layer), self._path(layer))

    def parameter(self, variable: Any) -> str:
        """The path of a parameter: `dense/kernel`."""
        path = self._path(variable)
        owner = self._owners.get(id(variable))
        if owner is not None and path.startswith(f"{self._path(owner)}/"):
            path = self.layer(owner) + path.removeprefix(self._path(owner))
        return self._parameters.name(id(variable), path)

    def _path(self, owned: Any) -> str:
        return str(owned.path or owned.name).removeprefix(self._prefix)


def optimizers_of(model: Any) -> list[Any]:
    """The optimisers that a model holds: one from `compile`, or a custom model's own."""
    held = [model.optimizer]
    for value in vars(model).values():
        held += value.values() if isinstance(value, dict) else _as_list(value)
    found = {id(o): o for o in held if isinstance(o, keras.optimizers.Optimizer)}
    return list(found.values())


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _loss_scale(optimizer: Any) -> float:
    """What the optimiser multiplies the loss with, against underflow in half precision."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        scale = optimizer.dynamic_scale if optimizer.built else optimizer.initial_scale
        return float(keras.ops.convert_to_numpy(scale))
    return float(optimizer.loss_scale_factor or 1.0)


@dataclass
class _Gradients:
    """The gradients that optimisers were given, by the id of the variable: the last ones."""

    model: Any
    found: dict[int, tuple[Any, Any]] = field(default_factory=dict)

    @contextmanager
    def noted(self, optimizer: Any, scale: Any) -> Iterator[None]:
        """Let an optimiser note its gradients, and apply nothing, while inside."""
        graph = _graph()

        def apply(grads: Any, trainable_variables: Any = None) -> None:
            variables = trainable_variables or self.model.trainable_variables
            if _graph() is graph:  # out of a loop's or a condition's graph nothing can be taken
                for gradient, variable in zip(grads, variables, strict=True):
                    self.found[id(variable)] = (variable, _unscaled(gradient, variable, scale))

        def apply_gradients(grads_and_vars: Any, *_: Any, **__: Any) -> Any:
            pairs = list(grads_and_vars)
            apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])
            return optimizer.iterations

        def scale_loss(loss: Any) -> Any:
            return loss * tf.cast(scale, loss.dtype)

        with _replaced(
            optimizer, apply=apply, apply_gradients=apply_gradients, scale_loss=scale_loss
        ):
            yield


@contextmanager
def _replaced(instance: Any, **replacements: Any) -> Iterator[None]:
    """Replace methods of one instance while inside."""
    own = {name: vars(instance)[name] for name in replacements if name in vars(instance)}
    try:
        for name, replacement in replacements.items():
            # Past Keras' own attribute tracking, which would make it a part of the object.
            object.__setattr__(instance, name, replacement)
        yield
    finally:
        for name in replacements:
            vars(instance).pop(name, None)
        for name, method in own.items():
            object.__setattr__(instance, name, method)


def _unscaled(gradient: Any, variable: Any, scale: Any) -> Any:
    """The gradient as a dense float32 tensor; zeros where the loss does not depend on it."""
    if gradient is None:
        return tf.zeros(variable.shape, tf.float32)
    return tf.cast(tf.convert_to_tensor(gradient), tf.float32) / scale


@dataclass
class _Calls:
    """The layers that were called and their outputs, first called first."""

    graph: Any
    found: dict[int, tuple[Any, list[Any]]] = field(default_factory=dict)
    # For every call that is under way: whether a layer inside was seen.
    has_inner: list[bool] = field(default_factory=lambda: [False])
    inside_rnn: bool = False

    def note(self, layer: Any, call: Callable[[], Any]) -> Any:
        """Call a layer and note its outputs, unless it consists of layers that were noted."""
        if self.inside_rnn:  # its cell is no layer of its own
            return call()
        self.has_inner.append(False)
        self.inside_rnn = isinstance(layer, keras.layers.RNN)
        try:
            outputs = call()
        finally:
            self.inside_rnn = False
            has_inner = self.has_inner.pop()
        if _graph() is self.graph:  # out of a loop's or a condition's graph nothing can be taken
            self.has_inner[-1] = True
            if not has_inner and not isinstance(layer, _PASSING_ON):
                self.found.setdefault(id(layer), (layer, []))[1].extend(_floats(outputs))
        return outputs

    def outputs(self) -> list[tuple[Any, list[Any]]]:
        """Every layer that gave out numbers, with them."""
        return [(layer, outputs) for layer, outputs in self.found.values() if outputs]


@contextmanager
def _noted_calls() -> Iterator[_Calls]:
    """Note the outputs of all layers that this thread calls while inside."""
    calls = _Calls(_graph())
    original = keras.layers.Layer.__call__
    thread = threading.get_ident()

    def calling(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() != thread:
            return original(layer, *args, **kwargs)
        return calls.note(layer, lambda: original(layer, *args, **kwargs))

    # On the class: layers that a model makes only when it is built are seen, too.
    keras.layers.Layer.__call__ = calling
    try:
        yield calls
    finally:
        keras.layers.Layer.__call__ = original


def _graph() -> Any:
    """The graph that is being traced; None when running eagerly."""
    return None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()


def _floats(outputs: Any) -> list[Any]:
    """The tensors of floating-point numbers in a layer's outputs."""
    flat = [output for output in keras.tree.flatten(outputs) if tf.is_tensor(output)]
    return [t for t in flat if isinstance(t, tf.Tensor) and t.dtype.is_floating]


def _bounds_of(layer: Any) -> tuple[float, float] | None:
    """Where a layer's outputs are saturated: what it gives out is its activation's value."""
    activation = getattr(layer, "activation", None)
    if activation is None or isinstance(layer, keras.layers.RNN):
        return None
    return saturation_bounds(getattr(activation, "__name__", ""))


def _summary(outputs: list[Any], bounds: tuple[float, float] | None) -> dict[str, Any]:
    """What is kept of outputs of any shapes: shares of all values, and the first values."""
    size = tf.cast(tf.add_n([tf.size(t, tf.int64) for t in outputs]), tf.float64)

    def share(count: Any) -> Any:
        return tf.cast(tf.add_n([tf.math.count_nonzero(count(t)) for t in outputs]), tf.float64)

    sample = [tf.reshape(t, [-1])[: HISTOGRAM_VALUES // len(outputs)] for t in outputs]
    summary = {
        "sample": tf.concat([tf.cast(t, tf.float32) for t in sample], axis=0),
        "zero_share": share(lambda t: t == 0) / size,
        "inactive_units": _inactive_units(outputs),
    }
    if bounds is not None:
        low, high = bounds
        outside = share(lambda t: (t < tf.cast(low, t.dtype)) | (t > tf.cast(high, t.dtype)))
        summary["saturated_share"] = outside / size
    return summary


def _inactive_units(outputs: list[Any]) -> Any:
    """The share of units (places on the last axis) that are 0 in every one of the outputs."""
    active = [tf.reduce_any(tf.reshape(t, [-1, _units(t)]) != 0, axis=0) for t in outputs]
    if len({tuple(a.shape) for a in active}) == 1:
        active = [tf.reduce_any(tf.stack(active), axis=0)]
    return 1.0 - tf.reduce_mean(tf.cast(tf.concat(active, axis=0), tf.float64))


def _units(output: Any) -> int:
    return int(output.shape[-1] or 1) if output.shape.rank else 1


def _activation(summary: dict[str, Any]) -> Activation:
    numbers = {name: value.numpy() for name, value in summary.items()}
    saturated = numbers.get("saturated_share")
    return Activation(
        sample=numbers["sample"],
        zero_share=float(numbers["zero_share"]),
        inactive_units=float(numbers["inactive_units"]),
        saturated_share=None if saturated is None else float(saturated),
    )
