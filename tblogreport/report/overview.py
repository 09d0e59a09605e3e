"""The overview of several runs: one line each, and what stands above them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tblogreport import numbers
from tblogreport.findings import Curve, RunDiagnosis, Shared, Verdict
from tblogreport.report import summary, words
from tblogreport.report.text import Label, label
from tblogreport.report.words import Shape

# Hyperparameters that have a column, and the characters of a name or a word in it.
_MOST_COLUMNS, _SHOWN = 4, 40
_LOSSES = ("train_loss", "validation_loss", "test_loss")


@dataclass(frozen=True)
class Cell:
    """The value of one hyperparameter, and by what it is sorted; None where there is nothing."""

    text: str
    key: float | str | None


@dataclass(frozen=True)
class Row:
    """One line of the overview of several runs."""

    anchor: str
    shown: bool  # whether the run has a section of its own
    name: Label
    verdict: Shape
    cause: str
    best: str
    steps: str
    duration: str
    hparams: tuple[Cell, ...]  # one a column of `columns`
    # By what the columns are sorted, where their text does not tell; None where there is nothing.
    verdict_rank: int
    best_key: float | None
    steps_key: int | None
    duration_key: float | None


def title(runs: list[RunDiagnosis]) -> str:
    """The name of a single run, or how many there are."""
    if len(runs) == 1:
        return label(runs[0].name).shown
    return words.count(len(runs), "training run") if runs else "No training run"


def in_table_alone(amount: int) -> str:
    """The sentence on runs that have no section of their own; empty where all have."""
    if not amount:
        return ""
    stand = f"{words.count(amount, 'run')} {'stands' if amount == 1 else 'stand'}"
    return (
        f"The worst runs, of each kind, are shown in full below; {stand} in this table alone: "
        "analyse the directory of one to see it."
    )


def tally(runs: list[RunDiagnosis]) -> str:
    """How many runs there are of each verdict, worst first."""
    counts = {verdict: sum(run.verdict is verdict for run in runs) for verdict in Verdict}
    return " · ".join(
        f"{numbers.integer(amount)} {words.VERDICTS[verdict].word}"
        for verdict, amount in counts.items()
        if amount
    )


def columns(runs: Sequence[RunDiagnosis], shared: Sequence[Shared]) -> tuple[str, ...]:
    """The hyperparameters that are not the same in all runs, those that part them first."""
    names = dict.fromkeys(name for run in runs for name in run.hparams)
    varied = [name for name in names if len({run.hparams.get(name) for run in runs}) > 1]
    told = [one.hparam for one in shared if one.hparam in varied]
    return tuple(dict.fromkeys((*told, *varied)))[:_MOST_COLUMNS]


def best_heading(runs: Sequence[RunDiagnosis]) -> str:
    """What stands above the best values: their series, where it is one and the same."""
    series = {summary.best_series(run) for run in runs} - {""}
    return f"Best {series.pop()}" if len(series) == 1 else "Best"


def rows(places: Mapping[str, RunDiagnosis], chosen: Sequence[str]) -> tuple[Row, ...]:
    """The lines of the table, by the anchors of the runs' sections."""
    is_named = best_heading(list(places.values())) != "Best"
    return tuple(_row(run, anchor, chosen, is_named) for anchor, run in places.items())


def _cell(run: RunDiagnosis, name: str) -> Cell:
    value = run.hparams.get(name)
    if value is None:
        return Cell("–", None)
    if isinstance(value, float):
        return Cell(numbers.number(value, 3), None if math.isnan(value) else value)
    shown = label(str(value), _SHOWN).shown or "“”"
    return Cell(shown, shown)


def _row(run: RunDiagnosis, anchor: str, chosen: Sequence[str], is_named: bool) -> Row:
    best = run.best.value if run.best is not None and math.isfinite(run.best.value) else None
    shown = numbers.number(best) if is_named and best is not None else summary.best_value(run)
    return Row(
        anchor=anchor,
        shown=run.drawn,
        name=label(run.name),
        verdict=words.VERDICTS[run.verdict],
        cause=summary.culprit(run),
        best=shown,
        steps=summary.extent(run),
        duration=words.duration(run.duration) if run.duration is not None else "–",
        hparams=tuple(_cell(run, name) for name in chosen),
        verdict_rank=run.verdict.rank,
        best_key=best,
        steps_key=run.steps[1] if run.steps else None,
        duration_key=run.duration,
    )


def sparklines(places: Mapping[str, RunDiagnosis]) -> dict[str, Curve]:
    """The loss of each run that has one, by the anchor of its section."""
    found: dict[str, Curve] = {}
    for anchor, run in places.items():
        curves = run.overview.curves if run.overview else ()
        losses = sorted(
            (curve for curve in curves if curve.role in _LOSSES),
            key=lambda curve: _LOSSES.index(curve.role),
        )
        if losses:
            found[anchor] = losses[0]
    return found
