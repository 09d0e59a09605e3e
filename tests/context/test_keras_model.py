"""What is read out of a model's config, of Keras 3, of Keras 2, and of what is neither."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tblogreport.context.keras_model import Initializer, keras_model


def dense(name: str, units: int, inputs: int = 10, **config: Any) -> dict[str, Any]:
    return {
        "class_name": "Dense",
        "config": {
            "name": name,
            "units": units,
            "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
            "bias_initializer": {"class_name": "Zeros", "config": {}},
        }
        | config,
        "build_config": {"input_shape": [None, inputs]},
    }


def model(*layers: dict[str, Any], **compiled: Any) -> dict[str, Any]:
    config: dict[str, Any] = {"class_name": "Sequential", "config": {"layers": list(layers)}}
    return config | ({"compile_config": compiled} if compiled else {})


def test_layers_optimiser_and_loss_of_keras_3() -> None:
    found = keras_model(
        model(
            dense("a", 5, activation="relu"),
            dense("b", 3, inputs=5, activation="softmax"),
            optimizer={
                "class_name": "Adam",
                "config": {"learning_rate": 0.01, "clipnorm": 1.0, "global_clipnorm": None},
            },
            loss={
                "class_name": "SparseCategoricalCrossentropy",
                "config": {"from_logits": True},
            },
        )
    )
    assert found is not None
    assert [(x.name, x.units, x.activation, x.fan_in) for x in found.layers] == [
        ("a", 5, "relu", 10),
        ("b", 3, "softmax", 5),
    ]
    assert (found.optimizer, found.learning_rate, found.clips) == ("adam", 0.01, True)
    assert (found.loss, found.from_logits) == ("sparse_categorical_crossentropy", True)
    assert found.output_activation == "softmax"


@pytest.mark.parametrize("loss", ["mse", "mean_squared_error", {"class_name": "MeanSquaredError"}])
def test_a_loss_has_one_name_however_it_was_given(loss: Any) -> None:
    found = keras_model(model(dense("a", 1), loss=loss))
    assert found is not None
    assert (found.loss, found.from_logits) == ("mean_squared_error", False)


def test_keras_2_does_not_say_what_was_compiled() -> None:
    found = keras_model(model(dense("a", 1)))
    assert found is not None
    assert (found.optimizer, found.learning_rate, found.clips, found.loss) == (None,) * 4


def test_an_activation_may_be_a_layer_of_its_own() -> None:
    softmax = {"class_name": "Activation", "config": {"name": "end", "activation": "softmax"}}
    found = keras_model(model(dense("a", 5, activation="relu"), dense("b", 3), softmax))
    assert found is not None
    assert found.output is not None
    assert (found.output.name, found.output_activation) == ("b", "softmax")


def test_a_model_that_ends_in_no_activation_is_linear() -> None:
    found = keras_model(model(dense("a", 5, activation="relu"), dense("b", 1)))
    assert found is not None
    assert found.output_activation == "linear"


def test_the_window_of_a_convolution_belongs_to_its_fan_in() -> None:
    convolution = dense("c", 8, kernel_size=[3, 3])
    convolution["build_config"] = {"input_shape": [None, 28, 28, 4]}
    found = keras_model(model(convolution))
    assert found is not None
    assert found.layers[0].fan_in == 36


@pytest.mark.parametrize(
    ("kind", "options", "spread"),
    [
        ("HeNormal", {}, (2 / 100) ** 0.5),
        ("GlorotUniform", {}, (2 / 150) ** 0.5),
        ("VarianceScaling", {"scale": 8.0, "mode": "fan_in"}, (8 / 100) ** 0.5),
        ("RandomNormal", {"stddev": 3.0}, 3.0),
        ("RandomUniform", {"minval": -0.3, "maxval": 0.3}, 0.6 / 12**0.5),
        ("Orthogonal", {"gain": 1.0}, None),
    ],
)
def test_the_spread_of_an_initialiser(
    kind: str, options: dict[str, Any], spread: float | None
) -> None:
    found = Initializer(kind, options).spread(100, 50)
    assert found == (None if spread is None else pytest.approx(spread))


def test_the_limit_of_an_even_distribution() -> None:
    assert Initializer("GlorotUniform").limit(64, 32) == pytest.approx((6 / 96) ** 0.5)
    assert Initializer("HeNormal").limit(64, 32) is None


@pytest.mark.parametrize(
    ("kind", "options", "value"),
    [
        ("Zeros", {}, 0.0),
        ("Ones", {}, 1.0),
        ("Constant", {"value": -2}, -2.0),
        ("HeNormal", {}, None),
    ],
)
def test_the_one_value_of_an_initialiser(
    kind: str, options: dict[str, Any], value: float | None
) -> None:
    assert Initializer(kind, options).constant == value


odd = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "config layers name class_name units activation build_config input_shape "
                "kernel_initializer compile_config optimizer loss learning_rate kernel_size".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["config", "compile_config", "class_name"]), odd))
def test_a_config_may_be_anything(config: dict[str, Any]) -> None:
    found = keras_model(config)
    assert found is None or (found.layers and isinstance(found.output_activation, str | None))
