"""Train one small model a case below the directory that is given, with TensorHealth.

A script of its own, as it needs TensorFlow: `python -m tests.instrument.cases DIR`. What a
test must know of a trained model is kept beside its log in `<case>.npz`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from tblogreport.instrument.keras import TensorHealth

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 4)).astype(np.float32)
Y = RNG.integers(0, 2, size=(32, 1)).astype(np.float32)


def fit(model: Any, logs: Path | None, *, epochs: int = 1, every: int = 1) -> Any:
    model.compile(optimizer="sgd", loss="mse")
    callbacks = [TensorHealth(logs, (X, Y), every=every)] if logs else []
    model.fit(X, Y, epochs=epochs, callbacks=callbacks, verbose=0)
    return model


def sequential(*stack: Any) -> Any:
    return keras.Sequential([keras.Input((4,)), *stack])


def line(logs: Path) -> None:
    model = fit(sequential(layers.Dense(1, use_bias=False, name="line")), logs)
    np.savez(logs, x=X, y=Y, kernel=model.get_weights()[0])


def undisturbed(logs: Path) -> None:
    def trained(logs: Path | None) -> Any:
        keras.utils.set_random_seed(1)
        stack = (layers.Dense(8), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1))
        weights = fit(sequential(*stack), logs, epochs=3).get_weights()
        return np.concatenate([w.ravel() for w in weights])

    np.savez(logs, with_it=trained(logs), without=trained(None))


def every_second(logs: Path) -> None:
    fit(sequential(layers.Dense(1)), logs, epochs=5, every=2)


def passing_on(logs: Path) -> None:
    stack = (layers.Dense(3), layers.ReLU(), layers.Dropout(0.2), layers.Flatten(), layers.Dense(1))
    fit(sequential(*stack), logs)


def frozen(logs: Path) -> None:
    fit(sequential(layers.Dense(3, trainable=False), layers.Dense(1)), logs)


class Idle(layers.Layer):  # type: ignore[misc]
    def build(self, _: Any) -> None:
        self.idle = self.add_weight(shape=(3,), name="idle")

    def call(self, inputs: Any) -> Any:
        return inputs


def unconnected(logs: Path) -> None:
    fit(sequential(Idle(name="lazy"), layers.Dense(1)), logs)


def shared(logs: Path) -> None:
    inputs = keras.Input((4,))
    twice = layers.Dense(4, activation="tanh", name="shared")
    fit(keras.Model(inputs, layers.Dense(1, name="head")(twice(twice(inputs)))), logs)


class Outer(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name="outer")
        self.head = layers.Dense(1, name="head")
        self.body = sequential(layers.Dense(3, name="inside"))

    def call(self, inputs: Any) -> Any:
        return self.head(self.body(inputs))


def nested(logs: Path) -> None:
    fit(Outer(), logs)


CASES: tuple[Callable[[Path], None], ...] = (
    line,
    undisturbed,
    every_second,
    passing_on,
    frozen,
    unconnected,
    shared,
    nested,
)

if __name__ == "__main__":
    for case in CASES:
        keras.backend.clear_session()
        case(Path(sys.argv[1]) / case.__name__)
