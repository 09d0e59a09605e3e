"""What a finding on first weights shows, and how it says to initialise them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tblogreport.context.keras_model import SATURATING
from tblogreport.findings import CurveChart, Evidence, HeatMap, Mark
from tblogreport.numbers import listed
from tblogreport.signals import Signals
from tblogreport.signals.charts import band_chart, heat_map, reduce_together
from tblogreport.signals.initialization import Beginning


def initialise_anew(signals: Signals, found: Sequence[Beginning]) -> tuple[str, ...]:
    """How to initialise these layers; without any, all of them and the inputs."""
    names = listed(tuple(one.layer for one in found)) if found else "every layer"
    he = (
        f"Initialise {names} after He where ReLU, GELU or the like follows: Keras "
        "`kernel_initializer='he_normal'`, PyTorch `nn.init.kaiming_normal_(layer.weight)`."
    )
    glorot = (
        f"Initialise {names} after Glorot where tanh or sigmoid follows: Keras "
        "`kernel_initializer='glorot_uniform'`, PyTorch `nn.init.xavier_uniform_(layer.weight)`."
    )
    biases = (
        "Leave the biases at zero, and only them: Keras `bias_initializer='zeros'`, PyTorch "
        "`nn.init.zeros_(layer.bias)`."
    )
    if not found:
        inputs = "Scale the inputs to mean 0 and variance 1, and look at the first loss again."
        return (he, inputs, glorot, biases)
    activation = signals.layers.activation_of(found[0].layer)
    bounded = activation in SATURATING
    return (glorot, he, biases) if bounded else (he, glorot, biases)


def first_weights(signals: Signals, found: Sequence[Beginning], title: str) -> tuple[Evidence, ...]:
    """The weights as they begin, and over all layers; the loss where none were logged."""
    tensors = [one.tensor for one in found if one.tensor is not None]
    if not tensors:  # known from the config alone: the loss shows what came of it
        curves = reduce_together(signals, signals.loss)
        return (CurveChart(title=title, curves=curves, y_label="loss"),) if curves else ()
    first = tensors[0]
    step = int(first.steps[0])
    mark = Mark("first record", step, step)
    bands = band_chart(signals, first, f"The weights of {first.layer} as they begin", (mark,))
    if len(tensors) == 1:
        return (bands,)
    rms = [signals.tensor(t).rms for t in tensors]
    drawn = bool(np.nanmax(np.concatenate(rms), initial=0.0) > 0)
    heat: HeatMap = heat_map(
        signals, tensors, rms, title="Size of the weights", quantity="weight RMS", log=drawn
    )
    return heat, bands
