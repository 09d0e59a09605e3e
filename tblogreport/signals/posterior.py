"""Whether the latent code of a variational autoencoder came to carry nothing.

The Kullback–Leibler term measures, in nats, what the code tells of an input. Where it falls to
next to nothing and the reconstruction does not get better, the decoder has learned to do without
(Bowman et al., Generating Sentences from a Continuous Space, 2016).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tblogreport.context.series import CURVES, Role, Series
from tblogreport.context.words import words_of
from tblogreport.signals.curve import CurveSignal

MIN_POINTS = 8
# Nats, or whatever share of them was averaged, that tell nothing; and the share of its height
# to which the term must have fallen: to less in a model that learned something, if only the mean.
NOTHING = 0.05
FELL_TO = 0.1
FELL_FAR = 0.01
# What the reconstruction may still gain after the code was lost, of its level then.
GAINS = 0.1
_DIVERGENCE = frozenset("kl kld kldiv".split())
_RECONSTRUCTION = frozenset("recon reconstruction rec reconstructed".split())
# What a reconstruction is called by the way it is measured. A cross-entropy beside a divergence
# may as well be distillation.
_LIKELIHOOD = frozenset("bce mse nll likelihood".split())
# Of agents and of distillation, where it measures the way from another policy or teacher.
_OTHER = frozenset(
    (
        "approx policy ref reference teacher distill distillation coef beta weight weighted scaled"
    ).split()
)


@dataclass(frozen=True)
class Collapse:
    """A Kullback–Leibler term that fell to nothing, and the reconstruction beside it."""

    divergence: CurveSignal
    reconstruction: CurveSignal
    at: int  # the point of the divergence from which on it stays below the limit
    highest: float
    gain: float  # what the reconstruction gained from there on, as a share of its level


def terms(series: Iterable[Series]) -> tuple[Series, Series] | None:
    """The divergence and the reconstruction of one split, where both were logged."""
    known = [one for one in series if one.role in (*CURVES, Role.OTHER)]
    for divergence in known:
        words = set(words_of(divergence.tag))
        if not words & _DIVERGENCE or words & _OTHER:
            continue
        beside = [one for one in known if one.split == divergence.split and one is not divergence]
        for names in (_RECONSTRUCTION, _LIKELIHOOD):
            for other in beside:
                if set(words_of(other.tag)) & names:
                    return divergence, other
    return None


def measure_collapse(divergence: CurveSignal, reconstruction: CurveSignal) -> Collapse | None:
    """The collapse of the code; None where it tells something, or the reconstruction gains."""
    if min(len(divergence), len(reconstruction)) < MIN_POINTS or reconstruction.values.min() <= 0:
        return None
    highest = float(divergence.values.max())
    whole = (float(reconstruction.values[0]) - reconstruction.tail) / reconstruction.values[0]
    limit = min(NOTHING, (FELL_FAR if whole > GAINS else FELL_TO) * highest)
    if not 0 <= divergence.tail <= limit:
        return None
    high = np.flatnonzero(divergence.smooth > limit)
    at = int(high[-1]) + 1 if len(high) else 0
    if at >= len(divergence):
        return None  # it is not down yet
    after = reconstruction.values[reconstruction.wall_times >= divergence.wall_times[at]]
    if len(after) < 2:
        return None
    level = float(np.median(after[: max(1, len(after) // 5)]))
    gain = (level - reconstruction.tail) / level
    return Collapse(divergence, reconstruction, at, highest, gain) if gain <= GAINS else None
