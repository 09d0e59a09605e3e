"""What the runs with a finding have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tblogreport.findings import Finding, RunDiagnosis, Severity, Verdict
from tblogreport.sweep import SIGNIFICANT, WENT_WRONG, shared_values
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
    (shared,) = shared_values(runs)
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
    said = {(one.finding, one.hparam): one.condition for one in shared_values(runs)}
    assert said["slow-convergence", "lr"] == "≤ 0.001"
    assert said["nan-or-inf", "optimizer"] == "= lion"
    assert not any(name == "fused" for _, name in said)


def test_an_exception_is_told() -> None:
    runs = [*sweep(), *(run("diverging-loss", learning_rate=1e-4) for _ in range(2))]
    (first, *_) = shared_values(runs)
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
    assert shared_values(runs)[0].finding == WENT_WRONG
    assert "failing or suspect" in shared_values(runs)[0].sentence


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
        said += bool(shared_values(runs))
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
    assert shared_values(runs) == ()


def test_the_sign_of_the_numbers_is_a_matter_of_their_names_alone() -> None:
    """Turned numbers give the turned condition; scaled ones the scaled threshold."""
    runs = sweep()
    turned = [replace(one, hparams={"x": -float(one.hparams["learning_rate"])}) for one in runs]
    (shared,) = shared_values(turned)
    assert shared.condition == "≤ −0.1"
