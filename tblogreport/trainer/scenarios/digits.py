"""The first run of all: handwritten digits, learned as they should be."""

from __future__ import annotations

from dataclasses import replace

from tblogreport.trainer.data import DIGITS, Loader, digits, mnist
from tblogreport.trainer.models import classifier
from tblogreport.trainer.scenario import Experiment, scenario


@scenario(seconds=9, data={"mnist": mnist})
def digits_mlp(seed: int, load: Loader = digits) -> Experiment:
    """A multi-layer perceptron with dropout learns handwritten digits: a healthy run."""
    data = load(seed)
    model = classifier(data.x_train.shape[1], DIGITS, [128], "adam", dropout=0.2)
    experiment = Experiment(model, data, epochs=30)
    return replace(experiment, epochs=5) if load is mnist else experiment
