"""How an adversarial training stands: which of the two losses, if any, came to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tblogreport.context.series import Role, Series
from tblogreport.context.words import (
    DISCRIMINATOR_WORDS,
    GENERATOR_WORDS,
    LOSS_WORDS,
    words_of,
)
from tblogreport.signals.curve import CurveSignal, true_at_end

MIN_POINTS = 20
# A loss at this share of its first level is won: a discriminator that is right about everything.
WON = 0.05
# … for so many of the last blocks of twenty.
LAST_BLOCKS = 5
# The other side has lost where its loss is no lower than this share of what it began with.
_NOT_BETTER = 0.9
# Words of parts of a side's loss, or of something else that the side has.
_PARTS = frozenset(
    (
        "real fake gp penalty reg regularization l1 l2 pixel perceptual cycle identity feature fm "
        "mel vgg kl grad gradient norm lr aux class cls info adv gan"
    ).split()
)


@dataclass(frozen=True)
class OneSided:
    """A game that one side has won. Losses in their own unit."""

    winner: CurveSignal
    loser: CurveSignal
    discriminator_won: bool
    block: int  # from which on it is won

    @property
    def step(self) -> int:
        """The step from which on the game is won."""
        return int(self.winner.block_steps[self.block])


def sides(series: Sequence[Series]) -> tuple[Series, Series] | None:
    """The losses of the discriminator and of the generator; None where one was not logged."""
    judge, maker = _of(series, DISCRIMINATOR_WORDS), _of(series, GENERATOR_WORDS)
    return (judge, maker) if judge is not None and maker is not None else None


def _of(series: Sequence[Series], side: frozenset[str]) -> Series | None:
    """The loss of a side as a whole: the plainest of its names, and the longest."""
    mine = [
        s
        for s in series
        if s.role != Role.VALIDATION_LOSS
        and (words := set(words_of(s.tag))) & side
        and (words & LOSS_WORDS or words & {"err", "errg", "errd", "gloss", "dloss"})
        and not words & _PARTS
    ]
    return min(mine, key=lambda s: (len(s.stem), -len(s)), default=None)


def one_sided(judge: CurveSignal, maker: CurveSignal) -> OneSided | None:
    """Which side has won, if any, by a loss that is never negative.

    The critic of a Wasserstein loss has no level at which it is right about everything. What a loss
    began with are its first points: a game may be lost within the first block already. A generator
    that minimises log(1 − D(G(z))) is below zero, and has lost at zero.
    """
    for winner, loser in ((judge, maker), (maker, judge)):
        if winner.values.min() < 0:
            continue
        last = true_at_end(winner.blocks <= WON * winner.first)
        lost = loser.tail >= (_NOT_BETTER if loser.first > 0 else 1.0) * loser.first
        if winner.first > 0 and last >= LAST_BLOCKS and lost:
            return OneSided(winner, loser, winner is judge, len(winner.blocks) - last)
    return None
