"""What kind of training it was: the loss of a GAN, an agent or a range test means another thing."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import numpy as np

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
    RANGE_TEST = "range-test"  # the learning rate grows until the loss explodes


# A rate that grows by the same factor from point to point, over so many and so far.
_RANGE_POINTS = 20
_RANGE_FACTOR = 1_000.0
_RANGE_EVEN = 0.2


def kind_of(series: Iterable[Series]) -> Kind:
    """The kind that the names of the scalars, and the learning rate, give away."""
    series = list(series)
    rates = [s for s in series if s.role == Role.LEARNING_RATE]
    if rates and all(_is_range_test(rate) for rate in rates):
        return Kind.RANGE_TEST
    named = [(s, set(words_of(s.tag))) for s in series]
    losses = [words for _, words in named if words & LOSS_WORDS or "err" in words]
    if any(w & GENERATOR_WORDS for w in losses) and any(w & DISCRIMINATOR_WORDS for w in losses):
        return Kind.ADVERSARIAL
    rewarded = any(words & REINFORCEMENT_WORDS for _, words in named)
    validated = any(s.role == Role.VALIDATION_LOSS for s, _ in named)
    return Kind.REINFORCEMENT if rewarded and not validated else Kind.SUPERVISED


def _is_range_test(rate: Series) -> bool:
    """Whether a learning rate grows exponentially to the end, as no warm-up does."""
    values = rate.values
    if len(values) < _RANGE_POINTS or not np.isfinite(values).all() or values[0] <= 0:
        return False
    grows = np.diff(np.log(values)) if values.min() > 0 else np.zeros(1)
    even = grows.min() > 0 and float(np.std(grows)) < _RANGE_EVEN * float(np.mean(grows))
    return bool(even and values[-1] >= _RANGE_FACTOR * values[0])
