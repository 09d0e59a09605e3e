from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status, Verdict
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, diagnose, judge, make_run

CHECK = "reward-collapse"
N = 200
TAGS = [
    "rollout/ep_rew_mean",
    "charts/episodic_return",
    "Environment/Cumulative Reward",
    "ray/tune/episode_reward_mean",
    "eval/mean_reward",
    "train/reward",
]


def rise(n: int = N, seed: int = 0, noise: float = 5.0) -> FloatArray:
    """A return that rises from 20 to 200."""
    wander = noise * np.random.default_rng(seed).standard_normal(n)
    return np.asarray(200 - 180 * np.exp(-6 * time_of(n)) + wander)


def lost(until: float = 0.6, to: float = 30.0, n: int = N) -> FloatArray:
    noise = 5.0 * np.random.default_rng(1).standard_normal(n)
    return np.where(time_of(n) < until, rise(n), to + noise)


def agent(values: FloatArray, tag: str = TAGS[0]) -> tuple[Scalar, ...]:
    value_loss = np.abs(np.random.default_rng(2).standard_normal(len(values)))
    steps = 2048 * np.arange(len(values))
    return Scalar(tag, values, "", steps), Scalar("train/value_loss", value_loss, "", steps)


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize(("factor", "shift"), [(1.0, 0.0), (1e-3, 0.0), (1e3, 0.0), (1.0, -500.0)])
def test_a_reward_that_is_lost_names_the_agent_to_keep(
    tag: str, factor: float, shift: float
) -> None:
    finding = judge(CHECK, make_run(*agent(factor * lost() + shift, tag))).finding
    assert finding.severity == Severity.WARNING
    assert finding.steps is not None
    assert 2048 * 20 < finding.steps[0] < 2048 * 120
    assert "Keep the agent of step" in finding.fixes[0]


@pytest.mark.parametrize("every", [2, 5])
def test_fewer_points_say_the_same(every: int) -> None:
    run = make_run(Scalar(TAGS[0], lost()[::every], "", np.arange(0, N, every)))
    assert judge(CHECK, run).finding.severity == Severity.WARNING


@pytest.mark.parametrize(
    "values",
    [
        rise(),
        rise(noise=60.0),
        lost(0.9),
        np.where((time_of(N) > 0.4) & (time_of(N) < 0.6), 30.0, rise()),
        lost(to=150.0),
        100 + 30 * np.random.default_rng(3).standard_normal(N),
        np.cumsum(np.random.default_rng(4).standard_normal(N)) * 0.1 + rise(),
        np.minimum(20.0 + 20 * np.arange(N), 500.0),
    ],
    ids=["rise", "noisy", "late", "dip", "half", "flat noise", "wander", "solved"],
)
def test_other_courses_are_clean(values: FloatArray) -> None:
    assert judge(CHECK, make_run(*agent(values))).status == Status.CLEAN


@pytest.mark.parametrize(
    "values",
    [
        np.full(N, -200.0),
        np.where(np.arange(N) % 10 == 0, 0.0625, 0.0),
        np.where(np.random.default_rng(5).random(N) < 0.1, 1.0, 0.0),
    ],
    ids=["never", "every tenth", "by chance"],
)
def test_an_agent_that_is_hardly_rewarded_has_nothing_to_learn_from(values: FloatArray) -> None:
    finding = judge(CHECK, make_run(*agent(values))).finding
    assert finding.title == "The agent hardly ever gets another reward"
    assert float(finding.measured["same_share"]) >= float(finding.thresholds["same_share"])


@pytest.mark.parametrize(
    "values",
    [
        np.where(np.arange(N) < 160, -200.0, -130.0),
        np.where(np.random.default_rng(6).random(N) < 0.9, 1.0, 0.0),
        (np.random.default_rng(7).random(N) < np.linspace(0, 0.4, N)).astype(float),
    ],
    ids=["late", "mostly solved", "learned"],
)
def test_an_agent_that_gets_more_in_the_end_learns(values: FloatArray) -> None:
    assert judge(CHECK, make_run(*agent(values))).status == Status.CLEAN


