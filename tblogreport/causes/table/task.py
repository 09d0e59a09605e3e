"""What the network was asked to do: outputs and loss, and how freely."""

from __future__ import annotations

from tblogreport.causes import answer_clues as a
from tblogreport.causes import curve_clues as c
from tblogreport.causes import game_clues as g
from tblogreport.causes import model_clues as m
from tblogreport.causes import pace_clues as p
from tblogreport.causes import score_clues as s
from tblogreport.causes import words
from tblogreport.causes.case import STUCK, Clue, Hypothesis, both, fired, without

TASK = (
    Hypothesis(
        "wrong-loss-or-output",
        core=(
            STUCK,
            "loss-metric-mismatch",
            "oscillating-loss",
            "slow-convergence",
            "diverging-loss",
            "nan-or-inf",
            "overfitting",
            "reward-collapse",
            "representation-collapse",
        ),
        explains=("unchanged-weights", "vanishing-gradients", "exploding-gradients"),
        prior=-2.0,
        clues=(
            Clue(
                6.0,
                "The loss rises from the first step on, to answers worse than by chance.",
                s.turned_sign,
            ),
            Clue(6.0, "The loss of a classifier falls below zero.", s.falls_below_zero),
            Clue(
                4.0,
                "Nothing in the loss keeps the embeddings apart.",
                fired("representation-collapse"),
            ),
            Clue(
                6.0,
                "The train loss falls without end below zero; on validation it never does.",
                s.falls_below_zero_in_training,
            ),
            Clue(
                4.0,
                "The agent learns, step by step, to be rewarded less.",
                g.learns_the_opposite,
            ),
            Clue(5.0, "The last layer is a softmax of one unit.", m.single_softmax),
            Clue(5.0, "By the config the loss expects other outputs.", m.output_misfits),
            Clue(6.0, "The last layer cannot reach the targets.", m.output_too_narrow),
            Clue(3.0, "The loss is constant to the bit.", c.loss_is_constant),
            Clue(5.5, "The loss comes to rest at ln 2, to four digits.", p.rests_at_ln_2),
            Clue(
                2.5,
                "The accuracy never changes, whatever the loss does.",
                without(fired("loss-metric-mismatch"), a.on_double_softmax_floor),
            ),
            Clue(
                5.0,
                "The loss stands where a softmax that is applied twice must leave it.",
                without(a.on_double_softmax_floor, c.rate_ran_out),
            ),
            Clue(
                4.0,
                "The validation loss never changes.",
                without(c.held_out_is_constant, s.steps_are_not_applied),
            ),
            Clue(
                5.0,
                "It is right far more often than its loss says, at no low rate.",
                without(a.underconfident, m.rate_is_low),
            ),
        ),
        words=words.WrongLossOrOutput,
    ),
    Hypothesis(
        "too-little-regularization",
        core=("overfitting", "diverging-loss"),
        explains=(),
        prior=0.0,
        clues=(
            Clue(
                -4.0,
                "The train loss diverges.",
                without(fired("diverging-loss"), s.rises_in_validation_alone),
            ),
            Clue(
                2.0,
                "A validation loss alone was logged, and it rises bit by bit.",
                s.rises_in_validation_alone,
            ),
            Clue(2.5, "The validation loss rises, the train loss falls.", fired("overfitting")),
            Clue(
                -2.5,
                "Validation was ahead of training, and lost that as training learned by heart.",
                s.memorises_noise,
            ),
            Clue(-4.0, "Not even the training data are learned.", s.training_is_poor),
            Clue(-2.0, "Validation was never better than a guess.", a.held_out_guess),
            Clue(-3.0, "Validation is right as often as by chance.", a.learns_by_heart),
            Clue(-3.0, "The loss rises where the rate jumps.", c.rate_jumped),
            Clue(
                -1.5,
                "The train loss swings, from far above a guess on.",
                both(fired("oscillating-loss"), a.began_far_above),
            ),
            Clue(-3.0, "Validation is right less often than by chance.", s.held_out_below_chance),
            Clue(-3.0, "Validation is right as often as by chance.", s.held_out_at_chance),
            Clue(
                -2.5,
                "The validation loss lies far above training from its first value on.",
                s.held_out_begins_elsewhere,
            ),
            Clue(-2.5, "The loss jumps to that of a guess and stays there.", c.broke_at_once),
            Clue(-2.5, "The validation loss rose at once, and no further.", c.held_out_jumped),
            Clue(-4.0, "The train loss falls without end.", s.falls_below_zero_in_training),
            Clue(
                -2.5,
                "Hardly anything that is learned holds for the validation data, from the start.",
                s.hardly_carries_over,
            ),
        ),
        words=words.TooLittleRegularization,
    ),
)
