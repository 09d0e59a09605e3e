"""Losses and tensors that are drawn, for what a small trained net does not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_layers import PARTS, Floats, Trace
from benchmarks.accuracy.curves_third_writers import (
    Program,
    counted,
    extras,
    histogram,
    losses,
    pick,
    program,
    tensors,
)
from tests.runs import Histogram, Scalar

Series = tuple[Scalar | Histogram, ...]


def rough(rng: Generator, n: int, memory: float = 0.8) -> Floats:
    """Noise of unit strength that remembers."""
    found = np.empty(n)
    value = rng.standard_normal()
    for i in range(n):
        value = memory * value + np.sqrt(1 - memory**2) * rng.standard_normal()
        found[i] = value
    return found


def tailed(rng: Generator, size: int, rms: float, freedom: float = 4.0) -> Floats:
    """Values with heavy tails, as gradients and trained weights have them."""
    return rms * np.sqrt((freedom - 2) / freedom) * rng.standard_t(freedom, size)


def learned(rng: Generator, n: int, first: float = 0.0, share: float = 0.0) -> Floats:
    """A loss that falls to a small share of its first value, as an exponential or a power."""
    first = first or rng.uniform(0.7, 8)
    share = share or rng.uniform(0.05, 0.4)
    times = np.arange(n) / n
    form = np.exp(-times * rng.uniform(4, 15))
    if rng.random() < 0.5:
        form = (1 + times * rng.uniform(20, 100)) ** -rng.uniform(0.6, 1.2)
    noise = rng.uniform(0.005, 0.06)
    if rng.random() < 0.5:
        return first * (share + (1 - share) * form) * np.exp(noise * rough(rng, n, 0.5))
    return first * (share + (1 - share) * form) * np.exp(noise * tailed(rng, n, 1.0))


def stuck(rng: Generator, n: int, level: float) -> Floats:
    """A loss that stays near where it started."""
    fall = rng.uniform(0, 0.02) * np.exp(-np.arange(n) / (0.05 * n))
    return level * (1 + fall + rng.uniform(0.002, 0.03) * rough(rng, n, rng.uniform(0, 0.7)))


def drawn_trace(
    rng: Generator, parts: Mapping[str, list[list[Floats]]], loss: Floats, records: int
) -> Trace:
    """Drawn tensors with a drawn loss, as if they were recorded in a training."""
    every = len(loss) // records
    steps = [every * i for i in range(records)]
    rates = [float(10 ** rng.uniform(-4, -2))] * records
    noise = np.exp(0.02 * rng.standard_normal(records))
    validation = [float(v) for v in rng.uniform(1.0, 1.1) * np.asarray(loss)[steps] * noise]
    filled = {part: parts.get(part, []) for part in PARTS}
    return Trace(filled, steps, [float(v) for v in loss], validation, rates, every=every)


def beside(
    rng: Generator,
    trace: Trace,
    named: Mapping[str, Sequence[Floats]],
    *,
    parts: Sequence[str] = (),
    activation: str = "relu",
    prog: Program | None = None,
) -> Series:
    """A run with tensors of special names beside those of its net."""
    prog = prog or program(rng)
    steps = counted(prog, trace)
    special = [histogram(prog, tag, arrays, steps) for tag, arrays in named.items()]
    scalars = losses(rng, prog, trace) + extras(rng, prog, trace)
    return (
        *scalars,
        *tensors(prog, trace, parts, activation),
        *(made for made in special if made),
    )


def rated(rng: Generator, trace: Trace) -> Series:
    """A run with its rate and records of every step, or with the ratios of its updates."""
    prog = program(rng, by_step=trace.every == 1)
    steps = counted(prog, trace)
    found: list[Scalar | Histogram] = list(losses(rng, prog, trace))
    tag = pick(rng, ("lr", "learning_rate", "train/lr"))
    found.append(Scalar(tag, trace.rates, prog.splits[0], steps))
    if trace.every > 1 or rng.random() < 0.5:
        form = pick(rng, ("update_ratio/{}", "{}/update_ratio", "update_to_weight/{}"))
        for i, ratios in enumerate(np.transpose(trace.ratios)):
            name = prog.tag("kernel", prog.name(i, len(trace.ratios[0])))
            ratio = form.format(name.removesuffix("/histogram").removesuffix("/hist"))
            found.append(Scalar(ratio, ratios, prog.splits[0], steps))
    parts = ("kernel", "bias") if rng.random() < 0.5 else ("kernel",)
    return (*found, *tensors(prog, trace, parts))
