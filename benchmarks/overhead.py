"""What the instruments cost: trainings with and without them, in turns.

`python -m benchmarks.overhead` trains a small convolutional network and a small
transformer in Keras and in PyTorch on generated data, one process a framework, and prints
a table: the time of a step without and with the instrument at its default `every`, what
it adds, and what it takes once at the beginning (in Keras to trace the step).

A pair is two trainings of `--epochs` epochs, one without and one with the instrument, the
order changing from pair to pair. An epoch is `every` steps long, so that each holds one
record. The first epoch counts for the beginning alone; of a pair the mean of the others
is taken, and of the pairs the median, with the quartiles of what is added. What is added
is given of the time that passed and of the processor's time, which a busy machine changes
less; with `--threads 1` it changes least.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tblogreport.instrument.tags import DEFAULT_EVERY

FRAMEWORKS = ("keras", "torch")
MODELS = ("cnn", "transformer")
# Where the frameworks look for a number of threads.
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
BATCH = 32
IMAGE = 28
CLASSES = 10
VOCABULARY = 2_000
TOKENS = 32
WIDTH = 64
HEADS = 4
BLOCKS = 2

# Seconds that passed, and of the processor.
Seconds = NDArray[np.float64]
# Trains epochs of `DEFAULT_EVERY` steps, with the instrument or without; the time of each.
Train = Callable[[int, bool], list[Seconds]]


def now() -> Seconds:
    return np.array([time.perf_counter(), time.process_time()])


def measure(framework: str, model: str, pairs: int, epochs: int) -> dict[str, Any]:
    """Seconds per step of every pair (without, with), and the seconds that beginning takes."""
    with tempfile.TemporaryDirectory() as directory:
        train = TRAININGS[framework](model, Path(directory))
        train(1, False)
        found: list[Any] = []
        begun: list[float] = []
        for pair in range(pairs):
            took: dict[bool, Seconds] = {}
            for with_it in (True, False) if pair % 2 else (False, True):
                first, *others = train(epochs, with_it)
                took[with_it] = np.mean(others, axis=0)
                if with_it:
                    begun.append(float(first[0] - took[True][0]))
            found.append([(took[on] / DEFAULT_EVERY).tolist() for on in (False, True)])
    return {"framework": framework, "model": model, "begin": begun, "pairs": found}


def _data(model: str) -> tuple[Any, Any]:
    """One batch of pictures or of texts, with labels."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, CLASSES, BATCH)
    if model == "cnn":
        return rng.normal(size=(BATCH, IMAGE, IMAGE, 1)).astype(np.float32), y
    return rng.integers(0, VOCABULARY, (BATCH, TOKENS)), y


