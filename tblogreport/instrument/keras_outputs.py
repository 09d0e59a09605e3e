"""What the layers of a Keras model give out in one step, seen while the step is traced."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from tblogreport.instrument.record import Activation
from tblogreport.instrument.tags import HISTOGRAM_VALUES, saturation_bounds

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

# Two trainings in two threads would put back each other's method.
_REPLACING = threading.RLock()


@dataclass
class Calls:
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
        # Out of the graph of a loop or of a condition nothing can be taken.
        if current_graph() is self.graph:
            self.has_inner[-1] = True
            if not has_inner and not isinstance(layer, _PASSING_ON):
                self.found.setdefault(id(layer), (layer, []))[1].extend(_floats(outputs))
        return outputs

    def outputs(self) -> list[tuple[Any, list[Any]]]:
        """Every layer that gave out numbers, with them."""
        return [(layer, outputs) for layer, outputs in self.found.values() if outputs]


@contextmanager
def noted_calls() -> Iterator[Calls]:
    """Note the outputs of all layers that this thread calls while inside."""
    calls = Calls(current_graph())
    thread = threading.get_ident()
    with _REPLACING:
        original = keras.layers.Layer.__call__

        def calling(layer: Any, *args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != thread:
                return original(layer, *args, **kwargs)
            return calls.note(layer, lambda: original(layer, *args, **kwargs))

        try:
            # On the class: layers that a model makes only when it is built are seen, too.
            keras.layers.Layer.__call__ = calling
            yield calls
        finally:
            keras.layers.Layer.__call__ = original


def current_graph() -> Any:
    """The graph that is being traced; None when running eagerly."""
    return None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()


def _floats(outputs: Any) -> list[Any]:
    """The tensors of floating-point numbers in a layer's outputs."""
    flat = [output for output in keras.tree.flatten(outputs) if tf.is_tensor(output)]
    return [t for t in flat if isinstance(t, tf.Tensor) and t.dtype.is_floating]


def bounds_of(layer: Any) -> tuple[float, float] | None:
    """Where a layer's outputs are saturated: what it gives out is its activation's value."""
    activation = getattr(layer, "activation", None)
    if activation is None or isinstance(layer, keras.layers.RNN):
        return None
    return saturation_bounds(getattr(activation, "__name__", ""))


def summarise(outputs: list[Any], bounds: tuple[float, float] | None) -> dict[str, Any]:
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


def as_activation(summary: dict[str, Any]) -> Activation:
    """The summary as numbers, once the step has run."""
    numbers = {name: value.numpy() for name, value in summary.items()}
    saturated = numbers.get("saturated_share")
    return Activation(
        sample=numbers["sample"],
        zero_share=float(numbers["zero_share"]),
        inactive_units=float(numbers["inactive_units"]),
        saturated_share=None if saturated is None else float(saturated),
    )
