"""What the report on a comparison says, in its order and its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tblogreport import numbers
from tblogreport.findings import (
    Change,
    Comparison,
    Evidence,
    Finding,
    FindingChange,
    Level,
    RunComparison,
    Setting,
    ValueChange,
)
from tblogreport.report import summary, words
from tblogreport.report.figures import ChartView, Gallery
from tblogreport.report.text import Label, Prose, label, plain, prose
from tblogreport.report.words import Shape

CHANGES = {
    Change.CAME: Shape("error", "came", "✗"),
    Change.WORSENED: Shape("error", "became worse", "✗"),
    Change.STAYED: Shape("warning", "stayed", "▲"),
    Change.NOW_SEEN: Shape("unknown", "seen only now", "–"),
    Change.EASED: Shape("info", "became less", "•"),
    Change.OUT_OF_SIGHT: Shape("unknown", "no longer checkable", "–"),
    Change.WENT: Shape("clean", "went", "✓"),
}
BETTER = {
    True: Shape("clean", "better", "✓"),
    False: Shape("error", "worse", "✗"),
    None: Shape("unknown", "open", "–"),
}
NOISE = (
    "A value is the median of the last tenth of its series. The noise is how far chance moves the "
    "difference of two such medians, as the points of each series scatter: more than about 3 times "
    "that is no chance of single points. How far runs of the same settings and other seeds lie "
    "apart cannot be told from one run each."
)


@dataclass(frozen=True)
class ChangeView:
    """One finding before and after."""

    change: Shape
    title: str
    check: str
    before: str  # its severity, or an en dash
    after: str


@dataclass(frozen=True)
class ValueView:
    """The end of one series before and after."""

    name: Prose
    before: str
    after: str
    noises: str
    better: Shape


@dataclass(frozen=True)
class SettingView:
    """What was set before and after."""

    name: Label
    before: str
    after: str


@dataclass(frozen=True)
class PairView:
    """One run before and after, ready to be shown."""

    anchor: str
    before: Label
    after: Label
    before_verdict: Shape
    after_verdict: Shape
    headline: Prose
    said_before: Prose
    said_after: Prose
    regressions: tuple[Prose, ...]
    do_first: Prose
    pace: Prose
    values: tuple[ValueView, ...]
    findings: tuple[ChangeView, ...]
    settings: tuple[SettingView, ...]
    model: tuple[SettingView, ...]
    curves: tuple[ChartView, ...]
    maps: tuple[tuple[ChartView, ChartView], ...]
    facts: tuple[tuple[str, str], ...]

    def charts(self) -> Iterator[ChartView]:
        """Every chart of the pair."""
        yield from self.curves
        for pair in self.maps:
            yield from pair


@dataclass(frozen=True)
class ComparisonView:
    """The whole report, ready to be shown."""

    title: str
    language: str
    tally: str
    pairs: tuple[PairView, ...]
    alone: tuple[Prose, ...]  # runs of one side only
    notes: tuple[Prose, ...]
    noise: str
    version: str
    configuration: tuple[tuple[str, str], ...]  # what is not by default
    command: str | None
    evidence: dict[str, Evidence] = field(repr=False)

    def charts(self) -> Iterator[ChartView]:
        """Every chart of every pair."""
        for pair in self.pairs:
            yield from pair.charts()

    def small_charts(self) -> set[str]:
        """The keys of charts that stand side by side: all of them."""
        return {chart.key for chart in self.charts()}


def build_comparison(comparison: Comparison) -> ComparisonView:
    """Every word of the report; pairs keep the order of the comparison."""
    gallery = Gallery()
    pairs = tuple(
        _pair(pair, f"pair-{number}", gallery) for number, pair in enumerate(comparison.pairs, 1)
    )
    return ComparisonView(
        title=_title(pairs),
        language="en",
        tally=_tally(comparison),
        pairs=pairs,
        alone=tuple(
            prose(sentence)
            for names, side in (
                (comparison.only_before, "before"),
                (comparison.only_after, "after"),
            )
            if (sentence := _alone(names, side))
        ),
        notes=tuple(prose(str(note)) for note in comparison.notes),
        noise=NOISE,
        version=comparison.version,
        configuration=tuple(
            (term, label(value, 400).shown) for term, value in comparison.configuration.items()
        ),
        command=label(comparison.command, 1_000).shown if comparison.command else None,
        evidence=gallery.evidence,
    )


def _title(pairs: tuple[PairView, ...]) -> str:
    if len(pairs) == 1:
        return f"{pairs[0].after.shown} against {pairs[0].before.shown}"
    return f"{words.count(len(pairs), 'run')} before and after"


def _tally(comparison: Comparison) -> str:
    worse = sum(bool(pair.regressions) for pair in comparison.pairs)
    return f"{worse} became worse" if worse else "none became worse"


def _alone(names: tuple[str, ...], side: str) -> str:
    if not names:
        return ""
    shown = numbers.listed([f"`{label(name).shown}`" for name in names], 8)
    return f"Only {side}, and so with nothing to be held against: {shown}."


def _pair(pair: RunComparison, anchor: str, gallery: Gallery) -> PairView:
    return PairView(
        anchor=anchor,
        before=label(pair.before.name),
        after=label(pair.after.name),
        before_verdict=words.VERDICTS[pair.before.verdict],
        after_verdict=words.VERDICTS[pair.after.verdict],
        headline=prose(pair.headline),
        said_before=prose(words.sentence(pair.before.headline)),
        said_after=prose(words.sentence(pair.after.headline)),
        regressions=tuple(map(prose, pair.regressions)),
        do_first=prose(words.sentence(summary.do_first(pair.after))),
        pace=prose(pair.pace),
        values=tuple(map(_value, pair.values)),
        findings=tuple(map(_change, pair.findings)),
        settings=tuple(map(_setting, pair.settings)),
        model=tuple(map(_setting, pair.model)),
        curves=tuple(gallery.add(chart) for chart in pair.curves),
        maps=tuple((gallery.add(old), gallery.add(new)) for old, new in pair.maps),
        facts=(
            ("Before", label(pair.before.path, 200).shown),
            ("After", label(pair.after.path, 200).shown),
        ),
    )


def _value(value: ValueChange) -> ValueView:
    noises = "–" if value.noises is None else f"{numbers.number(value.noises, 2)} times"
    named = f"{value.after.split} `{value.after.tag}`".strip()
    return ValueView(
        prose(named), _told(value.before), _told(value.after), noises, BETTER[value.better]
    )


def _told(level: Level) -> str:
    return numbers.measure(level.value, is_share=level.is_share)


def _change(change: FindingChange) -> ChangeView:
    shown = change.after or change.before
    title = plain(shown.title, 200).replace("\n", " ") if shown is not None else change.check
    return ChangeView(
        CHANGES[change.change],
        title,
        change.check,
        _severity(change.before),
        _severity(change.after),
    )


def _severity(finding: Finding | None) -> str:
    return "–" if finding is None else words.SEVERITIES[finding.severity].word


def _setting(setting: Setting) -> SettingView:
    return SettingView(
        label(setting.name), label(setting.before, 120).shown, label(setting.after, 120).shown
    )
