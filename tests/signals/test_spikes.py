"""What is a jump, and what is only the tail of the noise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike

from tblogreport.signals.spikes import MIN_POINTS, Spike, find_spikes
from tests.families import noisy, power_law
from tests.runs import FloatArray, curve_of

N = 400


def spikes(values: ArrayLike, steps: ArrayLike | None = None) -> tuple[Spike, ...]:
    return find_spikes(curve_of(values, steps))


def level(n: int = N, sigma: float = 0.02, seed: int = 0) -> FloatArray:
    return noisy(np.random.default_rng(seed), np.full(n, 3.0), sigma)


def with_spike(at: int, height: float, decay: float, n: int = N) -> FloatArray:
    """A spike that falls by a factor e in `decay` points."""
    values = level(n)
    values[at:] += height * np.exp(-np.arange(n - at) / decay)
    return values


def test_a_single_point_is_found_with_its_level_and_its_size() -> None:
    values = level()
    values[200] = 6.0
    (spike,) = spikes(values, 10 * np.arange(N))
    assert (spike.first, spike.peak, spike.back, spike.half) == (200, 200, 201, 1)
    assert (spike.step, spike.value) == (2000, 6.0)
    assert spike.level == pytest.approx(3.0, rel=0.02)
    assert spike.factor == pytest.approx(2.0, rel=0.02)
    assert spike.rise == pytest.approx(3.0, rel=0.02)
    assert spike.sigmas == pytest.approx(np.log(2) / 0.02, rel=0.3)
    assert not spike.lasting


def test_one_that_lasts_is_one_spike_and_known_to_last() -> None:
    (spike,) = spikes(with_spike(200, 2.0, 10.0))
    assert spike.lasting
    assert (spike.first, spike.peak) == (200, 200)
    assert spike.half == pytest.approx(7, abs=2)
    assert spike.back == pytest.approx(200 + 10 * np.log(10), abs=8)


def test_one_that_never_comes_back_has_no_end() -> None:
    (spike,) = spikes(np.where(np.arange(N) < 200, level(), 2 * level(seed=1)))
    assert (spike.first, spike.back) == (200, None)


@pytest.mark.parametrize("factor", [1e-3, 1e3])
@pytest.mark.parametrize("offset", [0.0, -10.0])
def test_the_unit_changes_nothing(offset: float, factor: float) -> None:
    values = with_spike(120, 2.0, 3.0) + offset
    values[300] = 9.0 + offset
    found = [(s.first, s.back, s.half, s.lasting) for s in spikes(values)]
    assert [first for first, *_ in found] == [120, 300]
    assert [(s.first, s.back, s.half, s.lasting) for s in spikes(factor * values)] == found


def test_a_rise_over_many_points_of_a_long_series_is_found() -> None:
    n = 20_000
    values = level(n)
    at = np.arange(n)
    hump = np.clip((at - 9_000) / 60, 0, 1) * np.exp(-np.clip(at - 9_060, 0, None) / 100)
    (spike,) = spikes(values + 2.0 * hump)
    assert 8_900 <= spike.first <= 9_060
    assert spike.lasting


@pytest.mark.parametrize("n", [50, 500, 5_000])
def test_noise_has_no_spikes(n: int) -> None:
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        curve = power_law(rng, n)
        found += len(spikes(noisy(rng, curve, 0.2)))
        found += sum(spike.lasting for spike in spikes(noisy(rng, curve, 0.2, heavy=True)))
    assert found <= 1


def test_a_fast_first_fall_and_a_cut_of_the_level_are_no_spikes() -> None:
    fall = 0.2 + 5.0 * np.exp(-np.arange(N) / 3.0)
    assert spikes(fall * level() * np.where(np.arange(N) > 250, 0.3, 1.0)) == ()


def test_a_steady_climb_is_no_spike() -> None:
    hill = 1.0 + 3.0 * np.exp(-(((np.arange(N) - 200) / 40.0) ** 2))
    assert spikes(level(sigma=0.005) * hill) == ()


def test_a_tail_that_fades_out_upwards_is_no_spike() -> None:
    """Squared errors of data with outliers: many are large, some very large."""
    found = 0
    for seed in range(20):
        errors = np.random.default_rng(seed).standard_t(3, (2_000, 16))
        found += len(spikes((errors**2).mean(axis=1)))
    assert found == 0


def test_what_recurs_every_epoch_is_no_spike() -> None:
    """A running mean that begins anew: its first values are those of single batches."""
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        batches = noisy(rng, np.full((20, 50), 3.0).ravel(), 0.3).reshape(20, 50)
        found += len(spikes((np.cumsum(batches, axis=1) / np.arange(1, 51)).ravel()))
    assert found <= 1


def test_a_spike_between_what_recurs_is_found() -> None:
    saw = 1.0 + 0.2 * (np.arange(N) % 20 == 0)
    values = level() * saw
    values[207] = 9.0
    assert [spike.first for spike in spikes(values)] == [207]


@pytest.mark.parametrize(
    "values", [np.zeros(N), np.full(N, 2.3), np.arange(N) % 2, np.full(MIN_POINTS - 1, 1.0)]
)
def test_what_has_no_noise_or_is_too_short_has_no_spikes(values: FloatArray) -> None:
    assert spikes(values) == ()
