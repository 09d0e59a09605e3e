"""Whether a run goes on from trained weights, and has ended, as far as its log tells."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tblogreport.context.series import Role, Series

# What the Hugging Face Trainer alone logs under these names, at its evaluations and its end.
_TRAINER_TAGS = frozenset(
    (
        "eval/samples_per_second eval/steps_per_second train/total_flos "
        "train/train_samples_per_second train/train_steps_per_second"
    ).split()
)
_TRAINER_RECORD = frozenset("train/loss train/learning_rate train/epoch".split())

# What it logs once, when a training has ended.
_LAST_TAG = "train/train_runtime"
# Nobody trains trained weights on at a rate above this.
_HIGHEST_RATE = 5e-3


def fine_tunes(series: Iterable[Series]) -> bool:
    """Whether the log is the Hugging Face Trainer's: its models have trained weights as a rule."""
    series = list(series)
    rates = [one.values for one in series if one.role == Role.LEARNING_RATE and len(one)]
    usual = all(
        float(np.max(rate[np.isfinite(rate)], initial=0.0)) <= _HIGHEST_RATE for rate in rates
    )
    return usual and of_transformers(series)


def of_transformers(series: Iterable[Series]) -> bool:
    """Whether the log is the Hugging Face Trainer's."""
    tags = {one.tag for one in series}
    return bool(tags & _TRAINER_TAGS) or tags >= _TRAINER_RECORD


def has_ended(series: Iterable[Series]) -> bool:
    """Whether the log holds what is written at the end of a training alone."""
    return any(one.tag == _LAST_TAG for one in series)
