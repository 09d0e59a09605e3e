"""The latent code of a variational autoencoder comes to carry nothing.

What it looks for
-----------------
A Kullback–Leibler term and a reconstruction loss, logged side by side: the term falls below
0.05 and to a hundredth of its height (to a tenth where the reconstruction never gained anything),
and the reconstruction gains no more than a tenth of its level from then on.

Why it matters
--------------
The total falls nicely, but the decoder answers the same to every input: nothing of the input
reaches it.

How to fix
----------
Weigh the term less, or raise its weight slowly from 0; give every dimension some nats for free;
sum both terms over the same dimensions.

When it is wrong
----------------
The Kullback–Leibler terms of agents and of distillation measure something else, and are left
out by their names.

Example
-------
`kl_loss` falls from 19 to 0.003 and `recon_loss` stays at 0.08, in a model that sums the one
over 256 dimensions of the code and averages the other over the pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import abstain_by_kind, scalars
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.places import place_of
from tblogreport.signals.posterior import MIN_POINTS, NOTHING, Collapse, measure_collapse, terms


@check
def posterior_collapse(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the two terms."""
    abstain_by_kind(signals)
    found = terms(scalars(signals))
    if found is None:
        return []  # no variational autoencoder, and no code to lose
    if min(map(len, found)) < MIN_POINTS:
        raise NotCheckable(
            f"`{found[0].label}` and `{found[1].label}` were not logged at {MIN_POINTS} points "
            "each; log them every epoch, or more often"
        )
    collapse = measure_collapse(*(signals.curve(one) for one in found))
    return [_finding(collapse)] if collapse is not None else []


def _finding(collapse: Collapse) -> Finding:
    term, other = collapse.divergence, collapse.reconstruction
    step, last = term.step_at(collapse.at), int(term.steps[-1])
    return Finding(
        check="posterior-collapse",
        severity=Severity.WARNING,
        confidence=0.85,
        title="The latent code carries nothing: the posterior collapsed",
        message=f"`{term.series.label}` fell from {number(collapse.highest)} to "
        f"{number(term.tail)}, next to nothing from {place_of(term.series, step)} on, while "
        f"`{other.series.label}` ended at {number(other.tail)} and gained nothing more.",
        why="The total loss falls, but the decoder answers the same to every input: nothing of "
        "the input reaches it.",
        fixes=(
            "Weigh the term less, or raise its weight from 0 over the first third of the run "
            "(β-annealing).",
            "Sum both terms over the same dimensions: a term that is summed over the code "
            "outweighs a reconstruction that is averaged over pixels.",
            "Give every dimension some nats for free: `torch.clamp(kl, min=0.1)` before the sum.",
        ),
        tags=(term.series.label, other.series.label),
        steps=(step, last),
        measured={"end": term.tail, "highest": collapse.highest, "gain": collapse.gain},
        thresholds={"end": NOTHING},
        references=("Bowman et al.: Generating Sentences from a Continuous Space (2016)",),
        evidence=(
            CurveChart(
                title="The Kullback–Leibler term falls to nothing",
                curves=(reduce_series(term),),
                marks=(Mark("nothing left", step, last),),
                y_label="nats",
            ),
            CurveChart(
                title="The reconstruction gains nothing more",
                curves=(reduce_series(other),),
                y_label="reconstruction",
            ),
        ),
    )
