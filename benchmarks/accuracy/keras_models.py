"""The architectures in Keras, as a recipe wants them."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from benchmarks.accuracy.data import Data
from benchmarks.accuracy.recipe import Recipe


class Detached(layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """Hands its input on and lets no gradient back."""

    def call(self, inputs: Any) -> Any:
        return keras.ops.stop_gradient(inputs)


class Sampling(layers.Layer):  # type: ignore[misc]
    """Draws from the normal distribution that it is given, and adds its divergence to the loss."""

    def __init__(self, weight: float = 2e-3) -> None:
        super().__init__()
        self._weight = weight
        self._seeds = keras.random.SeedGenerator(7)

    def call(self, inputs: Any, training: bool = False) -> Any:
        ops = keras.ops
        mean, log_variance = ops.split(inputs, 2, axis=-1)
        divergence = -0.5 * (1 + log_variance - mean**2 - ops.exp(log_variance))
        self.add_loss(self._weight * ops.mean(ops.sum(divergence, axis=-1)))
        if not training:
            return mean
        noise = keras.random.normal(ops.shape(mean), seed=self._seeds)
        return mean + noise * ops.exp(0.5 * log_variance)


def build(architecture: str, recipe: Recipe, data: Data) -> Any:
    """Return the compiled model, initialised as the recipe says."""
    inputs = keras.Input(data.x_train.shape[1:])
    stack = {
        "mlp": _mlp,
        "cnn": _cnn,
        "conv1d": _conv1d,
        "two-inputs": _two_branches,
        "wide-deep": _wide_and_deep,
        "denoiser": _denoiser,
        "separable": _separable,
        "variational": _variational,
        "bilstm": _both_ways,
    }
    recurrent = {"gru": layers.GRU, "rnn": layers.SimpleRNN}
    if architecture in recurrent:
        hidden = _recurrent(recurrent[architecture], inputs, recipe)
    else:
        hidden = stack[architecture](inputs, recipe)
    if recipe.frozen == "detached":
        hidden = Detached()(hidden)
    model = keras.Model(inputs, _output(hidden, recipe, data))
    if recipe.frozen == "forgotten":
        with_weights = _with_weights(model)
        with_weights[(len(with_weights) - 1) // 2].trainable = False
    _compile(model, recipe, data)
    return model


def freeze_backbone(model: Any, recipe: Recipe, data: Data) -> None:
    """Begin the last layer anew, as the recipe begins it, freeze all others, and compile."""
    *backbone, head = _with_weights(model)
    for layer in backbone:
        layer.trainable = False
    # An initializer draws the same numbers again; its clone draws others.
    head.kernel.assign(head.kernel_initializer.clone()(head.kernel.shape))
    head.bias.assign(head.bias_initializer(head.bias.shape))
    _compile(model, recipe, data)


def _with_weights(model: Any) -> list[Any]:
    return [layer for layer in model.layers if layer.weights]


def _compile(model: Any, recipe: Recipe, data: Data) -> None:
    model.compile(
        optimizer=_optimizer(recipe),
        loss=_loss(recipe, data),
        metrics=["accuracy"] if data.task == "classes" else ["mae"],
    )


def _mlp(x: Any, recipe: Recipe) -> Any:
    x = layers.Flatten()(x)
    for _ in range(recipe.hidden):
        x = layers.Dense(48, **_options(recipe))(x)
        x = _finished(x, recipe)
    return x


def _cnn(x: Any, recipe: Recipe) -> Any:
    x = layers.Reshape((*x.shape[1:], 1))(x)
    for _ in range(recipe.hidden):
        x = layers.Conv2D(16, 3, padding="same", **_options(recipe))(x)
        x = _finished(x, recipe)
    return layers.Flatten()(layers.MaxPooling2D()(x))


def _conv1d(x: Any, recipe: Recipe) -> Any:
    for _ in range(recipe.hidden):
        x = layers.Conv1D(16, 5, padding="same", **_options(recipe))(x)
        x = _finished(x, recipe)
    return layers.GlobalAveragePooling1D()(x)


def _two_branches(x: Any, recipe: Recipe) -> Any:
    half = x.shape[1] // 2
    left = _mlp(x[:, :half], recipe)
    right = _mlp(x[:, half:], recipe)
    return layers.Dense(32, **_options(recipe))(layers.Concatenate()([left, right]))


def _wide_and_deep(x: Any, recipe: Recipe) -> Any:
    """A deep stack beside products of the inputs, which go straight to the output."""
    products = layers.Multiply()([x, x[:, ::-1]])
    return layers.Concatenate()([x, products, _mlp(x, recipe)])


def _denoiser(x: Any, recipe: Recipe) -> Any:
    x = layers.Reshape((*x.shape[1:], 1))(x)
    for _ in range(recipe.hidden):
        x = layers.Conv2D(8, 3, padding="same", **_options(recipe))(x)
        x = _finished(x, recipe)
    return layers.Flatten()(x)


def _separable(x: Any, recipe: Recipe) -> Any:
    options = _options(recipe)
    kernel = options.pop("kernel_initializer")
    x = layers.Reshape((*x.shape[1:], 1))(x)
    x = layers.MaxPooling2D()(layers.Conv2D(24, 3, padding="same", **_options(recipe))(x))
    for _ in range(recipe.hidden):
        x = layers.SeparableConv2D(
            24, 3, padding="same", depthwise_initializer=kernel, pointwise_initializer=kernel,
            **options,
        )(x)  # fmt: skip
        x = _finished(x, recipe)
    return layers.Flatten()(layers.MaxPooling2D()(x))


def _variational(x: Any, recipe: Recipe) -> Any:
    x = layers.Dense(48, **_options(recipe))(layers.Flatten()(x))
    x = Sampling()(layers.Dense(16)(x))
    return layers.Dense(48, **_options(recipe))(x)


def _both_ways(x: Any, recipe: Recipe) -> Any:
    return layers.Bidirectional(layers.LSTM(16))(x)


def _recurrent(cell: Any, x: Any, recipe: Recipe) -> Any:
    kernel = keras.initializers.Orthogonal(gain=recipe.init_scale, seed=1)
    options = {"activation": "relu"} if cell is layers.SimpleRNN else {}
    return cell(32, recurrent_initializer=kernel, **options)(x)


def _finished(x: Any, recipe: Recipe) -> Any:
    """What follows the kernel of a hidden layer: normalisation and dropout."""
    if recipe.norm:
        x = layers.BatchNormalization()(x)
    return layers.Dropout(recipe.dropout)(x) if recipe.dropout else x


def _options(recipe: Recipe) -> dict[str, Any]:
    return {
        "activation": recipe.activation,
        "kernel_initializer": _initializer(recipe),
        "bias_initializer": keras.initializers.Constant(recipe.bias),
    }


def _initializer(recipe: Recipe) -> Any:
    if recipe.init == "zeros":
        return "zeros"
    if recipe.init == "unit":
        return keras.initializers.RandomNormal(stddev=recipe.init_scale)
    spread = {"he": 2.0, "glorot": 1.0, "tiny": 1e-4, "huge": 200.0}[recipe.init]
    return keras.initializers.VarianceScaling(
        spread * recipe.init_scale**2, "fan_in", "untruncated_normal"
    )


def _output(x: Any, recipe: Recipe, data: Data) -> Any:
    kernel = "zeros" if recipe.init == "zeros" else "glorot_uniform"
    if data.task == "values":
        return layers.Dense(data.classes, kernel_initializer=kernel)(x)
    if data.classes == 2:
        activation = "softmax" if recipe.output == "one-unit" else "sigmoid"
        return layers.Dense(1, activation=activation, kernel_initializer=kernel)(x)
    return layers.Dense(data.classes, activation="softmax", kernel_initializer=kernel)(x)


def _loss(recipe: Recipe, data: Data) -> Any:
    if data.task == "values":
        return "mse"
    if data.classes == 2:
        return "binary_crossentropy"
    from_logits = recipe.output == "double-softmax"  # of what softmax gave already
    return keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)


def _optimizer(recipe: Recipe) -> Any:
    kinds = {
        "sgd": keras.optimizers.SGD,
        "momentum": lambda **options: keras.optimizers.SGD(momentum=0.9, **options),
        "nesterov": lambda **options: keras.optimizers.SGD(momentum=0.9, nesterov=True, **options),
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "rmsprop": keras.optimizers.RMSprop,
        "nadam": keras.optimizers.Nadam,
        "adamax": keras.optimizers.Adamax,
    }
    options: dict[str, Any] = {"learning_rate": recipe.lr, "global_clipnorm": recipe.clip}
    if recipe.weight_decay:
        options["weight_decay"] = recipe.weight_decay
    return kinds[recipe.optimizer](**options)
