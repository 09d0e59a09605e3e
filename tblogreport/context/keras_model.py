"""What the model's own config says, where Keras logged it (the tag `keras`).

Keras' TensorBoard callback writes it with `write_graph=True`, its default. Keras 3 adds
what the model was compiled with. The config comes out of a log: nothing in it is trusted to
be there or to be of the right type, and what is odd is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

# Activations with two ends, at which nothing gets through, and where those lie.
SATURATING = {
    "tanh": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
}
_NORMALISING = ("Normalization",)
# Variance times fan of the initialisers that have a name of their own.
_NAMED_SCALES = {
    "GlorotUniform": (1.0, "fan_avg"),
    "GlorotNormal": (1.0, "fan_avg"),
    "HeUniform": (2.0, "fan_in"),
    "HeNormal": (2.0, "fan_in"),
    "LecunUniform": (1.0, "fan_in"),
    "LecunNormal": (1.0, "fan_in"),
}


@dataclass(frozen=True)
class Initializer:
    """How the values of a parameter are drawn: Keras' class name, in its own spelling."""

    kind: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def constant(self) -> float | None:
        """The one value that all entries get; None where they are drawn."""
        value = {"Zeros": 0.0, "Ones": 1.0}.get(self.kind)
        return _number(self.options.get("value")) if self.kind == "Constant" else value

    def spread(self, fan_in: int | None, fan_out: int | None) -> float | None:
        """The standard deviation of what is drawn for a kernel; None where it is not known."""
        if self.kind in {"RandomNormal", "TruncatedNormal"}:
            return _number(self.options.get("stddev"))
        if self.kind == "RandomUniform":
            low, high = (_number(self.options.get(end)) for end in ("minval", "maxval"))
            return None if low is None or high is None else (high - low) / math.sqrt(12.0)
        scale, mode = _number(self.options.get("scale")), str(self.options.get("mode"))
        if self.kind in _NAMED_SCALES:
            scale, mode = _NAMED_SCALES[self.kind]
        elif self.kind != "VarianceScaling":
            return None
        if scale is None or not fan_in or not fan_out:
            return None
        fan = {"fan_in": fan_in, "fan_out": fan_out}.get(mode)
        return math.sqrt(max(scale, 0.0) / (fan or (fan_in + fan_out) / 2.0))

    def limit(self, fan_in: int | None, fan_out: int | None) -> float | None:
        """The largest value that a kernel of an even distribution can hold; None for others."""
        uniform = self.kind.endswith("Uniform") or self.options.get("distribution") == "uniform"
        spread = self.spread(fan_in, fan_out) if uniform else None
        return None if spread is None else spread * math.sqrt(3.0)


@dataclass(frozen=True)
class LayerConfig:
    """One layer of the config."""

    name: str
    kind: str  # Keras' class name: Dense, Conv2D, BatchNormalization …
    units: int | None  # or filters
    activation: str | None
    trainable: bool
    kernel: Initializer | None
    bias: Initializer | None
    fan_in: int | None  # inputs of one unit; None where the shape is not logged

    @property
    def fan_out(self) -> int | None:
        """Outputs that one input goes to; the units, for layers without a window."""
        return self.units

    @property
    def normalises(self) -> bool:
        """Whether it is a normalisation layer."""
        return self.kind.endswith(_NORMALISING)


@dataclass(frozen=True)
class KerasModel:
    """A model's layers in their order, and what it was compiled with."""

    layers: tuple[LayerConfig, ...] = ()
    optimizer: str | None = None  # in lower case: "adam", "sgd" …
    learning_rate: float | None = None  # a number; None for a schedule
    clips: bool | None = None  # whether the optimiser clips; None where it is not logged
    loss: str | None = None  # in snake case: "sparse_categorical_crossentropy"
    from_logits: bool | None = None

    def layer(self, name: str) -> LayerConfig | None:
        """The layer of this name; logs may put the model's before it: `sequential/dense`."""
        return self._by_name.get(name, self._by_name.get(name.rsplit("/", 1)[-1]))

    @cached_property
    def _by_name(self) -> dict[str, LayerConfig]:
        return {layer.name: layer for layer in self.layers}

    @property
    def weighted(self) -> tuple[LayerConfig, ...]:
        """The layers with a kernel."""
        return tuple(layer for layer in self.layers if layer.kernel is not None)

    @property
    def normalises(self) -> bool:
        """Whether any layer is a normalisation layer."""
        return any(layer.normalises for layer in self.layers)

    @property
    def output(self) -> LayerConfig | None:
        """The last layer with a kernel: its activation may stand in a layer of its own."""
        return self.weighted[-1] if self.weighted else None

    @property
    def classes(self) -> int | None:
        """The number of classes of a classifier with cross-entropy; None for what is none."""
        if self.output is None or not (self.loss or "").endswith("crossentropy"):
            return None
        return 2 if self.output.units == 1 else self.output.units

    @property
    def output_activation(self) -> str | None:
        """The activation that the model ends in: `linear` where there is none."""
        if not self.layers or self.output is None:
            return None
        after = self.layers[self.layers.index(self.output) :]
        named = [a for layer in after if (a := layer.activation) and a != "linear"]
        return named[-1] if named else "linear"


