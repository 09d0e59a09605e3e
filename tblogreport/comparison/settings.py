"""Hyperparameters and layers that are not the same before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from tblogreport.findings import Model, ModelLayer, RunDiagnosis, Setting
from tblogreport.numbers import integer, setting

_NONE = "–"
_ALIKE = 0.4  # of two models with less in common no layer stands for another


def settings_that_differ(before: RunDiagnosis, after: RunDiagnosis) -> tuple[Setting, ...]:
    """Hyperparameters, and what the models were compiled with."""
    facts = [dict(run.logged.model.facts if run.logged.model else ()) for run in (before, after)]
    hparams = [
        {name: setting(value) for name, value in run.hparams.items()} for run in (before, after)
    ]
    # What one log does not tell of its model is no difference; a setting that is gone is one.
    told = facts[0].keys() & facts[1].keys()
    return (
        *_differing(*({name: side[name] for name in side if name in told} for side in facts)),
        *_differing(*hparams),
    )


def _differing(old: dict[str, str], new: dict[str, str]) -> tuple[Setting, ...]:
    return tuple(
        Setting(name, old.get(name, _NONE), new.get(name, _NONE))
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    )


def layers_that_differ(before: Model | None, after: Model | None) -> tuple[Setting, ...]:
    """The layers of two models that are not the same, aligned by their kinds.

    Names do not tell: Keras counts them on from model to model.
    """
    if before is None or after is None:
        return ()
    old_kinds, new_kinds = (_kinds(model.layers) for model in (before, after))
    if SequenceMatcher(None, old_kinds, new_kinds, autojunk=False).ratio() < _ALIKE:
        amounts = (f"{integer(len(model.layers))} layers" for model in (before, after))
        return (Setting("the whole model", *amounts),)
    return tuple(
        Setting(_name(old, new), _layer(old), _layer(new))
        for old, new in _aligned(before.layers, after.layers)
        if _layer(old) != _layer(new)
    )


def _aligned(
    before: Sequence[ModelLayer], after: Sequence[ModelLayer]
) -> Iterator[tuple[ModelLayer | None, ModelLayer | None]]:
    old, new = _kinds(before), _kinds(after)
    for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield from zip_longest(before[a:b], after[c:d])


def _kinds(layers: Sequence[ModelLayer]) -> list[str]:
    return [layer.kind or layer.name for layer in layers]


def _name(old: ModelLayer | None, new: ModelLayer | None) -> str:
    names = dict.fromkeys(layer.name for layer in (old, new) if layer is not None)
    return " → ".join(names)


def _layer(layer: ModelLayer | None) -> str:
    if layer is None:
        return _NONE
    amount = "" if layer.parameters is None else f"{integer(layer.parameters)} parameters"
    frozen = "" if layer.trainable else "frozen"
    parts = (layer.kind, layer.activation or "", layer.initializer, layer.shape, amount, frozen)
    return ", ".join(filter(None, parts)) or _NONE
