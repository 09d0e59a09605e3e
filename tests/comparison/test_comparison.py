"""What is said of two runs that are held against each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tblogreport
from tblogreport.comparison import compare_runs
from tblogreport.findings import (
    Change,
    CheckResult,
    Finding,
    HeatMap,
    Level,
    Model,
    ModelLayer,
    RunDiagnosis,
    Severity,
    Status,
    Verdict,
)
from tests.eventfiles import write_run
from tests.report import factory

MIRRORED = {
    Change.CAME: Change.WENT,
    Change.WORSENED: Change.EASED,
    Change.STAYED: Change.STAYED,
    Change.NOW_SEEN: Change.OUT_OF_SIGHT,
} | {
    Change.WENT: Change.CAME,
    Change.EASED: Change.WORSENED,
    Change.OUT_OF_SIGHT: Change.NOW_SEEN,
}


def finding(
    check: str = "overfitting",
    severity: Severity = Severity.WARNING,
    layer: str | None = None,
) -> Finding:
    return Finding(
        check, severity, 0.9, f"{check} of {layer}", "seen", "why", ("fix",), layer=layer
    )


def level(value: float, noise: float = 0.01, tag: str = "val_loss", **changed: object) -> Level:
    one = Level(tag, "validation", "validation_loss", value, noise, False, False)
    return replace(one, **changed)  # type: ignore[arg-type]


def run_of(
    *findings: Finding,
    levels: tuple[Level, ...] = (),
    unchecked: tuple[str, ...] = (),
    verdict: Verdict = Verdict.HEALTHY,
) -> RunDiagnosis:
    fired = {one.check for one in findings}
    names = ("overfitting", "dead-layer", "nan-or-inf")
    states = {
        name: Status.FIRED
        if name in fired
        else (Status.NOT_CHECKABLE if name in unchecked else Status.CLEAN)
        for name in names
    }
    return replace(
        factory.healthy_run(),
        findings=findings,
        checks=tuple(CheckResult(name, status) for name, status in states.items()),
        levels=levels,
        verdict=verdict,
    )


def change_of(before: RunDiagnosis, after: RunDiagnosis) -> list[Change]:
    return [change.change for change in compare_runs(before, after).findings]


def test_what_went_came_and_stayed() -> None:
    both, gone, new = finding("overfitting"), finding("dead-layer"), finding("nan-or-inf")
    compared = compare_runs(run_of(both, gone), run_of(both, new))
    told = {change.check: change.change for change in compared.findings}
    assert told == {
        "nan-or-inf": Change.CAME,
        "overfitting": Change.STAYED,
        "dead-layer": Change.WENT,
    }
    assert [change.change for change in compared.findings] == sorted(
        told.values(), key=list(Change).index
    )


def test_a_finding_in_another_layer_has_stayed() -> None:
    before, after = (
        run_of(finding("dead-layer", layer="a")),
        run_of(finding("dead-layer", layer="b")),
    )
    (change,) = compare_runs(before, after).findings
    assert change.change is Change.STAYED
    assert change.after is not None
    assert change.after.layer == "b"


def test_findings_of_one_check_are_matched_by_their_layers() -> None:
    a, b, c = (finding("dead-layer", layer=layer) for layer in "abc")
    compared = compare_runs(run_of(a, b), run_of(b, c, a))
    pairs = {
        (one.before.layer if one.before else None, one.after.layer if one.after else None)
        for one in compared.findings
    }
    assert pairs == {("a", "a"), ("b", "b"), (None, "c")}


def test_a_check_that_could_not_be_made_says_nothing_of_the_change() -> None:
    before = run_of(unchecked=("overfitting",))
    after = run_of(finding("overfitting", Severity.ERROR), verdict=Verdict.FAILING)
    assert change_of(before, after) == [Change.NOW_SEEN]
    assert change_of(after, before) == [Change.OUT_OF_SIGHT]
    assert compare_runs(before, after).regressions == ()


@pytest.mark.parametrize(
    ("severity", "counts"),
    [(Severity.ERROR, True), (Severity.WARNING, True), (Severity.INFO, False)],
)
def test_errors_and_warnings_that_came_are_regressions(severity: Severity, counts: bool) -> None:
    compared = compare_runs(run_of(), run_of(finding(severity=severity)))
    assert bool(compared.regressions) == counts


def test_a_warning_that_became_an_error_is_a_regression() -> None:
    before, after = run_of(finding()), run_of(finding(severity=Severity.ERROR))
    assert change_of(before, after) == [Change.WORSENED]
    assert "became worse" in compare_runs(before, after).regressions[0]
    assert compare_runs(after, before).regressions == ()


@pytest.mark.parametrize(
    ("before", "after", "better"),
    [
        (level(1.0), level(0.5), True),
        (level(0.5), level(1.0), False),
        (level(1.0), level(1.03), None),  # 2 times the noise
        (level(1.0, noise=0.0), level(1.005, noise=0.0), None),  # half a per cent
        (level(1.0, noise=0.0), level(1.5, noise=0.0), False),
        (level(1.0), level(float("nan")), False),
        (level(float("nan")), level(1.0), True),
        (level(float("nan")), level(float("nan")), None),
        (level(0.5, higher_is_better=True), level(0.9, higher_is_better=True), True),
        (level(0.5, higher_is_better=None), level(0.9, higher_is_better=None), None),
    ],
)
def test_a_value_is_better_only_beyond_its_noise(
    before: Level, after: Level, better: bool | None
) -> None:
    (value,) = compare_runs(run_of(levels=(before,)), run_of(levels=(after,))).values
    assert value.better is better


def test_the_difference_is_told_with_its_noise() -> None:
    accuracy = {"role": "validation_metric", "tag": "epoch_accuracy", "is_share": True}
    before = level(0.539, 0.006, higher_is_better=True, **accuracy)
    after = level(0.841, 0.008, higher_is_better=True, **accuracy)
    compared = compare_runs(
        run_of(levels=(before,), verdict=Verdict.FAILING), run_of(levels=(after,))
    )
    assert compared.headline == (
        "From failing to healthy: validation accuracy is 84.1 % against 53.9 %, 30 times the noise."
    )


def test_a_held_out_value_that_fell_is_a_regression_and_a_train_loss_is_not() -> None:
    train = {"split": "train", "role": "train_loss", "tag": "loss"}
    good, bad = level(0.5), level(0.9)
    up, down = level(0.1, **train), level(0.4, **train)
    assert compare_runs(run_of(levels=(good,)), run_of(levels=(bad,))).regressions
    assert not compare_runs(run_of(levels=(good, up)), run_of(levels=(good, down))).regressions
    # Where nothing else was logged it is what the run is judged by.
    assert compare_runs(run_of(levels=(up,)), run_of(levels=(down,))).regressions


def test_nothing_changes_between_a_run_and_itself() -> None:
    for run in (factory.failing_run(), factory.healthy_run(), factory.unknown_run()):
        compared = compare_runs(run, run)
        assert {change.change for change in compared.findings} <= {Change.STAYED}
        assert compared.regressions == ()
        assert compared.settings == compared.model == ()
        assert all(value.better is None for value in compared.values)


FINDINGS = st.lists(
    st.builds(
        finding,
        st.sampled_from(["overfitting", "dead-layer", "nan-or-inf"]),
        st.sampled_from(list(Severity)),
        st.sampled_from([None, "a", "b"]),
    ),
    max_size=5,
    unique_by=lambda one: (one.check, one.layer),
)


@settings(deadline=None)
@given(FINDINGS, FINDINGS, st.sets(st.sampled_from(["overfitting", "dead-layer"])))
def test_the_way_back_is_the_mirror_image(
    old: list[Finding], new: list[Finding], unchecked: set[str]
) -> None:
    before, after = run_of(*old, unchecked=tuple(unchecked)), run_of(*new)
    there, back = change_of(before, after), change_of(after, before)
    assert sorted(MIRRORED[change] for change in there) == sorted(back)


def test_settings_and_layers_that_differ_are_listed() -> None:
    def run(units: int, **hparams: float | str | bool) -> RunDiagnosis:
        layers = (
            ModelLayer("in", "Dense", "8", 80, "relu"),
            ModelLayer("out", "Dense", str(units), 9 * units, None),
        )
        logged = replace(factory.healthy_run().logged, model=Model("config", layers, None))
        return replace(factory.healthy_run(), logged=logged, hparams=hparams)

    compared = compare_runs(run(2, lr=0.1, opt="sgd"), run(3, lr=0.01, opt="sgd", nesterov=True))
    assert [(s.name, s.before, s.after) for s in compared.settings] == [
        ("lr", "0.1", "0.01"),
        ("nesterov", "–", "true"),
    ]
    (layer,) = compared.model
    assert layer.name == "out"
    assert (layer.before, layer.after) == ("Dense, 2, 18 parameters", "Dense, 3, 27 parameters")


def test_runs_that_count_other_things_share_the_share_of_their_run() -> None:
    epochs, steps = factory.failing_run(), factory.healthy_run()
    loss = steps.curves[0].curves[0]
    renamed = replace(
        epochs,
        overview=None,
        curves=(
            replace(epochs.curves[0], curves=(replace(epochs.curves[0].curves[0], tag=loss.tag),)),
        ),
    )
    chart = compare_runs(renamed, steps).curves[0]
    assert [curve.run for curve in chart.curves] == ["before", "after"]
    assert {curve.axis for curve in chart.curves} == {"share of the run"}
    assert all(curve.steps.max() == 100 for curve in chart.curves)


def test_maps_of_one_quantity_have_one_scale() -> None:
    def run(scale: float) -> RunDiagnosis:
        values = scale * np.array([[1.0, 2.0], [np.nan, 0.0]])
        heat = HeatMap("Strength", "gradient RMS", ("a", "b"), np.arange(2.0), values, log=True)
        return replace(factory.healthy_run(), layers=(heat,))

    ((before, after),) = compare_runs(run(1.0), run(100.0)).maps
    assert before.limits == after.limits == (1.0, 200.0)
    assert (before.title, after.title) == ("Strength, before", "Strength, after")


def test_a_slower_run_is_told_where_both_count_the_same() -> None:
    fast, slow = (replace(factory.healthy_run(), pace=pace) for pace in (0.1, 0.25))
    assert compare_runs(fast, slow).pace == "2.5 times slower: 250 ms a step against 100 ms."
    assert compare_runs(slow, replace(slow, pace=0.2)).pace.startswith("25 % faster")
    assert compare_runs(fast, replace(slow, axis="epoch")).pace == ""
    assert compare_runs(fast, replace(fast, pace=0.105)).pace.startswith("About as fast as before")


FALL = [2.0 / (1 + step) for step in range(40)]
RISE = [*FALL[:20], *(0.1 + 0.2 * step for step in range(20))]


@pytest.fixture
def logs(tmp_path: Path) -> tuple[Path, Path]:
    """Two sweeps with a run of one name, and one run each that the other lacks."""
    for side, name, values in (
        ("before", "a", FALL),
        ("before", "b", FALL),
        ("before", "old", FALL),
        ("after", "a", FALL),
        ("after", "b", RISE),
        ("after", "new", FALL),
        ("after", "newer", FALL),
    ):
        write_run(tmp_path / side / name, {"loss": values})
    return tmp_path / "before", tmp_path / "after"


def test_runs_are_paired_by_their_names_and_worse_ones_come_first(logs: tuple[Path, Path]) -> None:
    compared = tblogreport.compare(*logs)
    assert [pair.after.name for pair in compared.pairs] == ["b", "a"]
    assert compared.only_before == ("old",)
    assert compared.only_after == ("new", "newer")
    assert compared.regressed


def test_one_run_a_side_is_a_pair_whatever_they_are_called(logs: tuple[Path, Path]) -> None:
    compared = tblogreport.compare(logs[0] / "old", logs[1] / "new")
    (pair,) = compared.pairs
    assert (pair.before.name, pair.after.name) == ("old", "new")
    assert not compared.regressed


@pytest.mark.slow
def test_the_article_ends_well() -> None:
    """Tanh with small weights against ReLU with He initialisation."""
    root = Path(__file__).parents[2] / "sample_runs"
    (pair,) = tblogreport.compare(root / "circles-tanh", root / "circles-relu").pairs
    assert pair.headline.startswith("From failing to healthy: validation accuracy is ")
    went = {change.check for change in pair.findings if change.change is Change.WENT}
    assert {"vanishing-gradients", "poor-initialization", "non-converging-loss"} <= went
    assert all(value.better for value in pair.values)
    assert {setting.name for setting in pair.model} >= {"dense", "dense_4"}
    assert "tanh" in pair.model[0].before
    assert "relu" in pair.model[0].after
    assert any(one.quantity == "gradient RMS" for one, _ in pair.maps)


def test_a_verdict_that_rose_does_not_hide_a_value_that_fell() -> None:
    metric = {"role": "validation_metric", "tag": "accuracy", "is_share": True}
    good = level(0.9, higher_is_better=True, **metric)
    bad = level(0.4, higher_is_better=True, **metric)
    before = run_of(finding(), levels=(good,), verdict=Verdict.SUSPECT)
    after = run_of(levels=(bad,))
    assert compare_runs(before, after).headline.startswith("From suspect to healthy, but worse: ")
    back = compare_runs(after, before).headline
    assert back.startswith("From healthy to suspect, though better: ")


def test_losses_of_other_programs_are_matched_by_what_they_are() -> None:
    keras = level(0.5, tag="epoch_loss")
    torch = level(0.9, tag="Loss/val")
    (value,) = compare_runs(run_of(levels=(keras,)), run_of(levels=(torch,))).values
    assert (value.before, value.after) == (keras, torch)


def test_models_that_have_nothing_in_common_are_not_aligned() -> None:
    def run(*kinds: str) -> RunDiagnosis:
        layers = tuple(ModelLayer(f"{kind}-1", kind, "", 0) for kind in kinds)
        logged = replace(factory.healthy_run().logged, model=Model("config", layers, None))
        return replace(factory.healthy_run(), logged=logged)

    (setting,) = compare_runs(run("Dense", "Dropout"), run("Conv2d", "ReLU", "Linear")).model
    assert (setting.before, setting.after) == ("2 layers", "3 layers")
    rows = compare_runs(run("Dense", "Dropout", "Dense"), run("Dense", "Dense")).model
    assert [(row.name, row.after) for row in rows] == [("Dropout-1", "–")]


def test_a_held_out_value_that_fell_counts_behind_a_train_loss_that_rose() -> None:
    train = {"split": "train", "role": "train_loss", "tag": "loss"}
    before = run_of(levels=(level(0.1, **train), level(0.5)))
    after = run_of(levels=(level(0.4, **train), level(0.9)))
    (said,) = compare_runs(before, after).regressions
    assert said.startswith("Validation loss is 0.9 against 0.5")
