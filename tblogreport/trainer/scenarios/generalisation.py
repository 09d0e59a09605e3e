"""Overfitting, and three ways out of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tblogreport.trainer.data import DIGITS, Data, digits, few_and_noisy
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario


def _data(seed: int) -> Data:
    return few_and_noisy(digits(seed), seed, size=400, share=0.3)


@scenario(expects=("overfitting",), cause="too-little-regularization", seconds=15)
def overfitting(seed: int) -> Experiment:
    """A large network memorises few samples with noisy labels: the validation loss turns."""
    return Experiment(classifier(64, DIGITS, [256, 256], "adam"), _data(seed), epochs=50)


@scenario(repairs=("overfitting",), seconds=5)
def early_stopping(seed: int) -> Experiment:
    """The same network on the same samples, stopped soon after the validation loss turned."""

    def stopping(log_dir: Path) -> Sequence[Any]:
        import keras

        return [keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)]

    model = classifier(64, DIGITS, [256, 256], "adam")
    return Experiment(model, _data(seed), epochs=20, callbacks=stopping)


@scenario(repairs=("overfitting",), seconds=8)
def smaller_with_dropout(seed: int) -> Experiment:
    """A small network with dropout, on the same samples, cannot memorise them."""
    import keras

    model = classifier(64, DIGITS, [64], keras.optimizers.Adam(0.003), dropout=0.5)
    return Experiment(model, _data(seed), epochs=50)
