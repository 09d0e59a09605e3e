"""Healthy runs that fill TensorBoard's other dashboards: images, audio, text, graph, PR curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tblogreport.trainer.data import (
    TONE_RATE,
    TONES,
    Data,
    as_images,
    breast_cancer,
    digits,
    to_reconstruct,
    tones,
)
from tblogreport.trainer.models import classifier, compiled
from tblogreport.trainer.scenario import Experiment, scenario

Write: TypeAlias = Callable[[Any, int], None]  # of the model and the epoch
EVERY = 5  # epochs


@scenario(seconds=13)
def image_autoencoder(seed: int) -> Experiment:
    """A convolutional autoencoder of digits logs inputs and reconstructions, its graph, a text."""
    import keras
    from keras import layers

    data = to_reconstruct(as_images(digits(seed)))
    inputs = keras.Input((8, 8, 1))
    signal = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inputs)
    code = layers.Dense(12, activation="relu", name="code")(layers.Flatten()(signal))
    signal = layers.Dense(4 * 4 * 8, activation="relu")(code)
    signal = layers.Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu")(
        layers.Reshape((4, 4, 8))(signal)
    )
    outputs = layers.Conv2D(1, 3, padding="same", activation="sigmoid")(signal)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer="adam", loss="mean_squared_error")

    def callbacks(log_dir: Path) -> Sequence[Any]:
        return [_writer(log_dir / "validation", _first(_graph_and_text), _images(data))]

    return Experiment(model, data, epochs=25, callbacks=callbacks)


@scenario(seconds=8)
def tone_classifier(seed: int) -> Experiment:
    """A network that tells four pitches apart logs tones to listen to, and what it heard."""
    import keras
    from keras import layers

    data = tones(seed)
    model = keras.Sequential(
        [
            keras.Input((data.x_train.shape[1], 1)),
            layers.Conv1D(16, 64, strides=8, activation="relu", kernel_initializer="he_uniform"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(len(TONES), activation="softmax"),
        ]
    )
    compiled(model, len(TONES), keras.optimizers.Adam(0.005))

    def callbacks(log_dir: Path) -> Sequence[Any]:
        return [_writer(log_dir / "validation", _first(_audio(data)), _heard(data))]

    return Experiment(model, data, epochs=25, callbacks=callbacks)


@scenario(seconds=6)
def tumour_classifier(seed: int) -> Experiment:
    """A classifier of tumours logs its hyperparameters, and PR curves as it gets better."""
    import keras

    data = breast_cancer(seed)
    settings: dict[str, Any] = {"optimizer": "sgd", "rate": 0.01, "units": 16, "dropout": 0.2}
    optimizer = keras.optimizers.SGD(settings["rate"], momentum=0.9)
    model = classifier(30, 2, [settings["units"]], optimizer, dropout=settings["dropout"])

    def write_settings(model: Any, epoch: int) -> None:
        from tensorboard.plugins.hparams import summary_v2

        summary_v2.hparams(settings)

    def callbacks(log_dir: Path) -> Sequence[Any]:
        return [
            _writer(log_dir / "train", _first(write_settings)),
            _writer(log_dir / "validation", _pr_curve(data)),
        ]

    return Experiment(model, data, epochs=20, callbacks=callbacks)


def _writer(directory: Path, *writes: Write) -> Any:
    """A callback that writes every few epochs, into an event file of its own."""
    import keras
    import tensorflow as tf

    class Writer(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
        def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
            self.events = tf.summary.create_file_writer(str(directory))

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            if epoch % EVERY == 0:
                with self.events.as_default(step=epoch):
                    for write in writes:
                        write(self.model, epoch)

        def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
            self.events.close()

    return Writer()


def _first(write: Write) -> Write:
    """Write in the first epoch only."""
    return lambda model, epoch: None if epoch else write(model, epoch)


def _graph_and_text(model: Any, epoch: int) -> None:
    import tensorflow as tf

    signature = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
    tf.summary.graph(tf.function(model).get_concrete_function(signature).graph)
    tf.summary.text("about", f"{model.count_params()} weights squeeze a digit into **12 numbers**.")


def _images(data: Data) -> Write:
    shown = data.x_validation[:8]

    def write(model: Any, epoch: int) -> None:
        import tensorflow as tf

        if epoch == 0:
            tf.summary.image("inputs", shown, max_outputs=len(shown))
        rebuilt = model.predict(shown, verbose=0)
        tf.summary.image("reconstructions", rebuilt, max_outputs=len(shown))

    return write


def _audio(data: Data) -> Write:
    """One tone of each pitch: float32 [pitch, samples, 1]."""
    chosen = [int(np.argmax(data.y_validation == pitch)) for pitch in range(len(TONES))]

    def write(model: Any, epoch: int) -> None:
        import tensorflow as tf

        tf.summary.audio("tones", data.x_validation[chosen], TONE_RATE, max_outputs=len(chosen))

    return write


def _heard(data: Data) -> Write:
    """How often each pitch was heard as which, as a table in Markdown."""

    def write(model: Any, epoch: int) -> None:
        import tensorflow as tf

        heard = model.predict(data.x_validation, verbose=0).argmax(axis=1)
        counts = np.zeros((len(TONES), len(TONES)), int)
        np.add.at(counts, (data.y_validation, heard), 1)
        head = ["played, heard", *(f"{pitch:.0f} Hz" for pitch in TONES)]
        rows = [
            [f"{pitch:.0f} Hz", *map(str, row)] for pitch, row in zip(TONES, counts, strict=True)
        ]
        lines = [head, ["---"] * len(head), *rows]
        tf.summary.text("heard", "\n".join(f"| {' | '.join(line)} |" for line in lines))

    return write


def _pr_curve(data: Data) -> Write:
    def write(model: Any, epoch: int) -> None:
        import tensorflow as tf
        from tensorboard.plugins.pr_curve import summary

        benign = data.y_validation == 1
        scores = model.predict(data.x_validation, verbose=0)[:, 0]
        curve = summary.raw_data_pb("benign", *_counts(benign, scores), num_thresholds=41)
        tf.summary.experimental.write_raw_pb(curve.SerializeToString(), step=epoch)

    return write


def _counts(truth: NDArray[np.bool_], scores: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """True and false positives, true and false negatives, precision and recall.

    Each float64 [41], at thresholds from 0 to 1; precision is 1 where nothing is positive.
    """
    said = scores[None, :] >= np.linspace(0, 1, 41)[:, None]
    tp, fp = (said & truth).sum(1), (said & ~truth).sum(1)
    tn, fn = (~said & ~truth).sum(1), (~said & truth).sum(1)
    precision = np.where(tp + fp > 0, tp / np.maximum(tp + fp, 1), 1.0)
    return [np.asarray(a, np.float64) for a in (tp, fp, tn, fn, precision, tp / (tp + fn))]
