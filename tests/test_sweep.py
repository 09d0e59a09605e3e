"""What the runs with a finding have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tblogreport.findings import Finding, RunDiagnosis, Severity, Verdict
from tblogreport.sweep import SIGNIFICANT, WENT_WRONG, compare
from tests.report.factory import healthy_run

RATES = (1e-4, 1e-3, 1e-2, 0.1, 0.3)


def run(check: str | None, **hparams: float | str | bool) -> RunDiagnosis:
    finding = Finding(str(check), Severity.ERROR, 0.9, "It is so", "It is so.", "It is.", ())
    return replace(
        healthy_run(),
        verdict=Verdict.FAILING if check else Verdict.HEALTHY,
        findings=(finding,) if check else (),
        hparams=hparams,
    )


def sweep(count: int = 100, seed: int = 0) -> list[RunDiagnosis]:
    """Runs that diverge at rates of 0.1 and above, whatever else was chosen."""
    rng = np.random.default_rng(seed)
    runs = []
    for _ in range(count):
        rate = float(rng.choice(RATES))
        others = {"width": float(rng.choice([64, 128])), "optimizer": str(rng.choice(["a", "b"]))}
        runs.append(run("diverging-loss" if rate >= 0.1 else None, learning_rate=rate, **others))
    return runs


def test_the_value_that_parts_them_is_named_and_no_other() -> None:
    runs = sweep()
    (shared,) = compare(runs).shared
    lost = sum(one.verdict == Verdict.FAILING for one in runs)
    assert (shared.finding, shared.hparam, shared.condition) == (
        "diverging-loss",
        "learning_rate",
        "≥ 0.1",
    )
    assert shared.affected == (lost, lost)
    assert shared.others == (0, 100 - lost)
    assert shared.p_value < 1e-10
    assert shared.sentence.startswith(
        f"All {lost} runs with `diverging-loss` have `learning_rate` ≥ 0.1; none of the other "
        f"{100 - lost} does"
    )


def test_low_values_and_words_are_named_as_well() -> None:
    rng = np.random.default_rng(1)
    runs = []
    for _ in range(80):
        rate, optimizer = float(rng.choice(RATES)), str(rng.choice(["adam", "sgd", "lion"]))
        slow, lost = rate <= 1e-3, optimizer == "lion"
        check = "slow-convergence" if slow else "nan-or-inf" if lost else None
        runs.append(run(check, lr=rate, optimizer=optimizer, fused=bool(rng.random() < 0.5)))
    said = {(one.finding, one.hparam): one.condition for one in compare(runs).shared}
    assert said["slow-convergence", "lr"] == "≤ 0.001"
    assert said["nan-or-inf", "optimizer"] == "= lion"
    assert not any(name == "fused" for _, name in said)


def test_an_exception_is_told() -> None:
    runs = [*sweep(), *(run("diverging-loss", learning_rate=1e-4) for _ in range(2))]
    (first, *_) = compare(runs).shared
    hits, of = first.affected
    assert of - hits == 2
    assert f"{hits} of {of} runs" in first.sentence


def test_a_verdict_of_several_findings_is_asked_for_too() -> None:
    runs = [
        replace(one, findings=(replace(one.findings[0], check=f"check-{index % 5}"),))
        if one.findings
        else one
        for index, one in enumerate(sweep())
    ]
    assert compare(runs).shared[0].finding == WENT_WRONG
    assert "failing or suspect" in compare(runs).shared[0].sentence


def test_of_values_that_mean_nothing_hardly_ever_anything_is_said() -> None:
    """Twenty hyperparameters of no effect: in one sweep of a hundred one is named."""
    said = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        runs = [
            run(
                "diverging-loss" if rng.random() < 0.3 else None,
                **{f"h{i}": float(rng.choice([1.0, 2.0, 3.0, 4.0])) for i in range(20)},
            )
            for _ in range(60)
        ]
        said += bool(compare(runs).shared)
    assert said <= 40 * SIGNIFICANT + 1


@pytest.mark.parametrize(
    "runs",
    [
        [],
        [run(None)],
        [run("diverging-loss", lr=0.1), run("diverging-loss", lr=0.3), *[run(None, lr=1e-3)] * 50],
        [run("diverging-loss", lr=0.1)] * 10,
        [run("diverging-loss", name=f"run-{index}") for index in range(20)],
    ],
    ids=["no runs", "one", "two of a kind", "all alike", "names"],
)
def test_too_little_says_nothing(runs: Sequence[RunDiagnosis]) -> None:
    assert compare(runs).shared == ()


def test_the_sign_of_the_numbers_is_a_matter_of_their_names_alone() -> None:
    """Turned numbers give the turned condition; scaled ones the scaled threshold."""
    runs = sweep()
    turned = [replace(one, hparams={"x": -float(one.hparams["learning_rate"])}) for one in runs]
    (shared,) = compare(turned).shared
    assert shared.condition == "≤ −0.1"


def _split(low: float, high: float) -> list[RunDiagnosis]:
    return [run("nan-or-inf", x=high) for _ in range(20)] + [run(None, x=low) for _ in range(20)]


@pytest.mark.parametrize(
    ("low", "high"), [(0.10001, 0.10004), (1e6, 1e6 + 1), (-3.0, -2.9999), (0.0, 1e-12)]
)
def test_a_threshold_has_as_many_digits_as_part_the_runs(low: float, high: float) -> None:
    (shared,) = compare(_split(low, high)).shared
    assert shared.affected == (20, 20)
    assert shared.others == (0, 20)
    shown = shared.condition.removeprefix("≥ ").replace("\u202f", "").replace("−", "-")
    if "×" not in shown and "10" not in shown[:2]:
        assert low < float(shown) <= high


def test_of_many_values_the_one_that_parts_them_is_found() -> None:
    rates = 10.0 ** np.random.default_rng(2).uniform(-5, 0, 300)
    runs = [run("diverging-loss" if rate >= 0.1 else None, lr=float(rate)) for rate in rates]
    (shared,) = compare(runs).shared
    assert shared.others[0] == 0
    assert shared.affected[0] == shared.affected[1]


def test_a_word_among_numbers_costs_nothing() -> None:
    rng = np.random.default_rng(3)
    runs = [
        run("diverging-loss" if rate > 0.1 else None, lr=float(rate))
        for rate in 10.0 ** rng.uniform(-4, 0, 60)
    ]
    (shared,) = compare([*runs, run(None, lr="auto")]).shared
    assert shared.hparam == "lr"


def test_few_runs_that_are_parted_suffice() -> None:
    rng = np.random.default_rng(4)
    runs = [
        run(
            "diverging-loss" if rate >= 0.5 else None,
            lr=rate,
            **{f"h{i}": float(rng.random()) for i in range(5)},
        )
        for rate in [0.5, 0.6, 0.7, 0.8, 0.9, *np.geomspace(1e-4, 0.1, 15).tolist()]
    ]
    assert [shared.hparam for shared in compare(runs).shared] == ["lr"]


def test_what_was_logged_by_the_failing_runs_alone_is_told() -> None:
    runs = [run("nan-or-inf", clip="inf") for _ in range(10)] + [run(None) for _ in range(20)]
    (shared,) = compare(runs).shared
    assert shared.condition in {"= inf", "logged"}


def test_two_that_part_the_runs_alike_are_one_sentence() -> None:
    runs = [
        run("nan-or-inf" if index < 15 else None, lr=float(index < 15), wd=3.0 * (index < 15))
        for index in range(40)
    ]
    (shared,) = compare(runs).shared
    assert "`wd` ≥ 3 parts them alike" in shared.sentence


@pytest.mark.parametrize(
    ("failing", "said"), [(1, "too few are failing"), (30, "too few are healthy")]
)
def test_silence_is_explained(failing: int, said: str) -> None:
    runs = [run("nan-or-inf" if index < failing else None, lr=float(index)) for index in range(30)]
    comparison = compare(runs)
    assert not comparison.shared
    assert said in str(comparison.said)


def test_that_nothing_was_found_is_said() -> None:
    rng = np.random.default_rng(6)
    runs = [run("nan-or-inf" if rng.random() < 0.5 else None, lr=rng.random()) for _ in range(40)]
    assert "none goes with a finding" in str(compare(runs).said)
    assert compare([replace(one, hparams={}) for one in runs]).said is None