def keras_training(name: str, directory: Path) -> Train:
    """`fit` with and without `TensorHealth`, the callback as a user has it."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import tensorflow as tf
    from keras import layers

    from tblogreport.instrument.keras import TensorHealth

    keras.utils.set_random_seed(0)
    if name == "cnn":
        model = keras.Sequential(
            [
                keras.Input((IMAGE, IMAGE, 1)),
                *(
                    layer
                    for channels in (32, 64)
                    for layer in (
                        layers.Conv2D(channels, 3, activation="relu"),
                        layers.BatchNormalization(),
                        layers.MaxPooling2D(),
                    )
                ),
                layers.Flatten(),
                layers.Dropout(0.3),
                layers.Dense(CLASSES),
            ]
        )
    else:
        tokens = keras.Input((TOKENS,), dtype="int32")
        x = layers.Embedding(VOCABULARY, WIDTH)(tokens)
        for _ in range(BLOCKS):
            attended = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=0.1)(x, x)
            x = layers.LayerNormalization()(x + attended)
            inner = layers.Dense(WIDTH)(layers.Dense(4 * WIDTH, activation="gelu")(x))
            x = layers.LayerNormalization()(x + layers.Dropout(0.1)(inner))
        model = keras.Model(tokens, layers.Dense(CLASSES)(layers.GlobalAveragePooling1D()(x)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    data = tf.data.Dataset.from_tensors(_data(name)).cache().repeat()

    class Timer(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: Any = None) -> None:
            self.seconds: list[Seconds] = []

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.began = now()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.seconds.append(now() - self.began)

    def train(epochs: int, with_it: bool) -> list[Seconds]:
        timer = Timer()
        callbacks = [TensorHealth(directory), timer] if with_it else [timer]
        model.fit(
            data, steps_per_epoch=DEFAULT_EVERY, epochs=epochs, verbose=0, callbacks=callbacks
        )
        return timer.seconds

    return train


def torch_training(name: str, directory: Path) -> Train:
    """A plain training loop with and without `watch`."""
    import torch
    from torch import nn
    from torch.utils.tensorboard import SummaryWriter

    from tblogreport.instrument.torch import watch

    class Mean(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.mean(dim=1)

    torch.manual_seed(0)
    if name == "cnn":
        parts = [
            part
            for before, channels in ((1, 32), (32, 64))
            for part in (
                nn.Conv2d(before, channels, 3),
                nn.ReLU(),
                nn.BatchNorm2d(channels),
                nn.MaxPool2d(2),
            )
        ]
        model = nn.Sequential(*parts, nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 25, CLASSES))
    else:
        blocks = [
            nn.TransformerEncoderLayer(
                WIDTH, HEADS, 4 * WIDTH, dropout=0.1, activation="gelu", batch_first=True
            )
            for _ in range(BLOCKS)
        ]
        model = nn.Sequential(
            nn.Embedding(VOCABULARY, WIDTH), *blocks, Mean(), nn.Linear(WIDTH, CLASSES)
        )
    x, y = (torch.from_numpy(part) for part in _data(name))
    x = x.movedim(-1, 1) if name == "cnn" else x
    optimizer = torch.optim.Adam(model.parameters())
    loss_of = nn.CrossEntropyLoss()

    def epoch(log: Callable[[Any], None]) -> Seconds:
        began = now()
        for _ in range(DEFAULT_EVERY):
            loss = loss_of(model(x), y)
            log(loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return now() - began

    def train(epochs: int, with_it: bool) -> list[Seconds]:
        if not with_it:  # a loop that looks at its loss, as they do
            return [epoch(lambda loss: loss.item()) for _ in range(epochs)]
        with SummaryWriter(str(directory)) as writer, watch(model, writer) as health:
            return [epoch(health.loss) for _ in range(epochs)]

    return train


TRAININGS: dict[str, Callable[[str, Path], Train]] = {
    "keras": keras_training,
    "torch": torch_training,
}


def table(results: list[dict[str, Any]]) -> str:
    """The results as a Markdown table; times in milliseconds, medians over the pairs."""
    lines = [
        "| framework | model | without, ms a step | with | added: time (quartiles) "
        "| added: processor | once, s |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        pairs = np.array(result["pairs"])  # [pairs, without and with, passed and processor]
        without, with_it = 1e3 * np.median(pairs[:, :, 0], axis=0)
        added = 100 * (pairs[:, 1] / pairs[:, 0] - 1)
        passed, processor = (
            "{1:+.1f} % ({0:+.1f} to {2:+.1f})".format(*np.percentile(column, [25, 50, 75]))
            for column in added.T
        )
        lines.append(
            f"| {result['framework']} | {result['model']} | {without:.1f} | {with_it:.1f} "
            f"| {passed} | {processor} | {np.median(result['begin']):.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=7, help="trainings with and without (7)")
    parser.add_argument("--epochs", type=int, default=4, help="of a training, at least 2 (4)")
    parser.add_argument("--threads", type=int, help="of the framework (as it likes)")
    parser.add_argument("--framework", choices=FRAMEWORKS, help="one alone, results as JSON")
    arguments = parser.parse_args()
    if arguments.epochs < 2 or arguments.pairs < 1:
        parser.error("at least 1 pair of trainings of at least 2 epochs is needed")
    if arguments.threads:
        os.environ |= {name: str(arguments.threads) for name in THREADS}
    if arguments.framework:
        for model in MODELS:
            found = measure(arguments.framework, model, arguments.pairs, arguments.epochs)
            print(json.dumps(found), flush=True)
        return
    results = []
    for framework in FRAMEWORKS:
        command = [sys.executable, "-m", "benchmarks.overhead", "--framework", framework]
        command += ["--pairs", str(arguments.pairs), "--epochs", str(arguments.epochs)]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        results += [json.loads(line) for line in run.stdout.splitlines()]
    print(table(results))


if __name__ == "__main__":
    main()
