"""What a change did, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.findings import (
    Change,
    FindingChange,
    RunDiagnosis,
    Severity,
    ValueChange,
    Verdict,
)
from tblogreport.numbers import number, percent

_NOTABLE = {Severity.ERROR, Severity.WARNING}
# A pace that differs by less says nothing: machines are busy with other things as well.
_LEAST_PACE = 1.2


def headline(
    before: RunDiagnosis,
    after: RunDiagnosis,
    findings: Sequence[FindingChange],
    values: Sequence[ValueChange],
) -> str:
    """The change in one sentence: the verdicts, and the value that a run is judged by."""
    value = next(iter(values), None)
    verdicts = _verdicts(before.verdict, after.verdict, findings)
    if value is None:
        return f"{verdicts}."
    return f"{verdicts}{_although(before, after, value)}: {value.sentence}."


def _although(before: RunDiagnosis, after: RunDiagnosis, value: ValueChange) -> str:
    """What must be said at once where the value goes another way than the verdict."""
    if value.better is False and after.verdict.rank >= before.verdict.rank:
        return ", but worse"
    if value.better and after.verdict.rank < before.verdict.rank:
        return ", though better"
    return ""


def _verdicts(before: Verdict, after: Verdict, findings: Sequence[FindingChange]) -> str:
    if before is not after:
        return f"From {before} to {after}"
    if after is Verdict.HEALTHY:
        return "Healthy before and after"
    if after is Verdict.UNKNOWN:
        return "Neither run can be judged"
    came = any(change.change is Change.CAME for change in findings)
    return f"Still {after}, for other reasons" if came and _all_went(findings) else f"Still {after}"


def _all_went(findings: Sequence[FindingChange]) -> bool:
    kept = {Change.STAYED, Change.WORSENED, Change.EASED}
    return not any(change.change in kept for change in findings)


def regressions_of(
    findings: Sequence[FindingChange], values: Sequence[ValueChange]
) -> tuple[str, ...]:
    """What became worse: new errors and warnings, and values that fell beyond their noise.

    A check that could not be made before says nothing of the change, nor does a note.
    """
    worse = [
        f"`{change.check}` {'came' if change.change is Change.CAME else 'became worse'}: "
        f"{change.after.title}."
        for change in findings
        if change.change in {Change.CAME, Change.WORSENED}
        and change.after is not None
        and change.after.severity in _NOTABLE
    ]
    fell = [value for value in values if value.better is False]
    held_out = [value for value in fell if value.after.role.startswith("validation")]
    # What a run is judged by is held out; where nothing was, it is the first of its values.
    counted = held_out[:1] or [value for value in fell if value is values[0]]
    return (*worse, *(f"{value.sentence[0].upper()}{value.sentence[1:]}." for value in counted))


def pace_sentence(before: RunDiagnosis, after: RunDiagnosis) -> str:
    """How fast both went, where they count the same steps."""
    if before.pace is None or after.pace is None or before.axis != after.axis:
        return ""
    told = f"{_seconds(after.pace)} an {after.axis}" if after.axis[0] in "aeiou" else ""
    told = told or f"{_seconds(after.pace)} a {after.axis}"
    compared = f"{told} against {_seconds(before.pace)}"
    ratio = after.pace / before.pace
    if max(ratio, 1 / ratio) < _LEAST_PACE:
        return f"About as fast as before: {compared}."
    word, factor = ("faster", 1 / ratio) if ratio < 1 else ("slower", ratio)
    if factor < 2:
        return f"{percent(factor - 1)} {word}: {compared}."
    return f"{number(factor, 2)} times {word}: {compared}."


def _seconds(pace: float) -> str:
    return f"{number(pace * 1_000, 2)} ms" if pace < 1 else f"{number(pace, 3)} s"
