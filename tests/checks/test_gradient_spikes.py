from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, power_law, time_of
from tests.runs import FloatArray, Scalar, judge, make_run, renumbered, scaled

CHECK = "gradient-spikes"
N = 1_000
AT = (300, 450, 620, 800)


def loss(n: int = N, at: tuple[int, ...] = ()) -> Scalar:
    values = noisy(np.random.default_rng(0), 0.3 + 2.0 * np.exp(-6.0 * time_of(n)), 0.05)
    values[list(at)] += 5.0
    return Scalar("train/loss", values, "train")


def norm(n: int = N, at: tuple[int, ...] = (), factor: float = 40.0) -> Scalar:
    values = noisy(np.random.default_rng(1), np.full(n, 2.0), 0.25)
    values[list(at)] *= factor
    return Scalar("train/grad_norm", values, "train")


def test_spikes_without_harm_are_a_note() -> None:
    finding = judge(CHECK, make_run(loss(), norm(at=AT))).finding
    assert finding.severity == Severity.INFO
    assert finding.measured["spikes"] == 4
    assert finding.steps == (300, 800)
    assert finding.tags == ("train/grad_norm",)
    assert "shows no harm" in finding.message
    assert set(finding.thresholds) <= set(finding.measured)


def test_spikes_with_which_the_loss_jumps_are_a_warning() -> None:
    finding = judge(CHECK, make_run(loss(at=AT), norm(at=AT))).finding
    assert finding.severity == Severity.WARNING
    assert "`train/loss` jumped at 4 of them as well" in finding.message


def test_jumps_of_the_loss_elsewhere_are_no_harm_of_theirs() -> None:
    finding = judge(CHECK, make_run(loss(at=(350, 500, 700)), norm(at=AT))).finding
    assert finding.severity == Severity.INFO


@pytest.mark.parametrize("kind", ["NaN", "divergence"])
def test_a_spike_after_which_the_loss_is_lost_is_a_warning(kind: str) -> None:
    values = np.asarray(loss().values).copy()
    values[805:] = np.nan if kind == "NaN" else 4.0
    finding = judge(CHECK, make_run(Scalar("train/loss", values, "train"), norm(at=AT))).finding
    assert finding.severity == Severity.WARNING
    assert "lost right after" in finding.message


def test_spikes_in_a_run_that_did_badly_are_a_warning() -> None:
    flat = noisy(np.random.default_rng(2), np.full(N, 2.303), 0.01)
    finding = judge(CHECK, make_run(Scalar("train/loss", flat, "train"), norm(at=AT))).finding
    assert finding.severity == Severity.WARNING
    assert "did badly" in finding.message


def test_the_clip_is_the_90th_percentile_of_what_was_logged() -> None:
    series = norm(at=AT)
    (first, *_) = judge(CHECK, make_run(loss(), series)).finding.fixes
    assert f"{np.percentile(np.asarray(series.values), 90):.2g}" in first
    assert "clip_grad_norm_" in first


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_neither_the_unit_nor_the_numbering_changes_the_verdict(factor: float) -> None:
    series = (loss(at=AT), norm(at=AT))
    first = judge(CHECK, make_run(*series)).finding
    for other in (scaled(series, factor), renumbered(series, 64, 999)):
        finding = judge(CHECK, make_run(*other)).finding
        assert (finding.severity, finding.title) == (first.severity, first.title)


def test_lasting_spikes_are_found_when_they_are_logged_less_often() -> None:
    values = np.asarray(norm().values).copy()
    for at in AT:
        values[at : at + 40] *= 1 + 40.0 * np.exp(-np.arange(40) / 8.0)
    run = make_run(loss(), Scalar("train/grad_norm", values[::2], "train", 2 * np.arange(N // 2)))
    assert judge(CHECK, run).finding.measured["spikes"] == 4


def test_the_first_steps_of_the_warm_up_do_not_count() -> None:
    values = np.asarray(norm().values).copy()
    values[6:20] *= np.linspace(60.0, 1.0, 14)
    run = make_run(loss(), Scalar("train/grad_norm", values, "train"))
    assert judge(CHECK, run).status == Status.CLEAN


def _lognormal(rng: np.random.Generator, n: int) -> FloatArray:
    return noisy(rng, power_law(rng, n), float(rng.uniform(0.1, 0.8)))


def _heavy(rng: np.random.Generator, n: int) -> FloatArray:
    return noisy(rng, np.ones(n), float(rng.uniform(0.1, 0.5)), heavy=True)


def _clipped(rng: np.random.Generator, n: int) -> FloatArray:
    return np.minimum(_lognormal(rng, n), 1.0)


def _pareto(rng: np.random.Generator, n: int) -> FloatArray:
    return np.asarray(1.0 + rng.pareto(3.0, n))


@pytest.mark.parametrize("draw", [_lognormal, _heavy, _clipped, _pareto])
def test_the_noise_of_gradients_is_silent(draw: object) -> None:
    assert callable(draw)
    fired = []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(40, 4_000))
        run = make_run(loss(n), Scalar("train/grad_norm", draw(rng, n), "train"))
        fired += [seed] if judge(CHECK, run).findings else []
    assert len(fired) <= 1, fired


def test_a_norm_that_jumps_at_every_fifth_point_has_no_spikes() -> None:
    run = make_run(loss(), norm(at=tuple(range(0, N, 5))))
    assert judge(CHECK, run).status == Status.CLEAN


def test_the_norms_of_an_agent_are_at_most_a_note() -> None:
    rewards = Scalar("rollout/ep_rew_mean", np.linspace(0, 9, N))
    finding = judge(CHECK, make_run(loss(at=AT), norm(at=AT), rewards)).finding
    assert finding.severity == Severity.INFO


def test_no_norm_cannot_be_checked_and_the_reason_says_how_to_log() -> None:
    judged = judge(CHECK, make_run(loss()))
    assert judged.status == Status.NOT_CHECKABLE
    assert "clip_grad_norm_" in (judged.reason or "")


def test_too_few_points_cannot_be_checked() -> None:
    judged = judge(CHECK, make_run(loss(), norm(n=8)))
    assert judged.status == Status.NOT_CHECKABLE
    assert "has 8 points" in (judged.reason or "")
