"""Measure one training step of a Keras model without taking it.

The model's own `train_step` runs on the batch, with optimisers that note the gradients
instead of applying them, and every variable is put back afterwards: random seeds too, so
that the real step draws the same dropout masks as the measured one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tblogreport.instrument.keras_outputs import (
    as_activation,
    bounds_of,
    current_graph,
    noted_calls,
    summarise,
)
from tblogreport.instrument.record import Activation
from tblogreport.instrument.tags import Names


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
        self.used: list[Any] = []  # the optimisers that the step gave gradients to
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
                self._names.layer(layer): as_activation(summary)
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
        with noted_calls() as calls, ExitStack() as noted:
            for index, optimizer in enumerate(self._optimizers):
                noted.enter_context(gradients.noted(optimizer, scales[index]))
            self._model.train_step(batch)
        outputs = calls.outputs()
        self._layers = [layer for layer, _ in outputs]
        self._variables = [variable for variable, _ in gradients.found.values()]
        self.used = gradients.optimizers
        summaries = [summarise(floats, bounds_of(layer)) for layer, floats in outputs]
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
    optimizers: list[Any] = field(default_factory=list)

    @contextmanager
    def noted(self, optimizer: Any, scale: Any) -> Iterator[None]:
        """Let an optimiser note its gradients, and apply nothing, while inside."""
        graph = current_graph()

        def apply(grads: Any, trainable_variables: Any = None) -> None:
            self.optimizers.append(optimizer)
            variables = trainable_variables or self.model.trainable_variables
            if (
                current_graph() is graph
            ):  # out of a loop's or a condition's graph nothing can be taken
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
