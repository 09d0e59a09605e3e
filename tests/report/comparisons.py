"""Comparisons to render: realistic ones, and a hostile one."""

from __future__ import annotations

from dataclasses import replace

from tblogreport.comparison import compare_runs
from tblogreport.findings import Comparison, Level, Note, RunDiagnosis

from . import factory, logged_factory


def _with_levels(run: RunDiagnosis, loss: float, accuracy: float, tag: str = "") -> RunDiagnosis:
    levels = (
        Level(
            f"epoch_accuracy{tag}", "validation", "validation_metric", accuracy, 0.01, True, True
        ),
        Level(f"epoch_loss{tag}", "validation", "validation_loss", loss, 0.0, False, False),
    )
    return replace(run, levels=levels, pace=0.1 / accuracy)


def repaired() -> Comparison:
    """A failing run that became healthy."""
    before = _with_levels(logged_factory.rich(factory.failing_run()), 1.4, 0.4)
    after = _with_levels(factory.failing_run("repaired"), 0.2, 0.9)
    after = replace(
        logged_factory.rich(after),
        verdict=factory.healthy_run().verdict,
        headline=factory.healthy_run().headline,
        findings=(),
        causes=(),
        checks=factory.checks((), ("vanishing-gradients",)),
        hparams={"lr": 0.02, "optimizer": "adam"},
    )
    return Comparison((compare_runs(before, after),), "0.1.0", command="tblogreport compare a b")


def several() -> Comparison:
    """One pair that became worse, one that did not, and runs of one side only."""
    good = _with_levels(factory.healthy_run(), 0.2, 0.9)
    bad = _with_levels(factory.failing_run(), 1.4, 0.4)
    pairs = (compare_runs(good, bad), compare_runs(good, good))
    return Comparison(pairs, "0.1.0", only_before=("old",), only_after=("new", "newer"))


def hostile() -> Comparison:
    """Every text of both runs is hostile."""
    tag = factory.HOSTILE_TAG
    bad = _with_levels(logged_factory.rich(factory.hostile_run(), text=tag), 1.0, 0.5, tag)
    good = replace(_with_levels(bad, 0.5, 0.9, tag), findings=(), hparams={tag: tag})
    notes = (Note("unreadable", f"{tag} cannot be read."),)
    pairs = (compare_runs(bad, good),)
    return Comparison(pairs, "0.1.0", (tag,), (tag,), command=factory.SCRIPT, notes=notes)


def nothing() -> Comparison:
    return Comparison((), "0.1.0", only_before=("a",), only_after=("b", "c"))


ALL = {"repaired": repaired, "several": several, "hostile": hostile, "nothing": nothing}
