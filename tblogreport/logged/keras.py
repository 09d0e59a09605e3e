"""The model as Keras' config tells it: layers, shapes, parameters, and which feeds which.

The config comes out of a log: nothing in it is trusted to be there or to be of the right type.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tblogreport.context.keras_model import KerasModel, entries, keras_model, mapping
from tblogreport.findings import Model, ModelLayer
from tblogreport.logged.drawing import Box, drawn
from tblogreport.logged.shapes import Shape, output_shape, parameters, spoken

_MODELS = {"Sequential", "Functional", "Model"}


@dataclass(frozen=True)
class _Layer:
    """One entry of a config's list of layers."""

    name: str
    kind: str
    config: dict[str, Any]
    given_in: Shape | None  # the shape of its input
    feeds: tuple[str, ...]  # the names of the layers that it takes its input from
    inner: tuple[_Layer, ...] = ()  # of a model within the model


def model_of_config(config: dict[str, Any] | None) -> Model | None:
    """The model of a config that Keras logged; None where it names no layer."""
    known = keras_model(config)
    if known is None or config is None:
        return None
    top = tuple(_layers(config))
    shapes = _shapes(top)
    rows = tuple(_row(layer, prefix, shapes) for layer, prefix in _opened(top))
    boxes = [Box(layer.name, _note(layer, shapes), _structure(layer), layer.feeds) for layer in top]
    return Model(
        source="the model’s config, as Keras logged it",
        layers=rows,
        parameters=None,
        facts=tuple(_facts(known)),
        graph=drawn("How the layers of the model are connected", boxes),
    )


def _layers(model: dict[str, Any]) -> Iterator[_Layer]:
    before: str | None = None
    for entry in entries(mapping(model.get("config")).get("layers")):
        whole = mapping(entry)
        config, kind = mapping(whole.get("config")), str(whole.get("class_name", ""))
        name = str(config.get("name") or whole.get("name") or kind.lower())
        inner = tuple(_layers(whole)) if kind in _MODELS or "layers" in config else ()
        built = mapping(whole.get("build_config")).get("input_shape")
        sources = tuple(_sources(whole.get("inbound_nodes")))
        if "inbound_nodes" not in whole and before is not None:
            sources = (before,)
        yield _Layer(name, kind, config, _shape(built) or _fed(whole), sources, inner)
        before = name


def _sources(nodes: object) -> Iterator[str]:
    """The layers named by the first call of a layer, as Keras 2 or Keras 3 write it."""
    first = entries(nodes)[:1]
    for history in _histories(first):
        if history and isinstance(history[0], str):
            yield history[0]


def _histories(found: object) -> Iterator[list[Any]]:
    """Lists such as `["dense", 0, 0]`, wherever they stand below."""
    if isinstance(found, dict):
        history = mapping(found.get("config")).get("keras_history")
        if isinstance(history, list):
            yield history
        else:
            for value in found.values():
                yield from _histories(value)
    elif isinstance(found, list):
        if len(found) > 2 and isinstance(found[0], str) and isinstance(found[1], int):
            yield found  # Keras 2: name, node, tensor, arguments
        else:
            for value in found:
                yield from _histories(value)


def _fed(whole: dict[str, Any]) -> Shape | None:
    """The shape of the first tensor that a layer was called with, which Keras 3 writes down."""
    found: list[Any] = list(entries(whole.get("inbound_nodes"))[:1])
    while found:
        one = found.pop(0)
        if isinstance(one, dict):
            shape = _shape(mapping(one.get("config")).get("shape"))
            if shape is not None:
                return shape
            found += one.values()
        elif isinstance(one, list):
            found += one
    return None


def _shapes(layers: tuple[_Layer, ...]) -> dict[str, Shape]:
    """What each layer gives out, by its name; those that cannot be told are not there."""
    given_in = {layer.name: layer.given_in for layer in layers if layer.given_in is not None}
    shapes: dict[str, Shape] = {}
    for layer in layers:
        if layer.feeds and layer.feeds[0] not in shapes and layer.name in given_in:
            shapes[layer.feeds[0]] = given_in[layer.name]
    for layer in layers:
        if layer.name not in shapes:
            fed = given_in.get(layer.name) or (shapes.get(layer.feeds[0]) if layer.feeds else None)
            found = output_shape(layer.kind, layer.config, fed)
            if found is not None:
                shapes[layer.name] = found
        shapes |= {f"{layer.name}/{name}": s for name, s in _shapes(layer.inner).items()}
    return shapes


def _opened(layers: tuple[_Layer, ...], prefix: str = "") -> Iterator[tuple[_Layer, str]]:
    """All layers, those of models within the model in their place."""
    for layer in layers:
        if layer.inner:
            yield from _opened(layer.inner, f"{prefix}{layer.name}/")
        else:
            yield layer, prefix


def _row(layer: _Layer, prefix: str, shapes: dict[str, Shape]) -> ModelLayer:
    activation = layer.config.get("activation")
    return ModelLayer(
        name=f"{prefix}{layer.name}",
        kind=layer.kind,
        shape=spoken(shapes.get(f"{prefix}{layer.name}")),
        parameters=parameters(layer.kind, layer.config, layer.given_in),
        activation=activation if isinstance(activation, str) and activation != "linear" else None,
        initializer=_initializer(layer.config),
        trainable=layer.config.get("trainable") is not False,
    )


def _initializer(config: dict[str, Any]) -> str:
    """How the kernel is drawn: the class, and its settings that are numbers."""
    found = config.get("kernel_initializer")
    if isinstance(found, str):
        return found
    kind = mapping(found).get("class_name")
    settings = mapping(mapping(found).get("config"))
    told = [f"{name} {v:.4g}" for name, v in settings.items() if isinstance(v, float)]
    return " ".join([kind, *told]) if isinstance(kind, str) else ""


def _note(layer: _Layer, shapes: dict[str, Shape]) -> str:
    if layer.inner:
        inside = sum(inner.kind != "InputLayer" for inner, _ in _opened(layer.inner))
        return f"{layer.kind} of {inside} layers"
    activation = layer.config.get("activation")
    what = layer.kind
    if isinstance(activation, str) and activation != "linear":
        what = f"{what}, {activation}"
    return " · ".join(filter(None, [what, spoken(shapes.get(layer.name))]))


def _structure(layer: _Layer) -> str:
    """What makes layers alike: their kind and settings, but not their names and seeds."""
    kept = {k: v for k, v in layer.config.items() if k not in {"name", "seed", "trainable"}}
    inner = [_structure(one) for one in layer.inner]
    if layer.inner:
        kept = {}
    return json.dumps([layer.kind, kept, inner], sort_keys=True, default=str)


def _facts(known: KerasModel) -> Iterator[tuple[str, str]]:
    if known.optimizer:
        rate = known.learning_rate
        yield "Optimiser", known.optimizer + (f", learning rate {rate:.4g}" if rate else "")
    if known.loss:
        yield "Loss", known.loss.replace("_", " ")


def _shape(found: object) -> Shape | None:
    """A shape without its batch; None in it is a size that is open."""
    if not isinstance(found, list) or len(found) < 1:
        return None
    if not all(size is None or (isinstance(size, int) and size >= 0) for size in found):
        return None
    return tuple(found[1:])
