"""Trainings whose curves look wrong and are right: GANs, agents, contrastive losses …

Each is a small real training in PyTorch that measures its own success; nothing is broken in
any of them. Losses here rise, stay flat or are negative because of what they mean.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

# Takes a seed and a SummaryWriter; returns what it measured: `before` and `after`, of a
# quantity that grows with success.
Train: TypeAlias = Callable[[int, Any], dict[str, float]]


@dataclass(frozen=True)
class Special:
    """One training of its own kind."""

    name: str
    half: str
    train: Train


SPECIALS: dict[str, Special] = {}


def special(half: str) -> Callable[[Train], Train]:
    """Register a training under its function's name."""

    def register(train: Train) -> Train:
        name = train.__name__.replace("_", "-")
        SPECIALS[name] = Special(name, half, train)
        return train

    return register


def run(name: str, seed: int, log_dir: Path) -> dict[str, float]:
    """Train one of `SPECIALS` into `log_dir`; return what it measured of itself.

    Raises `RuntimeError` when the training did not succeed: then it is no healthy run.
    """
    import torch
    from torch.utils.tensorboard import SummaryWriter

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    with SummaryWriter(str(log_dir)) as writer:
        measured = SPECIALS[name].train(seed, writer)
    if not measured["after"] > measured["before"]:
        raise RuntimeError(f"{name} with seed {seed} did not succeed: {measured}")
    return measured


def _load() -> None:
    for module in ("adversarial", "agents", "contrastive", "likelihood"):
        importlib.import_module(f"benchmarks.accuracy.specials.{module}")


_load()
