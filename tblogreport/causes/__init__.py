"""Which causes explain the findings of a run, likeliest first.

`table/` holds one row a cause. What speaks for and against one is in `curve_clues.py`,
`answer_clues.py`, `score_clues.py`, `network_clues.py` and `model_clues.py`, what is said of
it in `words/`, what all are made of in `case.py`. This file only weighs and ranks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from tblogreport.causes.case import Case, Hypothesis
from tblogreport.causes.table import HYPOTHESES
from tblogreport.findings import Cause, Finding
from tblogreport.signals import Signals

# A cause less likely than this is not named.
MIN_CONFIDENCE = 0.5
# Two causes of the same finding that differ by less explain it equally well: both are named.
EQUAL_MARGIN = 0.096
# The odds of the tables are right for runs that are like those they were made from. On runs of
# strangers (benchmarks/RESULTS.md) half of the first causes are right, however sure: what is said
# lies between the two.
TRUSTED = 0.8


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
    # What explains an error is told before what explains a warning, however sure that is.
    worst = {f.check: f.severity.rank for f in sorted(explained, key=lambda f: -f.severity.rank)}
    named.sort(key=lambda cause: min(worst[check] for check in cause.explains))
    return named, explained


def _weigh(row: Hypothesis, case: Case) -> Cause | None:
    if not case.fired(*row.core):
        return None
    holding = [clue for clue in row.clues if clue.holds(case)]
    odds = row.prior + sum(clue.weight for clue in holding)
    confidence = 0.5 + TRUSTED * (1.0 / (1.0 + math.exp(-odds)) - 0.5)
    if confidence < MIN_CONFIDENCE:
        return None
    named = dict.fromkeys((*row.core, *row.explains))
    explained = tuple(check for check in named if check in case.findings)
    return Cause(
        cause=row.cause,
        confidence=round(confidence, 3),
        explains=explained,
        summary=row.words.summary(case),
        fixes=row.words.fixes(case),
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
