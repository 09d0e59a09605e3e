"""Every run of the corpus by name: which program, what was done to it, how it was logged."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from benchmarks.accuracy.curves import FAMILIES
from benchmarks.accuracy.faults import FAULTS, HABITS, Fault
from benchmarks.accuracy.programs import CALIBRATE, HELDOUT, PROGRAMS, Program
from benchmarks.accuracy.recipe import Recipe
from benchmarks.accuracy.specials import SPECIALS

Kind = Literal["trained", "special", "drawn"]

# How runs of each half and framework are logged; those named twice are met more often.
MANNERS = {
    (CALIBRATE, "torch"): (
        "writer-histograms", "lightning", "steps-histograms", "huggingface", "writer",
        "writer-histograms", "steps", "odd-names", "steps-histograms", "grouped", "watched",
    ),
    (CALIBRATE, "keras"): (
        "keras-histograms", "keras", "keras-health", "keras-batches", "keras-health", "keras-own"
    ),
    (HELDOUT, "torch"): (
        "ignite-histograms", "detectron", "writer-histograms", "watched", "huggingface", "fastai",
        "steps-histograms", "lightning", "ignite-histograms", "writer", "detectron",
    ),
    (HELDOUT, "keras"): (
        "keras-tutorial", "keras-health", "keras-batches", "keras-histograms", "keras-tutorial",
        "keras-histograms", "keras",
    ),
}  # fmt: skip
# The archive has room for one whole half. Of the other, tensors take nine tenths, and many of
# them are near copies: other strengths of a fault, other habits of a program. Of the runs of
# `calibrate` that log tensors in these manners one in so many is kept, by chance; of all
# others, every one.
KEPT_ONE_IN = {
    "keras-health": 3, "watched": 3,
    "keras-histograms": 2, "steps-histograms": 2, "writer-histograms": 2,
}  # fmt: skip
SPECIAL_SEEDS = 2


@dataclass(frozen=True)
class Entry:
    """One run. `twin` is the id of the same run without the fault; None for what has none."""

    kind: Kind
    half: str
    program: str
    case: str
    causes: tuple[str, ...]
    variant: int  # the strength of a fault, the number of a curve
    seed: int
    recipe: Recipe | None = None
    manner: str = ""
    twin: str | None = None

    @property
    def key(self) -> str:
        """What the run is, in words: `torch-digits-mlp-adam/shuffled-labels/0/1`."""
        return f"{self.program}/{self.case}/{self.variant}/{self.seed}"

    @property
    def id(self) -> str:
        """The name of the run's directory, which does not give the truth away."""
        return f"{zlib.crc32(self.key.encode()):08x}"

    @property
    def archived(self) -> bool:
        """Whether the run is judged and kept; else it is but the twin of one that is."""
        one_in = KEPT_ONE_IN.get(self.manner, 1) if self.half == CALIBRATE else 1
        return zlib.crc32(f"kept {self.key}".encode()) % one_in == 0


def entries() -> dict[str, Entry]:
    """Return all runs to be made by id, twins before the runs that are held against them."""
    found: dict[str, Entry] = {}
    for entry in (*_trained(), *_specials(), *_drawn()):
        if entry.id in found and found[entry.id].key != entry.key:
            raise ValueError(f"{entry.key} and {found[entry.id].key} have one id")
        found.setdefault(entry.id, entry)
    twins = {entry.twin for entry in found.values() if entry.archived}
    return {run: entry for run, entry in found.items() if entry.archived or run in twins}


def _trained() -> Iterator[Entry]:
    for program in PROGRAMS.values():
        for habit in HABITS:
            if habit.fits(program):
                yield from _habitual(program, habit)
        for fault in FAULTS:
            if fault.fits(program):
                for strength in range(len(fault.strengths)):
                    yield from _broken(program, fault, strength)


def _habitual(program: Program, habit: Fault) -> Iterator[Entry]:
    """A habit with as many seeds as it has variants."""
    for seed, change in enumerate(habit.strengths):
        yield _entry(program, habit.name, (), 0, seed, change(program.recipe))


def _broken(program: Program, fault: Fault, strength: int) -> Iterator[Entry]:
    """A broken run and, before it, its twin. Another strength has another seed."""
    seed = strength % 2
    repaired = fault.repair(program.recipe)
    plain = repaired == program.recipe
    twin = _entry(program, "plain" if plain else f"no-{fault.name}", (), 0, seed, repaired)
    yield twin
    recipe = fault.strengths[strength](program.recipe)
    broken = _entry(program, fault.name, fault.causes, strength, seed, recipe)
    if fault.inside:
        broken = replace(broken, manner=_with_histograms(broken.manner))
    yield replace(broken, twin=twin.id)


def _with_histograms(manner: str) -> str:
    """The manner itself where it logs histograms, else one of the same framework that does."""
    if "histograms" in manner or manner in {"keras-health", "watched"}:
        return manner
    return "keras-histograms" if manner.startswith("keras") else "steps-histograms"


def _entry(
    program: Program, case: str, causes: tuple[str, ...], variant: int, seed: int, recipe: Recipe
) -> Entry:
    entry = Entry("trained", program.half, program.name, case, causes, variant, seed, recipe)
    manners = MANNERS[program.half, program.framework]
    return replace(entry, manner=manners[zlib.crc32(entry.key[::-1].encode()) % len(manners)])


def _specials() -> Iterator[Entry]:
    for special in SPECIALS.values():
        for seed in range(SPECIAL_SEEDS):
            yield Entry("special", special.half, special.name, special.name, (), 0, seed)


def _drawn() -> Iterator[Entry]:
    for family in FAMILIES.values():
        for number in range(family.size):
            yield Entry(
                "drawn", family.half, family.name, family.fault or "healthy", family.causes,
                number, number,
            )  # fmt: skip
