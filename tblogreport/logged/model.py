"""The model: from Keras' config, else from the logged graph, else from what its weights show."""

from __future__ import annotations

from dataclasses import replace

from tblogreport.context.layers import Layers
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import Model, ModelLayer
from tblogreport.logged.graph import model_of_graph
from tblogreport.logged.keras import model_of_config
from tblogreport.numbers import integer
from tblogreport.reading.run import Run

_MOST_LAYERS = 60
_WEIGHTS = (TensorKind.KERNEL, TensorKind.BIAS)


def model_of(run: Run, layers: Layers, left_out: list[str]) -> Model | None:
    """The layers with what is known of them, the first sixty; None where nothing tells."""
    counted = _parameters(layers)
    model = model_of_config(run.keras_config)
    if model is None and run.graph is not None:
        model = model_of_graph(run.graph)
    if model is None:
        model = _model_of_weights(layers, counted)
    if model is None:
        return None
    model = _with_counts(model, counted)
    if (more := len(model.layers) - _MOST_LAYERS) > 0:
        left_out.append(f"The table of layers shows the first {_MOST_LAYERS}, {more} more follow.")
    return replace(model, layers=model.layers[:_MOST_LAYERS])


def _parameters(layers: Layers) -> dict[str, int]:
    """How many weights the histograms of each layer hold."""
    sizes: dict[tuple[str, str], int] = {}
    for tensor in layers.tensors:
        if tensor.kind in _WEIGHTS and len(tensor):
            sizes[tensor.layer, tensor.tag] = int(tensor.counts[0].sum())
    found: dict[str, int] = {}
    for (layer, _), size in sizes.items():
        found[layer] = found.get(layer, 0) + size
    return found


def _model_of_weights(layers: Layers, counted: dict[str, int]) -> Model | None:
    """The layers of which weights were logged; how they hang together is not told."""
    found = tuple(
        ModelLayer(name=name, kind="", shape="", parameters=counted[name])
        for name in layers.names
        if name in counted
    )
    if not found:
        return None
    return Model("the histograms of the weights", found, sum(counted.values()))


def _with_counts(model: Model, counted: dict[str, int]) -> Model:
    """Parameters of layers that the log counts, and how many there are in all."""
    layers = tuple(
        replace(layer, parameters=counted.get(layer.name)) if layer.parameters is None else layer
        for layer in model.layers
    )
    known = [layer.parameters for layer in layers if layer.parameters is not None]
    total = sum(known) if len(known) == len(layers) else model.parameters
    facts = model.facts
    if total is not None:
        facts = (("Parameters", integer(total)), *facts)
    return replace(model, layers=layers, parameters=total, facts=facts)
