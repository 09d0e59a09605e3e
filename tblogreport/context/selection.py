"""Which of several series speaks for the run: the losses that the checks judge.

A run often logs one quantity several times (per batch and per epoch), a total
beside its parts, and two step axes. One train loss and one validation loss that
measure the same thing are chosen; series on different axes are never mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tblogreport.context.series import Axis, Role, Series
from tblogreport.context.words import words_of

# Fewer points than this carry no shape; a longer twin is preferred.
_ENOUGH_POINTS = 8
# An epoch average is the cleaner curve, as long as it is not much too short.
_ENOUGH_EPOCHS = 12


def primary_losses(
    series: Sequence[Series], *, one_total: bool = True
) -> tuple[Series | None, Series | None]:
    """The train loss and the validation loss of the run, each None where unknown.

    `one_total` says that the run minimises one total, so that parts may be summed.
    """
    train = [s for s in series if s.role == Role.TRAIN_LOSS]
    held_out = [s for s in series if s.role == Role.VALIDATION_LOSS]
    stem = _main_stem(train) if train else _main_stem(held_out)
    if stem is None:
        return (_sum_of_parts(train), _sum_of_parts(held_out)) if one_total else (None, None)
    twins = [s for s in held_out if s.stem == stem]
    train_loss = _clearest([s for s in train if s.stem == stem], twins)
    return train_loss, _twin(train_loss, twins)


def primary_metrics(
    series: Sequence[Series], near: Series | None
) -> tuple[Series | None, Series | None]:
    """The metric that says best whether training succeeded, in train and validation.

    A metric with a known direction on the axis of `near` (the loss); accuracy first,
    because chance level can be told from it.
    """
    known = [s for s in series if s.direction is not None]
    train = _curves([s for s in known if s.role == Role.TRAIN_METRIC])
    held_out = [s for s in known if s.role == Role.VALIDATION_METRIC]
    candidates = train or held_out
    if not candidates:
        return None, None

    def preference(s: Series) -> tuple[bool, bool, int]:
        return (not s.is_accuracy, near is not None and s.axis != near.axis, -min(len(s), 20))

    chosen = min(candidates, key=preference)
    same = [s for s in held_out if s.stem == chosen.stem]
    if not same and chosen.is_accuracy:  # `acc` of batches, `accuracy/top1` of evaluations
        same = [s for s in held_out if s.is_accuracy]
    return (chosen if train else None), _twin(chosen, same)


def _curves(metrics: list[Series]) -> list[Series]:
    """Those of more than one point: the result that goes with hyperparameters is no curve."""
    return [s for s in metrics if len(s) > 1]


def comparable(a: Series, b: Series) -> bool:
    """Whether the steps of two series count the same thing, so that they may share a chart."""
    if a.axis != b.axis or not len(a) or not len(b):
        return False
    if a.axis != Axis.STEP:
        return True
    spans = [max(int(s.steps.max()), 1) for s in (a, b)]
    # Batches and epochs under one kind of name: the numbers give them away.
    return max(spans) <= 3 * min(spans)


def _main_stem(losses: list[Series]) -> tuple[str, ...] | None:
    """The stem of the total: plain "loss" where there is one, else the only one."""
    stems = list(dict.fromkeys(s.stem for s in losses))
    plain = [stem for stem in stems if len(set(stem)) == 1]
    if plain:
        return max(plain, key=lambda stem: max(len(s) for s in losses if s.stem == stem))
    return stems[0] if len(stems) == 1 else None


def _sum_of_parts(losses: list[Series]) -> Series | None:
    """The sum of a loss' parts where only those were logged, as detectors do; else None.

    They must stand at the same steps: then one program logged them together.
    """
    parts = list({s.stem: s for s in sorted(losses, key=len)}.values())
    if len(parts) < 2 or any(not np.array_equal(s.steps, parts[0].steps) for s in parts):
        return None
    return replace(
        parts[0],
        tag=" + ".join(sorted(s.tag for s in parts)),
        values=np.sum([s.values for s in parts], axis=0),
        stem=("loss",),
    )


def _clearest(recordings: list[Series], held_out: list[Series]) -> Series | None:
    """Of several recordings of one quantity, the one whose shape is clearest.

    First one that has a counterpart on held-out data on its own axis, worth its name.
    """

    def preference(s: Series) -> tuple[bool, bool, bool, int]:
        paired = any(h.axis == s.axis and len(h) >= _ENOUGH_POINTS for h in held_out)
        averaged = s.axis == Axis.EPOCH or s.tag.lower().endswith("epoch")
        return (
            paired,
            len(s) >= _ENOUGH_POINTS,
            averaged and len(s) >= _ENOUGH_EPOCHS,
            len(s) if not averaged or len(s) >= _ENOUGH_POINTS else 0,
        )

    return max(recordings, key=preference, default=None)


def _twin(series: Series | None, candidates: list[Series]) -> Series | None:
    """The candidate on the same axis as `series`; validation before test, longest first.

    What was logged for each batch of an evaluation is of other samples from point to point: its
    mean is preferred, where that was logged as well.
    """
    means = [c for c in candidates if "batch" not in words_of(c.tag)]
    candidates = means or candidates
    if series is not None:
        on_axis = [c for c in candidates if c.axis == series.axis]
        candidates = on_axis or [c for c in candidates if Axis.STEP in {c.axis, series.axis}]
    return max(candidates, key=lambda c: (c.split == "validation", len(c)), default=None)


def span(series: Series) -> tuple[int, int] | None:
    """First and last step of a series, or None when it is empty."""
    if not len(series):
        return None
    return int(np.min(series.steps)), int(np.max(series.steps))
