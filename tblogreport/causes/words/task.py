"""What is said of the task: outputs and loss, labels and data, and how freely they are learned."""

from __future__ import annotations

from tblogreport.causes.answer_clues import answers_vary, held_out_guess
from tblogreport.causes.case import STUCK, Case
from tblogreport.causes.curve_clues import broke_at_once, held_out_jumped, only_batches_swing
from tblogreport.causes.network_clues import gradients_reach_all_layers, weights_move
from tblogreport.causes.scale_clues import a_part_outweighs
from tblogreport.causes.score_clues import (
    held_out_begins_elsewhere,
    held_out_below_chance,
    trains_well,
)
from tblogreport.causes.words.fixes import Fixes, fixes_of


class InputRunsOut:
    """input-runs-out."""

    @staticmethod
    def summary(case: Case) -> str:
        return "The input runs out after one epoch, and does not begin again."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "uneven-epochs")


class DataNotShuffled:
    """data-not-shuffled."""

    @staticmethod
    def summary(case: Case) -> str:
        return "The examples come in the same order in every epoch, alike ones together."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "oscillating-loss")


class LabelsOrDataBroken:
    """labels-or-data-broken."""

    @staticmethod
    def summary(case: Case) -> str:
        stuck = case.fired(STUCK)
        if held_out_jumped(case):
            return (
                "The validation data became other ones during the run, or are prepared in another "
                "way since."
            )
        if held_out_below_chance(case) or held_out_begins_elsewhere(case):
            return (
                "The validation data are prepared in another way than the training data: their "
                "labels, their order, or their scale."
            )
        if broke_at_once(case):
            return "From some point on the data are other ones: inputs and labels do not fit there."
        if not stuck and (case.fired("loss-spikes") or only_batches_swing(case)):
            return "Single batches are unlike the others: their data or labels may be broken."
        if held_out_guess(case) and trains_well(case):
            return "The training labels are learned by heart, and nothing carries over: they seem "\
                "not to belong to their inputs."  # fmt: skip
        if not (weights_move(case) or answers_vary(case) or gradients_reach_all_layers(case)):
            return (
                "The log does not say why; most often inputs and labels do not belong together, "
                "or the weights are not updated at all."
            )
        return (
            "Inputs and labels seem not to belong together; the network trains, but there is "
            "nothing it can learn."
        )

    @staticmethod
    def fixes(case: Case) -> Fixes:
        stuck = fixes_of(case, STUCK)
        if held_out_below_chance(case) or held_out_begins_elsewhere(case) or held_out_jumped(case):
            return (
                "Evaluate the training data through the validation pipeline: the score must be "
                "that of training. If it is not, the two prepare inputs or labels otherwise.",
                "Hold the order of classes, the scaling of inputs and the shuffling of labels of "
                "both against each other.",
            )
        if not stuck:
            return (
                "Log the index of every batch, and look at the batches whose loss is high: scale, "
                "missing values, labels.",
                *fixes_of(case, "loss-spikes", "nan-or-inf"),
            )
        return (
            "Look at a batch as the model gets it: do inputs and labels still belong together "
            "after shuffling, batching and augmentation?",
            *(f for f in stuck if "batch as" not in f),
        )


class DataNotScaled:
    """data-not-scaled."""

    @staticmethod
    def summary(case: Case) -> str:
        if a_part_outweighs(case):
            return (
                "The parts of the loss are of unequal size: the largest leaves the others nothing."
            )
        return "Inputs or targets are far larger than a network is made for: they are not scaled."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return (
            "Scale inputs, and the targets of a regression, to mean 0 and variance 1 by what the "
            "training data tell: scikit-learn `StandardScaler`, Keras `layers.Normalization()`; "
            "turn answers back with the same numbers.",
            "Give every part of a loss a weight by which all begin at about the same size.",
            "See that the last activation can reach the targets: a sigmoid ends at 1.",
        )


class UnequalClasses:
    """classes-of-unequal-size."""

    @staticmethod
    def summary(case: Case) -> str:
        return (
            "One class is so frequent that its name alone is a good answer, and nothing else was "
            "learned."
        )

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return (
            "Weigh the classes by their rarity: PyTorch `nn.CrossEntropyLoss(weight=…)` or "
            "`pos_weight`, Keras `fit(class_weight=…)`; or draw batches that hold as much of each.",
            "Judge by balanced accuracy, F1 or the area under the precision-recall curve, which a "
            "constant answer does not please.",
            *fixes_of(case, STUCK)[:1],
        )


class TooLittleRegularization:
    """too-little-regularization."""

    @staticmethod
    def summary(case: Case) -> str:
        return "The model is free to memorise its training data."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "overfitting")
