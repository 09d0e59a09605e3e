"""What could be checked in a run and what not, and what to log next time to close the gaps."""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.findings import CheckResult, Status
from tblogreport.numbers import listed

# What the reason of a check names that lacks something, and the order that brings it.
_GAPS = (
    (
        "tblogreport.instrument",
        "the tensors and their norms: Keras `callbacks=[…, TensorHealth(log_dir)]` from "
        "`tblogreport.instrument.keras`, PyTorch `with watch(model, writer):` from "
        "`tblogreport.instrument.torch`",
    ),
    ("validation", "a validation loss every epoch"),
    ("learning rate", "the learning rate"),
    ("metric", "a metric beside the loss"),
    ("log every epoch", "the loss every epoch, or more often"),
    ("log it at every step", "the norm of the gradient at every step"),
    ("weight histograms", "histograms of the weights"),
)


def to_log(results: Sequence[CheckResult]) -> str | None:
    """One sentence on what to log next time; None where nothing that was asked for lacks.

    The gap that keeps most checks from being made comes first, two at most are named.
    """
    reasons = [r.reason or "" for r in results if r.status == Status.NOT_CHECKABLE]
    counted: dict[str, int] = {}
    for reason in reasons:
        order = next((order for word, order in _GAPS if word in reason), None)
        if order is not None:
            counted[order] = counted.get(order, 0) + 1
    if not counted:
        return None
    orders = sorted(counted, key=lambda order: -counted[order])[:2]
    closed = sum(counted[order] for order in orders)
    checks = f"{closed} more check{'s' * (closed != 1)} can be made"
    return f"Log next time {listed(orders)}, so that {checks}."
