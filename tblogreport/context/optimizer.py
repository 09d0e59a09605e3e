"""What the log gives away of the optimiser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tblogreport.context.fine_tuning import of_transformers
from tblogreport.context.keras_model import KerasModel
from tblogreport.context.series import Series

_NAMES = frozenset("optimizer optimiser optim opt".split())
_ADAPTIVE = frozenset("adam adamw nadam adamax rmsprop lion".split())


def is_adaptive(
    model: KerasModel | None,
    rate: Series | None,
    series: Iterable[Series],
    hparams: Mapping[str, float | str | bool],
) -> bool | None:
    """Whether the optimiser scales its steps by the size of gradients, as Adam does.

    By the model's config, by a hyperparameter, by the name that Lightning or Composer give the
    rate (`lr-AdamW`), or as the default of the Hugging Face Trainer. None where nothing tells.
    """
    if model is not None and model.optimizer:
        return model.optimizer in _ADAPTIVE
    named = f"{rate.tag if rate is not None else ''} {_chosen(hparams)}".lower()
    if any(name in named for name in _ADAPTIVE):
        return True
    if "sgd" in named:
        return False
    return True if of_transformers(series) else None


def _chosen(hparams: Mapping[str, float | str | bool]) -> str:
    """The optimiser that a hyperparameter names; empty where none does."""
    for name, value in hparams.items():
        if re.split(r"[/.]", name)[-1].lower() in _NAMES and isinstance(value, str):
            return value
    return ""
