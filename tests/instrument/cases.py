"""Train one small model a case below the directory that is given, with TensorHealth.

A script of its own, as it needs TensorFlow: `python -m tests.instrument.cases DIR 0 2` trains
the first of two parts of the cases. What a test must know of a trained model is kept beside
its log in `<case>.npz`.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from tblogreport.instrument.keras import TensorHealth

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 4)).astype(np.float32)
Y = RNG.integers(0, 2, size=(32, 1)).astype(np.float32)
IMAGES = RNG.normal(size=(40, 6, 6, 1)).astype(np.float32)
TOKENS = RNG.integers(0, 9, size=(40, 5))
CLASSES = RNG.integers(0, 3, size=40)


def fit(model: Any, logs: Path | None, *, x: Any = X, y: Any = Y, **options: Any) -> Any:
    """Compile where it is not compiled yet, train one step an epoch, and log every step."""
    if not model.compiled:
        model.compile(optimizer="sgd", loss="mse")
    every = options.pop("every", 1)
    callbacks = options.pop("callbacks", [])
    callbacks = callbacks + ([TensorHealth(logs, every=every)] if logs else [])
    return model.fit(x, y, verbose=0, shuffle=False, callbacks=callbacks, **options)


def sequential(*stack: Any) -> Any:
    return keras.Sequential([keras.Input((4,)), *stack])


def twins(logs: Path, build: Callable[[], Any], x: Any, y: Any, **options: Any) -> None:
    """Keep the weights and losses of a training without TensorHealth, and with it."""
    kept: dict[str, Any] = {}
    for name, directory in (("without", None), ("with_it", logs)):
        keras.backend.clear_session()
        keras.utils.set_random_seed(1)
        model = build()
        history = fit(model, directory, x=x, y=y, **options).history
        kept[f"{name}_weights"] = np.concatenate([w.ravel() for w in model.get_weights()])
        kept[f"{name}_losses"] = np.array(list(history.values()))
    np.savez(logs, **kept)


def line(logs: Path) -> None:
    model = sequential(layers.Dense(1, use_bias=False, name="line"))
    kernel = model.get_weights()[0]
    fit(model, logs)
    np.savez(logs, x=X, y=Y, kernel=kernel, trained=model.get_weights()[0])


def convolutional() -> Any:
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def convolutions(logs: Path) -> None:
    twins(logs, convolutional, IMAGES, CLASSES, batch_size=16, epochs=3, every=2)


class Block(layers.Layer):  # type: ignore[misc]
    """Makes its layers when it is built, and draws from Keras' own random generator."""

    def build(self, _: Any) -> None:
        self.attention = layers.MultiHeadAttention(2, 4, dropout=0.1)
        self.norm = layers.LayerNormalization()
        self.dense = layers.Dense(8, activation="gelu")

    def call(self, inputs: Any) -> Any:
        noise = keras.random.normal(keras.ops.shape(inputs), stddev=0.1)
        return self.dense(self.norm(inputs + noise + self.attention(inputs, inputs)))


class Transformer(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name="transformer")
        self.head = layers.Dense(3)
        self.embedding = layers.Embedding(9, 8)
        self.block = Block()

    def call(self, inputs: Any) -> Any:
        return self.head(keras.ops.mean(self.block(self.embedding(inputs)), axis=1))


def transformer(logs: Path) -> None:
    def build() -> Any:
        model = Transformer()
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
        model.compile(keras.optimizers.SGD(schedule, clipnorm=1.0), loss)
        return model

    twins(logs, build, TOKENS, CLASSES, batch_size=16, epochs=2)


def several_steps(logs: Path) -> None:
    """5 steps an epoch in executions of 2: the last one of an epoch is a single step."""

    def build() -> Any:
        model = sequential(layers.Dropout(0.5), layers.Dense(1))
        model.compile("adam", "mse", steps_per_execution=2)
        return model

    twins(logs, build, X, Y, batch_size=7, epochs=2, every=4)


def mixed_precision(logs: Path) -> None:
    def build() -> Any:
        dense = layers.Dense(3, activation="tanh", dtype="mixed_float16")
        model = sequential(dense, layers.Dense(1, dtype="float32"))
        optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1))
        model.compile(optimizer, "mse")
        return model

    twins(logs, build, X, Y, epochs=3)


