"""What a scenario is, and how scenarios are found. Nothing here needs TensorFlow."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from tblogreport.trainer.data import Data, Loader


class Fit(Protocol):
    """Trains an experiment's model, with everything that is logged, in one sitting."""

    def __call__(self, callbacks: Sequence[Any] = ()) -> None:
        """Train to the last epoch, or until one of the further callbacks ends it."""


def in_one_sitting(fit: Fit, epochs: int) -> None:
    """Train from the first epoch to the last."""
    fit()


def no_callbacks(log_dir: Path) -> Sequence[Any]:
    """Log nothing beside what every scenario logs."""
    return ()


@dataclass(frozen=True)
class Experiment:
    """A compiled Keras model, what to train it on, for how long, and what to log beside.

    `callbacks` makes further Keras callbacks for a log directory; `course` is the way
    the training takes: it calls `fit` once, or as often as it is resumed.
    """

    model: Any  # keras.Model; Keras ships no types
    data: Data
    epochs: int
    batch_size: int = 64
    callbacks: Callable[[Path], Sequence[Any]] = no_callbacks
    course: Callable[[Fit, int], None] = in_one_sitting


Make: TypeAlias = Callable[..., Experiment]  # of a seed and, where there is a choice, of a loader


@dataclass(frozen=True)
class Scenario:
    """A training run whose diagnosis is known.

    `expected_findings` are the checks that must report an error or a warning on it,
    and `expected_cause` the cause that must be named first; None for none. `awaits`
    are checks that should fire as well and that do not exist yet, and `awaited_cause`
    is the cause that can be named only with them. `known_wrong` says in one sentence
    what is diagnosed instead, where that is wrong today.
    """

    name: str
    shows: str  # one sentence
    expected_findings: tuple[str, ...]
    expected_cause: str | None
    awaits: tuple[str, ...]
    awaited_cause: str | None
    repairs: tuple[str, ...]  # names of the scenarios whose fault this one does not have
    known_wrong: str | None
    seconds: int  # about, on one CPU core, without the start of TensorFlow
    data: Mapping[str, Loader] = field(compare=False)  # further data that it can be trained on
    make: Make = field(compare=False)


_registered: dict[str, Scenario] = {}


def scenario(
    *,
    expects: tuple[str, ...] = (),
    cause: str | None = None,
    awaits: tuple[str, ...] = (),
    awaited_cause: str | None = None,
    repairs: tuple[str, ...] = (),
    known_wrong: str | None = None,
    seconds: int,
    data: Mapping[str, Loader] | None = None,
) -> Callable[[Make], Make]:
    """Register a function that makes an experiment from a seed.

    The function's name is the scenario's name, and the first line of its docstring
    says what the scenario shows. With `data`, the function takes a loader as well.
    """

    def register(make: Make) -> Make:
        name = make.__name__.replace("_", "-")
        _registered[name] = Scenario(
            name=name,
            shows=(make.__doc__ or "").strip().splitlines()[0],
            expected_findings=expects,
            expected_cause=cause,
            awaits=awaits,
            awaited_cause=awaited_cause,
            repairs=repairs,
            known_wrong=known_wrong,
            seconds=seconds,
            data=data or {},
            make=make,
        )
        return make

    return register


@cache
def all_scenarios() -> dict[str, Scenario]:
    """Every scenario of this package by name: file by file, as they stand in each."""
    package = importlib.import_module("tblogreport.trainer.scenarios")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"tblogreport.trainer.scenarios.{module.name}")
    return dict(sorted(_registered.items(), key=lambda item: item[1].make.__module__))
