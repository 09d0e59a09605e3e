"""What programs are made of: data sets, manners of logging, optimisers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tblogreport
from benchmarks.accuracy.corpus import MANNERS
from benchmarks.accuracy.data import DATASETS, load
from benchmarks.accuracy.faults import FAULTS, HABITS
from benchmarks.accuracy.programs import PROGRAMS, Program
from benchmarks.accuracy.recipe import Recipe

PLAIN = Recipe("sgd", 0.1, 32, 1)


@pytest.mark.parametrize("name", DATASETS)
def test_data_are_what_their_task_says(name: str) -> None:
    data = load(name, PLAIN, 0)
    assert len(data.x_train) == len(data.y_train) > len(data.x_validation)
    assert data.x_train.dtype == (np.int64 if data.tokens else np.float32)
    kind = {"classes": ((), np.int64), "values": ((data.classes,), np.float32)}
    shape, dtype = kind.get(data.task, (data.x_train.shape[1:], np.int64))
    assert (data.y_train.shape[1:], data.y_train.dtype) == (shape, dtype)
    if data.task == "classes":
        assert set(np.unique(data.y_train)) == set(range(data.classes))


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=lambda p: p.name)
def test_what_a_program_says_of_its_data_is_true(program: Program) -> None:
    data = load(program.data, PLAIN, 0)
    assert program.classifies == (data.task == "classes")
    assert program.decides == (data.task == "classes" and data.classes == 2)
    assert program.reads_tokens == bool(data.tokens)


def test_tokens_keep_their_numbers_whatever_the_scale() -> None:
    scaled = load("majority", Recipe("sgd", 0.1, 32, 1, input_scale=300.0), 0)
    assert scaled.tokens == 5


def test_every_fault_and_every_habit_fits_some_program() -> None:
    for change in (*FAULTS, *HABITS):
        assert any(change.fits(program) for program in PROGRAMS.values()), change.name


def test_every_manner_is_one_that_a_training_can_log_in() -> None:
    torch_logging = pytest.importorskip("benchmarks.accuracy.torch_logging")
    keras_training = pytest.importorskip("benchmarks.accuracy.keras_training")
    known = {"torch": torch_logging.MANNERS, "keras": keras_training.MANNERS}
    for (_, framework), manners in MANNERS.items():
        assert set(manners) <= set(known[framework])


def test_a_smoothed_loss_starts_at_the_first_and_lags_behind(tmp_path: Path) -> None:
    torch_logging = pytest.importorskip("benchmarks.accuracy.torch_logging")
    manner = torch_logging.MANNERS["fastai"]
    with torch_logging.Logger(tmp_path, manner, PLAIN, 100) as logger:
        for step in range(1, 101):
            logger.batch(step, 1.0 if step <= 50 else 0.0, 0.1, 0.0)
    (run,) = tblogreport.read(tmp_path)
    losses = run.scalars[run.scalars["tag"] == "train_loss"]["value"].to_numpy()
    assert losses[:50] == pytest.approx(1.0)
    weights = 0.98 ** np.arange(100)
    assert losses[-1] == pytest.approx(weights[50:].sum() / weights.sum(), rel=1e-5)


def test_lion_moves_every_weight_by_the_rate_against_the_gradient() -> None:
    torch = pytest.importorskip("torch")
    from benchmarks.accuracy.torch_optimizers import Lion

    weight = torch.nn.Parameter(torch.tensor([1.0, 1.0, 1.0]))
    optimizer = Lion([weight], lr=0.1, weight_decay=0.5)
    weight.grad = torch.tensor([3.0, -0.01, 0.0])
    optimizer.step()
    assert weight.tolist() == pytest.approx([0.85, 1.05, 0.95])
    weight.grad = torch.tensor([-0.1, -0.01, 0.0])  # less than the momentum weighs
    optimizer.step()
    assert weight[0].item() < 0.85
