"""The bundled trainer: small, real Keras runs whose diagnosis is known.

Listing the scenarios needs nothing; training them needs the extra `train`.
"""

from tblogreport.trainer.listing import print_listing
from tblogreport.trainer.run import TrainerError, TrainingInterrupted, train
from tblogreport.trainer.scenario import Scenario, all_scenarios

__all__ = [
    "Scenario",
    "TrainerError",
    "TrainingInterrupted",
    "all_scenarios",
    "print_listing",
    "train",
]
