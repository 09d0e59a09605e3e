"""What a diagnosis says of a whole run: verdict, headline, key figures, and its curves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tblogreport.context.kind import Kind
from tblogreport.context.selection import comparable, span
from tblogreport.context.series import LOSSES, METRICS, Axis, Role, Series
from tblogreport.context.words import Direction
from tblogreport.findings import (
    Best,
    Cause,
    CheckResult,
    CurveChart,
    Finding,
    Logged,
    Mark,
    RunDiagnosis,
    Severity,
    Single,
    Status,
    Verdict,
    leading_cause,
)
from tblogreport.numbers import integer
from tblogreport.signals import Signals
from tblogreport.signals.charts import coarser, reduce_together

# Findings whose step range ends in wasted training, and where the waste begins.
_WASTE = (
    "nan-or-inf",
    "diverging-loss",
    "overfitting",
    "non-converging-loss",
    "learning-rate-schedule",
)
_MAX_CURVE_CHARTS = 12
_MAX_MARKS = 4
_MAX_SINGLES = 20
_WHOLE = 0.9
_UNJUDGED = {
    Kind.ADVERSARIAL: "The losses of adversarial training rise and fall against each other: they "
    "cannot tell whether this run is healthy.",
    Kind.RANGE_TEST: "The learning rate grows from step to step, as in a range test: the loss is "
    "meant to explode in the end, and cannot tell whether this run is healthy.",
    Kind.REINFORCEMENT: "The loss of an agent follows its data: it cannot tell whether this run is "
    "healthy.",
}
_SPOKEN = {Role.LEARNING_RATE: "learning rate", Role.GRADIENT_NORM: "gradient norm"}


def verdict_of(
    signals: Signals, findings: Sequence[Finding], checks: Sequence[CheckResult]
) -> Verdict:
    """The verdict: silence is health only where the loss could be judged."""
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return Verdict.FAILING
    if Severity.WARNING in severities:
        return Verdict.SUSPECT
    told = signals.tells_of_health and not signals.bad_outcome
    judged = told and any(check.status == Status.CLEAN for check in checks)
    return Verdict.HEALTHY if judged else Verdict.UNKNOWN


def headline_of(
    verdict: Verdict,
    findings: Sequence[Finding],
    causes: Sequence[Cause],
    checks: Sequence[CheckResult],
    kind: Kind,
) -> str:
    """The verdict in one sentence."""
    if verdict in {Verdict.FAILING, Verdict.SUSPECT}:
        return headline_of_findings(findings, causes)
    missing = sum(check.status == Status.NOT_CHECKABLE for check in checks)
    open_ones = (
        f" {integer(missing)} check{'s' * (missing != 1)} could not be made." if missing else ""
    )
    if verdict == Verdict.HEALTHY:
        return f"Nothing is wrong that these logs can show.{open_ones}"
    if kind in _UNJUDGED:
        return f"{_UNJUDGED[kind]}{open_ones}"
    return f"Too little was logged to say whether this run is healthy.{open_ones}"


def headline_of_findings(findings: Sequence[Finding], causes: Sequence[Cause]) -> str:
    """What is wrong in one sentence: the first cause, or else the worst finding."""
    leading = leading_cause(findings, causes)
    main = next((f for f in findings if leading and f.check == leading.explains[0]), None)
    title = (main or findings[0]).title
    if leading is None or leading.summary.startswith(title):
        return leading.summary if leading else f"{title}."
    return f"{title}: {leading.summary[0].lower()}{leading.summary[1:]}"


def best_of(signals: Signals) -> Best | None:
    """The best value of the series by which one would choose a checkpoint."""
    context = signals.context
    held_out = context.validation_loss or context.validation_metric
    # Where the loss does not tell how good a model is, its metric does.
    told = context.train_loss if context.kind == Kind.SUPERVISED else context.train_metric
    reward = signals.reward.curve.series if signals.reward is not None else None
    series = reward or held_out or told
    if series is None or series.direction is None:
        return None
    curve = signals.curve(series)
    if not len(curve):
        return None
    values = curve.values if series.role != Role.TRAIN_LOSS else curve.smooth
    index = int(np.argmax(values) if series.direction == Direction.HIGHER else np.argmin(values))
    return Best(series.label, series.role.value, curve.step_at(index), float(curve.values[index]))


def waste_of(signals: Signals, findings: Sequence[Finding]) -> tuple[int, float] | None:
    """The step from which training gained nothing more, and the seconds spent after it."""
    loss = signals.loss
    starts = [f.steps[0] for f in findings if f.check in _WASTE and f.steps and _lasting(f)]
    if loss is None or not starts or not len(loss):
        return None
    step = min(starts)
    after = loss.wall_times[loss.steps >= step]
    return (step, float(after.max() - after.min())) if len(after) else None


def _lasting(finding: Finding) -> bool:
    """Whether nothing was gained any more: a rate may rise too high and come down in time."""
    whole = finding.check == "non-converging-loss" and "classes" not in finding.measured
    ended = whole or "spent_share" in finding.measured
    serious = finding.severity == Severity.ERROR or (ended and finding.severity != Severity.INFO)
    return serious and finding.measured.get("recovered") != "yes"


def overview_of(signals: Signals, findings: Sequence[Finding]) -> CurveChart | None:
    """The loss of all splits over the whole run, with what happened marked on it."""
    loss = _drawn_loss(signals)
    if loss is None or not len(loss):
        return None
    marks = [
        Mark(f.check.replace("-", " "), *map(float, f.steps))
        for f in findings
        if f.steps
        and f.severity != Severity.INFO
        and _on_axis(f, signals, loss)
        and not _covers(f.steps, loss)
    ]
    return CurveChart(
        title="The loss over the whole run",
        curves=reduce_together(
            signals, loss, signals.context.validation_loss, signals.context.learning_rate
        ),
        marks=tuple(marks[:_MAX_MARKS]),
        y_label="loss",
    )


def _drawn_loss(signals: Signals) -> Series | None:
    """The loss; where it was never finite, one of another cadence that was for a while."""
    loss = signals.loss
    if loss is None or np.isfinite(loss.values).any():
        return loss
    others = [s for s in signals.context.of_role(Role.TRAIN_LOSS) if np.isfinite(s.values).any()]
    return max(others, key=len, default=loss)


def _covers(steps: tuple[int, int], loss: Series) -> bool:
    """Whether the range is all but the whole run: that marks no place in it."""
    first, last = span(loss) or steps
    return steps[1] - steps[0] >= _WHOLE * (last - first)


def _on_axis(finding: Finding, signals: Signals, loss: Series) -> bool:
    """Whether the finding's steps count what the steps of the loss count."""
    named = [s for s in signals.context.series if s.label in finding.tags]
    return not named or any(comparable(loss, s) for s in named)


