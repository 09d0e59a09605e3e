"""A run that logged everything there is, and one whose every text is hostile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tblogreport.findings import (
    GraphChart,
    GraphNode,
    Logged,
    LoggedText,
    Model,
    ModelLayer,
    Picture,
    Pictures,
    PrecisionRecall,
    PrecisionRecallChart,
    RunDiagnosis,
    Sound,
)
from tests.media import png, tone


def _pictures(tag: str) -> Pictures:
    first, last = (
        tuple(Picture(step, 12, 8, "image/png", png(seed=step + n)) for n in range(2))
        for step in (0, 40)
    )
    return Pictures(tag, "validation", 9, first, last, left_out=6)


def _sound(tag: str, label: str) -> Sound:
    wave = np.sin(np.linspace(0, 20, 200))
    return Sound(tag, "validation", 40, 9, label, 0.25, 8_000, tone(), wave - 0.1, wave + 0.1)


def _precision_recall(tag: str) -> PrecisionRecallChart:
    recall = np.linspace(1, 0, 11)
    curves = (
        PrecisionRecall(0.0, recall, 0.5 + 0.1 * (1 - recall)),
        PrecisionRecall(40.0, recall, 1 - 0.3 * recall**2),
    )
    return PrecisionRecallChart(f"Precision against recall of {tag}", tag, "validation", curves)


def graph(*names: str) -> GraphChart:
    """A chain of boxes with a way around the first."""
    nodes = tuple(GraphNode(name, "Dense · 64", 0 if i else None) for i, name in enumerate(names))
    chain = tuple((i, i + 1) for i in range(len(names) - 1))
    return GraphChart("How the layers of the model are connected", nodes, (*chain, (0, 2)))


def logged(*, text: str = "", name: str = "dense") -> Logged:
    """Something of everything; `text` stands wherever a log says what."""
    layers = tuple(
        ModelLayer(
            f"{name}_{number}{text}",
            f"Dense{text}",
            "64",
            4_160,
            "relu",
            "HeNormal",
            trainable=number > 0,
        )
        for number in range(3)
    )
    return Logged(
        model=Model(
            "the model’s config, as Keras logged it",
            layers,
            12_480,
            (("Parameters", "12 480"), ("Optimiser", f"adam{text}")),
            graph(*(layer.name for layer in layers)),
        ),
        pictures=(_pictures(f"reconstructions{text}"),),
        sounds=(_sound(f"tones{text}", text), replace(_sound("long", ""), wav=b"")),
        texts=(
            LoggedText(f"about{text}", "train", 0, 1, f"A net of **3** layers.{text}"),
            LoggedText("heard", "train", 40, 9, "", (("played", f"a{text}"), ("1", "2"), ("3",))),
        ),
        precision_recall=(_precision_recall(f"cat{text}"),),
        left_out=(f"3 more of the tags with images are not shown.{text}",),
    )


def rich(run: RunDiagnosis, *, text: str = "") -> RunDiagnosis:
    """The run with everything logged besides, and with hyperparameters."""
    hparams = {f"lr{text}": 0.1, "optimizer": f"adam{text}", "nesterov": True}
    return replace(run, logged=logged(text=text), hparams=hparams)
