"""Numbers, times and degrees in words: the same in every format."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from tblogreport.findings import RunDiagnosis, Severity, Status, Verdict
from tblogreport.numbers import integer, number

_COMMON_WORDS = set("a all an both each every it its more most no only some that the this".split())
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@dataclass(frozen=True)
class Shape:
    """A state as a key for style, a word and a mark: never colour alone."""

    key: str
    word: str
    mark: str


SEVERITIES = {
    Severity.ERROR: Shape("error", "error", "✗"),
    Severity.WARNING: Shape("warning", "warning", "▲"),
    Severity.INFO: Shape("info", "note", "•"),
}
VERDICTS = {
    Verdict.FAILING: Shape("error", "failing", "✗"),
    Verdict.SUSPECT: Shape("warning", "suspect", "▲"),
    Verdict.UNKNOWN: Shape("unknown", "unknown", "–"),
    Verdict.HEALTHY: Shape("clean", "healthy", "✓"),
}
STATUSES = {
    Status.FIRED: Shape("error", "fired", "✗"),
    Status.CLEAN: Shape("clean", "clean", "✓"),
    Status.NOT_CHECKABLE: Shape("unknown", "not checkable", "–"),
    Status.CRASHED: Shape("warning", "crashed", "▲"),
}


def count(amount: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{integer(amount)} {noun if amount == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """The plural of a regular noun."""
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def duration(seconds: float) -> str:
    """A duration with its two leading units, such as `1 h 52 min`."""
    if not math.isfinite(seconds):
        return "an unknown time"
    seconds = max(0.0, seconds)
    if 0 < seconds < 0.001:
        return "under 1 ms"
    if 0 < seconds < 0.1:
        return f"{number(1_000 * seconds, 2)} ms"
    if seconds < 10:
        return f"{number(seconds, 2)} s"
    whole = round(seconds)
    for unit, size, smaller, small in (
        ("d", _DAY, "h", _HOUR),
        ("h", _HOUR, "min", _MINUTE),
        ("min", _MINUTE, "s", 1),
    ):
        if whole >= size:
            # Round to the smaller unit first, so that 59.9 min becomes 1 h, not 60 min.
            parts = divmod(round(whole / small) * small, size)
            rest = parts[1] // small
            return f"{integer(parts[0])} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def moment(seconds: float | None) -> str | None:
    """A time since the epoch as `2026-01-01 12:00 UTC`; None where it is no time."""
    at = date(seconds)
    return at.strftime("%Y-%m-%d %H:%M UTC") if at else None


def date(seconds: float | None) -> datetime | None:
    """A time since the epoch as a date in UTC; None where it is no time."""
    if seconds is None or not math.isfinite(seconds):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def sure(confidence: float) -> str:
    """How sure we are, in words."""
    for least, word in ((0.97, "certain"), (0.85, "very likely"), (0.6, "likely")):
        if confidence >= least:
            return word
    return "possible"


def axis_of(last: int, run: RunDiagnosis) -> str:
    """What a step counts: batches, where it lies beyond the epochs that the loss is logged by."""
    beyond = run.axis == "epoch" and run.steps is not None and last > run.steps[1]
    return "step" if beyond else run.axis


def span(steps: tuple[int, int], axis: str) -> str:
    """`epoch 3`, or `epochs 3–49`."""
    first, last = steps
    if first == last:
        return f"{axis} {integer(first)}"
    return f"{plural(axis)} {integer(first)}–{integer(last)}"


def humanised(name: str) -> str:
    """A key as words: `train_loss` becomes `train loss`."""
    return name.replace("_", " ").replace("-", " ")


def sentence(text: str) -> str:
    """The text as a sentence: a capital where it starts with a common word, a full stop.

    Any other first word may be the name of a layer or a tag, which keeps its case.
    """
    text = text.strip()
    if text.split(" ", 1)[0] in _COMMON_WORDS:
        text = text[0].upper() + text[1:]
    return text if not text or text[-1] in ".!?:…" else f"{text}."
