"""One side of an adversarial training has won, and the other learns nothing from it any more.

What it looks for
-----------------
In logs that hold the loss of a generator and of a discriminator, neither ever negative: over the
last quarter, one of the two at a twentieth of what it began with or less, while the other ends no
lower than it began.

Why it matters
--------------
A generator learns from the mistakes of its discriminator. One that is always right gives next to
no gradient, and one that believes everything gives a wrong one; the images stay as they are.

How to fix
----------
Weaken the side that wins, or strengthen the other: rates of their own, labels of 0.9 in place of
1, noise on the discriminator's inputs, a gradient penalty, fewer steps of the one for each of the
other.

When it is wrong
----------------
With a hinge loss, or with generators that also minimise a distance to given images, a
discriminator may be right nearly always and still be of use.

Example
-------
`Loss_D` falls from 1.4 to 0.001 within 500 steps, `Loss_G` rises from 0.7 to 9: what comes out
after that is noise.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import scalars
from tblogreport.context.kind import Kind
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number
from tblogreport.signals import Signals
from tblogreport.signals.adversary import MIN_POINTS, WON, OneSided, one_sided, sides
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.places import place_of


@check
def adversarial_balance(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the losses of the two sides."""
    series = scalars(signals)
    if signals.context.kind != Kind.ADVERSARIAL:
        return []  # no game, and nobody to win it
    found = sides(series)
    if found is None:
        raise NotCheckable("the whole loss of either side was not logged; log both at every step")
    judge, maker = (signals.curve(one) for one in found)
    if min(len(judge), len(maker)) < MIN_POINTS:
        raise NotCheckable(
            f"`{found[0].label}` and `{found[1].label}` were not logged at {MIN_POINTS} points "
            "each; log them every few steps"
        )
    won = one_sided(judge, maker)
    return [_finding(won)] if won is not None else []


def _finding(won: OneSided) -> Finding:
    winner, loser, last = won.winner, won.loser, int(won.winner.steps[-1])
    who = "discriminator" if won.discriminator_won else "generator"
    other = "generator" if won.discriminator_won else "discriminator"
    return Finding(
        check="adversarial-balance",
        severity=Severity.WARNING,
        confidence=0.85,
        title=f"The {who} has won: the {other} learns nothing any more",
        message=f"`{winner.series.label}` fell from {number(float(winner.values[0]))} to "
        f"{number(winner.tail)} and stays there from {place_of(winner.series, won.step)} on, while "
        f"`{loser.series.label}` ended at {number(loser.tail)}, after "
        f"{number(float(loser.values[0]))} at the beginning.",
        why="Each side learns from the mistakes of the other. One that makes none teaches nothing.",
        fixes=_fixes(won),
        tags=(winner.series.label, loser.series.label),
        steps=(won.step, last),
        measured={
            "share_left": winner.tail / winner.first,
            "winner": winner.tail,
            "loser": loser.tail,
        },
        thresholds={"share_left": WON},
        references=(
            "Goodfellow: NIPS 2016 Tutorial: Generative Adversarial Networks",
            "Arjovsky and Bottou: Towards Principled Methods for Training GANs (2017)",
        ),
        evidence=tuple(
            CurveChart(
                title=f"The loss of the {side}",
                curves=(reduce_series(curve),),
                marks=(Mark("won", won.step, last),),
                y_label="loss",
            )
            for side, curve in ((who, winner), (other, loser))
        ),
    )


def _fixes(won: OneSided) -> tuple[str, ...]:
    restart = (
        f"Go back to a checkpoint before {place_of(won.winner.series, won.step)}, or begin anew: "
        "what was made after it is no better."
    )
    if not won.discriminator_won:
        return (
            "See that the discriminator is trained at all: its parameters in its own optimiser, "
            "real images labelled 1 and made ones 0, made ones detached for its own step.",
            "Give the discriminator a higher learning rate (two to four times the generator's), "
            "or several steps for each of the generator.",
            restart,
        )
    return (
        "Lower the discriminator's learning rate to a quarter, or train it at every second step.",
        "Hold it back: labels of 0.9 for real images, noise on its inputs, dropout, spectral "
        "normalisation (`torch.nn.utils.parametrizations.spectral_norm`).",
        "Give the generator the non-saturating loss −log D(G(z)), or both a Wasserstein loss with "
        "a gradient penalty.",
        restart,
    )
