"""Which cause explains the findings of a run: a table, read from top to bottom.

Each row of `HYPOTHESES` is one cause. It is considered when one of its `core`
findings fired; its clues then add to or take from its odds (natural logarithms:
+2 makes it seven times as likely, -2 a seventh). A newcomer adds a cause by adding a
row, and a clue by adding a line to a row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import Cause, Finding, Severity
from tblogreport.numbers import number
from tblogreport.signals import Signals

# A cause less likely than this is not named.
MIN_CONFIDENCE = 0.5
# Two causes of the same finding that differ by less explain it equally well: both are named.
EQUAL_MARGIN = 0.12

# A loss this many times its first value has been thrown out by the first steps.
SHOT_UP = 1.5
# A loss that began at this many times the level of guessing was above it before it was logged.
FELL = 1.2

_SATURATING = frozenset("tanh sigmoid hard_sigmoid softsign".split())


@dataclass(frozen=True)
class Case:
    """What there is to explain: findings by check, and the run's signals."""

    findings: Mapping[str, Finding]
    signals: Signals

    def fired(self, *checks: str) -> bool:
        """Whether any of the checks fired as more than a note."""
        return any(
            check in self.findings and self.findings[check].severity != Severity.INFO
            for check in checks
        )

    def measured(self, check: str, name: str) -> float | None:
        """A number that a finding measured; None where it did not."""
        value = self.findings[check].measured.get(name) if check in self.findings else None
        return float(value) if isinstance(value, int | float) else None


@dataclass(frozen=True)
class Clue:
    """Evidence for (weight above 0) or against a cause, in log odds."""

    weight: float
    says: str
    holds: Callable[[Case], bool]


@dataclass(frozen=True)
class Hypothesis:
    """One cause: when to consider it, what it explains, and what speaks for and against it."""

    cause: str
    core: tuple[str, ...]  # findings of which one must have fired
    explains: tuple[str, ...]  # further findings that are its consequences
    prior: float  # log odds before any clue
    clues: tuple[Clue, ...]
    summary: Callable[[Case], str]


def rank_causes(signals: Signals, findings: Sequence[Finding]) -> tuple[list[Cause], list[Finding]]:
    """The causes of a run, likeliest first, and its findings with `explained_by` filled in."""
    case = Case({finding.check: finding for finding in findings}, signals)
    ranked = sorted(
        (cause for row in HYPOTHESES if (cause := _weigh(row, case)) is not None),
        key=lambda cause: -cause.confidence,
    )
    explained = [replace(f, explained_by=_explanation(f, ranked)) for f in findings]
    leading = {f.explained_by for f in explained}
    named = [c for c in ranked if c.cause in leading or _equals_a_leader(c, ranked, leading)]
    return named, explained


def _weigh(row: Hypothesis, case: Case) -> Cause | None:
    if not case.fired(*row.core):
        return None
    holding = [clue for clue in row.clues if clue.holds(case)]
    odds = row.prior + sum(clue.weight for clue in holding)
    confidence = 1.0 / (1.0 + math.exp(-odds))
    if confidence < MIN_CONFIDENCE:
        return None
    explained = tuple(c for c in (*row.core, *row.explains) if c in case.findings)
    first = case.findings[explained[0]]
    return Cause(
        cause=row.cause,
        confidence=round(confidence, 3),
        explains=explained,
        summary=row.summary(case),
        fixes=first.fixes,
        evidence_for=tuple(clue.says for clue in holding if clue.weight > 0),
        evidence_against=tuple(clue.says for clue in holding if clue.weight < 0),
    )


def _explanation(finding: Finding, ranked: list[Cause]) -> str | None:
    return next((cause.cause for cause in ranked if finding.check in cause.explains), None)


def _equals_a_leader(cause: Cause, ranked: list[Cause], leading: set[str | None]) -> bool:
    return any(
        leader.cause in leading
        and set(leader.explains) & set(cause.explains)
        and leader.confidence - cause.confidence <= EQUAL_MARGIN
        for leader in ranked
        if leader is not cause
    )


def _learning_rate(case: Case) -> str:
    rate = case.signals.context.learning_rate
    if rate is None or not np.isfinite(rate.values).any():
        return ""
    return f" ({number(float(np.nanmax(rate.values)))})"


def _weights_move(case: Case) -> bool:
    kernels = case.signals.layers.of(TensorKind.KERNEL)
    return len(kernels) > 0 and not any(case.signals.tensor(k).never_moved for k in kernels)


