"""What else a run logged, for programs: all but the bytes of images and sounds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tblogreport.findings import Logged, Model, ModelLayer, PrecisionRecallChart


def logged(found: Logged) -> dict[str, Any]:
    """The model, and what there is of images, sounds, texts and precision-recall curves."""
    return {
        "model": _model(found.model),
        "images": [
            {
                "tag": one.tag,
                "split": one.split,
                "steps": one.steps,
                "shown": sorted({picture.step for picture in (*one.first, *one.last)}),
            }
            for one in found.pictures
        ],
        "audio": [
            {
                "tag": one.tag,
                "split": one.split,
                "step": one.step,
                "seconds": one.seconds,
                "rate": one.rate,
                "label": one.label,
            }
            for one in found.sounds
        ],
        "text": [
            {"tag": one.tag, "split": one.split, "step": one.step, "text": one.text}
            for one in found.texts
        ],
        "pr_curves": list(_curves(found.precision_recall)),
        "left_out": list(found.left_out),
    }


def _model(model: Model | None) -> dict[str, Any] | None:
    if model is None:
        return None
    return {
        "source": model.source,
        "parameters": model.parameters,
        "layers": [_layer(layer) for layer in model.layers],
    }


def _layer(layer: ModelLayer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "shape": layer.shape,
        "parameters": layer.parameters,
        "activation": layer.activation,
        "trainable": layer.trainable,
    }


def _curves(charts: Iterable[PrecisionRecallChart]) -> Iterable[dict[str, Any]]:
    for chart in charts:
        for curve in chart.curves:
            yield {
                "tag": chart.tag,
                "split": chart.split,
                "step": int(curve.step),
                "recall": [round(float(value), 6) for value in curve.recall],
                "precision": [round(float(value), 6) for value in curve.precision],
            }
