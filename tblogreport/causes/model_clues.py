"""What the model's own config, where Keras logged it, says for or against a cause."""

from __future__ import annotations

import math

from tblogreport.causes.case import Case
from tblogreport.context.keras_model import SATURATING, KerasModel, LayerConfig
from tblogreport.context.kind import Kind

# A signal that shrinks or grows by this factor from the input to the output is lost.
LOST_SIGNAL = 1e-3
# What one sigmoid lets through of a gradient at most.
_SIGMOID_SLOPE = 0.25
# Kernels in a row that make a network deep enough for it to matter.
DEEP = 4
# ReLU units that start this far below zero, for inputs of variance 1, are hardly ever active.
BURIED_BIAS = -1.0
_CROSS_ENTROPIES = frozenset(
    "binary_crossentropy categorical_crossentropy sparse_categorical_crossentropy".split()
)
_MULTICLASS = frozenset("categorical_crossentropy sparse_categorical_crossentropy".split())
# Where the outputs of a last layer lie, and to which power a loss takes their errors.
_RANGES = SATURATING | {"softmax": (0.0, 1.0)}
_POWERS = {"mean_squared_error": 2, "mean_absolute_error": 1}
_PROBABILITIES = frozenset("softmax sigmoid".split())
# Rates at which networks are usually trained: far outside, the rate is suspected.
_USUAL = {True: (3e-5, 2e-2), False: (3e-4, 0.5)}
# A rate that was logged as a float32 is not just above what was meant.
ROUNDED = 1 + 1e-6
# … and those at which trained weights are usually trained on, by AdamW or its kin.
_USUAL_OF_TRAINED = (6e-6, 1e-3)
# … and agents, by Adam or RMSprop.
_USUAL_OF_AGENTS = (1e-5, 1e-2)


def config_saturates(case: Case) -> bool:
    """Whether most hidden layers are tanh or sigmoid by the model's config."""
    model = case.signals.context.model
    hidden = [layer.activation for layer in model.layers if layer.activation][:-1] if model else []
    return bool(hidden) and sum(a in SATURATING for a in hidden) > len(hidden) / 2


def deep_sigmoid(case: Case) -> bool:
    """Whether so many sigmoids stand in a row that no gradient passes them all."""
    hidden = _hidden(case)
    sigmoids = sum(layer.activation in {"sigmoid", "hard_sigmoid"} for layer in hidden)
    return not _normalised(case) and _SIGMOID_SLOPE**sigmoids < LOST_SIGNAL


def single_softmax(case: Case) -> bool:
    """Whether the model ends in a softmax over one unit, which is always 1."""
    model = case.signals.context.model
    ends = model is not None and model.output_activation == "softmax"
    return ends and model is not None and model.output is not None and model.output.units == 1


def output_misfits(case: Case) -> bool:
    """Whether the loss expects other outputs than the last layer gives.

    Logits where they are probabilities, or the reverse; a class each of a sigmoid under a
    multi-class loss, or a softmax under a binary one.
    """
    model = case.signals.context.model
    if model is None or model.loss not in _CROSS_ENTROPIES or model.output is None:
        return False
    ends, units = model.output_activation, model.output.units or 0
    if model.from_logits:
        return ends in _PROBABILITIES
    unbounded = ends in {"linear", "relu", "tanh", "elu", "gelu", "leaky_relu", "selu"}
    return unbounded or (model.loss in _MULTICLASS and ends == "sigmoid" and units > 1)


def output_too_narrow(case: Case) -> bool:
    """Whether the targets of a regression lie beyond what the last layer can put out.

    An error of outputs and targets within the same range cannot be wider than that range;
    twice that leaves room for penalties that are added to the loss.
    """
    model, loss = case.signals.context.model, case.signals.loss
    if model is None or loss is None or model.loss not in _POWERS:
        return False
    ends = _RANGES.get(model.output_activation or "")
    reached = case.signals.curve(loss).values
    if ends is None or not len(reached):
        return False
    return float(reached.min()) > 2 * (ends[1] - ends[0]) ** _POWERS[model.loss]


def constant_by_config(case: Case) -> bool:
    """Whether a hidden kernel starts with one value throughout."""
    hidden = (layer for layer in _hidden(case) if (layer.units or 2) > 1)
    return any(layer.kernel and layer.kernel.constant is not None for layer in hidden)


