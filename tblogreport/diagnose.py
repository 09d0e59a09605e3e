"""Runs the checks over a run, ranks causes, and puts its diagnosis together."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Sequence

import numpy as np

from tblogreport.causes import rank_causes
from tblogreport.checks.base import Check, NotCheckable, all_checks
from tblogreport.config import Config, ConfigError
from tblogreport.context import Context, build_context
from tblogreport.context.selection import span
from tblogreport.coverage import to_log
from tblogreport.findings import Cause, CheckResult, Finding, Note, RunDiagnosis, Status
from tblogreport.layer_charts import layer_charts
from tblogreport.levels import levels_of, pace_of
from tblogreport.logged import logged_of
from tblogreport.reading.run import Run
from tblogreport.signals import Signals
from tblogreport.signals.pauses import wall_times
from tblogreport.summary import (
    best_of,
    curve_charts,
    headline_of,
    overview_of,
    singles_of,
    verdict_of,
    waste_of,
)
from tblogreport.timeline import timeline_of

logger = logging.getLogger(__name__)

# Silence is never health: what was not asked for is said not to have been checked.
LEFT_OUT = "left out by select or ignore, on the command line or in the configuration"


def select_checks(config: Config) -> list[Check]:
    """The checks that the configuration asks for; raises `ConfigError` for unknown names."""
    known = all_checks()
    for name in (*config.select, *config.ignore):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
            raise ConfigError(f"there is no check named {name!r}; {hint}")
    chosen = config.select or tuple(known)
    selected = [known[name] for name in known if name in chosen and name not in config.ignore]
    if not selected:
        raise ConfigError("select and ignore together leave no check to make")
    return selected


@np.errstate(all="ignore")
def diagnose_run(
    run: Run, checks: Sequence[Check], config: Config, left_out: Sequence[str] = ()
) -> RunDiagnosis:
    """All that is said of one run. A check that crashes costs its own answer only.

    `left_out` names the checks that were not asked for.
    """
    signals = Signals(build_context(run, config.roles))
    context = signals.context
    results: list[CheckResult] = []
    findings: list[Finding] = []
    for check in checks:
        result, found = _apply(check, signals)
        results.append(result)
        findings += found
    results += [CheckResult(name, Status.NOT_CHECKABLE, LEFT_OUT) for name in left_out]
    causes, explained, failures = _causes(signals, findings)
    explained.sort(key=lambda f: _rank(f, causes))
    verdict = verdict_of(signals, explained, results)
    waste, best = waste_of(signals, explained), best_of(signals)
    times = wall_times(context.run)
    series = signals.main_series
    return RunDiagnosis(
        name=run.name,
        path=run.url or str(run.path),
        verdict=verdict,
        headline=headline_of(verdict, explained, causes, results, signals.context.kind),
        steps=span(series) if series is not None else None,
        axis=series.axis.value if series is not None else "step",
        splits=_splits(run),
        roles=context.roles(),
        notes=(*run.notes, *_unknown_tags(context, config), *failures),
        causes=tuple(causes),
        findings=tuple(explained),
        checks=tuple(results),
        duration=float(np.ptp(times)) if len(times) else None,
        started=float(times.min()) if len(times) else None,
        best=best,
        singles=singles_of(signals),
        levels=levels_of(signals),
        pace=pace_of(signals),
        writers=run.writers,
        wasted_from=waste[0] if waste else None,
        wasted_seconds=waste[1] if waste else None,
        timeline=timeline_of(signals, explained, best, waste[0] if waste else None),
        to_log=to_log(results),
        overview=overview_of(signals, explained),
        curves=curve_charts(signals),
        layers=layer_charts(signals, explained),
        hparams=run.hparams,
        logged=logged_of(run, signals),
    )


def _causes(
    signals: Signals, findings: Sequence[Finding]
) -> tuple[list[Cause], list[Finding], list[Note]]:
    """The causes and the findings with theirs; a bug of ours costs the causes alone."""
    try:
        return *rank_causes(signals, findings), []
    except Exception as error:
        logger.debug("ranking causes crashed", exc_info=True)
        said = f"No cause is named: {type(error).__name__}: {error}; please report it."
        return [], list(findings), [Note("crashed", said)]


def _unknown_tags(context: Context, config: Config) -> list[Note]:
    """A note for every role that the configuration gives to a tag that the run lacks."""
    tags = {name for s in context.series for name in (s.tag, f"{s.split}/{s.tag}")}
    return [
        Note("unknown-role-tag", f"The configuration names `{tag}` as {role}; no such tag is here.")
        for role, tag in config.roles.items()
        if tag not in tags
    ]


def _rank(finding: Finding, causes: Sequence[Cause]) -> tuple[int, int, float]:
    """Most serious first; among equals what a cause shows itself by before its consequences."""
    cause = next((c for c in causes if c.cause == finding.explained_by), None)
    place = cause.explains.index(finding.check) if cause else 0
    return finding.severity.rank, place, -finding.confidence


def _apply(check: Check, signals: Signals) -> tuple[CheckResult, Sequence[Finding]]:
    try:
        findings = check.rule(signals)
    except NotCheckable as reason:
        return CheckResult(check.name, Status.NOT_CHECKABLE, str(reason)), ()
    except Exception as error:  # a bug of ours must not cost the report
        logger.debug("check %s crashed", check.name, exc_info=True)
        failure = f"{type(error).__name__}: {error}; please report it"
        return CheckResult(check.name, Status.CRASHED, failure), ()
    return CheckResult(check.name, Status.FIRED if findings else Status.CLEAN), findings


def _splits(run: Run) -> tuple[str, ...]:
    seen = {*run.scalars["split"].unique(), *run.histograms["split"].unique()} - {""}
    return tuple(split for split in ("train", "validation", "test") if split in seen)
