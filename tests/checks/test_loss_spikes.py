from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tblogreport.findings import CurveChart, Severity, Status
from tests.families import healthy, noisy, time_of, warm_restarts
from tests.runs import FloatArray, Scalar, every, judge, make_run, renumbered, scaled, written_again

CHECK = "loss-spikes"
N = 1_000


def falling(n: int = N, sigma: float = 0.1, seed: int = 0, floor: float = 0.3) -> FloatArray:
    curve = floor + 2.0 * np.exp(-6.0 * time_of(n))
    return noisy(np.random.default_rng(seed), curve, sigma)


def language_model(n: int = N, seed: int = 0) -> FloatArray:
    """A power law from 10 to 3 with the little noise of large batches."""
    curve = 2.5 + 7.5 * (1.0 + 200.0 * time_of(n)) ** -0.5
    return noisy(np.random.default_rng(seed), curve, 0.007)


def broken_batches(count: int, n: int = N, height: float = 6.0, seed: int = 0) -> FloatArray:
    values, rng = falling(n, seed=seed), np.random.default_rng(seed)
    values[rng.choice(np.arange(n // 10, n - 5), count, replace=False)] += height
    return values


def thrown_out(at: tuple[int, ...], height: float, points: float, n: int = N) -> FloatArray:
    """Spikes that fall by a factor e in so many points."""
    values = language_model(n)
    for i in at:
        values[i:] += height * np.exp(-np.arange(n - i) / points)
    return values


def run_of(values: FloatArray, *more: Scalar) -> tuple[Scalar, ...]:
    return (Scalar("train/loss", values, "train", 10 * np.arange(len(values))), *more)


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e4])
def test_broken_batches_are_counted_and_the_worst_is_named(unit: float) -> None:
    values = broken_batches(12)
    values[700] += 30.0
    finding = judge(CHECK, make_run(*run_of(unit * values))).finding
    assert finding.severity == Severity.WARNING
    assert finding.tags == ("train/loss",)
    assert finding.measured["spikes"] == 13
    assert finding.measured["peak_step"] == 7_000
    assert finding.measured["recovered"] == "yes"
    assert "back after 10 steps" in finding.message
    assert "batches of steps" in finding.fixes[0]
    assert set(finding.thresholds) <= set(finding.measured)
    (chart,) = finding.evidence
    assert isinstance(chart, CurveChart)
    assert len(chart.marks) == 3


@pytest.mark.parametrize("n", [200, 2_000, 50_000])
def test_spikes_of_a_language_model_are_found_at_every_length(n: int) -> None:
    """From 3 to 5 and back within a hundredth of the run, as sharp as the log shows it."""
    at = tuple(int(n * share) for share in (0.4, 0.6, 0.8))
    finding = judge(CHECK, make_run(*run_of(thrown_out(at, 2.0, n / 200, n)))).finding
    assert finding.severity == Severity.WARNING
    assert finding.measured["spikes"] == 3


def test_a_single_one_that_is_soon_over_is_a_note() -> None:
    finding = judge(CHECK, make_run(*run_of(thrown_out((600,), 2.0, 1.5)))).finding
    assert finding.severity == Severity.INFO
    assert finding.title == f"The loss jumped once, at step 6{chr(0x202F)}000"


def test_a_single_one_that_undoes_half_of_the_progress_is_a_warning() -> None:
    finding = judge(CHECK, make_run(*run_of(thrown_out((600,), 5.0, 5.0)))).finding
    assert finding.severity == Severity.WARNING
    assert "beta_2=0.95" in " ".join(finding.fixes)
    assert "checkpoint before step" in finding.fixes[-1]


def test_one_that_does_not_come_back_says_so() -> None:
    values = thrown_out((600,), 5.0, 2.0)
    values[600:] += 0.7
    finding = judge(CHECK, make_run(*run_of(values))).finding
    assert finding.severity == Severity.WARNING
    assert finding.title.endswith("and did not come back")
    assert finding.measured["recovered"] == "no"


def test_losses_below_zero_are_judged() -> None:
    assert judge(CHECK, make_run(*run_of(broken_batches(12) - 5))).status == Status.FIRED


@pytest.mark.parametrize("spiky", [broken_batches(12), thrown_out((400, 600, 800), 2.0, 4.0)])
def test_neither_the_unit_nor_the_numbering_changes_the_verdict(spiky: FloatArray) -> None:
    series = run_of(spiky)
    first = judge(CHECK, make_run(*series)).finding
    for other in (scaled(series, 1e3), scaled(series, 1e-3), renumbered(series, 128, 10**6)):
        finding = judge(CHECK, make_run(*other)).finding
        assert finding.severity == first.severity
        assert finding.measured["spikes"] == first.measured["spikes"]
    assert judge(CHECK, make_run(*series, begun=1e9)).finding.title == first.title


@pytest.mark.parametrize("nth", [2, 4])
def test_what_lasts_is_found_when_it_is_logged_less_often(nth: int) -> None:
    series = run_of(thrown_out((400, 600, 800), 2.0, 8.0))
    assert judge(CHECK, make_run(*every(series, nth))).finding.measured["spikes"] == 3


def test_the_loss_of_every_batch_is_preferred_to_its_mean_over_an_epoch() -> None:
    values = broken_batches(12)
    means = Scalar("epoch_loss", values.reshape(50, 20).mean(axis=1), "train")
    run = make_run(means, Scalar("step_loss", values, "train"))
    assert judge(CHECK, run).finding.tags == ("train/step_loss",)


def test_a_gradient_norm_that_jumps_with_it_makes_it_surer_and_says_where_to_clip() -> None:
    values = broken_batches(12)
    norm = noisy(np.random.default_rng(1), np.full(N, 2.0), 0.2)
    alone = judge(CHECK, make_run(*run_of(values))).finding
    calm = Scalar("train/grad_norm", norm, "train", 10 * np.arange(N))
    apart = judge(CHECK, make_run(*run_of(values, calm))).finding
    wild = replace(calm, values=np.where(values > 4.0, 60.0, norm))
    both = judge(CHECK, make_run(*run_of(values, wild))).finding
    assert (alone.confidence, apart.confidence, both.confidence) == (0.85, 0.85, 0.95)
    assert "did not jump there" in apart.message
    assert "jumped at 12 of them as well" in both.message
    assert f"global_clipnorm={np.percentile(np.asarray(wild.values), 90):.2g}" in " ".join(
        both.fixes
    )
    assert both.tags == ("train/loss", "train/grad_norm")


def test_a_norm_that_is_clipped_already_is_clipped_lower() -> None:
    norm = np.minimum(noisy(np.random.default_rng(1), np.full(N, 0.9), 0.2), 1.0)
    series = run_of(broken_batches(12), Scalar("grad_norm", norm, "train", 10 * np.arange(N)))
    fixes = " ".join(judge(CHECK, make_run(*series)).finding.fixes)
    assert "it is clipped at 1 now" in fixes


def test_a_restart_of_the_schedule_explains_a_jump() -> None:
    values = thrown_out((500,), 5.0, 5.0)
    rate = 1e-3 * np.cos(0.5 * np.pi * (np.arange(N) % 500) / 500)
    restarts = Scalar("lr", rate, "", 10 * np.arange(N))
    constant = Scalar("lr", np.full(N, 1e-3), "", 10 * np.arange(N))
    assert judge(CHECK, make_run(*run_of(values, restarts))).status == Status.CLEAN
    assert judge(CHECK, make_run(*run_of(values, constant))).status == Status.FIRED


def test_a_warm_up_explains_nothing() -> None:
    values = thrown_out((150, 400, 700), 3.0, 4.0)
    rate = 1e-3 * np.minimum(np.arange(N) / 200, 1.0)
    run = make_run(*run_of(values, Scalar("lr", rate, "", 10 * np.arange(N))))
    assert judge(CHECK, run).finding.measured["spikes"] == 3


def test_a_restart_of_the_run_explains_a_jump() -> None:
    values = thrown_out((500,), 5.0, 5.0)
    late = np.arange(N) + np.where(np.arange(N) < 500, 0.0, 60.0)
    run = make_run(replace(run_of(values)[0], seconds=late))
    assert judge(CHECK, run).status == Status.FIRED
    assert judge(CHECK, written_again(run, 5_000, 5_080)).status == Status.CLEAN


def test_a_loss_that_is_lost_is_left_to_other_checks() -> None:
    exploding = falling()
    exploding[600:] *= np.exp(np.arange(400) / 20.0)
    assert judge(CHECK, make_run(*run_of(exploding))).status == Status.CLEAN
    to_nan = falling()
    to_nan[600:604], to_nan[604:] = 1e6, np.nan
    assert judge(CHECK, make_run(*run_of(to_nan))).status == Status.CLEAN


def test_a_loss_that_goes_up_and_down_all_the_time_has_no_spikes() -> None:
    values = falling() * np.where(np.arange(N) % 5 == 0, 6.0, 1.0)
    assert judge(CHECK, make_run(*run_of(values))).status == Status.CLEAN


@pytest.mark.parametrize("batch", [16, 64])
def test_a_solved_problem_with_a_few_hard_samples_raises_no_warning(batch: int) -> None:
    """Most batches are at 1e-3, and now and then one holds a sample that is wrong."""
    for seed in range(15):
        rng = np.random.default_rng(seed)
        margin = 9.0 * (1 - np.exp(-10 * time_of(2_000)))[:, None]
        margin = margin + 1.5 * rng.standard_normal((2_000, batch))
        hard = rng.random(margin.shape) < 2e-4
        values = np.logaddexp(0.0, np.where(hard, -5.0, -margin)).mean(axis=1)
        found = judge(CHECK, make_run(*run_of(values))).findings
        assert all(finding.severity == Severity.INFO for finding in found), seed


def test_heavy_tails_warm_restarts_and_running_means_are_silent() -> None:
    fired = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        outliers = (rng.standard_t(3, (1_500, 16)) ** 2).mean(axis=1) + falling(1_500)
        bumps = noisy(rng, warm_restarts(rng, 600), 0.01)
        batches = noisy(rng, 0.3 + 2 * np.exp(-6 * time_of(1_500)), 0.3).reshape(30, 50)
        running = (np.cumsum(batches, axis=1) / np.arange(1, 51)).ravel()
        for name, values in (("outliers", outliers), ("bumps", bumps), ("running", running)):
            if judge(CHECK, make_run(*run_of(values))).status == Status.FIRED:
                fired.append((name, seed))
    assert len(fired) <= 1, fired


def test_healthy_runs_are_silent() -> None:
    runs = {seed: make_run(*healthy(np.random.default_rng(seed))) for seed in range(200)}
    fired = [seed for seed, run in runs.items() if judge(CHECK, run).status == Status.FIRED]
    assert fired == []


@pytest.mark.parametrize("points", [0, 3, 29])
def test_too_few_points_cannot_be_checked_and_the_reason_says_how_to_log(points: int) -> None:
    judged = judge(CHECK, make_run(Scalar("loss", np.ones(points), "train")))
    assert judged.status == Status.NOT_CHECKABLE
    assert "add_scalar" in (judged.reason or "")


def test_a_validation_loss_alone_cannot_be_checked() -> None:
    judged = judge(CHECK, make_run(Scalar("val_loss", falling(), "validation")))
    assert judged.status == Status.NOT_CHECKABLE
    assert "no train loss" in (judged.reason or "")


def test_the_losses_of_adversaries_cannot_be_checked() -> None:
    run = make_run(Scalar("Loss/G", broken_batches(12)), Scalar("Loss/D", broken_batches(12)))
    assert judge(CHECK, run).status == Status.NOT_CHECKABLE


@pytest.mark.parametrize(("height", "severity"), [(4.0, Severity.INFO), (300.0, Severity.WARNING)])
def test_one_point_far_above_all_progress_is_an_explosion(
    height: float, severity: Severity
) -> None:
    values = falling()
    values[600] += height
    assert judge(CHECK, make_run(*run_of(values))).finding.severity == severity
