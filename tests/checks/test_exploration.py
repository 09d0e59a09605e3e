from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, diagnose, judge, make_run

CHECK = "exploration"
N = 100
T = time_of(N)
SPENT = 0.69 * np.exp(-30 * T)
STANDS = noisy(np.random.default_rng(0), np.full(N, 9.4), 0.05)
CLIMBS = noisy(np.random.default_rng(0), 9.4 + 180 * T, 0.05)


def agent(entropy: FloatArray, reward: FloatArray, tag: str = "train/entropy_loss") -> list[Scalar]:
    return [Scalar(tag, entropy), Scalar("rollout/ep_rew_mean", reward)]


@pytest.mark.parametrize(
    ("tag", "sign"), [("train/entropy_loss", -1.0), ("losses/entropy", 1.0), ("entropy", 1.0)]
)
def test_an_agent_that_stopped_exploring_too_early_is_found(tag: str, sign: float) -> None:
    finding = judge(CHECK, make_run(*agent(sign * SPENT, STANDS, tag))).finding
    assert finding.severity == Severity.WARNING
    assert finding.steps is not None
    assert 3 < finding.steps[0] < 20
    assert float(finding.measured["entropy"]) < float(finding.thresholds["entropy"])


@pytest.mark.parametrize(
    ("entropy", "reward"),
    [(SPENT, CLIMBS), (0.69 - 0.3 * T, STANDS), (0.69 * (1 - T), STANDS)],
    ids=["learned", "explores still", "spent at the end"],
)
def test_other_agents_are_clean(entropy: FloatArray, reward: FloatArray) -> None:
    assert judge(CHECK, make_run(*agent(-entropy, reward))).status == Status.CLEAN


@pytest.mark.parametrize("tag", ["train/entropy_coef", "loss/cross_entropy"])
def test_what_is_no_entropy_of_a_policy_cannot_be_checked(tag: str) -> None:
    assert judge(CHECK, make_run(*agent(SPENT, STANDS, tag))).status == Status.NOT_CHECKABLE


def test_a_continuous_policy_cannot_be_checked() -> None:
    run = make_run(*agent(1.4 - 3 * T, STANDS))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


def test_without_a_reward_it_cannot_be_checked() -> None:
    run = make_run(Scalar("losses/entropy", SPENT), Scalar("rollout/ep_len_mean", STANDS))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


def test_a_policy_without_entropy_from_the_first_update_on_is_found() -> None:
    run = make_run(*agent(np.full(N, -5e-14), STANDS))
    assert "stopped exploring" in judge(CHECK, run).finding.title


def test_actions_that_are_random_to_the_end_are_found() -> None:
    finding = judge(CHECK, make_run(*agent(np.ones(N), STANDS, "rollout/exploration_rate"))).finding
    assert finding.title == "The agent acts at random to the end"
    falls = np.maximum(1 - 4 * T, 0.05)
    run = make_run(*agent(falls, STANDS, "rollout/exploration_rate"))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_policy_that_no_update_moves_is_found() -> None:
    finding = judge(CHECK, make_run(*agent(np.full(N, 1e-8), STANDS, "train/approx_kl"))).finding
    assert finding.title.startswith("The policy stands still")
    run = make_run(*agent(np.full(N, 0.01), STANDS, "train/approx_kl"))
    assert judge(CHECK, run).status == Status.CLEAN


def test_without_an_agent_nothing_is_explored() -> None:
    assert judge(CHECK, make_run(Scalar("loss", SPENT))).status == Status.CLEAN


def test_a_policy_that_never_prefers_an_action_is_found() -> None:
    even = np.log(2) - 1e-4 * T
    finding = judge(CHECK, make_run(*agent(-even, STANDS))).finding
    assert "never came to prefer" in finding.title
    assert float(finding.measured["least_entropy"]) > 0.69


@pytest.mark.parametrize(
    ("moved", "cause"), [(1e-2, "exploration-never-ends"), (4e-5, "learning-rate-too-low")]
)
def test_what_keeps_a_policy_even_is_told_by_how_far_updates_move_it(
    moved: float, cause: str
) -> None:
    even = np.log(4) - 1e-4 * T
    moves = Scalar("train/approx_kl", noisy(np.random.default_rng(2), np.full(N, moved), 0.3))
    causes = diagnose(make_run(*agent(-even, STANDS), moves)).causes
    assert causes[0].cause == cause


@pytest.mark.parametrize(
    ("entropy", "reward"),
    [(np.log(2) - 1e-4 * T, CLIMBS), (1.2 - 1e-4 * T, STANDS), (np.log(2) - 0.1 * T, STANDS)],
    ids=["learned", "no even choice", "begins to prefer"],
)
def test_policies_that_are_not_even_or_learned_are_clean(
    entropy: FloatArray, reward: FloatArray
) -> None:
    assert judge(CHECK, make_run(*agent(-entropy, reward))).status == Status.CLEAN
