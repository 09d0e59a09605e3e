"""What happened when: the moments of a run in steps and wall time, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tblogreport.context.schedule import Schedule, ScheduleKind
from tblogreport.context.series import Series
from tblogreport.findings import Best, Event, Finding, Severity
from tblogreport.numbers import number
from tblogreport.signals import Signals

# Of each kind so many are told; a schedule may cut the rate a hundred times.
_MOST_CUTS = 5
# A finding that begins within this share of the run is about all of it, and no moment.
_FROM_THE_START = 0.02
# Notes that are moments all the same.
_TOLD_NOTES = frozenset({"resumed-run", "loss-spikes", "gradient-spikes"})


def timeline_of(
    signals: Signals, findings: Sequence[Finding], best: Best | None, wasted_from: int | None
) -> tuple[Event, ...]:
    """The events of a run by wall time: schedule, findings, the best value, the waste."""
    told = [*_of_findings(signals, findings)]
    begun = {event.step for event in told if event.kind == "learning-rate-schedule"}
    found = [
        *(e for e in _of_the_rate(signals.context.schedule) if e.step not in begun),
        *told,
        *_of_the_best(signals, best),
        *_of_the_waste(signals, wasted_from),
    ]
    return tuple(sorted(found, key=lambda event: event.wall_time))


def _of_the_rate(schedule: Schedule | None) -> Iterator[Event]:
    if schedule is None or schedule.kind == ScheduleKind.CONSTANT:
        return
    rates = schedule.rates
    top = round(schedule.warm_up * len(rates))
    if top > 0:
        yield _rate_event(
            schedule, top, f"the learning rate is warmed up, at {number(schedule.peak)}"
        )
    for point in schedule.restarts[:_MOST_CUTS]:
        words = f"the learning rate rises from {_at(rates, point - 1)} to {_at(rates, point)}"
        yield _rate_event(schedule, point, words)
    cuts = schedule.cuts if schedule.kind == ScheduleKind.STEPS else ()
    for point in [p for p in cuts if p < schedule.spent_from][:_MOST_CUTS]:
        words = f"the learning rate is cut from {_at(rates, point - 1)} to {_at(rates, point)}"
        yield _rate_event(schedule, point, words)
    if schedule.spent_from < len(rates):
        words = "the learning rate is next to nothing from here on"
        yield _rate_event(schedule, schedule.spent_from, words)


def _at(rates: np.ndarray[tuple[int], np.dtype[np.float64]], point: int) -> str:
    return number(float(rates[point]))


def _rate_event(schedule: Schedule, point: int, words: str) -> Event:
    wall_time = float(schedule.wall_times[point])
    return Event("learning-rate", schedule.step_at(point), wall_time, words)


def _of_findings(signals: Signals, findings: Sequence[Finding]) -> Iterator[Event]:
    """The moments at which what was found began, where that is not the beginning of the run."""
    for finding in findings:
        told = finding.severity != Severity.INFO or finding.check in _TOLD_NOTES
        if not told or finding.steps is None:
            continue
        when = _moment(signals, finding.tags, finding.steps[0])
        if when is not None:
            words = finding.title[0].lower() + finding.title[1:]
            yield Event(finding.check, finding.steps[0], when, words)


def _moment(signals: Signals, tags: Sequence[str], step: int) -> float | None:
    """The wall time of a step, by the first of these tags that has it after its beginning."""
    recorded: list[Series] = [s for s in signals.context.series if s.label in tags]
    times = [(s.steps, s.wall_times) for s in recorded]
    times += [(t.steps, t.wall_times) for t in signals.context.layers.tensors if t.label in tags]
    for steps, walls in times:
        at = np.flatnonzero(steps == step)
        if len(at) and len(walls) > 1:
            span = float(walls.max() - walls.min())
            late = float(walls[at[0]] - walls.min()) > _FROM_THE_START * span
            return float(walls[at[0]]) if late else None
    return None


def _of_the_best(signals: Signals, best: Best | None) -> Iterator[Event]:
    if best is None:
        return
    for series in signals.context.series:
        at = np.flatnonzero((series.steps == best.step) & np.isfinite(series.values))
        if series.label == best.tag and len(at):
            words = f"`{best.tag}` is at its best, {number(best.value)}"
            yield Event("best", best.step, float(series.wall_times[at[0]]), words)
            return


def _of_the_waste(signals: Signals, step: int | None) -> Iterator[Event]:
    loss = signals.loss
    if step is None or loss is None:
        return
    after = loss.wall_times[loss.steps >= step]
    if len(after):
        words = "from here on the run gains nothing more"
        yield Event("wasted", step, float(after.min()), words)
