"""One sentence says what to log next time, and how many checks that brings."""

from __future__ import annotations

import numpy as np

from tblogreport.coverage import to_log
from tblogreport.findings import CheckResult, Status
from tests.runs import Scalar, diagnose, make_run

TENSORS = "no gradients; log them with `tblogreport.instrument.torch.watch(model, writer)`"


def missing(*reasons: str) -> list[CheckResult]:
    return [CheckResult(f"check-{i}", Status.NOT_CHECKABLE, r) for i, r in enumerate(reasons)]


def test_the_gap_that_costs_most_comes_first_and_is_counted() -> None:
    sentence = to_log(missing("no validation loss was logged", TENSORS, TENSORS))
    assert sentence is not None
    assert sentence.index("watch(model, writer)") < sentence.index("validation loss")
    assert "3 more checks can be made" in sentence


def test_nothing_is_asked_for_where_nothing_lacks() -> None:
    assert to_log([CheckResult("overfitting", Status.CLEAN)]) is None
    assert to_log(missing("the losses of an adversarial training rise and fall")) is None


def test_scalars_alone_lead_to_our_instruments() -> None:
    loss = Scalar("loss", 0.2 + 2 * np.exp(-np.arange(60) / 9), "train")
    sentence = diagnose(make_run(loss)).to_log or ""
    assert "TensorHealth(log_dir)" in sentence
    assert sentence.endswith(".")