def keras_model(config: dict[str, Any] | None) -> KerasModel | None:
    """Read a logged config; None where none was logged or it names no layer."""
    layers = tuple(_layers(config or {}))
    if not layers or config is None:
        return None
    compiled = mapping(config.get("compile_config"))
    optimizer = mapping(compiled.get("optimizer"))
    settings = mapping(optimizer.get("config"))
    optimizer_name, _ = _named(compiled.get("optimizer"))
    loss, loss_options = _named(compiled.get("loss"))
    clipping = [settings.get(n) for n in ("clipnorm", "global_clipnorm", "clipvalue")]
    return KerasModel(
        layers=layers,
        optimizer=optimizer_name.lower() if optimizer_name else None,
        learning_rate=_number(settings.get("learning_rate")),
        clips=any(c is not None for c in clipping) if settings else None,
        loss=_snake(loss) if loss else None,
        from_logits=loss_options.get("from_logits") is True if loss else None,
    )


def _layers(config: dict[str, Any]) -> Iterator[LayerConfig]:
    """Every layer of a model config in order, nested models opened."""
    for layer in entries(mapping(config.get("config")).get("layers")):
        inner = mapping(mapping(layer).get("config"))
        if isinstance(inner.get("layers"), list):
            yield from _layers(layer)
        elif isinstance(inner.get("name"), str):
            yield _layer(str(mapping(layer).get("class_name", "")), inner, layer)


def _layer(kind: str, config: dict[str, Any], whole: dict[str, Any]) -> LayerConfig:
    units = config.get("units", config.get("filters"))
    activation = config.get("activation")
    if kind in {"ReLU", "LeakyReLU", "Softmax", "ELU", "PReLU"}:  # a layer of its own
        activation = {"LeakyReLU": "leaky_relu", "PReLU": "leaky_relu"}.get(kind, kind.lower())
    shape = entries(mapping(whole.get("build_config")).get("input_shape"))
    window = [n for n in entries(config.get("kernel_size")) if isinstance(n, int)]
    features = shape[-1] if shape and isinstance(shape[-1], int) else None
    return LayerConfig(
        name=config["name"],
        kind=kind,
        units=units if isinstance(units, int) else None,
        activation=activation if isinstance(activation, str) else None,
        trainable=config.get("trainable") is not False,
        kernel=_initializer(config.get("kernel_initializer")),
        bias=_initializer(config.get("bias_initializer")),
        fan_in=features * math.prod(window) if features else None,
    )


def _initializer(found: object) -> Initializer | None:
    if isinstance(found, str):
        return Initializer(found)
    kind = mapping(found).get("class_name")
    return Initializer(kind, mapping(mapping(found).get("config"))) if kind else None


def _named(found: object) -> tuple[str | None, dict[str, Any]]:
    """A name and its options: of `"mse"`, or of a serialised object."""
    if isinstance(found, str):
        return found, {}
    kind = mapping(found).get("class_name")
    if kind == "function":
        return str(mapping(found).get("config")), {}
    return (kind if isinstance(kind, str) else None), mapping(mapping(found).get("config"))


def _snake(name: str) -> str:
    """`SparseCategoricalCrossentropy` → `sparse_categorical_crossentropy`."""
    parts = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    short = {"mse": "mean_squared_error", "mae": "mean_absolute_error"}
    return short.get(parts, parts)


def mapping(found: object) -> dict[str, Any]:
    """What a config should hold as a mapping; empty where it holds something else."""
    return found if isinstance(found, dict) else {}


def entries(found: object) -> list[Any]:
    """What a config should hold as a list; empty where it holds something else."""
    return found if isinstance(found, list) else []


def _number(found: object) -> float | None:
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if number and math.isfinite(float(found)) else None  # type: ignore[arg-type]