def _gradients_reach_all_layers(case: Case) -> bool:
    logged = case.signals.layers.of(TensorKind.GRADIENT, TensorKind.KERNEL)
    return len(logged) > 1 and "vanishing-gradients" not in case.findings


def _activations_bounded(case: Case) -> bool:
    """Whether hidden activations stay within (-1, 1) or (0, 1) as after tanh or sigmoid.

    ReLU is told apart by its exact zeros, and a linear signal by its size.
    """
    tensors = case.signals.layers.of(TensorKind.ACTIVATION)[:-1]
    edges = [e for t in tensors for e in t.edges if len(e) and np.isfinite(e).all()]
    if not edges:
        return False
    low, high = min(float(e[0]) for e in edges), max(float(e[-1]) for e in edges)
    zeros = max(float(np.nanmedian(case.signals.tensor(t).zero_share[:, 0])) for t in tensors)
    return zeros < 0.05 and low >= -1.0 and 0.5 < high <= 1.0


def _config_saturates(case: Case) -> bool:
    named = case.signals.layers.activations or {}
    hidden = list(named.values())[:-1]
    return bool(hidden) and sum(a in _SATURATING for a in hidden) > len(hidden) / 2


def _single_softmax(case: Case) -> bool:
    return case.signals.layers.softmax_of_one


def _loss_is_constant(case: Case) -> bool:
    loss = case.signals.loss
    return loss is not None and len(loss) >= 8 and float(np.ptp(loss.values)) == 0.0


def _dead_from_start(case: Case) -> bool:
    finding = case.findings.get("dead-layer")
    if finding is None or finding.steps is None:
        return False
    tensors = case.signals.layers.tensors
    return any(t.label in finding.tags and int(t.steps[0]) == finding.steps[0] for t in tensors)