class Adversaries(keras.Model):  # type: ignore[misc]
    """Two optimisers, own metrics, weights changed beside the optimisers."""

    def __init__(self) -> None:
        super().__init__(name="adversaries")
        self.generator = sequential(layers.Dense(4, name="make"))
        self.critic = sequential(layers.Dense(1, name="judge"))
        self.optimizers = [keras.optimizers.SGD(0.1), keras.optimizers.Adam(0.2)]
        self.compile()

    def train_step(self, data: Any) -> Any:
        real, _ = data
        noise = tf.random.normal(tf.shape(real))
        with tf.GradientTape(persistent=True) as tape:
            judged = self.critic(self.generator(noise))
            critic_loss = tf.reduce_mean(judged - self.critic(real))
            generator_loss = -tf.reduce_mean(judged)
        parts = zip(
            self.optimizers,
            (self.generator, self.critic),
            (generator_loss, critic_loss),
            strict=True,
        )
        for optimizer, part, loss in parts:
            gradients = tape.gradient(loss, part.trainable_variables)
            optimizer.apply_gradients(zip(gradients, part.trainable_variables, strict=True))
        for weight in self.critic.trainable_variables:
            weight.assign(tf.clip_by_value(weight, -0.5, 0.5))
        return {"loss": critic_loss}


def adversarial(logs: Path) -> None:
    twins(logs, Adversaries, X, Y, epochs=3)


def eager(logs: Path) -> None:
    def build() -> Any:
        model = sequential(layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1))
        model.compile("adam", "mse", run_eagerly=True)
        return model

    twins(logs, build, X, Y, epochs=3)


def steps(logs: Path) -> None:
    """Two calls of `fit`, as when training is continued."""
    model = sequential(layers.Dense(1))
    for _ in range(2):
        fit(model, logs, epochs=5, every=4)


def unknown_length(logs: Path) -> None:
    """Three batches an epoch, as is known only at their end."""
    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(12).filter(lambda *_: True)
    model = sequential(layers.Dense(1))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(data, epochs=2, verbose=0, callbacks=[TensorHealth(logs, every=3)])


def beside_tensorboard(logs: Path) -> None:
    board = keras.callbacks.TensorBoard(str(logs), histogram_freq=1, update_freq=1)
    fit(sequential(layers.Dense(3), layers.Dense(1)), logs, epochs=2, callbacks=[board])


def step_loss(logs: Path) -> None:
    """Training with a rate of 0: the losses are those of the batches of the untouched model."""
    model = sequential(layers.Dense(1))
    model.compile(keras.optimizers.SGD(0.0), "mse")
    fit(model, logs, batch_size=10, epochs=2)
    errors = (model.predict(X, verbose=0) - Y) ** 2
    np.savez(logs, losses=[errors[i : i + 10].mean() for i in range(0, 32, 10)])


def shares(logs: Path) -> None:
    """Half of `half`'s units and all of `ends`' outputs are where they should not be."""
    half = layers.Dense(4, activation="relu", name="half")
    ends = layers.Dense(2, activation="tanh", name="ends")
    model = sequential(half, ends, layers.Activation("sigmoid", name="sigmoid"))
    kernel = np.zeros((4, 4), np.float32)
    half.set_weights([kernel, np.array([-1, -1, 1, 1], np.float32)])
    ends.set_weights([np.ones((4, 2), np.float32) * 9, np.zeros(2, np.float32)])
    fit(model, logs)


class Idle(layers.Layer):  # type: ignore[misc]
    def build(self, _: Any) -> None:
        self.idle = self.add_weight(shape=(3,), name="idle")

    def call(self, inputs: Any) -> Any:
        return inputs


def kinds(logs: Path) -> None:
    """Layers that only pass on, are called twice, frozen, and without effect."""
    inputs = keras.Input((4,))
    twice = layers.Dense(4, activation="tanh", name="shared")
    x = layers.Flatten()(layers.Dropout(0.2)(layers.ReLU()(twice(twice(inputs)))))
    x = layers.Dense(3, trainable=False, name="frozen")(Idle(name="lazy")(x))
    fit(keras.Model(inputs, layers.Dense(1, name="head")(x)), logs)


class Outer(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name="outer")
        self.head = layers.Dense(1, name="same")
        self.body = sequential(layers.Dense(3, name="inside"))
        self.other = layers.Dense(2, name="same")

    def call(self, inputs: Any) -> Any:
        return self.head(self.other(self.body(inputs)))


def nested(logs: Path) -> None:
    fit(Outer(), logs)


def many_inputs(logs: Path) -> None:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    joined = layers.Concatenate()([layers.Dense(2, name="left")(a), layers.Dense(2)(b)])
    outputs = {"p": layers.Dense(1, name="p")(joined), "q": layers.Dense(1, name="q")(joined)}
    model = keras.Model({"a": a, "b": b}, outputs)
    fit(model, logs, x={"a": X, "b": -X}, y={"p": Y, "q": Y}, sample_weight={"p": Y, "q": Y})


def recurrent(logs: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Embedding(9, 4, name="words"),
            layers.SimpleRNN(3, return_sequences=True, name="loop"),
            layers.TimeDistributed(layers.Dense(2), name="each"),
            layers.SimpleRNN(3, name="unrolled", unroll=True),
            layers.Dense(1, name="head"),
        ]
    )
    fit(model, logs, x=TOKENS[:, :2], y=CLASSES)


def twin(logs: Path) -> None:
    """What `test_keras` builds of PyTorch's modules, too."""
    stack = (
        layers.Conv2D(4, 3, name="features"),
        layers.BatchNormalization(name="norm"),
        layers.Activation("tanh", name="bounded"),
        layers.Flatten(),
        layers.Dropout(0.1),
        layers.Dense(1, name="head"),
    )
    fit(keras.Sequential([keras.Input((6, 6, 1)), *stack]), logs, x=IMAGES, y=CLASSES)


def gathered(logs: Path) -> None:
    """One update for three steps."""
    model = sequential(layers.Dense(1, name="line"))
    model.compile(keras.optimizers.SGD(0.1, gradient_accumulation_steps=3), "mse")
    fit(model, logs, epochs=7)


def replicated(logs: Path) -> None:
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        model = sequential(layers.Dense(1, name="line"))
        model.compile("sgd", "mse")
    fit(model, logs, epochs=2)


def sparse_input(logs: Path) -> None:
    inputs = keras.Input((4,), sparse=True)
    model = keras.Model(inputs, layers.Dense(1, name="line")(inputs))
    fit(model, logs, x=tf.data.Dataset.from_tensors((tf.sparse.from_dense(X), Y)), y=None)


class Padded(layers.Layer):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        return inputs.to_tensor(shape=(None, 6)) if isinstance(inputs, tf.RaggedTensor) else inputs


def ragged_input(logs: Path) -> None:
    model = keras.Sequential(
        [Padded(), layers.Embedding(9, 4), layers.GlobalAveragePooling1D(), layers.Dense(1)]
    )
    rows = tf.ragged.constant([[1] * (1 + i % 5) for i in range(len(Y))])
    fit(model, logs, x=tf.data.Dataset.from_tensors((rows, Y)), y=None)


class Odd(keras.Model):  # type: ignore[misc]
    """A model whose step cannot be traced twice."""

    traced = False

    def train_step(self, data: Any) -> Any:
        if self.traced:
            return super().train_step(data)
        self.traced = True
        raise RuntimeError("only\nonce")


def odd(logs: Path) -> None:
    inputs = keras.Input((4,))
    model = Odd(inputs, layers.Dense(1)(inputs))
    fit(model, logs, epochs=2)


def unwritable(logs: Path) -> None:
    logs.write_text("")
    fit(sequential(layers.Dense(1)), logs)


class Failing(layers.Layer):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        tf.debugging.assert_less(inputs, 100.0)
        return inputs


def failing(logs: Path) -> None:
    """Training fails in its third step; the model is as before."""
    model = sequential(Failing(), layers.Dense(1))
    model.compile("sgd", "mse")
    model.make_train_function()
    before = model.train_function
    call = keras.layers.Layer.__call__
    spoiled = X.copy()
    spoiled[-1] = 1000.0
    try:
        fit(model, logs, x=spoiled, batch_size=12, every=100)
    except tf.errors.InvalidArgumentError:
        restored = model.train_function is before and keras.layers.Layer.__call__ is call
        np.savez(logs, restored=restored and "apply" not in vars(model.optimizer))


CASES: tuple[Callable[[Path], None], ...] = (
    line,
    convolutions,
    transformer,
    several_steps,
    mixed_precision,
    adversarial,
    eager,
    steps,
    unknown_length,
    beside_tensorboard,
    step_loss,
    shares,
    kinds,
    nested,
    many_inputs,
    recurrent,
    twin,
    gathered,
    replicated,
    sparse_input,
    ragged_input,
    odd,
    unwritable,
    failing,
)

if __name__ == "__main__":
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )
    directory, part, parts = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for case in CASES[part::parts]:
        keras.backend.clear_session()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            case(directory / case.__name__)
        said = [str(w.message) for w in caught if "TensorHealth" in str(w.message)]
        if said:
            (directory / f"{case.__name__}.warnings").write_text("\n".join(said))
