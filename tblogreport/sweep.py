"""What the runs with a finding have in common: hyperparameters that part them from the others.

Each hyperparameter is tried at every threshold between its values, or at each of its words, by
Fisher's exact test (Fisher, Statistical Methods for Research Workers, 1934, on the table with runs
that have the finding and the value or not). Nothing is said unless the likeliest of all these
tables would come by chance in one sweep in a hundred, by Holm's correction for all that were tried
(Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tblogreport.findings import RunDiagnosis, Severity, Shared, Verdict
from tblogreport.numbers import integer, number

# Fewer runs with a finding, or without it, tell nothing.
FEWEST = 3
SIGNIFICANT = 0.01
# Thresholds that are tried between the values of one hyperparameter, and what is said at most.
_THRESHOLDS = 20
_MOST_SAID = 8
# What is asked of the verdict and not of a check.
WENT_WRONG = "failing or suspect"

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class _Trial:
    finding: str
    hparam: str
    condition: str  # with its sign
    holds: Flags
    affected: Flags
    p_value: float


def shared_values(runs: Sequence[RunDiagnosis]) -> tuple[Shared, ...]:
    """Which values go with which findings, surest first; one for each finding and hyperparameter.

    Runs without a logged value of a hyperparameter are left out of its tables.
    """
    trials = list(_trials(runs))
    trials.sort(key=lambda trial: trial.p_value)
    said: dict[tuple[str, str], Shared] = {}
    corrected = 0.0
    for rank, trial in enumerate(trials):
        corrected = max(corrected, min(1.0, trial.p_value * (len(trials) - rank)))
        if corrected > SIGNIFICANT:
            break
        said.setdefault((trial.finding, trial.hparam), _shared(trial, corrected, len(trials)))
    return tuple(list(said.values())[:_MOST_SAID])


def _trials(runs: Sequence[RunDiagnosis]) -> Iterator[_Trial]:
    names = sorted({name for run in runs for name in run.hparams})
    for finding, affected in _outcomes(runs).items():
        for name in names:
            known = np.array([name in run.hparams for run in runs])
            values = [run.hparams[name] for run in runs if name in run.hparams]
            inside = affected[known]
            if min(int(inside.sum()), int((~inside).sum())) < FEWEST:
                continue
            for condition, holds in _conditions(values):
                yield _tried(finding, name, condition, holds, inside)


def _outcomes(runs: Sequence[RunDiagnosis]) -> Mapping[str, Flags]:
    """What a run may have, with the runs that have it."""
    found = [
        {finding.check for finding in run.findings if finding.severity is not Severity.INFO}
        for run in runs
    ]
    wrong = np.array([run.verdict in {Verdict.FAILING, Verdict.SUSPECT} for run in runs])
    checks = sorted(set().union(*found)) if found else []
    each = {check: np.array([check in one for one in found]) for check in checks}
    distinct: dict[bytes, str] = {}  # two checks that fire on the same runs say the same
    outcomes = each | {WENT_WRONG: wrong}
    for name, affected in outcomes.items():
        distinct.setdefault(affected.tobytes(), name)
    return {name: outcomes[name] for name in distinct.values()}


def _conditions(values: Sequence[float | str | bool]) -> Iterator[tuple[str, Flags]]:
    """The ways to part runs by a value: at thresholds of numbers, at each of a few words."""
    if all(isinstance(value, float) for value in values):
        numbers = np.array(values, dtype=np.float64)
        distinct = np.unique(numbers)
        chosen = np.linspace(1, len(distinct) - 1, min(_THRESHOLDS, len(distinct) - 1))
        for index in np.unique(chosen.round().astype(int)).tolist():
            above = numbers >= distinct[index]
            yield f"≥ {number(float(distinct[index]))}", above
            yield f"≤ {number(float(distinct[index - 1]))}", ~above
        return
    words = np.array([str(value) for value in values])
    for word, count in zip(*np.unique(words, return_counts=True), strict=True):
        if FEWEST <= count < len(words):
            yield f"= {word}", words == word


def _tried(finding: str, hparam: str, condition: str, holds: Flags, affected: Flags) -> _Trial:
    """A table, tested for more runs with the finding among those of which the condition holds."""
    table = [
        [int((holds & affected).sum()), int((holds & ~affected).sum())],
        [int((~holds & affected).sum()), int((~holds & ~affected).sum())],
    ]
    from scipy.stats import fisher_exact  # half a second to import, which one run need not wait for

    p_value = float(fisher_exact(np.array(table), alternative="greater").pvalue)
    return _Trial(finding, hparam, condition, holds, affected, p_value)


def _shared(trial: _Trial, p_value: float, tried: int) -> Shared:
    with_it, without = trial.affected, ~trial.affected
    return Shared(
        finding=trial.finding,
        hparam=trial.hparam,
        condition=trial.condition,
        affected=(int((trial.holds & with_it).sum()), int(with_it.sum())),
        others=(int((trial.holds & without).sum()), int(without.sum())),
        p_value=p_value,
        sentence=_sentence(trial, p_value, tried),
    )


def _sentence(trial: _Trial, p_value: float, tried: int) -> str:
    what = (
        f"runs that are {WENT_WRONG}"
        if trial.finding == WENT_WRONG
        else f"runs with `{trial.finding}`"
    )
    hits, of = int((trial.holds & trial.affected).sum()), int(trial.affected.sum())
    false, rest = int((trial.holds & ~trial.affected).sum()), int((~trial.affected).sum())
    amount = f"All {integer(of)}" if hits == of else f"{integer(hits)} of {integer(of)}"
    others = (
        f"none of the other {integer(rest)} does"
        if not false
        else f"so do {integer(false)} of the other {integer(rest)}"
    )
    return (
        f"{amount} {what} have `{trial.hparam}` {trial.condition}; {others} "
        f"(p = {number(p_value)}, Fisher's exact test, corrected for {integer(tried)} trials)."
    )
