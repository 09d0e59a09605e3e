from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.families import noisy, time_of
from tests.runs import FloatArray, Scalar, judge, make_run, scaled

CHECK = "loss-metric-mismatch"
N = 60
T = time_of(N)
FALL = 0.2 + 2 * np.exp(-4 * T)


def loss(values: FloatArray = FALL, split: str = "train") -> Scalar:
    return Scalar("epoch_loss", noisy(np.random.default_rng(0), values, 0.01), split)


def accuracy(values: FloatArray, split: str = "train", sigma: float = 0.005) -> Scalar:
    noise = sigma * np.random.default_rng(1).standard_normal(len(values))
    return Scalar("epoch_accuracy", values + noise, split)


def test_an_accuracy_that_never_changes_beside_a_falling_loss_is_an_error() -> None:
    run = make_run(loss(), Scalar("epoch_accuracy", np.full(N, 0.37), "train"))
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.ERROR
    assert "never changed" in finding.title


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e3])
def test_a_metric_that_gets_worse_while_the_loss_falls_is_a_note(factor: float) -> None:
    run = make_run(*scaled((loss(),), factor), accuracy(0.8 - 0.3 * T))
    finding = judge(CHECK, run).finding
    assert finding.severity == Severity.INFO
    assert "got worse" in finding.title


def test_a_score_of_chance_beside_a_loss_that_falls_far_is_a_note() -> None:
    finding = judge(CHECK, make_run(loss(), accuracy(np.full(N, 0.1)))).finding
    assert finding.severity == Severity.INFO
    assert "stayed where it was" in finding.title


def test_a_good_score_may_stay_while_the_loss_falls() -> None:
    assert judge(CHECK, make_run(loss(), accuracy(np.full(N, 0.9)))).status == Status.CLEAN


def test_a_score_that_improves_beside_a_loss_that_stands_still_is_a_note() -> None:
    run = make_run(loss(np.full(N, 3.4)), accuracy(0.1 + 0.6 * T))
    assert "stood still" in judge(CHECK, run).finding.title


def test_a_metric_that_gets_worse_early_and_stays_so_is_a_note() -> None:
    fast = np.exp(-25 * T)
    run = make_run(loss(0.2 + 2 * fast), accuracy(0.4 + 0.4 * fast))
    assert "got worse" in judge(CHECK, run).finding.title


def test_an_error_rate_that_rises_is_the_mirrored_case() -> None:
    run = make_run(loss(), Scalar("epoch_error_rate", 0.2 + 0.3 * T, "train"))
    assert judge(CHECK, run).status == Status.FIRED


def test_loss_and_metric_that_improve_together_are_clean() -> None:
    assert judge(CHECK, make_run(loss(), accuracy(0.5 + 0.4 * T))).status == Status.CLEAN


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_metric_that_is_perfect_or_meaningless_is_clean(level: float) -> None:
    run = make_run(loss(), Scalar("epoch_accuracy", np.full(N, level), "train"))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_loss_that_rises_while_its_score_climbs_does_not_diverge() -> None:
    """What throws the loss up throws the score down."""
    rising = loss(1.0 + 2.0 * T)
    run = make_run(rising, accuracy(0.1 + 0.8 * (1 - np.exp(-4 * T))))
    assert "rose while the metric improved" in judge(CHECK, run).finding.title
    assert judge("diverging-loss", run).status == Status.CLEAN
    worse = make_run(rising, accuracy(0.5 - 0.4 * T))
    assert judge("diverging-loss", worse).status == Status.FIRED


def test_overconfidence_on_validation_data_is_clean() -> None:
    held_out = loss(0.4 + 0.5 * T, "validation")
    run = make_run(loss(), held_out, accuracy(0.6 + 0.3 * T), accuracy(0.6 + 0.2 * T, "validation"))
    assert judge(CHECK, run).status == Status.CLEAN


def test_a_noisy_metric_is_no_evidence() -> None:
    run = make_run(loss(), accuracy(np.full(N, 0.6), sigma=0.05))
    assert judge(CHECK, run).status == Status.CLEAN


def test_without_a_metric_it_cannot_be_checked() -> None:
    assert judge(CHECK, make_run(loss())).status == Status.NOT_CHECKABLE


def twice(classes: int, right: FloatArray) -> FloatArray:
    """The loss of a softmax over a sure softmax that is right so often; first a guess."""
    sure = np.log1p((classes - 1) / np.e) + 1.0 - right
    return np.asarray(sure + (np.log(classes) - sure[0]) * np.exp(-40 * (T - T[0])))


@pytest.mark.parametrize("classes", [5, 10, 100, 1000])
@pytest.mark.parametrize("split", ["train", "validation"])
def test_the_floor_of_a_softmax_applied_twice_is_known(classes: int, split: str) -> None:
    right = 0.97 - 0.5 * np.exp(-12 * T)
    metric = accuracy(right, split, sigma=0.001)
    curve = Scalar("epoch_loss", twice(classes, right), split)
    finding = judge(CHECK, make_run(curve, metric)).finding
    assert finding.severity == Severity.WARNING
    assert f"{classes} classes" in finding.message


@pytest.mark.parametrize("classes", [2, 5, 10, 100, 1000])
@pytest.mark.parametrize("end", [0.7, 0.85, 0.97])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.2])
def test_an_honest_loss_does_not_stand_there(classes: int, end: float, smoothing: float) -> None:
    """Calibrated: as sure as it is right, with labels smoothed or not."""
    sure = end * (1 - smoothing) + smoothing / classes
    rest = (1 - sure) / (classes - 1)
    entropy = -sure * np.log(sure) - (1 - sure) * np.log(rest)
    curve = entropy + (np.log(classes) - entropy) * np.exp(-15 * (T - T[0]))
    run = make_run(Scalar("epoch_loss", curve, "train"), accuracy(end - 0.5 * np.exp(-15 * T)))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize(("begun", "status"), [(1.75, Status.FIRED), (5.0, Status.CLEAN)])
def test_the_floor_of_two_softmaxes_tells_where_the_first_epoch_does_not(
    begun: float, status: Status
) -> None:
    """No loss of two softmaxes over ten classes lies above 2.46, with all answers wrong."""
    t = np.linspace(0, 1, 60)
    accuracy = 0.91 - 0.1 * np.exp(-6 * t)
    rest = begun - 1.4612 - 0.19
    loss = 1.4612 + (1 - accuracy) + rest * np.exp(-12 * t)
    run = make_run(Scalar("loss0", loss, "train"), Scalar("acc0", 100 * accuracy, "train"))
    assert judge(CHECK, run).status == status


def test_a_contrastive_loss_has_a_floor_of_its_own() -> None:
    t = np.linspace(0, 1, 30)
    loss = np.log(1 + 99 / np.e) + 0.03 + 0.95 * np.exp(-20 * t)
    for tag, found in (("train/loss", True), ("contrastive/nt_xent", False)):
        run = make_run(
            Scalar(tag, loss, "train"),
            Scalar(tag.split("/")[0] + "/knn_acc", 0.95 + 0 * t, "train"),
        )
        titles = [finding.title for finding in judge(CHECK, run).findings]
        assert any("softmax" in title for title in titles) == found
