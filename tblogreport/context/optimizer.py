"""What the log gives away of the optimiser."""

from __future__ import annotations

from collections.abc import Iterable

from tblogreport.context.fine_tuning import of_transformers
from tblogreport.context.keras_model import KerasModel
from tblogreport.context.series import Series

_ADAPTIVE = frozenset("adam adamw nadam adamax rmsprop lion".split())


def is_adaptive(
    model: KerasModel | None, rate: Series | None, series: Iterable[Series]
) -> bool | None:
    """Whether the optimiser scales its steps by the size of gradients, as Adam does.

    By the model's config, by the name that Lightning or Composer give the rate (`lr-AdamW`), or
    as the default of the Hugging Face Trainer. None where nothing tells.
    """
    if model is not None and model.optimizer:
        return model.optimizer in _ADAPTIVE
    named = rate.tag.lower() if rate is not None else ""
    if any(name in named for name in _ADAPTIVE):
        return True
    if "sgd" in named:
        return False
    return True if of_transformers(series) else None