def without_charts(run: RunDiagnosis) -> RunDiagnosis:
    """The same diagnosis in words alone, but for one coarse curve of the loss."""
    curves = run.overview.curves if run.overview is not None else ()
    losses = [coarser(c) for role in LOSSES for c in curves if c.role == role]
    return replace(
        run,
        findings=tuple(replace(finding, evidence=()) for finding in run.findings),
        overview=replace(run.overview, curves=tuple(losses[:1])) if run.overview else None,
        curves=(),
        layers=(),
        logged=Logged(),
        drawn=False,
    )


def curve_charts(signals: Signals) -> tuple[CurveChart, ...]:
    """Every measured quantity with all its splits on one chart, losses first.

    A learning rate stands below a loss whose steps it shares, and alone where there is none.
    """
    order = (*(Role.TRAIN_LOSS, Role.VALIDATION_LOSS), *METRICS, Role.LEARNING_RATE)
    ranks = {role: rank for rank, role in enumerate((*order, Role.GRADIENT_NORM))}
    groups: dict[tuple[tuple[str, ...], Axis], list[Series]] = defaultdict(list)
    for series in signals.context.series:
        told = len(series) > 1 and np.isfinite(series.values).any()
        if series.role in ranks and told:
            groups[series.stem, series.axis].append(series)
    ordered = sorted(groups.values(), key=lambda g: (min(ranks[s.role] for s in g), -len(g)))
    rates = [rate for rate in signals.context.of_role(Role.LEARNING_RATE) if len(rate) > 1]
    below: list[Series] = []  # the rates that stand below a loss already
    charts: list[CurveChart] = []
    for group in ordered:
        remaining = [series for series in group if series not in below]
        while remaining:
            head, *rest = remaining
            together = [head, *(s for s in rest if comparable(head, s))]
            remaining = [s for s in rest if s not in together]
            shared = [r for r in rates if head.role in LOSSES and comparable(head, r)][:1]
            below += shared
            charts.append(_curve_chart(signals, [*together, *shared]))
    return tuple(charts[:_MAX_CURVE_CHARTS])


def singles_of(signals: Signals) -> tuple[Single, ...]:
    """What was logged once: a curve of one point shows nothing."""
    lone = [s for s in signals.context.series if len(s) == 1]
    found = (Single(s.tag, s.split, int(s.steps[0]), float(s.values[0])) for s in lone)
    return tuple(found)[:_MAX_SINGLES]


def _curve_chart(signals: Signals, group: list[Series]) -> CurveChart:
    name = _SPOKEN.get(group[0].role) or " ".join(group[0].stem) or group[0].tag
    unit = group[0].axis.value
    return CurveChart(
        title=f"How the {name} moved, {unit} by {unit}",
        curves=reduce_together(signals, *group),
        marks=_resumed(signals, group[0]),
        y_label=name,
    )


def _resumed(signals: Signals, series: Series) -> tuple[Mark, ...]:
    """Where the run was taken up again, if it was."""
    pause = signals.resumption
    if pause is None:
        return ()
    after = series.steps[series.wall_times >= pause.end]
    return (Mark("resumed", float(after[0]), float(after[0])),) if len(after) else ()
