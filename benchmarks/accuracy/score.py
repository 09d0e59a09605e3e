"""How often a reader is right: counts with Wilson's 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.accuracy.labels import Label
from benchmarks.accuracy.readers import Said

Z = 1.959964  # of a normal distribution, two-sided 95 %
# A finding of these is no alarm: whatever its severity, it was found.
INFORMATIVE = frozenset(
    {
        "small-validation-set",
        "still-improving",
        "validation-below-training",
        "resumed-run",
        "loss-metric-mismatch",
        "damaged-log",
    }
)


@dataclass(frozen=True)
class Rate:
    """`hits` of `of`."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval, 95 %. Wilson, J. Am. Stat. Assoc. 22 (1927)."""
        if not self.of:
            return (0.0, 1.0)
        p, n = self.value, self.of
        centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return (max(0.0, centre - half), min(1.0, centre + half))

    def __str__(self) -> str:
        if not self.of:
            return "–"
        low, high = (round(100 * bound) for bound in self.interval)
        return f"{100 * self.value:.0f} % ({low}–{high}; {self.hits}/{self.of})"


Judged = Sequence[tuple[Label, Said]]


def recall(check: str, judged: Judged) -> Rate:
    """Of the runs in which a check must fire, those in which it does."""
    must = [said for label, said in judged if label.checks.get(check) is True]
    return Rate(sum(_fired(check, said) for said in must), len(must))


def precision(check: str, judged: Judged) -> Rate:
    """Of the runs in which a check fires and the truth is decided, those in which it must."""
    fired = [label for label, said in judged if check in label.checks and _fired(check, said)]
    return Rate(sum(label.checks[check] for label in fired), len(fired))


def false_alarms(judged: Judged) -> Rate:
    """Of the healthy runs, those with any error or warning that is not undecided."""
    healthy = [(label, said) for label, said in judged if not label.faulty]
    return Rate(sum(bool(_false(label, said)) for label, said in healthy), len(healthy))


def false_alarms_of(check: str, judged: Judged) -> Rate:
    """Of the healthy runs, those in which this check reports an error or a warning."""
    healthy = [(label, said) for label, said in judged if not label.faulty]
    return Rate(sum(check in _false(label, said) for label, said in healthy), len(healthy))


def noticed(judged: Judged) -> Rate:
    """Of the faulty runs, those with any error or warning."""
    faulty = [said for label, said in judged if label.faulty]
    return Rate(sum(bool(said.alarms) for said in faulty), len(faulty))


def cause_right(judged: Judged) -> Rate:
    """Of the faulty runs whose cause is known, those in which it is named first."""
    known = [(label, said) for label, said in judged if label.faulty and label.causes]
    return Rate(sum(said.cause in label.causes for label, said in known), len(known))


def labelled(judged: Iterable[tuple[Label, Said]]) -> list[str]:
    """Return every check that some label demands, in alphabetical order."""
    return sorted({c for label, _ in judged for c, truth in label.checks.items() if truth})


def mistakes(label: Label, said: Said) -> list[str]:
    """Return what is wrong with what was said of one run, each in a few words."""
    found = []
    if not label.faulty and _false(label, said):
        found.append(f"false alarm: {', '.join(sorted(_false(label, said)))}")
    if label.faulty:
        missed = [c for c, truth in label.checks.items() if truth and not _fired(c, said)]
        found += [f"missed: {', '.join(sorted(missed))}"] if missed else []
        wrong = sorted(c for c in said.alarms if label.checks.get(c) is False)
        found += [f"wrongly said: {', '.join(wrong)}"] if wrong else []
        if label.causes and said.cause not in label.causes:
            found.append(f"cause {said.cause or 'none'} instead of {' or '.join(label.causes)}")
    return found


def _false(label: Label, said: Said) -> frozenset[str]:
    """The alarms about a healthy run, but for those that are true or that nobody can judge."""
    true = {check for check, truth in label.checks.items() if truth}
    return said.alarms - true - set(label.undecided)


def _fired(check: str, said: Said) -> bool:
    return check in (said.findings if check in INFORMATIVE else said.alarms)
