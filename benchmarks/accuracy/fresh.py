"""Runs that are drawn anew whenever the corpus is judged, and so are in no archive.

They give every check cases enough for an interval. Their families were written by people who
knew what each check is for, and nothing of how it decides. Each set was held out until it had been
read; then rules were made of what was missed, and since that it belongs to `calibrate`.
Of the families of which the archive holds a few runs, more are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from benchmarks.accuracy import (
    curves_first_scalars,
    curves_first_tensors,
    curves_second_scalars,
    curves_second_tensors,
    curves_third_healthy,
    curves_third_scalars,
    curves_third_tensors,
)
from benchmarks.accuracy.curves import CAUSES, FAMILIES, Draw, Family, draw_of
from benchmarks.accuracy.labels import Label, curve_label
from benchmarks.accuracy.programs import CALIBRATE, HELDOUT

SCALARS, TENSORS, HEALTHY = 40, 20, 10  # runs of each family
MORE = 40  # of each that the archive has a few of


def draw_all(
    root: Path, workers: int, half: str | None = None
) -> tuple[dict[str, Label], dict[str, dict[str, str]]]:
    """Draw the runs of one half, or all, below `root`; return their labels and what each is."""
    labels: dict[str, Label] = {}
    about: dict[str, dict[str, str]] = {}
    places: list[tuple[int, int]] = []
    for index, (family, first) in enumerate(families()):
        if half not in {None, family.half}:
            continue
        for number in range(first, first + family.size):
            run = f"{family.name}-{number}"
            places.append((index, number))
            labels[run] = curve_label(family.fault, family.causes)
            about[run] = {
                "half": family.half,
                "kind": "drawn",
                "program": family.name,
                "framework": "",
                "case": family.fault or "healthy",
                "manner": "",
                "key": f"{family.name}/{number}",
            }
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(_draw, [root] * len(places), places, chunksize=16))
    return labels, about


def _draw(root: Path, place: tuple[int, int]) -> None:
    """Draw one run of the family at a place; families themselves do not travel."""
    index, number = place
    family, _ = list(families())[index]
    draw_of(family, number, root / family.half / f"{family.name}-{number}")


def families() -> Iterator[tuple[Family, int]]:
    """The families, each with the number of its first run that is in no archive."""
    for family in FAMILIES.values():
        if family.half == HELDOUT:
            yield replace(family, size=MORE - family.size), family.size
    for family in (
        *_broken("blind", CALIBRATE, SCALARS, curves_first_scalars.BROKEN),
        *_broken("blind-tensors", CALIBRATE, TENSORS, curves_first_tensors.BROKEN),
        *_healthy("blind-tensors", CALIBRATE, curves_first_tensors.HEALTHY),
        *_broken("second", CALIBRATE, SCALARS, curves_second_scalars.BROKEN),
        *_healthy("second", CALIBRATE, curves_second_scalars.HEALTHY),
        *_broken("second-tensors", CALIBRATE, TENSORS, curves_second_tensors.BROKEN),
        *_healthy("second-tensors", CALIBRATE, curves_second_tensors.HEALTHY),
        *_broken("third", CALIBRATE, SCALARS, curves_third_scalars.BROKEN),
        *_healthy("third", CALIBRATE, curves_third_healthy.HEALTHY),
        *_broken("third-tensors", CALIBRATE, TENSORS, curves_third_tensors.BROKEN),
        *_healthy("third-tensors", CALIBRATE, curves_third_tensors.HEALTHY),
    ):
        yield family, 0


def _broken(prefix: str, half: str, size: int, draws: Mapping[str, Draw]) -> Iterator[Family]:
    for fault, draw in draws.items():
        yield Family(f"{prefix}-{fault}", half, size, draw, fault, CAUSES.get(fault, ()))


def _healthy(prefix: str, half: str, draws: Mapping[str, Draw]) -> Iterator[Family]:
    for name, draw in draws.items():
        yield Family(f"{prefix}-healthy-{name}", half, HEALTHY, draw)
