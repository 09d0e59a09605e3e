"""What the runs with a finding have in common: hyperparameters that part them from the others.

One test for each finding and hyperparameter: numbers by Mann and Whitney's rank test (On a Test of
Whether one of Two Random Variables is Stochastically Larger than the Other, 1947), words, and
whether a value was logged at all, by Fisher's exact test, times the number of words. Nothing is
said unless the result would come by chance in one sweep in a hundred, by Holm's correction for all
of these tests (A Simple Sequentially Rejective Multiple Test Procedure, 1979). The threshold in
the sentence is the one that parts the runs best; it is no test of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tblogreport.findings import RunDiagnosis, Severity, Shared, Verdict
from tblogreport.numbers import integer, number

# Fewer runs with a finding, or without it, tell nothing.
FEWEST = 3
SIGNIFICANT = 0.01
_MOST_SAID = 8
# What parts the runs so little worse is as good.
_AS_GOOD = 0.1
# With fewer runs on either side the distribution of ranks with ties is drawn, not approximated.
_FEW, _DRAWS, _WORTH_DRAWING = 20, 19_999, 0.1
# What is asked of the verdict and not of a check.
WENT_WRONG = "failing or suspect"

Flags: TypeAlias = NDArray[np.bool_]
Values: TypeAlias = Sequence[float | str | bool | None]


@dataclass(frozen=True)
class _Trial:
    finding: str
    hparam: str
    condition: str  # with its sign
    holds: Flags
    affected: Flags
    p_value: float
    test: str

    @property
    def gap(self) -> float:
        """By how much the condition holds more often of runs with the finding than of others."""
        return float(self.holds[self.affected].mean() - self.holds[~self.affected].mean())


@dataclass(frozen=True)
class Comparison:
    """What the runs have in common, or else why nothing is said."""

    shared: tuple[Shared, ...] = ()
    said: str | None = None  # one sentence, where hyperparameters differ and nothing is shared


def compare(runs: Sequence[RunDiagnosis]) -> Comparison:
    """Which values go with which findings, surest first; one a finding and hyperparameter."""
    varied = [
        name
        for name in sorted({name for run in runs for name in run.hparams})
        if len({run.hparams.get(name) for run in runs}) > 1
    ]
    if not varied:
        return Comparison()
    trials = sorted(_trials(runs, varied), key=lambda trial: trial.p_value)
    kept: list[tuple[_Trial, float]] = []
    corrected = 0.0
    for rank, trial in enumerate(trials):
        corrected = max(corrected, min(1.0, trial.p_value * (len(trials) - rank)))
        if corrected > SIGNIFICANT:
            break
        kept.append((trial, corrected))
    shared = tuple(_shared(kept, len(trials)))[:_MOST_SAID]
    return Comparison(shared, None if shared else _why_nothing(runs, varied, len(trials)))


def _why_nothing(runs: Sequence[RunDiagnosis], varied: Sequence[str], tests: int) -> str:
    wrong = sum(_went_wrong(run) for run in runs)
    differ = f"{integer(len(varied))} hyperparameter{'s' * (len(varied) != 1)} differ"
    differ += "s" * (len(varied) == 1)
    if not tests:
        few = "failing or suspect" if wrong < FEWEST else "healthy"
        return (
            f"{differ} between the runs, of which too few are {few} to ask what those with a "
            "finding have in common."
        )
    return (
        f"{differ} between the runs; by {_tests(tests)} none goes with a finding more "
        f"than it might by chance, in its low or its high values (p > {number(SIGNIFICANT)}, "
        "corrected for their number)."
    )


def _tests(amount: int) -> str:
    return "1 test" if amount == 1 else f"{integer(amount)} tests"


def _went_wrong(run: RunDiagnosis) -> bool:
    return run.verdict in {Verdict.FAILING, Verdict.SUSPECT}


def _trials(runs: Sequence[RunDiagnosis], names: Sequence[str]) -> Iterator[_Trial]:
    for finding, affected in _outcomes(runs).items():
        for name in names:
            values = [run.hparams.get(name) for run in runs]
            yield from _of_numbers(finding, name, values, affected)
            yield from _of_words(finding, name, values, affected)


def _outcomes(runs: Sequence[RunDiagnosis]) -> Mapping[str, Flags]:
    """What a run may have, with the runs that have it."""
    found = [
        {finding.check for finding in run.findings if finding.severity is not Severity.INFO}
        for run in runs
    ]
    wrong = np.array([_went_wrong(run) for run in runs])
    checks = sorted(set().union(*found)) if found else []
    each = {check: np.array([check in one for one in found]) for check in checks}
    distinct: dict[bytes, str] = {}  # two checks that fire on the same runs say the same
    outcomes = each | {WENT_WRONG: wrong}
    for name, affected in outcomes.items():
        distinct.setdefault(affected.tobytes(), name)
    return {name: outcomes[name] for name in distinct.values()}


def _enough(affected: Flags) -> bool:
    return min(int(affected.sum()), int((~affected).sum())) >= FEWEST


def _of_numbers(finding: str, name: str, values: Values, affected: Flags) -> Iterator[_Trial]:
    """The test of the runs whose value is a number."""
    known = np.array([isinstance(value, float) for value in values])
    numbers = np.array([value for value in values if isinstance(value, float)])
    if not len(numbers) or np.ptp(numbers) == 0 or not _enough(affected[known]):
        return
    inside = affected[known]
    condition, holds = _threshold(numbers, inside)
    everywhere = np.zeros(len(values), dtype=bool)
    everywhere[known] = holds
    p_value = _rank_test(numbers[inside], numbers[~inside])
    yield _Trial(finding, name, condition, everywhere, affected, p_value, "Mann-Whitney U test")


def _rank_test(ours: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """The p-value of the hypothesis that neither are larger."""
    # Half a second to import, which a single run need not wait for.
    from scipy.stats import PermutationMethod, mannwhitneyu

    together = np.concatenate([ours, others])
    ties = len(np.unique(together)) < len(together)
    p_value = float(mannwhitneyu(ours, others).pvalue)
    if not ties or min(len(ours), len(others)) >= _FEW or p_value > _WORTH_DRAWING:
        return p_value
    draws = PermutationMethod(n_resamples=_DRAWS, rng=np.random.default_rng(0))
    drawn = float(mannwhitneyu(ours, others, method=draws).pvalue)
    # Draws cannot tell how unlikely the unlikeliest are; the approximation, which is the more
    # careful of the two out there, can.
    return min(drawn, p_value) if drawn <= 2.0 / _DRAWS else drawn


def _threshold(numbers: NDArray[np.float64], affected: Flags) -> tuple[str, Flags]:
    """The threshold that parts the runs best, by the difference of shares, in words."""
    distinct = np.unique(numbers)
    above = numbers[None, :] >= distinct[1:, None]  # [thresholds, runs]
    gap = above[:, affected].mean(axis=1) - above[:, ~affected].mean(axis=1)
    best = int(np.argmax(np.abs(gap)))
    low, high = float(distinct[best]), float(distinct[best + 1])
    if gap[best] > 0:
        return f"≥ {_between(high, low)}", above[best]
    return f"≤ {_between(low, high)}", ~above[best]


def _between(value: float, neighbour: float) -> str:
    """A value in so few digits that, rounded, it still lies on its side of a neighbour."""
    for digits in range(3, 18):
        rounded = float(f"{value:.{digits}g}")
        # The value itself must stay on the side that is named.
        if (value > neighbour) and neighbour < rounded <= value:
            return number(rounded, digits)
        if (value < neighbour) and value <= rounded < neighbour:
            return number(rounded, digits)
    return repr(value)


def _of_words(finding: str, name: str, values: Values, affected: Flags) -> Iterator[_Trial]:
    """The test of what is no number: each word, and whether anything was logged."""
    if not _enough(affected):
        return
    words = ["" if isinstance(v, float) else _word(v) for v in values]
    counts = {word: words.count(word) for word in dict.fromkeys(words) if word}
    tried = [word for word, count in counts.items() if FEWEST <= count < len(words)]
    if not tried:
        return
    found = []
    for word in tried:
        holds = np.array([one == word for one in words])
        for condition, flags in _both_ways(word, holds):
            found.append((_fisher(flags, affected), condition, flags))
    p_value, condition, holds = min(found, key=lambda one: one[0])
    corrected = min(1.0, p_value * len(found))
    yield _Trial(finding, name, condition, holds, affected, corrected, "Fisher's exact test")


def _both_ways(word: str, holds: Flags) -> Iterator[tuple[str, Flags]]:
    if word == _MISSING:
        yield "not logged", holds
        yield "logged", ~holds
    else:
        yield f"= {word}", holds


_MISSING = "not logged"


def _word(value: float | str | bool | None) -> str:
    if value is None:
        return _MISSING
    return '""' if value == "" else str(value)


def _fisher(holds: Flags, affected: Flags) -> float:
    from scipy.stats import fisher_exact

    table = [
        [int((holds & affected).sum()), int((holds & ~affected).sum())],
        [int((~holds & affected).sum()), int((~holds & ~affected).sum())],
    ]
    return float(fisher_exact(np.array(table), alternative="greater").pvalue)


def _shared(kept: Sequence[tuple[_Trial, float]], tests: int) -> Iterator[Shared]:
    """One a finding and hyperparameter; hyperparameters that part the runs alike in one sentence.

    Of a hyperparameter only what it parts best is said: runs of one check, or all that went wrong.
    """
    best: dict[str, float] = {}
    of_checks: dict[str, float] = {}
    for trial, _ in kept:
        best[trial.hparam] = max(best.get(trial.hparam, 0.0), trial.gap)
        if trial.finding != WENT_WRONG:
            of_checks[trial.hparam] = max(of_checks.get(trial.hparam, 0.0), trial.gap)
    said: dict[tuple[str, bytes], Shared] = {}
    hparams: set[tuple[str, str]] = set()
    for trial, p_value in kept:
        if trial.gap < best[trial.hparam] - _AS_GOOD:
            continue
        if trial.finding == WENT_WRONG and of_checks.get(trial.hparam, 0.0) >= trial.gap:
            continue
        if (trial.finding, trial.hparam) in hparams:
            continue
        hparams.add((trial.finding, trial.hparam))
        key = trial.finding, trial.holds.tobytes()
        if key in said:
            also = f" `{trial.hparam}` {trial.condition} parts them alike."
            said[key] = replace(said[key], sentence=said[key].sentence + also)
        else:
            said[key] = _told(trial, p_value, tests)
    yield from said.values()


def _told(trial: _Trial, p_value: float, tests: int) -> Shared:
    with_it, without = trial.affected, ~trial.affected
    return Shared(
        finding=trial.finding,
        hparam=trial.hparam,
        condition=trial.condition,
        affected=(int((trial.holds & with_it).sum()), int(with_it.sum())),
        others=(int((trial.holds & without).sum()), int(without.sum())),
        p_value=p_value,
        sentence=_sentence(trial, p_value, tests),
    )


def _sentence(trial: _Trial, p_value: float, tests: int) -> str:
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
        else f"so {'does' if false == 1 else 'do'} {integer(false)} of the other {integer(rest)}"
    )
    return (
        f"{amount} {what} have `{trial.hparam}` {trial.condition}; {others} "
        f"(p = {number(p_value)}, {trial.test}, corrected for {_tests(tests)})."
    )