def _shot_up(case: Case) -> bool:
    """Whether the loss rose far above both its first value and its end within the first tenth.

    The first logged batch is seen before any update: a loss that is normal there and
    explodes in the next ones was thrown out by the steps, not by the initial weights.
    """
    loss = case.signals.loss
    if loss is None or len(loss) < 8:
        return False
    early = loss.values[: max(5, len(loss) // 10)]
    if not np.isfinite(loss.values[0]) or loss.values[0] <= 0:
        return False
    peak = float(np.max(early[np.isfinite(early)]))
    return peak > SHOT_UP * float(loss.values[0]) and peak > SHOT_UP * case.signals.curve(loss).tail


def _fell_to_guessing(case: Case) -> bool:
    """Whether the loss began far above what guessing gives and ended at it.

    Epoch averages begin so when the first steps overshot, and the network was lost then.
    """
    progress = case.signals.progress
    if case.signals.guess is None or progress is None:
        return False
    return progress.start > FELL * progress.tail and not _shot_up(case)


def _rose_before_nan(case: Case) -> bool:
    rises = ("loss_rise_before", "gradient_rise_before")
    return any(case.measured("nan-or-inf", name) is not None for name in rises)


HYPOTHESES = (
    Hypothesis(
        "learning-rate-too-high",
        core=("oscillating-loss", "diverging-loss", "nan-or-inf", "dead-layer"),
        explains=("non-converging-loss", "unchanged-weights"),
        prior=-1.0,
        clues=(
            Clue(2.5, "the loss swings without settling", lambda c: c.fired("oscillating-loss")),
            Clue(2.0, "the loss left its best level", lambda c: c.fired("diverging-loss")),
            Clue(2.2, "the loss or its gradient grew before it became NaN", _rose_before_nan),
            Clue(
                1.0,
                "a layer died during training",
                lambda c: c.fired("dead-layer") and not _dead_from_start(c),
            ),
            Clue(
                3.5,
                "the loss shot up right after the start, before a layer was found dead",
                lambda c: c.fired("dead-layer") and _shot_up(c),
            ),
            Clue(
                2.5,
                "the loss came down from far above the level of guessing, and stopped there",
                lambda c: c.fired("dead-layer") and _fell_to_guessing(c),
            ),
        ),
        summary=lambda c: f"The learning rate{_learning_rate(c)} is too high for this model.",
    ),
    Hypothesis(
        "numerical-error",
        core=("nan-or-inf",),
        explains=(),
        prior=1.0,
        clues=(
            Clue(-2.5, "the loss or its gradient grew before it became NaN", _rose_before_nan),
            Clue(-1.0, "the loss swung before", lambda c: c.fired("oscillating-loss")),
        ),
        summary=lambda c: "A number overflowed, or an operation is undefined for some input.",
    ),
    Hypothesis(
        "unclipped-gradients",
        core=("nan-or-inf",),
        explains=("diverging-loss",),
        prior=-2.0,
        clues=(
            Clue(
                3.0,
                "the gradient norm grew far beyond its median just before",
                lambda c: c.measured("nan-or-inf", "gradient_rise_before") is not None,
            ),
        ),
        summary=lambda c: "Single very large gradients were not clipped.",
    ),
    Hypothesis(
        "dead-units",
        core=("dead-layer",),
        explains=("non-converging-loss", "unchanged-weights", "vanishing-gradients"),
        prior=2.0,
        clues=(
            Clue(1.0, "a layer was dead at its first record", _dead_from_start),
            Clue(-0.8, "the loss swings as well", lambda c: c.fired("oscillating-loss")),
            Clue(-2.0, "the loss shot up right after the start", _shot_up),
            Clue(-2.0, "the loss came down from far above guessing", _fell_to_guessing),
        ),
        summary=lambda c: f"{c.findings['dead-layer'].title}, so that nothing behind it can learn.",
    ),
    Hypothesis(
        "layer-not-trained",
        core=("unchanged-weights",),
        explains=("non-converging-loss",),
        prior=2.5,
        clues=(Clue(-4.0, "a dead layer cuts the gradient off", lambda c: c.fired("dead-layer")),),
        summary=lambda c: (
            f"{c.findings['unchanged-weights'].title}; they are frozen, cut off, or "
            "unknown to the optimiser."
        ),
    ),
    Hypothesis(
        "saturating-activations",
        core=("vanishing-gradients",),
        explains=("non-converging-loss",),
        prior=-0.5,
        clues=(
            Clue(2.5, "the model's config names tanh or sigmoid", _config_saturates),
            Clue(
                2.0, "hidden outputs stay within the range of tanh or sigmoid", _activations_bounded
            ),
            Clue(-2.0, "a dead layer cuts the gradient off", lambda c: c.fired("dead-layer")),
        ),
        summary=lambda c: (
            "Saturating activations (tanh, sigmoid) let hardly any gradient through "
            "to the first layers."
        ),
    ),
    Hypothesis(
        "bad-initialization",
        core=("vanishing-gradients",),
        explains=("non-converging-loss",),
        prior=0.5,
        clues=(
            Clue(-0.8, "the model's config names tanh or sigmoid", _config_saturates),
            Clue(
                -0.8,
                "hidden outputs stay within the range of tanh or sigmoid",
                _activations_bounded,
            ),
            Clue(-2.0, "a dead layer cuts the gradient off", lambda c: c.fired("dead-layer")),
        ),
        summary=lambda c: (
            "The initial weights do not fit the activations, and the signal shrinks from "
            "layer to layer."
        ),
    ),
    Hypothesis(
        "wrong-loss-or-output",
        core=("non-converging-loss",),
        explains=(),
        prior=-2.0,
        clues=(
            Clue(5.0, "the last layer is a softmax of one unit", _single_softmax),
            Clue(3.0, "the loss is constant to the bit", _loss_is_constant),
        ),
        summary=lambda c: (
            "The loss does not fit the output layer, and cannot change with the weights."
        ),
    ),
    Hypothesis(
        "labels-or-data-broken",
        core=("non-converging-loss",),
        explains=(),
        prior=0.2,
        clues=(
            Clue(1.0, "the weights of all layers move", _weights_move),
            Clue(1.0, "gradients reach all layers", _gradients_reach_all_layers),
            Clue(0.8, "the model guesses", lambda c: c.signals.guess is not None),
            Clue(
                -4.0,
                "something inside the network explains it",
                lambda c: c.fired("vanishing-gradients", "dead-layer", "unchanged-weights"),
            ),
            Clue(-2.0, "the loss swings or diverges", lambda c: c.fired("oscillating-loss")),
            Clue(-3.0, "the loss is constant to the bit", _loss_is_constant),
            Clue(-3.0, "the last layer is a softmax of one unit", _single_softmax),
        ),
        summary=lambda c: (
            "Inputs and labels seem not to belong together; the network trains, but "
            "there is nothing it can learn."
        ),
    ),
    Hypothesis(
        "too-little-regularization",
        core=("overfitting",),
        explains=(),
        prior=2.5,
        clues=(Clue(-1.0, "the loss diverges as well", lambda c: c.fired("diverging-loss")),),
        summary=lambda c: "The model is free to memorise its training data.",
    ),
)
