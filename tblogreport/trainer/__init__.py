"""The bundled trainer: small, real Keras runs whose diagnosis is known.

Listing the scenarios needs nothing; training them needs the extra `train`.
"""

from tblogreport.trainer.run import TrainerError, listing, train
from tblogreport.trainer.scenario import Scenario, all_scenarios

__all__ = ["Scenario", "TrainerError", "all_scenarios", "listing", "train"]
