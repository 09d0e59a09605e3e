"""Hyperparameters and layers that are not the same before and after."""

from __future__ import annotations

from tblogreport.findings import Model, ModelLayer, RunDiagnosis, Setting
from tblogreport.numbers import integer, number

_NONE = "–"


def settings_that_differ(before: RunDiagnosis, after: RunDiagnosis) -> tuple[Setting, ...]:
    """Hyperparameters, and what the models were compiled with."""
    old, new = (
        dict(run.logged.model.facts if run.logged.model else ())
        | {name: _told(value) for name, value in run.hparams.items()}
        for run in (before, after)
    )
    return tuple(
        Setting(name, old.get(name, _NONE), new.get(name, _NONE))
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    )


def _told(value: float | str | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return number(value, 6) if isinstance(value, float) else value


def layers_that_differ(before: Model | None, after: Model | None) -> tuple[Setting, ...]:
    """The layers of two models place by place where they are of one length, else by their names."""
    if before is None or after is None:
        return ()
    if len(before.layers) == len(after.layers):
        pairs = [
            (old.name if old.name == new.name else f"{old.name} → {new.name}", old, new)
            for old, new in zip(before.layers, after.layers, strict=True)
        ]
        return tuple(
            Setting(name, _layer(old), _layer(new))
            for name, old, new in pairs
            if _layer(old) != _layer(new)
        )
    olds, news = ({layer.name: layer for layer in model.layers} for model in (before, after))
    return tuple(
        Setting(name, old, new)
        for name in dict.fromkeys((*olds, *news))
        if (old := _layer(olds.get(name))) != (new := _layer(news.get(name)))
    )


def _layer(layer: ModelLayer | None) -> str:
    if layer is None:
        return _NONE
    amount = "" if layer.parameters is None else f"{integer(layer.parameters)} parameters"
    frozen = "" if layer.trainable else "frozen"
    parts = (layer.kind, layer.activation or "", layer.initializer, layer.shape, amount, frozen)
    return ", ".join(filter(None, parts)) or _NONE
