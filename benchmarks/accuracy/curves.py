"""Drawn curves: scalars of every class, in forms, noises and lengths that few trainings give.

Those of the half `calibrate` are the families that the tests of the laws use, so that all
that is tuned is tuned on one set, and some others; those of `heldout` have forms of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from benchmarks.accuracy.programs import CALIBRATE, HELDOUT
from tests import families
from tests.eventfiles import histogram_event, tensor_histogram_event
from tests.runs import Histogram, Scalar

FloatArray: TypeAlias = NDArray[np.float64]
Series: TypeAlias = tuple[Scalar | Histogram, ...]
Draw: TypeAlias = Callable[[np.random.Generator], Series]
Damage: TypeAlias = Callable[[np.random.Generator, bytes], bytes]

BEGUN = 1_750_000_000.0
SECONDS_A_STEP = 0.5
TICK = 1 / 64  # seconds, see `build.RESOLUTION`
# Runs of each family; damaged logs are of one kind of damage each.
HEALTHY, BROKEN, DAMAGED = 12, 10, 8
HEALTHY_HELDOUT = 4  # of four times as many families
# Values are kept to 12 binary digits: enough for any check, and small in an archive.
DIGITS = 12
TF_BUCKETS = 30


@dataclass(frozen=True)
class Family:
    """A way to draw runs. `fault` is the check that must find it; None draws healthy runs."""

    name: str
    half: str
    size: int
    draw: Draw
    fault: str | None = None
    causes: tuple[str, ...] = ()
    damage: Damage | None = None  # is done to the event file afterwards


CAUSES = {
    "oscillating-loss": ("learning-rate-too-high",),
    "diverging-loss": ("learning-rate-too-high",),
    "overfitting": ("too-little-regularization",),
}


def _families() -> dict[str, Family]:
    from benchmarks.accuracy import curves_heldout, curves_heldout_broken, curves_others

    found = [Family("drawn-healthy", CALIBRATE, 50, families.healthy)]
    found += _broken("drawn", CALIBRATE, {**families.BROKEN, "stalled-training": families.stalled})
    found += [
        Family(f"other-{name}", CALIBRATE, HEALTHY, draw)
        for name, draw in curves_others.HEALTHY.items()
    ]
    found += _broken("other", CALIBRATE, curves_others.BROKEN)
    found += [
        Family(f"new-{name}", HELDOUT, HEALTHY_HELDOUT, draw)
        for name, draw in curves_heldout.HEALTHY.items()
    ]
    found += _broken("new", HELDOUT, curves_heldout_broken.BROKEN)
    found += [
        Family(name, half, DAMAGED, draw, "damaged-log", damage=damage)
        for name, half, draw, damage in (
            ("drawn-cut-off", CALIBRATE, families.healthy, _cut_off),
            ("other-overwritten", CALIBRATE, curves_others.by_epoch, _overwritten),
            ("other-zero-tail", CALIBRATE, curves_others.by_epoch, _zero_tail),
            ("new-flipped", HELDOUT, curves_heldout.large_unit, _flipped),
        )
    ]
    return {family.name: family for family in found}


def _broken(prefix: str, half: str, draws: Mapping[str, Draw]) -> list[Family]:
    return [
        Family(f"{prefix}-{fault}", half, BROKEN, draw, fault, CAUSES.get(fault, ()))
        for fault, draw in draws.items()
    ]


def _cut_off(rng: np.random.Generator, content: bytes) -> bytes:
    """The disk was full: the file ends in the middle of a record."""
    return content[: int(len(content) * rng.uniform(0.8, 0.99)) | 1]


def _overwritten(rng: np.random.Generator, content: bytes) -> bytes:
    """A few bytes are others."""
    at = int(len(content) * rng.uniform(0.2, 0.8))
    return content[:at] + rng.bytes(5) + content[at + 5 :]


def _zero_tail(rng: np.random.Generator, content: bytes) -> bytes:
    """The machine stopped before the last pages were written: only zeros are there."""
    at = int(len(content) * rng.uniform(0.7, 0.95))
    return content[:at] + bytes(len(content) - at)


def _flipped(rng: np.random.Generator, content: bytes) -> bytes:
    """A memory cell failed: one bit is another."""
    at = int(len(content) * rng.uniform(0.1, 0.9))
    return content[:at] + bytes([content[at] ^ 1 << int(rng.integers(0, 8))]) + content[at + 1 :]


FAMILIES = _families()


def draw(family: str, number: int, log_dir: Path) -> None:
    """Write run `number` of a family below `log_dir`, each split in its own event file."""
    draw_of(FAMILIES[family], number, log_dir)


def draw_of(family: Family, number: int, log_dir: Path) -> None:
    """Write run `number` of a family below `log_dir`, each split in its own event file."""
    rng = np.random.default_rng([number, *family.name.encode()])
    series, damage = family.draw(rng), family.damage
    for split in dict.fromkeys(s.split for s in series):
        directory = log_dir / split if len({s.split for s in series}) > 1 else log_dir
        path = _write(directory, [s for s in series if s.split == split])
        if damage is not None:
            path.write_bytes(damage(rng, path.read_bytes()))


def _write(directory: Path, series: Sequence[Scalar | Histogram]) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"events.out.tfevents.{BEGUN:.0f}.0"
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=BEGUN, file_version="brain.Event:2").SerializeToString())
        for one in series:
            for event in _histograms(one) if isinstance(one, Histogram) else _scalars(one):
                writer.write(event.SerializeToString())
    return path


def _scalars(one: Scalar) -> Iterator[Any]:
    values = _rounded(np.asarray(one.values, dtype=np.float64))
    steps = np.arange(len(values)) if one.steps is None else np.asarray(one.steps)
    seconds = SECONDS_A_STEP * steps if one.seconds is None else np.asarray(one.seconds)
    times = BEGUN + np.round(seconds / TICK) * TICK
    whole = steps.astype(np.int64).tolist()
    for step, value, at in zip(whole, values.tolist(), times.tolist(), strict=True):
        summary = Summary(value=[Summary.Value(tag=one.tag, simple_value=value)])
        yield Event(wall_time=at, step=step, summary=summary)


def _histograms(one: Histogram) -> Iterator[Any]:
    """30 buckets as TensorFlow 2 writes them, others as PyTorch does."""
    steps = np.arange(len(one.records)) if one.steps is None else np.asarray(one.steps)
    for step, (edges, counts) in zip(steps.tolist(), one.records, strict=True):
        at = BEGUN + SECONDS_A_STEP * step
        if len(counts) == TF_BUCKETS:
            yield tensor_histogram_event(one.tag, edges, counts, step, at)
            continue
        middles = (edges[1:] + edges[:-1]) / 2
        yield histogram_event(
            one.tag, edges[1:].tolist(), counts.tolist(), step, at, min=edges[0], max=edges[-1],
            sum=float(middles @ counts), sum_squares=float(middles**2 @ counts),
        )  # fmt: skip


def _rounded(values: FloatArray) -> FloatArray:
    fraction, exponent = np.frexp(values)
    return np.asarray(np.ldexp(np.round(fraction * 2.0**DIGITS) / 2.0**DIGITS, exponent))
