"""Roles that no name tells, and that the series logged beside it do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tblogreport.context.series import Role, Series
from tblogreport.context.words import (
    ENTROPY_WORDS,
    EVALUATED_WORDS,
    TIMED_WORDS,
    Direction,
    words_of,
)


def by_company(series: Series, beside: Sequence[Series]) -> Series:
    """The series with the role that it has among all series of its run, `beside`."""
    return _evaluated(_timed(_held_out(series, beside), beside), beside)


def _held_out(series: Series, beside: Sequence[Series]) -> Series:
    """A metric whose name tells no split is of validation where it was logged at its steps.

    Not so beside one of the same kind that is said to be of validation.
    """
    if series.role != Role.TRAIN_METRIC or series.split:
        return series
    if EVALUATED_WORDS & set(series.stem) or _ranked_now_and_then(series, beside):
        return replace(series, role=Role.VALIDATION_METRIC)
    if any(s.role == Role.VALIDATION_METRIC and _alike(s, series) for s in beside):
        return series
    at = {
        role: any(s.role == role and np.array_equal(s.steps, series.steps) for s in beside)
        for role in (Role.TRAIN_LOSS, Role.VALIDATION_LOSS)
    }
    if at[Role.TRAIN_LOSS] or not at[Role.VALIDATION_LOSS]:
        return series
    return replace(series, role=Role.VALIDATION_METRIC)


def _ranked_now_and_then(series: Series, beside: Sequence[Series]) -> bool:
    """Whether a top-1 accuracy was logged more rarely than any loss, as evaluations are."""
    losses = [s for s in beside if s.role == Role.TRAIN_LOSS]
    rare = all(len(series) < len(s) for s in losses)
    return rare and bool({"top1", "top5"} & set(series.stem))


def _alike(a: Series, b: Series) -> bool:
    """Whether two metrics have one name, or are accuracies both."""
    return a.stem == b.stem or (a.is_accuracy and b.is_accuracy)


def _timed(series: Series, beside: Sequence[Series]) -> Series:
    """A cost of batches beside a loss, and not a part of one, is the time that they took."""
    words = set(words_of(series.tag))
    if series.role != Role.TRAIN_LOSS or "loss" in words or not TIMED_WORDS & words:
        return series
    if not any(s.stem == ("loss",) for s in beside):
        return series
    return replace(series, role=Role.THROUGHPUT, direction=None)


def _evaluated(series: Series, beside: Sequence[Series]) -> Series:
    """A cross-entropy of validation is its loss where no other is and training has one like it."""
    if series.role != Role.VALIDATION_METRIC or not ENTROPY_WORDS & set(series.stem):
        return series
    losses = [s for s in beside if s.role in {Role.TRAIN_LOSS, Role.VALIDATION_LOSS}]
    twins = [s for s in losses if len(set(s.stem)) == 1 and _of_one_size(s, series)]
    if any(s.role == Role.VALIDATION_LOSS for s in losses) or not twins:
        return series
    stem = max(twins, key=len).stem
    return replace(series, role=Role.VALIDATION_LOSS, direction=Direction.LOWER, stem=stem)


def _of_one_size(a: Series, b: Series) -> bool:
    """Whether two series begin within a factor of three of each other."""
    if not len(a) or not len(b):
        return False
    first, second = float(np.median(a.values[:3])), float(np.median(b.values[:3]))
    return bool(first > 0 and second > 0 and 1 / 3 <= first / second <= 3)
