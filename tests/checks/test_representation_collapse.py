from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import Scalar, diagnose, judge, make_run

CHECK = "representation-collapse"
N = 60
T = time_of(N)
FALL = noisy(np.random.default_rng(0), 1e-5 + 2.0 * np.exp(-8 * T), 0.02)
COLLAPSES = noisy(np.random.default_rng(1), 4e-4 + 0.09 * np.exp(-20 * T), 0.05)
HOLDS = noisy(np.random.default_rng(2), 0.06 + 0.03 * np.exp(-20 * T), 0.05)


@pytest.mark.parametrize("tag", ["embedding_std", "train/z_std", "features/std", "proj_std"])
def test_embeddings_that_become_the_same_are_found(tag: str) -> None:
    run = make_run(Scalar("contrastive_loss", FALL), Scalar(tag, COLLAPSES))
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.ERROR
    assert finding.steps is not None
    assert 5 < finding.steps[0] < 40
    assert diagnose(run).causes[0].cause == "wrong-loss-or-output"


def test_a_variance_is_a_square() -> None:
    lost = make_run(Scalar("loss", FALL), Scalar("embedding_variance", 0.04 * COLLAPSES**2))
    assert judge(CHECK, lost).findings
    kept = make_run(Scalar("loss", FALL), Scalar("embedding_variance", HOLDS**2))
    assert judge(CHECK, kept).status == Status.CLEAN


@pytest.mark.parametrize("tag", ["embedding_std", "kernel_std", "embedding_grad_std", "reward_std"])
def test_what_holds_or_is_no_embedding_is_clean(tag: str) -> None:
    values = HOLDS if tag == "embedding_std" else COLLAPSES
    run = make_run(Scalar("loss", FALL), Scalar(tag, values))
    assert judge(CHECK, run).status == Status.CLEAN


def test_few_points_cannot_be_checked() -> None:
    run = make_run(Scalar("loss", FALL), Scalar("embedding_std", COLLAPSES[:5]))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE
