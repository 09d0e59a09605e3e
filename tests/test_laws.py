"""What holds for every run, whatever its unit, its numbering and its length."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tblogreport.reading.splits import split_of_tag
from tests.families import BROKEN, Family, Shape, exponential, healthy, noisy, time_of
from tests.runs import BEGUN, Scalar, alarms, diagnose, every, make_run, renumbered, scaled

few = settings(derandomize=True, max_examples=8, deadline=None, database=None)
families = st.sampled_from([healthy, *BROKEN.values()])
seeds = st.integers(0, 2**32 - 1)

MEASURED_HEALTHY, MEASURED_BROKEN = 150, 30


def judged(*series: Scalar, begun: float = BEGUN) -> tuple[object, ...]:
    """What must not depend on units: the verdict, the checks and how they ended."""
    diagnosis = diagnose(make_run(*series, begun=begun))
    ended = {(result.check, result.status) for result in diagnosis.checks}
    return diagnosis.verdict, ended, [(f.check, f.severity) for f in diagnosis.findings]


def curves(family: Family, seed: int) -> tuple[Scalar, ...]:
    return family(np.random.default_rng(seed))


@few
@given(families, seeds, st.sampled_from([1e3, 1e-3]))
def test_the_unit_of_the_loss_changes_nothing(family: Family, seed: int, factor: float) -> None:
    series = curves(family, seed)
    assert judged(*scaled(series, factor)) == judged(*series)


@few
@given(families, seeds, st.integers(2, 4096), st.integers(0, 10**6))
def test_the_numbering_of_the_steps_changes_nothing(
    family: Family, seed: int, factor: int, offset: int
) -> None:
    series = curves(family, seed)
    assert judged(*renumbered(series, factor, offset)) == judged(*series)


@few
@given(families, seeds, st.integers(-(10**9), 10**9))
def test_the_time_of_day_changes_nothing(family: Family, seed: int, shift: int) -> None:
    series = curves(family, seed)
    assert judged(*series, begun=BEGUN + shift) == judged(*series)


# How writers name the same two losses.
NAMES = (
    ("train/loss", "val/loss"),
    ("Loss/train", "Loss/valid"),
    ("loss", "val_loss"),
    ("train_loss_epoch", "val_loss_epoch"),
    ("trn/objective", "dev/objective"),
)


@few
@given(st.sampled_from([healthy, BROKEN["overfitting"]]), seeds, st.sampled_from(NAMES))
def test_the_name_of_a_tag_changes_nothing_within_its_role(
    family: Family, seed: int, names: tuple[str, str]
) -> None:
    def named(pair: tuple[str, str]) -> list[Scalar]:
        tags = dict(zip(("train", "validation"), pair, strict=True))
        series = [replace(s, tag=tags[s.split]) for s in curves(family, seed)]
        return [replace(s, split=split_of_tag(s.tag)) for s in series]

    assert judged(*named(names)) == judged(*named(NAMES[0]))


@few
@given(seeds, st.booleans())
def test_a_mirrored_metric_gives_the_mirrored_finding(seed: int, improves: bool) -> None:
    """An accuracy that rises is an error rate that falls."""
    rng = np.random.default_rng(seed)
    t = time_of(60)
    loss = Scalar("loss", noisy(rng, 0.2 + 2.0 * np.exp(-4.0 * t), 0.01), "train")
    moves = 0.3 * t if improves else -0.3 * t
    score = 0.6 + moves + 0.005 * rng.standard_normal(60)
    accuracy = Scalar("accuracy", score, "train")
    error = Scalar("error", 1.0 - score, "train")
    assert judged(loss, accuracy) == judged(loss, error)


@few
@given(seeds, st.integers(1, 4))
def test_a_healthy_plateau_at_the_end_leaves_a_healthy_run_healthy(seed: int, more: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(40, 400))
    curve = exponential(rng, n)
    held = np.concatenate([curve, np.full(more * n, curve[-1])])
    values = noisy(rng, held, 0.02)
    assert alarms(make_run(Scalar("loss", values[:n], "train"))) == {}
    assert alarms(make_run(Scalar("loss", values, "train"))) == {}


short_curves = st.lists(st.floats(-1e6, 1e6), max_size=7)


@few
@given(short_curves, short_curves)
@example([1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0], [1.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0])
@example([2.3] * 7, [2.3] * 7)
def test_fewer_than_8_finite_points_raise_no_alarm(
    train: list[float], validation: list[float]
) -> None:
    runaway = len(train) >= 4 and train[-1] >= 10 * train[0] > 0
    found = alarms(
        make_run(Scalar("loss", train, "train"), Scalar("loss", validation, "validation"))
    )
    assert set(found) <= ({"diverging-loss"} if runaway else set())


def test_a_short_runaway_is_beyond_doubt_all_the_same() -> None:
    assert set(alarms(make_run(Scalar("loss", [1.0, 8.0, 90.0, 4e3, 2e6])))) == {"diverging-loss"}


@pytest.mark.parametrize("n", [8, 20, 200, 50_000])
def test_a_healthy_loss_is_silent_at_every_length(n: int) -> None:
    rng = np.random.default_rng(n)
    train = noisy(rng, 0.2 + 1.8 * np.exp(-6.0 * time_of(n)), 0.02)
    held_out = noisy(rng, 0.4 + 1.7 * np.exp(-6.0 * time_of(n)), 0.02)
    run = make_run(Scalar("loss", train, "train"), Scalar("loss", held_out, "validation"))
    assert alarms(run) == {}


def _swing(n: int) -> tuple[Scalar, ...]:
    return (Scalar("loss", 1.0 + 0.4 * (-1.0) ** np.arange(n), "train"),)


def _rise(n: int) -> tuple[Scalar, ...]:
    t = time_of(n)
    return (Scalar("loss", 0.2 + np.exp(-12.0 * t) + 5.0 * np.clip(t - 0.5, 0, None), "train"),)


def _plain(n: int) -> tuple[Scalar, ...]:
    return (Scalar("loss", noisy(np.random.default_rng(n), np.full(n, 2.303), 0.005), "train"),)


def _line(n: int) -> tuple[Scalar, ...]:
    t, rng = time_of(n), np.random.default_rng(n)
    return tuple(
        Scalar("loss", noisy(rng, 2.3 * (1.0 - 0.1 * t), 0.001), split)
        for split in ("train", "validation")
    )


def _lost(n: int) -> tuple[Scalar, ...]:
    t = time_of(n)
    return (Scalar("loss", np.where(t > 0.6, np.nan, 0.2 + 2.0 * np.exp(-12.0 * t)), "train"),)


def _turn(n: int) -> tuple[Scalar, ...]:
    t = time_of(n)
    held_out = 0.4 + np.exp(-12.0 * t) + np.clip(t - 0.4, 0, None)
    return (
        Scalar("loss", 1.1 * np.exp(-4.0 * t), "train"),
        Scalar("loss", held_out, "validation"),
    )


@pytest.mark.parametrize("n", [20, 200, 50_000])
@pytest.mark.parametrize(
    ("check", "shape"),
    [
        ("oscillating-loss", _swing),
        ("diverging-loss", _rise),
        ("non-converging-loss", _plain),
        ("overfitting", _turn),
        ("slow-convergence", _line),
        ("nan-or-inf", _lost),
    ],
)
def test_a_broken_loss_is_found_at_every_length(check: str, shape: Shape, n: int) -> None:
    assert set(alarms(make_run(*shape(n)))) == {check}


@pytest.mark.parametrize("nth", [2, 5, 10])
@pytest.mark.parametrize(
    ("check", "shape"),
    [
        ("diverging-loss", _rise),
        ("non-converging-loss", _plain),
        ("overfitting", _turn),
        ("slow-convergence", _line),
        ("nan-or-inf", _lost),
    ],
)
def test_a_broken_loss_is_found_when_it_is_logged_less_often(
    check: str, shape: Shape, nth: int
) -> None:
    assert set(alarms(make_run(*every(shape(2_000), nth)))) == {check}


def test_a_healthy_loss_is_silent_when_it_is_logged_less_often() -> None:
    alarmed = []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        series = healthy(rng, 1_000, 10_000)
        alarmed += [seed] if alarms(make_run(*every(series, int(rng.integers(2, 6))))) else []
    assert len(alarmed) <= 1, alarmed


def test_few_healthy_runs_raise_an_alarm() -> None:
    runs = {seed: make_run(*curves(healthy, seed)) for seed in range(MEASURED_HEALTHY)}
    alarmed = {seed: found for seed, run in runs.items() if (found := alarms(run))}
    assert len(alarmed) <= 0.02 * MEASURED_HEALTHY, alarmed


def test_most_broken_runs_are_found() -> None:
    missed: dict[str, list[int]] = {}
    for check, family in BROKEN.items():
        runs = {seed: make_run(*curves(family, seed)) for seed in range(MEASURED_BROKEN)}
        missed[check] = [seed for seed, run in runs.items() if check not in alarms(run)]
    assert sum(map(len, missed.values())) <= 0.1 * MEASURED_BROKEN * len(BROKEN), missed
    assert all(len(seeds) <= 0.2 * MEASURED_BROKEN for seeds in missed.values()), missed


def test_a_healthy_run_is_called_healthy() -> None:
    rng = np.random.default_rng(0)
    train = noisy(rng, exponential(rng, 60), 0.01)
    diagnosis = diagnose(make_run(Scalar("epoch_loss", train, "train")))
    assert diagnosis.verdict == "healthy"
