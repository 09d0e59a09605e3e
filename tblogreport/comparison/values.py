"""Where losses and metrics ended, before and after, and how that compares with their noise."""

from __future__ import annotations

import math
import re

from tblogreport.findings import Level, RunDiagnosis, ValueChange
from tblogreport.numbers import measure, number

# A difference that one evaluation in a thousand shows by chance alone (normal noise).
BEYOND_NOISE = 3.3
# Smaller differences than this share of the level are not worth a word.
_LEAST = 0.01
_LOSSES = ("validation_loss", "train_loss")
_PLAIN = re.compile(r"[a-z]+(_[a-z]+)*")


def values_of(before: RunDiagnosis, after: RunDiagnosis) -> tuple[ValueChange, ...]:
    """The series that both runs logged, those that a run is judged by first.

    Where the two call theirs otherwise, as other programs do, losses are matched by their roles.
    """
    named = {(level.split, level.tag): level for level in before.levels}
    pairs = [
        (named[level.split, level.tag], level)
        for level in after.levels
        if (level.split, level.tag) in named
    ]
    return tuple(_change(*pair) for pair in _distinct(pairs or _by_role(before, after)))


def _by_role(before: RunDiagnosis, after: RunDiagnosis) -> list[tuple[Level, Level]]:
    """The first train and validation loss of each; metrics may measure anything."""
    old, new = ({level.role: level for level in reversed(run.levels)} for run in (before, after))
    return [(old[role], new[role]) for role in _LOSSES if role in old and role in new]


def _distinct(pairs: list[tuple[Level, Level]]) -> list[tuple[Level, Level]]:
    """Without what only says again, on another axis of steps, what stands there already."""
    kept: dict[tuple[str, str, str], tuple[Level, Level]] = {}
    for before, after in pairs:
        said = after.role, after.split, f"{before.value:.4g} {after.value:.4g}"
        kept.setdefault(said, (before, after))
    return list(kept.values())


def _change(before: Level, after: Level) -> ValueChange:
    noises, better = _noises(before, after), _better(before, after)
    return ValueChange(before, after, noises, better, _sentence(before, after, noises))


def _noises(before: Level, after: Level) -> float | None:
    """The difference over the noise of a difference of two points."""
    noise = math.hypot(before.noise, after.noise)
    difference = after.value - before.value
    if not math.isfinite(difference) or noise <= 0:
        return None
    return abs(difference) / noise


def _better(before: Level, after: Level) -> bool | None:
    if after.higher_is_better is None:
        return None
    if math.isnan(after.value) or math.isnan(before.value):
        lost, had = math.isnan(after.value), math.isnan(before.value)
        return None if lost == had else had
    difference = after.value - before.value
    noises = _noises(before, after)
    if abs(difference) <= _LEAST * max(abs(before.value), abs(after.value)):
        return None
    if noises is not None and noises <= BEYOND_NOISE:
        return None
    return (difference > 0) == after.higher_is_better


def shown(level: Level) -> str:
    """The value as it is told: accuracies in per cent."""
    return measure(level.value, is_share=level.is_share)


def name_of(level: Level) -> str:
    """What the series is called: `validation epoch_accuracy` becomes `validation accuracy`."""
    if level.role.endswith("_loss") and level.split:
        return f"{level.split} loss"
    tag = level.tag.removeprefix("epoch_")
    shown = tag.replace("_", " ") if _PLAIN.fullmatch(tag) else f"`{tag}`"
    return f"{level.split} {shown}" if level.split and level.split not in tag else shown


def _sentence(before: Level, after: Level, noises: float | None) -> str:
    compared = f"{name_of(after)} is {shown(after)} against {shown(before)}"
    if noises is None:
        return compared
    if noises < 1:
        return f"{compared}, within the noise"
    return f"{compared}, {number(noises, 2)} times the noise"
