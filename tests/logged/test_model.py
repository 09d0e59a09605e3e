"""The table of layers against what Keras and PyTorch say of the same models."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tblogreport
from tblogreport.context.layers import Layers
from tblogreport.findings import Model
from tblogreport.logged.keras import model_of_config
from tblogreport.logged.model import model_of
from tests.runs import Histogram, make_run

keras = pytest.importorskip("keras")
layers = keras.layers


def config_of(model: Any) -> dict[str, Any]:
    return dict(json.loads(model.to_json()))


def told(model: Any) -> Model:
    found = model_of_config(config_of(model))
    assert found is not None
    return found


def dense() -> Any:
    return keras.Sequential(
        [
            keras.Input((20,)),
            layers.Dense(16, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(3, use_bias=False),
        ]
    )


def convolutions() -> Any:
    return keras.Sequential(
        [
            keras.Input((28, 28, 3)),
            layers.Conv2D(8, 3, strides=2, padding="same"),
            layers.Conv2D(4, (3, 5), dilation_rate=1),
            layers.MaxPooling2D(),
            layers.DepthwiseConv2D(3, depth_multiplier=2),
            layers.Conv2DTranspose(6, 3, strides=2, padding="same"),
            layers.Conv2DTranspose(2, 4, strides=3),
            layers.LayerNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def words() -> Any:
    return keras.Sequential(
        [
            keras.Input((12,)),
            layers.Embedding(100, 8),
            layers.LSTM(5, return_sequences=True),
            layers.GRU(4, return_sequences=True),
            layers.SimpleRNN(3),
            layers.Dense(1),
        ]
    )


def residual() -> Any:
    inputs = keras.Input((8,))
    signal = layers.Dense(8, activation="tanh")(inputs)
    signal = layers.Add()([signal, inputs])
    return keras.Model(inputs, layers.Dense(2)(signal))


@pytest.mark.parametrize("build", [dense, convolutions, words, residual])
def test_shapes_and_parameters_are_those_of_keras(build: Callable[[], Any]) -> None:
    model = build()
    rows = {row.name: row for row in told(model).layers}
    for layer in model.layers:
        row = rows[layer.name]
        expected = " × ".join("?" if n is None else str(n) for n in layer.output.shape[1:])
        assert row.shape == expected, layer.name
        assert row.parameters in {layer.count_params(), None}, layer.name
    unknown = [row.kind for row in rows.values() if row.parameters is None]
    assert unknown == [kind for kind in unknown if kind == "DepthwiseConv2D"]


def test_layers_of_one_structure_share_a_colour_and_lines_follow_the_data() -> None:
    model = keras.Sequential([keras.Input((4,)), *(layers.Dense(4) for _ in range(3))])
    graph = told(model).graph
    assert graph is not None
    assert graph.edges == ((0, 1), (1, 2), (2, 3))
    assert len({node.structure for node in graph.nodes[-3:]} - {None}) == 1


def test_a_way_around_is_drawn() -> None:
    graph = told(residual()).graph
    assert graph is not None
    names = [node.name for node in graph.nodes]
    add = next(place for place, name in enumerate(names) if name.startswith("add"))
    assert {source for source, target in graph.edges if target == add} == {0, 1}


def test_a_model_in_the_model_is_opened_in_the_table_and_a_box_in_the_graph() -> None:
    encoder = keras.Sequential([keras.Input((6,)), layers.Dense(5), layers.Dense(4)], name="enc")
    inputs = keras.Input((6,))
    model = keras.Model(inputs, layers.Dense(1)(encoder(inputs)))
    found = told(model)
    assert found.graph is not None
    notes = {node.name: node.note for node in found.graph.nodes}
    assert notes["enc"] == "Sequential of 2 layers"
    inner = [row for row in found.layers if row.name.startswith("enc/")]
    assert [row.parameters for row in inner if row.kind == "Dense"] == [35, 24]


def test_keras_2_is_understood() -> None:
    """Its `inbound_nodes` are lists of `[name, node, tensor, arguments]`, shapes stand nowhere."""
    config = {
        "class_name": "Functional",
        "config": {
            "layers": [
                {
                    "class_name": "InputLayer",
                    "name": "in",
                    "config": {"name": "in", "batch_input_shape": [None, 8]},
                    "inbound_nodes": [],
                },
                {
                    "class_name": "Dense",
                    "name": "fc",
                    "config": {"name": "fc", "units": 4, "activation": "relu"},
                    "inbound_nodes": [[["in", 0, 0, {}]]],
                },
                {
                    "class_name": "Add",
                    "name": "sum",
                    "config": {"name": "sum"},
                    "inbound_nodes": [[["fc", 0, 0, {}], ["in", 0, 0, {}]]],
                },
            ]
        },
    }
    found = model_of_config(config)
    assert found is not None
    assert [row.shape for row in found.layers] == ["8", "4", ""]
    assert found.graph is not None
    assert sorted(found.graph.edges) == [(0, 1), (0, 2), (1, 2)]


def test_a_config_of_nonsense_is_no_model() -> None:
    assert model_of_config(None) is None
    assert model_of_config({"config": {"layers": 3}}) is None
    layer = {"config": {"name": "a", "units": "x"}, "inbound_nodes": {"a": 1}}
    found = model_of_config({"config": {"layers": [layer]}})
    assert found is not None
    assert [(row.name, row.shape, row.parameters) for row in found.layers] == [("a", "", None)]


def test_weights_alone_tell_how_many_parameters_a_layer_has() -> None:
    record = (np.linspace(-1, 1, 11), np.full(10, 6.0))
    run = make_run(
        Histogram("fc1.weight", [record, record]),
        Histogram("fc1.bias", [(record[0], np.full(10, 0.5))] * 2),
        Histogram("fc2.weight", [record, record]),
    )
    found = told_of(run)
    assert found is not None
    assert [(row.name, row.parameters) for row in found.layers] == [("fc1", 65), ("fc2", 60)]
    assert found.parameters == 125
    assert found.source == "the histograms of the weights"


def told_of(run: Any) -> Model | None:
    from tblogreport.context import build_context

    return model_of(run, build_context(run).layers, [])


def test_nothing_tells_of_a_model_where_nothing_was_logged() -> None:
    assert told_of(make_run()) is None


def test_a_long_model_is_cut_with_a_sentence() -> None:
    model = keras.Sequential([keras.Input((4,)), *(layers.Dense(4) for _ in range(80))])
    said: list[str] = []
    run = replace(make_run(), keras_config=config_of(model))
    found = model_of(run, Layers(), said)
    assert found is not None
    assert len(found.layers) == 60
    assert found.graph is None
    assert found.parameters == 80 * 20
    assert said[0].startswith("The table of layers shows the first 60")


@pytest.mark.slow
def test_the_graph_of_pytorch_tells_modules_shapes_and_ways_around(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from torch import nn
    from torch.utils.tensorboard import SummaryWriter

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)

        def forward(self, x: Any) -> Any:
            return torch.relu(self.second(torch.relu(self.first(x)))) + x

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem, self.block, self.head = nn.Linear(4, 6), Block(), nn.Linear(6, 2)

        def forward(self, x: Any) -> Any:
            return self.head(self.block(self.stem(x)))

    net = Net()
    with SummaryWriter(str(tmp_path / "run")) as writer:
        writer.add_graph(net, torch.zeros(3, 4))
        for name, parameter in net.named_parameters():
            writer.add_histogram(name, parameter, 0)
    (run,) = tblogreport.read(tmp_path / "run")
    found = told_of(run)
    assert found is not None
    rows = {row.name: (row.kind, row.shape, row.parameters) for row in found.layers}
    assert rows["stem"] == ("Linear", "6", 30)
    assert rows["block.second"] == ("Linear", "6", 42)
    assert rows["head"] == ("Linear", "2", 14)
    assert found.graph is not None
    names = [node.name for node in found.graph.nodes]
    edges = {(names[a], names[b]) for a, b in found.graph.edges}
    assert {("stem", "block.first"), ("stem", "block.add 1"), ("block.add 1", "head")} <= edges
    structures = {node.name: node.structure for node in found.graph.nodes}
    assert structures["stem"] == structures["head"] is not None
