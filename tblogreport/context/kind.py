"""What kind of training it was: the loss of a GAN or an agent means something else."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from tblogreport.context.series import Role, Series
from tblogreport.context.words import (
    DISCRIMINATOR_WORDS,
    GENERATOR_WORDS,
    LOSS_WORDS,
    REINFORCEMENT_WORDS,
    words_of,
)


class Kind(StrEnum):
    """Kinds of training whose losses are read differently."""

    SUPERVISED = "supervised"  # one loss that should fall; also the default
    ADVERSARIAL = "adversarial"
    REINFORCEMENT = "reinforcement-learning"


def kind_of(series: Iterable[Series]) -> Kind:
    """The kind that the names of the scalars give away."""
    named = [(s, set(words_of(s.tag))) for s in series]
    losses = [words for _, words in named if words & LOSS_WORDS or "err" in words]
    if any(w & GENERATOR_WORDS for w in losses) and any(w & DISCRIMINATOR_WORDS for w in losses):
        return Kind.ADVERSARIAL
    rewarded = any(words & REINFORCEMENT_WORDS for _, words in named)
    validated = any(s.role == Role.VALIDATION_LOSS for s, _ in named)
    return Kind.REINFORCEMENT if rewarded and not validated else Kind.SUPERVISED
