"""The first screen of a run: what broke it, what to do first, what it cost."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tblogreport import numbers
from tblogreport.findings import (
    Cause,
    CheckResult,
    Finding,
    RunDiagnosis,
    Severity,
    Status,
    Verdict,
    leading_cause,
)
from tblogreport.report import words
from tblogreport.report.text import label

_REASONS_SHOWN = 3
_NAMES_SHOWN = 6


def explained(run: RunDiagnosis, cause: Cause) -> Iterator[Finding]:
    """The findings that a cause explains, most serious first."""
    return (finding for finding in run.findings if finding.explained_by == cause.cause)


def _besides(run: RunDiagnosis) -> list[Finding]:
    causes = {cause.cause for cause in run.causes}
    return [finding for finding in run.findings if finding.explained_by not in causes]


def _results(run: RunDiagnosis, status: Status) -> list[CheckResult]:
    return [result for result in run.checks if result.status is status]


def went_wrong(run: RunDiagnosis) -> bool:
    """Whether the run failed or is suspect."""
    return run.verdict in {Verdict.FAILING, Verdict.SUSPECT}


def _reasons(run: RunDiagnosis) -> list[str]:
    """Why checks could not be made, each reason once, the most frequent first."""
    reasons = [result.reason or "" for result in _results(run, Status.NOT_CHECKABLE)]
    return sorted(dict.fromkeys(filter(None, reasons)), key=lambda reason: -reasons.count(reason))


def do_first(run: RunDiagnosis) -> str:
    """The first thing to do: the fix of the first cause, or else of the first finding."""
    if run.verdict is Verdict.HEALTHY:
        return ""
    if run.verdict is Verdict.UNKNOWN:
        return _what_to_log(run)
    cause = leading_cause(run.findings, run.causes)
    fixes = list(cause.fixes) if cause is not None else []
    fixes += [fix for finding in run.findings for fix in finding.fixes]
    return next(iter(fixes), "")


def _what_to_log(run: RunDiagnosis) -> str:
    """What would let the run be judged: the order in the most frequent reason, if there is one."""
    if run.steps is None and run.notes:
        return f"Look at the log itself: {run.notes[0]}"
    reasons = _reasons(run)
    orders = [order for reason in reasons if (order := reason.partition("; ")[2])]
    if orders:
        return words.sentence(f"{orders[0][0].upper()}{orders[0][1:]}")
    return reasons[0] if reasons else ""


def because(run: RunDiagnosis) -> str:
    """What the verdict rests on, in a few sentences."""
    if not went_wrong(run):
        return _honesty(run)
    cause = leading_cause(run.findings, run.causes)
    if cause is None:
        return words.sentence(run.findings[0].message) if run.findings else ""
    core = sorted(explained(run, cause), key=lambda finding: finding.check != cause.explains[0])
    seen = [finding.message for finding in core[:1]]
    return " ".join(map(words.sentence, [*seen, *cause.evidence_for][:_REASONS_SHOWN]))


def _honesty(run: RunDiagnosis) -> str:
    """What was looked at and what could not be: silence is never health."""
    clean, unchecked = _results(run, Status.CLEAN), _results(run, Status.NOT_CHECKABLE)
    said = f"{words.count(len(clean), 'check')} came out clean" if clean else "No check was made"
    if not unchecked:
        return f"{said}."
    names = numbers.listed([f"`{result.check}`" for result in unchecked], _NAMES_SHOWN)
    return f"{said}; {len(unchecked)} could not be made: {names}."


def role_words(role: str, tag: str) -> str:
    """What a series is called in a sentence: its role, or its tag where it has none."""
    return words.humanised(role) if role.endswith("_loss") else label(tag, 40).shown


def best_series(run: RunDiagnosis) -> str:
    """What the series is called whose best value counts; empty where none does."""
    if run.best is None or not math.isfinite(run.best.value):
        return ""
    return role_words(run.best.role, run.best.tag)


def best_value(run: RunDiagnosis) -> str:
    """The best value with the name of its series, or an en dash."""
    series = best_series(run)
    return f"{series} {numbers.number(run.best.value)}" if run.best and series else "–"


def best(run: RunDiagnosis) -> str:
    """The step to restore, and why; empty where no value tells."""
    if run.best is None or not math.isfinite(run.best.value) or _wholly_wasted(run):
        return ""
    if went_wrong(run) and run.steps is not None and run.best.step <= run.steps[0]:
        return ""  # the first checkpoint is the untrained model
    where = f"{run.axis} {numbers.integer(run.best.step)}"
    return f"{where} ({best_value(run)}, the best seen)"


def _wholly_wasted(run: RunDiagnosis) -> bool:
    """Whether the run gained nothing at all, so that no checkpoint of it is worth keeping."""
    return run.wasted_from is not None and run.steps is not None and run.wasted_from <= run.steps[0]


def wasted(run: RunDiagnosis) -> str:
    """How much of the training gained nothing; empty where none did."""
    if run.wasted_from is None or run.steps is None:
        return ""
    first, last = run.steps
    # Epochs are counted, steps are measured: epochs 0 to 49 are 50 epochs.
    total = last - first + (1 if run.axis == "epoch" else 0)
    lost = last - run.wasted_from
    if lost <= 0:
        return ""
    share = "the whole run"
    if not _wholly_wasted(run):
        share = f"{numbers.integer(lost)} of {numbers.integer(total)} {words.plural(run.axis)}"
    if run.wasted_seconds is None or run.wasted_seconds < 1:
        return share
    return f"{share}, {words.duration(run.wasted_seconds)}"


def counts(run: RunDiagnosis) -> list[tuple[str, str]]:
    """The line under the chart, as (text, section) pairs."""
    rest = _besides(run)
    covered = len(run.findings) - len(rest)
    parts = []
    if covered:
        causes = len(run.causes)
        by = "this cause" if causes == 1 else f"{causes} causes"
        parts.append((f"{words.count(covered, 'finding')} explained by {by}", "findings"))
    besides = " besides" if covered else ""
    for severity, shape in words.SEVERITIES.items():
        amount = sum(finding.severity is severity for finding in rest)
        if amount:
            parts.append((f"{words.count(amount, shape.word)}{besides}", "findings"))
    if not run.findings:
        left_out = any(note.kind == "baseline" for note in run.notes)
        parts.append(("no new finding" if left_out else "no finding", "checks"))
    for status, shape in words.STATUSES.items():
        amount = len(_results(run, status))
        if amount and status is not Status.FIRED:
            what = (
                "" if status is Status.NOT_CHECKABLE else f" {'check' if amount == 1 else 'checks'}"
            )
            parts.append((f"{numbers.integer(amount)}{what} {shape.word}", "checks"))
    return parts


def culprit(run: RunDiagnosis) -> str:
    """The first cause, or else the first finding that is no note, in a few words."""
    if cause := leading_cause(run.findings, run.causes):
        return words.humanised(cause.cause)
    for finding in run.findings:
        if finding.severity is not Severity.INFO:
            return words.humanised(finding.check)
    return "–"


def extent(run: RunDiagnosis) -> str:
    """The steps of a run, such as `epochs 0–49`, or an en dash."""
    return words.span(run.steps, run.axis) if run.steps else "–"


def length(run: RunDiagnosis) -> str:
    """The steps and the time of a run, such as `epochs 0–49, 14 s`; empty where it has none."""
    if run.steps is None:
        return ""
    took = words.duration(run.duration) if run.duration is not None else ""
    return ", ".join(filter(None, [extent(run), took]))


def facts(run: RunDiagnosis) -> tuple[tuple[str, str], ...]:
    """What identifies a run: directory, start, duration, steps, splits, roles."""
    found: list[tuple[str, str | None]] = [
        ("Directory", label(run.path, 200).shown),
        ("Started", words.moment(run.started)),
        ("Duration", words.duration(run.duration) if run.duration is not None else None),
        ("Steps", extent(run) if run.steps else None),
        ("Logged by", ", ".join(label(writer).shown for writer in run.writers) or None),
        ("Splits", ", ".join(label(split).shown for split in run.splits if split) or None),
    ]
    found += [
        (words.humanised(role).capitalize(), _series(split, tag))
        for role, (split, tag) in run.roles.items()
    ]
    return tuple((name, value) for name, value in found if value)


def singles(run: RunDiagnosis) -> str:
    """What was logged once, in one sentence; empty where nothing was."""
    told = [
        f"`{_series(one.split, one.tag)}` is {numbers.number(one.value)} at "
        f"{words.span((one.step, one.step), words.axis_of(one.step, run))}"
        for one in run.singles
    ]
    return f"Logged once: {', '.join(told)}." if told else ""


def _series(split: str, tag: str) -> str:
    named = not split or tag.lower().startswith(f"{split}/")
    return label(tag if named else f"{split}/{tag}").shown
