from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score
from tensorboardX import SummaryWriter

import tblogreport
from tblogreport.findings import PrecisionRecall
from tblogreport.logged.precision_recall import average_precision, precision_recall_of


def logged(root: Path, truth: np.ndarray, *scores: np.ndarray) -> tuple[PrecisionRecall, ...]:
    with SummaryWriter(str(root / "run")) as writer:
        for step, score in enumerate(scores):
            writer.add_pr_curve("cat", truth, score, step, num_thresholds=127)
    (run,) = tblogreport.read(root / "run")
    (chart,) = precision_recall_of(run.media, [])
    assert chart.title == "Precision against recall of cat"
    return chart.curves


def test_the_area_is_that_of_scikit_learn(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    # Scores that the thresholds of the log tell apart.
    score = np.floor(np.clip(0.3 * truth + 0.6 * rng.random(400), 0, 0.999) * 126) / 126
    (curve,) = logged(tmp_path, truth, score)
    assert average_precision(curve) == pytest.approx(
        average_precision_score(truth, score), abs=0.02
    )


def test_the_first_and_the_last_curve_are_kept(tmp_path: Path) -> None:
    truth = np.array([0, 1, 0, 1])
    curves = logged(tmp_path, truth, *(np.array([0.1, 0.2, 0.3, 0.4]) for _ in range(4)))
    assert [curve.step for curve in curves] == [0.0, 3.0]
