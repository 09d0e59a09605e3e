from __future__ import annotations

import numpy as np
import pytest

from tblogreport.findings import Severity, Status
from tests.runs import FloatArray, Histogram, Scalar, judge, make_run
from tests.tensors import bad_loss, good_loss, no_loss, recorded, training

CHECK = "update-ratio"
N = 20


def ratios(*levels: float, every: int = 1, records: int = N) -> list[Scalar]:
    """Logged ratios of kernels dense_0, dense_1 … about these levels."""
    rng = np.random.default_rng(0)
    steps = 100 * np.arange(records)[::every]
    return [
        Scalar(
            f"update_ratio/dense_{i}/kernel",
            level * np.exp(0.5 * rng.standard_normal(records))[::every],
            "train",
            steps,
        )
        for i, level in enumerate(levels)
    ]


@pytest.mark.parametrize("every", [1, 2, 3])
@pytest.mark.parametrize(
    ("levels", "word"), [((0.5, 0.2, 0.3), "One update"), ((1e-7, 1e-6, 1e-6), "No update")]
)
def test_steps_of_a_wrong_length_are_found(
    levels: tuple[float, ...], word: str, every: int
) -> None:
    finding = judge(CHECK, make_run(bad_loss(), *ratios(*levels, every=every))).finding
    assert finding.severity == Severity.WARNING
    assert finding.title.startswith(word)
    assert len(finding.tags) == 3


@pytest.mark.parametrize("level", [1e-4, 1e-3, 1e-2, 0.05])
@pytest.mark.parametrize("loss", [bad_loss(), good_loss(), no_loss()])
def test_usual_steps_are_silent(level: float, loss: Scalar) -> None:
    run = make_run(loss, *ratios(level, level / 10, level / 3))
    assert judge(CHECK, run).status == Status.CLEAN


@pytest.mark.parametrize("loss", [good_loss(), no_loss()])
@pytest.mark.parametrize("levels", [(0.3, 0.2), (5e-6, 2e-6)])
def test_it_is_a_note_where_the_run_did_not_suffer(loss: Scalar, levels: tuple[float, ...]) -> None:
    finding = judge(CHECK, make_run(loss, *ratios(*levels))).finding
    assert finding.severity == Severity.INFO


def test_extreme_steps_are_a_warning_where_nothing_tells_the_outcome() -> None:
    assert judge(CHECK, make_run(*ratios(3.0, 2.0))).finding.severity == Severity.WARNING


def test_one_small_layer_may_move_fast() -> None:
    run = make_run(bad_loss(), *ratios(0.5, 1e-3, 1e-3, 1e-4))
    assert judge(CHECK, run).status == Status.CLEAN


def test_the_first_tenth_does_not_count() -> None:
    series = [
        Scalar(s.tag, np.r_[1.0, 1.0, np.asarray(s.values)[2:]], s.split, s.steps)
        for s in ratios(1e-3, 1e-3)
    ]
    assert judge(CHECK, make_run(bad_loss(), *series)).status == Status.CLEAN


def test_biases_and_embeddings_are_not_looked_at() -> None:
    fast = [Scalar(f"update_ratio/{n}", np.full(N, 0.5), "train") for n in ("fc/bias", "embed/w")]
    run = make_run(bad_loss(), *fast, *ratios(1e-3, 1e-3))
    assert judge(CHECK, run).status == Status.CLEAN


def test_no_update_at_all_is_another_finding() -> None:
    assert judge(CHECK, make_run(bad_loss(), *ratios(0.0, 0.0))).status == Status.CLEAN


@pytest.mark.parametrize(("rate", "said"), [(1e-3, "from 0.001"), (None, "by a factor")])
def test_the_fix_names_the_rate_where_it_was_logged(rate: float | None, said: str) -> None:
    logged = [Scalar("learning_rate", np.full(N, rate), "train")] if rate else []
    finding = judge(CHECK, make_run(bad_loss(), *ratios(0.5, 0.5), *logged)).finding
    assert said in finding.fixes[0]


def test_a_spent_schedule_explains_short_steps() -> None:
    rate = np.where(np.arange(100) < 20, 1e-2, 1e-6)
    logged = Scalar("learning_rate", rate, "train")
    finding = judge(CHECK, make_run(bad_loss(), *ratios(1e-6, 1e-6), logged)).finding
    assert "learning rate was next to zero" in finding.message
    assert "Stretch the schedule" in finding.fixes[0]


def weights(move: float) -> list[Histogram]:
    return [recorded(f"fc{i}.weight", training(i, move=move)) for i in range(3)]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_weights_that_stand_all_but_still_tell_too(scale: float) -> None:
    still = [
        recorded(f"fc{i}.weight", [scale * w for w in training(i, move=1e-6)]) for i in range(3)
    ]
    finding = judge(CHECK, make_run(bad_loss(), *still)).finding
    assert finding.severity == Severity.WARNING
    assert finding.title == "The weights stand all but still"


@pytest.mark.parametrize(
    "series",
    [
        [bad_loss()],
        [bad_loss(), *weights(0.2)],
        [good_loss(), *weights(1e-6)],
        [bad_loss(), *ratios(0.5, 0.5, records=4)],
    ],
    ids=["no tensors", "weights that move", "a good run", "few records"],
)
def test_without_ratios_it_cannot_be_checked(series: list[Scalar | Histogram]) -> None:
    judged = judge(CHECK, make_run(*series))
    assert judged.status == Status.NOT_CHECKABLE
    assert "no update ratios" in (judged.reason or "")


def test_ratios_of_biases_alone_leave_nothing_to_judge() -> None:
    values: FloatArray = np.full(N, 0.01)
    run = make_run(bad_loss(), Scalar("update_ratio/dense/bias", values, "train"))
    assert judge(CHECK, run).status == Status.CLEAN
