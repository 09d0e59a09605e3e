"""Where the advice to clip gradients puts the limit."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tblogreport.checks.advice import CLIP_GRADIENTS
from tblogreport.checks.clipping import clip_advice
from tblogreport.context.series import Role
from tests.runs import BEGUN, DURATION, Scalar, diagnose, make_run, signals_of

LOSS = Scalar("loss", np.exp(-np.arange(100) / 20))
HALFWAY = BEGUN + DURATION / 2


def _limit(advice: str) -> float:
    return float(advice.split("global_clipnorm=")[1].split(")", maxsplit=1)[0])


def _advice(norms: NDArray[np.float64], until: float | None = None) -> str:
    signals = signals_of(make_run(LOSS, Scalar("grad_norm", norms)))
    assert Role.GRADIENT_NORM in {s.role for s in signals.context.series}
    return clip_advice(signals, until)


def _norms(n: int = 100) -> NDArray[np.float64]:
    return np.random.default_rng(0).lognormal(1.0, 0.5, n)


def test_nine_in_ten_of_the_logged_norms_are_left_alone() -> None:
    norms = _norms()
    assert _limit(_advice(norms)) == pytest.approx(np.percentile(norms, 90), rel=0.05)


def test_norms_of_the_time_after_it_went_wrong_do_not_count() -> None:
    norms = _norms()
    wild = np.concatenate([norms[:50], 1e6 * norms[50:]])
    assert _limit(_advice(wild, HALFWAY)) == pytest.approx(np.percentile(norms[:50], 90), rel=0.05)


def test_norms_that_are_not_finite_or_nothing_do_not_count() -> None:
    norms = _norms()
    holes = norms.copy()
    holes[::3] = np.nan
    holes[1::7] = 0.0
    kept = holes[np.isfinite(holes) & (holes > 0)]
    assert _limit(_advice(holes)) == pytest.approx(np.percentile(kept, 90), rel=0.05)


def test_a_run_that_was_never_sound_is_clipped_at_its_median() -> None:
    norms = _norms()
    assert _limit(_advice(norms, BEGUN)) == pytest.approx(np.median(norms), rel=0.05)


def test_norms_that_are_cut_off_already_are_clipped_lower() -> None:
    advice = _advice(np.minimum(_norms(), 3.0))
    assert "it is clipped at 3 now" in advice
    assert _limit(advice) < 3.0


@pytest.mark.parametrize("norms", [_norms(5), np.full(50, np.nan), np.zeros(50)])
def test_where_too_little_was_logged_the_limit_is_1(norms: NDArray[np.float64]) -> None:
    assert _advice(norms) == CLIP_GRADIENTS


def test_the_cause_says_it_where_the_loss_diverged() -> None:
    t = np.arange(200)
    loss = np.exp(-t / 20) + 0.05 + np.where(t > 120, 0.03 * np.exp((t - 120) / 12), 0.0)
    norms = _norms(200) * np.where(t > 120, 1e3, 1.0)
    run = diagnose(make_run(Scalar("loss", loss), Scalar("grad_norm", norms)))
    (cause, *_) = run.causes
    clip = next(fix for fix in cause.fixes if fix.startswith("Clip"))
    assert _limit(clip) == pytest.approx(np.percentile(norms[:110], 90), rel=0.3)