def test_a_constant_beside_a_reward_that_moves_is_not_judged() -> None:
    for tag in ("eval/mean_reward", "reward_weight"):
        beside = Scalar(tag, np.full(N, 500.0), "", np.arange(N))
        assert judge(CHECK, make_run(beside, *agent(rise()))).status == Status.CLEAN


def test_what_goes_with_a_reward_is_not_judged() -> None:
    steps = np.arange(N)
    beside = [Scalar(f"train/reward_{word}", lost(), "", steps) for word in ("std", "min", "max")]
    judged = judge(CHECK, make_run(Scalar("train/reward", rise(), "", steps), *beside))
    assert judged.status == Status.CLEAN


def test_a_reward_that_rises_is_health() -> None:
    assert diagnose(make_run(*agent(rise()))).verdict == Verdict.HEALTHY
    flat = 100 + 30 * np.random.default_rng(3).standard_normal(N)
    assert diagnose(make_run(*agent(flat))).verdict == Verdict.UNKNOWN
    assert diagnose(make_run(*agent(lost()))).verdict == Verdict.SUSPECT


def test_the_best_agent_is_that_of_the_best_reward() -> None:
    other = Scalar("train/frac_reward_zero_std", np.ones(N), "", np.arange(N))
    best = diagnose(make_run(other, *agent(rise()))).best
    assert best is not None
    assert best.tag == TAGS[0]


def test_without_an_agent_there_is_no_reward_to_lose() -> None:
    assert judge(CHECK, make_run(Scalar("loss", rise()))).status == Status.CLEAN


def test_few_points_cannot_be_checked() -> None:
    few = judge(CHECK, make_run(*agent(rise(14))))
    assert few.status == Status.NOT_CHECKABLE
    assert "15 points" in (few.reason or "")


@pytest.mark.parametrize("unit", [1.0, 1e3])
def test_an_agent_that_ends_worse_than_it_began_is_found(unit: float) -> None:
    t = np.linspace(0.0, 1.0, 24)
    falls = unit * noisy(np.random.default_rng(0), 9.3 + 20.0 * np.exp(-12 * t), 0.02)
    finding = judge(CHECK, make_run(*agent(falls))).finding
    assert finding.title == "The agent ends worse than it began"
    assert float(finding.measured["end"]) < float(finding.thresholds["end"])


def test_an_agent_that_dips_or_climbs_is_clean() -> None:
    t = np.linspace(0.0, 1.0, 40)
    rng = np.random.default_rng(0)
    for reward in (20 - 15 * np.sin(np.pi * t), 20 + 100 * t, 20 - 2 * t):
        assert judge(CHECK, make_run(*agent(noisy(rng, reward, 0.02)))).status == Status.CLEAN


def test_an_agent_that_falls_below_a_random_one_is_found() -> None:
    """A first mean over few episodes may be low: what it began with are its first points."""
    reward = noisy(np.random.default_rng(0), 9.5 + 13 * np.exp(-10 * time_of(200)), 0.01)
    reward[0] = 14.8
    rate = Scalar("train/learning_rate", np.full(200, 1e-6))
    run = make_run(Scalar("rollout/ep_rew_mean", reward), rate)
    assert "worse than it began" in judge(CHECK, run).finding.title
    assert diagnose(run).causes[0].cause == "learning-rate-too-low"


def test_an_agent_that_grows_sure_of_the_worst_has_a_sign_turned() -> None:
    t = time_of(200)
    reward = noisy(np.random.default_rng(0), 9.5 + 13 * np.exp(-10 * t), 0.01)
    entropy = Scalar("policy/entropy", 0.04 + 0.65 * np.exp(-4 * t))
    causes = diagnose(make_run(Scalar("episode/return", reward), entropy)).causes
    assert causes[0].cause == "wrong-loss-or-output"
    assert "sign" in causes[0].summary
