"""What a scenario is, and how scenarios are found. Nothing here needs TensorFlow."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from tblogreport.trainer.data import Data


@dataclass(frozen=True)
class Experiment:
    """A compiled Keras model and what to train it on."""

    model: Any  # keras.Model; Keras ships no types
    data: Data
    batch_size: int = 32


Make: TypeAlias = Callable[[int], Experiment]  # of a seed


@dataclass(frozen=True)
class Scenario:
    """A training run whose diagnosis is known.

    `expected_findings` are the checks that must report an error or a warning on it,
    and `expected_cause` the cause that must be named first; None for none.
    """

    name: str
    shows: str  # one sentence
    expected_findings: tuple[str, ...]
    expected_cause: str | None
    epochs: int
    seconds: int  # about, on two CPU cores, without the start of TensorFlow
    make: Make


_registered: dict[str, Scenario] = {}


def scenario(
    *, expects: tuple[str, ...] = (), cause: str | None = None, epochs: int, seconds: int
) -> Callable[[Make], Make]:
    """Register a function that makes an experiment from a seed.

    The function's name is the scenario's name, and the first line of its docstring
    says what the scenario shows.
    """

    def register(make: Make) -> Make:
        name = make.__name__.replace("_", "-")
        shows = (make.__doc__ or "").strip().splitlines()[0]
        _registered[name] = Scenario(name, shows, expects, cause, epochs, seconds, make)
        return make

    return register


@cache
def all_scenarios() -> dict[str, Scenario]:
    """Every scenario of this package by name, in alphabetical order."""
    package = importlib.import_module("tblogreport.trainer.scenarios")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"tblogreport.trainer.scenarios.{module.name}")
    return dict(sorted(_registered.items()))