def spread_by_config(case: Case) -> bool:
    """Whether the initial kernels shrink or blow up the signal on its way through the model.

    The standard deviation of a kernel times √fan-in is what one layer does to the spread
    of its input (Glorot, Bengio, 2010; He et al., 2015, with √2 for ReLU).
    """
    gains = [gain for layer in _hidden(case) if (gain := _gain(layer)) is not None]
    if not gains or _normalised(case):
        return False
    through = math.prod(gains)
    wildest = max(gains)
    return through < LOST_SIGNAL or through > 1 / LOST_SIGNAL or wildest > 5.0


def buried_by_config(case: Case) -> bool:
    """Whether ReLU layers start with biases so negative that they are zero for all inputs."""
    return any(
        layer.activation == "relu"
        and layer.bias is not None
        and (layer.bias.constant or 0.0) <= BURIED_BIAS
        for layer in _hidden(case)
    )


def no_relu_by_config(case: Case) -> bool:
    """Whether the config is there and names no ReLU among the hidden layers."""
    model = case.signals.context.model
    return model is not None and not any(
        "relu" in (layer.activation or "") for layer in model.layers
    )


def no_saturation_by_config(case: Case) -> bool:
    """Whether the config is there and no hidden layer has an activation with two ends."""
    model = case.signals.context.model
    if model is None or model.output is None:
        return False
    before = model.layers[: model.layers.index(model.output)]
    return not any(layer.activation in SATURATING for layer in before)


def sound_by_config(case: Case) -> bool:
    """Whether the config says that nothing of the above is wrong with the initial state."""
    model = case.signals.context.model
    if model is None or not _hidden(case):
        return False
    return not (
        constant_by_config(case)
        or spread_by_config(case)
        or buried_by_config(case)
        or deep_sigmoid(case)
        or single_softmax(case)
        or output_misfits(case)
    )


def rate_is_high(case: Case) -> bool:
    """Whether the rate is far above those that the optimiser is usually run with."""
    rate = case.signals.highest_learning_rate
    return rate is not None and rate > ROUNDED * _usual(case)[1]


def rate_is_low(case: Case) -> bool:
    """Whether the rate is far below those that the optimiser is usually run with."""
    rate = case.signals.highest_learning_rate
    return rate is not None and rate <= _usual(case)[0]


def rate_is_beyond(case: Case) -> bool:
    """Whether it was found that no optimiser of its kind is run with so high a rate."""
    return case.fired("unusual-learning-rate") and not rate_is_low(case)


def rate_is_usual(case: Case) -> bool:
    """Whether a rate was logged, and is one of those that networks are usually trained at."""
    rate = case.signals.highest_learning_rate
    return rate is not None and not rate_is_high(case) and not rate_is_low(case)


def _usual(case: Case) -> tuple[float, float]:
    if case.signals.context.fine_tunes:
        return _USUAL_OF_TRAINED
    if case.signals.context.kind == Kind.REINFORCEMENT:
        return _USUAL_OF_AGENTS
    return _USUAL[_adaptive(case)]


def goes_on_from_trained_weights(case: Case) -> bool:
    """Whether the log is one of models that are loaded with trained weights."""
    return case.signals.context.fine_tunes


def clips(case: Case) -> bool:
    """Whether the optimiser clips gradients, by the config."""
    model = case.signals.context.model
    return model is not None and model.clips is True


def _adaptive(case: Case) -> bool:
    """Whether the optimiser scales its steps; where it is not known, the milder answer."""
    return case.signals.context.adaptive is True


def _hidden(case: Case) -> tuple[LayerConfig, ...]:
    """The layers with a kernel but for the last one."""
    model: KerasModel | None = case.signals.context.model
    return model.weighted[:-1] if model is not None else ()


def _normalised(case: Case) -> bool:
    model = case.signals.context.model
    return model is not None and model.normalises


def _gain(layer: LayerConfig) -> float | None:
    """What one layer does to the spread of its input; None where it cannot be known."""
    if layer.kernel is None or not layer.fan_in:
        return None
    spread = layer.kernel.spread(layer.fan_in, layer.fan_out)
    if spread is None or spread == 0:
        return None
    return spread * math.sqrt(layer.fan_in) / (math.sqrt(2.0) if layer.activation == "relu" else 1)
