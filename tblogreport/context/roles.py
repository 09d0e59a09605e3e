"""Which tag is the train loss, the validation loss, a metric, the learning rate …"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from tblogreport.context.company import by_company
from tblogreport.context.layer_scalars import parse_layer_scalar
from tblogreport.context.series import METRICS, Axis, Role, Series
from tblogreport.context.words import (
    ACCURACY_WORDS,
    AT_LAST_LOSS_WORDS,
    COST_WORDS,
    LOSS_LIKE_WORDS,
    LOSS_WORDS,
    SPLIT_WORDS,
    Direction,
    direction_of,
    is_gradient_norm,
    is_learning_rate,
    is_loss_scale,
    stem_of,
    words_of,
)


def assign_roles(scalars: pd.DataFrame, said: Mapping[str, str] | None = None) -> list[Series]:
    """Every scalar series of a run with its role, in the frame's order.

    `said` maps a role to a tag (or to "split/tag") and wins over the guess.
    """
    by_tag = {tag: Role(role) for role, tag in (said or {}).items()}
    grouped = scalars.groupby(["tag", "split"], sort=False, observed=True)
    found: list[Series] = []
    guessed: list[bool] = []
    shared = _shared_prefix([str(tag) for tag in scalars["tag"].unique()])
    for (tag, split), frame in grouped:
        words = words_of(str(tag).removeprefix(shared))
        said_role = by_tag.get(str(tag)) or by_tag.get(f"{split}/{tag}")
        role = said_role or _guess(str(tag), words, str(split))
        guessed.append(said_role is None)
        found.append(
            Series(
                split=str(split),
                tag=str(tag),
                steps=frame["step"].to_numpy(),
                wall_times=frame["wall_time"].to_numpy(),
                values=frame["value"].to_numpy(),
                role=role,
                direction=_direction(role, words),
                axis=axis_of(str(tag)),
                stem=stem_of(words),
            )
        )
    if not _has_loss(found):
        like = any(LOSS_LIKE_WORDS & set(s.stem) and s.role in METRICS for s in found)
        kinds = LOSS_LIKE_WORDS if like else AT_LAST_LOSS_WORDS
        return [_promoted(series, kinds) for series in found]
    return [
        by_company(series, found) if is_guess else series
        for series, is_guess in zip(found, guessed, strict=True)
    ]


def _shared_prefix(tags: list[str]) -> str:
    """The name that a program gives to all that it logs, with its slash; "" where it says more.

    `charlm/loss` and `charlm/gnorm` are the loss and the norm of one model; `train/loss` tells a
    split.
    """
    first, slash, _ = tags[0].partition("/") if tags else ("", "", "")
    prefix = first + slash
    if len(tags) < 2 or not slash or not all(tag.startswith(prefix) for tag in tags):
        return ""
    words = words_of(first)
    means = SPLIT_WORDS & set(words) or guess_role(words, "") != Role.OTHER
    return "" if means else prefix


def _guess(tag: str, words: tuple[str, ...], split: str) -> Role:
    """A layer may be called `loss_head`: what is measured of it is no loss."""
    return Role.OTHER if parse_layer_scalar(tag) else guess_role(words, split)


def guess_role(words: tuple[str, ...], split: str) -> Role:
    """The role that a tag's words suggest, given the split it belongs to."""
    held_out = split in {"validation", "test"}
    kinds = set(words)
    if is_learning_rate(words):
        return Role.LEARNING_RATE
    if is_gradient_norm(words):
        return Role.GRADIENT_NORM
    if is_loss_scale(words):
        return Role.LOSS_SCALE
    if {"grad", "gradient", "gradients", "grads"} & kinds:
        return Role.OTHER
    if kinds & LOSS_WORDS and words[-1] not in ACCURACY_WORDS:  # `Loss/val_acc` is no loss
        return Role.VALIDATION_LOSS if held_out else Role.TRAIN_LOSS
    if direction_of(words) is not None and not ({"time", "seconds", "second"} & kinds):
        return Role.VALIDATION_METRIC if held_out else Role.TRAIN_METRIC
    if kinds & COST_WORDS:
        return Role.THROUGHPUT
    return Role.OTHER


def axis_of(tag: str) -> Axis:
    """What the steps of a tag count, as far as its name says."""
    name = tag.rsplit("/", 1)[-1].lower()
    if name.endswith("_vs_iterations") or name.startswith(("batch_", "step_")):
        return Axis.ITERATION
    if re.match(r"epoch_.", name):
        return Axis.EPOCH
    return Axis.STEP


def _direction(role: Role, words: tuple[str, ...]) -> Direction | None:
    if role in {Role.TRAIN_LOSS, Role.VALIDATION_LOSS}:
        return Direction.LOWER
    return direction_of(words) if role in METRICS else None


def _has_loss(found: list[Series]) -> bool:
    return any(series.role in {Role.TRAIN_LOSS, Role.VALIDATION_LOSS} for series in found)


def _promoted(series: Series, words: frozenset[str]) -> Series:
    """In a run that calls nothing a loss, `nll`, `bce`, `mse` … are what was minimised."""
    if not set(series.stem) & words or series.direction != Direction.LOWER:
        return series
    held_out = series.role == Role.VALIDATION_METRIC
    role = Role.VALIDATION_LOSS if held_out else Role.TRAIN_LOSS
    return Series(**(vars(series) | {"role": role, "direction": Direction.LOWER}))
