from __future__ import annotations

import numpy as np
import pytest

from tests.runs import Scalar, context_of, diagnose, make_run

N = 10
TRAINER = {
    "evaluated": ("train/loss", "eval/loss", "eval/samples_per_second"),
    "ended": ("train/loss", "train/total_flos"),
    "running": ("train/loss", "train/learning_rate", "train/epoch"),
}
OTHERS = {
    "Lightning": ("train_loss", "val_loss", "epoch"),
    "own": ("train/loss", "train/learning_rate"),
    "nothing": (),
}


def series(*tags: str, rate: float = 5e-5) -> list[Scalar]:
    return [Scalar(tag, np.full(N, rate if "rate" in tag else 1.0)) for tag in tags]


@pytest.mark.parametrize("tags", TRAINER.values(), ids=list(TRAINER))
def test_the_trainer_of_hugging_face_goes_on_from_trained_weights(tags: tuple[str, ...]) -> None:
    assert context_of(make_run(*series(*tags))).fine_tunes


@pytest.mark.parametrize("tags", OTHERS.values(), ids=list(OTHERS))
def test_other_logs_do_not_say(tags: tuple[str, ...]) -> None:
    assert not context_of(make_run(*series(*tags))).fine_tunes


def test_nobody_trains_trained_weights_at_such_a_rate() -> None:
    assert not context_of(make_run(*series(*TRAINER["running"], rate=0.1))).fine_tunes


@pytest.mark.parametrize(("rate", "cause"), [(5e-6, "learning-rate-too-low"), (5e-5, None)])
def test_a_low_rate_leaves_trained_weights_where_they_were(rate: float, cause: str | None) -> None:
    evaluations = np.arange(1, 6) * 100
    run = make_run(
        Scalar("train/loss", np.full(5, 1.39), "train", evaluations),
        Scalar("train/learning_rate", rate * np.linspace(1, 0.5, 5), "train", evaluations),
        Scalar("eval/loss", np.log(4) + 1e-4 * np.arange(5), "validation", evaluations),
        Scalar("eval/accuracy", np.full(5, 0.225), "validation", evaluations),
        Scalar("eval/samples_per_second", np.full(5, 10.0), "validation", evaluations),
    )
    diagnosis = diagnose(run)
    (finding,) = [f for f in diagnosis.findings if f.check == "non-converging-loss"]
    assert "stays where it started" in finding.title
    named = [found.cause for found in diagnosis.causes]
    assert "bad-initialization" not in named
    assert cause is None or named[0] == cause
