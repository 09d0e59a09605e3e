"""Values that their names forbid, as real bugs produce them; by the third author."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_names import (
    FloatArray,
    Series,
    draw_log,
    draw_task,
    noise,
    pick,
    shapes,
    wide,
)

# From the fall of the loss, 1 to 0, to the values with the bug.
Bug: TypeAlias = Callable[[Generator, FloatArray], FloatArray]


def _above_one(rng: Generator, fall: FloatArray) -> FloatArray:
    """Hits divided by the batches times a batch size that is too small."""
    right = 0.95 - 0.7 * fall + rng.normal(0.0, 0.008, len(fall))
    return right * rng.uniform(1.25, 1.6)


def _above_hundred(rng: Generator, fall: FloatArray) -> FloatArray:
    return 100.0 * _above_one(rng, fall)


def _slightly_below_zero(rng: Generator, fall: FloatArray) -> FloatArray:
    """A difference of counts that are not of the same examples: an overlap below 0 at first."""
    return 0.7 - rng.uniform(0.95, 1.4) * fall / fall[0] + rng.normal(0.0, 0.01, len(fall))


def _negative_loss(rng: Generator, fall: FloatArray) -> FloatArray:
    """`nll_loss` over probabilities rather than their logarithms: minus the probability."""
    return -(0.95 - 0.8 * fall) * noise(rng, len(fall), 0.01)


def _negated_error(rng: Generator, fall: FloatArray) -> FloatArray:
    """The negated score that a search maximises, logged under the error's name."""
    return -wide(rng, 0.1, 500.0) * (0.1 + 0.9 * fall) * noise(rng, len(fall), 0.02)


def _sentinel_norm(rng: Generator, fall: FloatArray) -> FloatArray:
    """A norm of -1 where a step overflowed and was left out."""
    norm = wide(rng, 0.2, 5.0) * noise(rng, len(fall), 0.25)
    return np.where(rng.random(len(fall)) < rng.uniform(0.1, 0.3), -1.0, norm)


def _low_perplexity(rng: Generator, fall: FloatArray) -> FloatArray:
    """The exponential of minus the loss."""
    return np.exp(-(1.0 + 4.0 * fall) * noise(rng, len(fall), 0.02))


def _negative_perplexity(rng: Generator, fall: FloatArray) -> FloatArray:
    """The loss with the wrong sign, without the exponential."""
    return -(1.5 + 6.0 * fall) * noise(rng, len(fall), 0.02)


_BUGS: tuple[tuple[Bug, tuple[str, ...]], ...] = (
    (
        _above_one,
        (
            "val/accuracy",
            "test_acc",
            "train/acc",
            "val_auc",
            "metrics/AUROC",
            "val/dice",
            "valid/f1_score",
            "eval/precision",
            "metrics/recall",
            "mIoU",
            "val_iou",
        ),
    ),
    (_above_hundred, ("val/acc1_percent", "accuracy_pct", "eval/accuracy", "Acc@1")),
    (_slightly_below_zero, ("val/mIoU", "val_iou", "metrics/IoU", "eval/mean_iou", "jaccard_iou")),
    (
        _negative_loss,
        ("train/cross_entropy", "loss/ce", "ce_loss", "val/cross_entropy_loss", "train/bce_loss"),
    ),
    (_negated_error, ("val_mse", "train/rmse", "val/mae", "metrics/mean_squared_error", "MAE")),
    (_sentinel_norm, ("grad_norm", "train/grad_norm", "optim/gradient_norm", "gnorm")),
    (_low_perplexity, ("train/perplexity", "ppl", "eval/perplexity", "val_ppl")),
    (_negative_perplexity, ("perplexity", "valid/ppl", "train/ppl")),
)


def impossible_values(rng: Generator) -> Series:
    """A run that trains well, with one more series whose values its name does not allow."""
    log = draw_log(rng, (20, 1000))
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    bug, tags = _BUGS[int(rng.integers(len(_BUGS)))]
    series = log.loss(task.loss(fall) * noise(rng, len(fall), 0.02))
    series += log.val_loss(task.loss(val_fall) * noise(rng, len(val_fall), 0.02) * 1.05)
    taken = {log.program.norm, log.program.metric, log.program.val_metric}
    tag = pick(rng, *[t for t in tags if t not in taken] or tags)
    if "norm" in tag or "train" in tag:
        series += log.train(tag, bug(rng, fall))
    else:
        series += log.val(tag, bug(rng, val_fall))
    return series + log.others(rng)
