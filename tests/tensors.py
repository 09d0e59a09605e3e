"""Tensors of small networks over training, as records of their histograms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import ArrayLike

from tests.runs import Buckets, FloatArray, Histogram, Record, Scalar, tf_histogram, torch_histogram

RECORDS = 10
STEPS = 10 * np.arange(RECORDS)
SIZE = 2_000

both_writers = pytest.mark.parametrize("buckets", [tf_histogram, torch_histogram])


def training(
    seed: int, *, spread: float = 0.1, move: float = 0.2, until: int = RECORDS
) -> list[FloatArray]:
    """Weights that walk `move` of their spread a record, up to record `until`."""
    rng = np.random.default_rng(seed)
    values = [spread * rng.standard_normal(SIZE)]
    for index in range(1, RECORDS):
        step = move * spread * rng.standard_normal(SIZE) if index < until else 0.0
        values.append(values[-1] + step)
    return values


def unmoved(seed: int) -> list[FloatArray]:
    """Weights that stay as they were drawn."""
    return [training(seed)[0]] * RECORDS


def gradients(seed: int, rms: float) -> list[FloatArray]:
    """Gradients of this strength in every record."""
    rng = np.random.default_rng(seed)
    return [rms * rng.standard_normal(SIZE) for _ in range(RECORDS)]


def rectified(seed: int, zeros: float) -> list[FloatArray]:
    """Outputs of a ReLU layer of which a share of `zeros` is exactly zero."""
    rng = np.random.default_rng(seed)
    return [
        np.where(rng.random(SIZE) < zeros, 0.0, np.abs(rng.standard_normal(SIZE)))
        for _ in range(RECORDS)
    ]


def silent() -> list[FloatArray]:
    """Outputs or gradients that are exactly zero."""
    return [np.zeros(SIZE)] * RECORDS


def recorded(
    tag: str,
    values: Sequence[FloatArray],
    buckets: Buckets = tf_histogram,
    steps: ArrayLike | None = None,
) -> Histogram:
    """What a writer makes of the values; without steps, one record every 10 of them."""
    records: list[Record] = [buckets(v) for v in values]
    return Histogram(tag, records, "train", STEPS[: len(values)] if steps is None else steps)


def profile(*rms: float, buckets: Buckets = tf_histogram) -> list[Histogram]:
    """Gradients of layers fc0, fc1 … of these strengths, input first."""
    return [
        recorded(f"fc{i}.weight.grad", gradients(i, value), buckets) for i, value in enumerate(rms)
    ]


def any_histogram(tag: str, points: int = 5, *, split: str = "train", size: int = 50) -> Histogram:
    """Records of which only the tag, and perhaps their number or size, matters."""
    rng = np.random.default_rng(len(tag))
    return Histogram(tag, [tf_histogram(rng.normal(size=size)) for _ in range(points)], split)


def bad_loss() -> Scalar:
    """A loss that stays where it started."""
    noise = np.random.default_rng(8).standard_normal(100)
    return Scalar("epoch_loss", np.log(10.0) + 0.002 * noise, "train")


def good_loss() -> Scalar:
    """A loss that falls to a plateau far below where it started."""
    noise = np.random.default_rng(8).standard_normal(100)
    return Scalar("epoch_loss", 0.3 + 2 * np.exp(-np.arange(100) / 12) + 0.002 * noise, "train")


def no_loss() -> Scalar:
    """A series that is no loss, so that nothing tells how the run did."""
    return Scalar("energy", np.ones(50))
