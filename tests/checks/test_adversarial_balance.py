from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, judge, make_run

CHECK = "adversarial-balance"
N = 200
T = time_of(N)
WON = 1.4 * np.exp(-20 * T) + 1e-3
LOST = 0.7 + 8 * (1 - np.exp(-10 * T))
EVEN = 1.2 + 0.2 * np.sin(20 * T)
RNG = np.random.default_rng(0)


def game(judge_loss: FloatArray, maker_loss: FloatArray, *names: str) -> list[Scalar]:
    tags = names or ("Loss/D", "Loss/G")
    losses = (noisy(RNG, one, 0.1) for one in (judge_loss, maker_loss))
    return [Scalar(tag, loss) for tag, loss in zip(tags, losses, strict=True)]


@pytest.mark.parametrize(
    "names",
    [("Loss/D", "Loss/G"), ("d_loss", "g_loss"), ("Loss_D", "Loss_G"), ("errD", "errG")],
)
def test_a_discriminator_that_is_always_right_has_won(names: tuple[str, str]) -> None:
    finding = judge(CHECK, make_run(*game(WON, LOST, *names))).finding
    assert finding.severity == Severity.WARNING
    assert finding.title.startswith("The discriminator has won")
    assert finding.steps is not None
    assert 15 < finding.steps[0] < 60
    assert float(finding.measured["share_left"]) < float(finding.thresholds["share_left"])


def test_what_a_loss_began_with_is_its_first_point_in_words() -> None:
    at_once = np.r_[1.4, 0.03, 0.002, np.full(N - 3, 1e-5)]
    run = make_run(Scalar("Loss/D", at_once), Scalar("Loss/G", np.r_[0.7, LOST[1:]]))
    assert "`Loss/D` fell from 1.4 to" in judge(CHECK, run).finding.message
    assert "after 0.7 at the beginning" in judge(CHECK, run).finding.message


def test_a_discriminator_that_believes_everything_has_lost() -> None:
    finding = judge(CHECK, make_run(*game(LOST, WON))).finding
    assert finding.title.startswith("The generator has won")
    assert "discriminator is trained at all" in finding.fixes[0]


@pytest.mark.parametrize(
    ("judge_loss", "maker_loss"),
    [
        (EVEN, 0.8 + 0.1 * T),
        (0.25 * EVEN, LOST / 2),
        (WON, 40 * np.exp(-5 * T) + 3),
        (np.where(T > 0.95, WON, EVEN), LOST),
    ],
    ids=["even", "a strong discriminator", "the other gains as well", "for a moment"],
)
def test_other_games_are_clean(judge_loss: FloatArray, maker_loss: FloatArray) -> None:
    assert judge(CHECK, make_run(*game(judge_loss, maker_loss))).status == Status.CLEAN


def test_a_critic_below_zero_is_never_right_about_everything() -> None:
    assert judge(CHECK, make_run(*game(-WON, LOST))).status == Status.CLEAN


def test_parts_of_a_side_are_not_the_side() -> None:
    parts = [Scalar("D/loss_real", WON), Scalar("D/loss_fake", WON), *game(EVEN, LOST)]
    assert judge(CHECK, make_run(*parts)).status == Status.CLEAN


def test_without_a_game_nobody_wins() -> None:
    assert judge(CHECK, make_run(Scalar("loss", WON))).status == Status.CLEAN


def test_a_few_points_cannot_be_checked() -> None:
    few = [Scalar("Loss/D", WON[::20]), Scalar("Loss/G", LOST[::20])]
    assert judge(CHECK, make_run(*few)).status == Status.NOT_CHECKABLE


def test_a_generator_that_minimises_a_logarithm_loses_at_zero() -> None:
    """log(1 − D(G(z))) is below zero, and 0 once the discriminator knows all that is made."""
    won, lost = 1.4 * np.exp(-40 * T) + 1e-6, -0.8 * np.exp(-40 * T) - 1e-6
    finding = judge(CHECK, make_run(Scalar("loss_D", won), Scalar("loss_G", lost))).finding
    assert "discriminator has won" in finding.title
