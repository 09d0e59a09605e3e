"""Two log directories → what changed between them.

Every run is diagnosed as usual; runs of one name are held against each other, or the two runs where
there is one on each side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tblogreport.analysis import analyze
from tblogreport.comparison.charts import curves_of, maps_of
from tblogreport.comparison.findings import changes_of
from tblogreport.comparison.settings import layers_that_differ, settings_that_differ
from tblogreport.comparison.values import values_of
from tblogreport.comparison.words import headline, pace_sentence, regressions_of
from tblogreport.config import Config
from tblogreport.findings import Comparison, RunComparison, RunDiagnosis
from tblogreport.version import __version__

__all__ = ["compare", "compare_runs"]


def compare(
    before: str | Path,
    after: str | Path,
    *,
    config: Config | None = None,
    command: str | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    jobs: int | None = None,
) -> Comparison:
    """Diagnose the runs below both log directories, and say what became of them.

    `command` is what the report names to reproduce it; `progress` and `jobs` are those of
    `tblogreport.analyze`.

    Raises what `tblogreport.analyze` raises.
    """
    sides = [
        analyze(logdir, config=config, progress=progress, jobs=jobs) for logdir in (before, after)
    ]
    pairs, only_before, only_after = _paired(sides[0].runs, sides[1].runs)
    compared = [compare_runs(*pair) for pair in pairs]
    # Stable: those of one kind keep the order of the diagnosis, worst first.
    compared.sort(key=lambda pair: (not pair.regressions, pair.after.verdict.rank))
    return Comparison(
        pairs=tuple(compared),
        version=__version__,
        only_before=tuple(run.name for run in only_before),
        only_after=tuple(run.name for run in only_after),
        command=command,
        configuration=sides[0].configuration,
        notes=(*sides[0].notes, *sides[1].notes),
    )


def compare_runs(before: RunDiagnosis, after: RunDiagnosis) -> RunComparison:
    """What changed from one run to the other."""
    findings = changes_of(before, after)
    values = values_of(before, after)
    return RunComparison(
        before=before,
        after=after,
        headline=headline(before, after, findings, values),
        findings=findings,
        values=values,
        settings=settings_that_differ(before, after),
        model=layers_that_differ(before.logged.model, after.logged.model),
        pace=pace_sentence(before, after),
        curves=curves_of(before, after, values),
        maps=maps_of(before, after),
        regressions=regressions_of(findings, values),
    )


def _paired(
    before: Sequence[RunDiagnosis], after: Sequence[RunDiagnosis]
) -> tuple[list[tuple[RunDiagnosis, RunDiagnosis]], list[RunDiagnosis], list[RunDiagnosis]]:
    """Runs of one name, or the one run of each side; and those that have no counterpart."""
    if len(before) == len(after) == 1:
        return [(before[0], after[0])], [], []
    old, new = ({run.name: run for run in runs} for runs in (before, after))
    pairs = [(run, new[run.name]) for run in before if run.name in new]
    return (
        pairs,
        [run for run in before if run.name not in new],
        [run for run in after if run.name not in old],
    )
