"""What the layers are like: their activations, first weights, and whether they are trained."""

from __future__ import annotations

from tblogreport.causes import answer_clues as a
from tblogreport.causes import curve_clues as c
from tblogreport.causes import model_clues as m
from tblogreport.causes import network_clues as n
from tblogreport.causes import pace_clues as p
from tblogreport.causes import scale_clues as k
from tblogreport.causes import score_clues as s
from tblogreport.causes import words
from tblogreport.causes.case import STUCK, Clue, Hypothesis, both, fired, without

NETWORK = (
    Hypothesis(
        "too-much-regularization",
        core=("weight-growth", "posterior-collapse", STUCK),
        explains=(STUCK, "dead-layer", "vanishing-gradients", "slow-convergence"),
        prior=-2.0,
        clues=(
            Clue(5.0, "All weights shrink to next to nothing.", n.weights_collapse),
            Clue(
                5.0,
                "A loss far above a guess's came down to it evenly, with answers at chance.",
                a.penalty_melts,
            ),
            Clue(4.0, "The code of the autoencoder came to nothing.", fired("posterior-collapse")),
        ),
        words=words.TooMuchRegularization,
    ),
    Hypothesis(
        "dead-units",
        core=("dead-layer", STUCK, "slow-convergence"),
        explains=("unchanged-weights", "vanishing-gradients"),
        prior=-2.0,
        clues=(
            Clue(-4.0, "The training data are learned.", both(fired(STUCK), s.trains_well)),
            Clue(-3.0, "The evaluated loss creeps down in a line.", p.creeps),
            Clue(-3.0, "All weights shrink to next to nothing.", n.weights_collapse),
            Clue(-6.0, "Kernels begin constant, and stay alike.", n.found_constant),
            Clue(-4.0, "The rate was next to nothing.", p.rate_was_spent),
            Clue(4.0, "A layer is dead.", fired("dead-layer")),
            Clue(1.0, "A layer was dead at its first record.", n.dead_from_start),
            Clue(
                2.4,
                "It gives one answer to everything.",
                without(a.one_answer_for_all, n.dead_layer_excluded),
            ),
            Clue(4.0, "By its config ReLU units start far below zero.", m.buried_by_config),
            Clue(-4.0, "Activations were logged, and are alive.", n.dead_layer_excluded),
            Clue(-0.8, "The loss swings as well.", fired("oscillating-loss")),
            Clue(-3.0, "The loss shot up right after the start.", c.shot_up),
            Clue(-2.0, "The loss came down from far above its plateau.", c.fell_and_stopped),
            Clue(-2.5, "The loss began at many times its later level.", c.died_in_a_blast),
            Clue(-2.0, "The validation loss falls in step with the train loss.", a.learns_slowly),
            Clue(-2.5, "The config names no ReLU.", m.no_relu_by_config),
            Clue(-2.0, "By the config nothing starts at zero.", m.sound_by_config),
            Clue(
                -2.0,
                "Such models begin with trained weights.",
                without(m.goes_on_from_trained_weights, fired("dead-layer")),
            ),
        ),
        words=words.DeadUnits,
    ),
    Hypothesis(
        "layer-not-trained",
        core=("unchanged-weights", STUCK),
        explains=("slow-convergence",),
        prior=-2.0,
        clues=(
            Clue(4.5, "A layer is the same to the bit throughout.", fired("unchanged-weights")),
            Clue(1.5, "No layer ever changes.", n.nothing_is_updated),
            Clue(
                3.0,
                "Other layers are trained, and learn hardly anything.",
                both(fired("unchanged-weights"), n.others_move),
            ),
            Clue(7.4, "No gradient arrives anywhere.", p.no_gradient_at_all),
            Clue(
                4.5,
                "The validation loss never changes, nor do the answers.",
                without(c.held_out_is_constant, n.weights_move),
            ),
            Clue(2.6, "The loss is constant to the bit.", c.loss_is_constant),
            Clue(1.5, "Gradients are there, and nothing applies them.", s.steps_are_not_applied),
            Clue(-5.0, "The last layer is a softmax of one unit.", m.single_softmax),
            Clue(-5.0, "The loss expects other outputs.", m.output_misfits),
            Clue(-8.0, "Not a single gradient is other than zero.", n.no_gradient_anywhere),
            Clue(4.0, "A part of the loss is that of a guess at every point.", a.part_guesses),
            Clue(-4.0, "A dead layer cuts the gradient off.", fired("dead-layer")),
            Clue(-3.0, "Its first weights let no gradient through.", fired("poor-initialization")),
        ),
        words=words.LayerNotTrained,
    ),
    Hypothesis(
        "saturating-activations",
        core=("vanishing-gradients", "saturated-activations", STUCK),
        explains=(),
        prior=-2.5,
        clues=(
            Clue(2.0, "Gradients vanish with depth.", fired("vanishing-gradients")),
            Clue(
                3.0,
                "Hidden outputs lie at their ends.",
                fired("saturated-activations"),
            ),
            Clue(-2.0, "The loss diverges or swings, which comes first.", c.thrown_about),
            Clue(
                2.5,
                "The model's config names tanh or sigmoid.",
                both(fired("vanishing-gradients"), m.config_saturates),
            ),
            Clue(4.5, "Sigmoids stand in a row, and let no gradient through.", m.deep_sigmoid),
            Clue(
                2.0,
                "Hidden outputs stay within the range of tanh or sigmoid.",
                both(fired("vanishing-gradients"), n.activations_bounded),
            ),
            Clue(1.0, "It gives one answer to everything.", a.one_answer_for_all),
            Clue(
                2.5,
                "Less of the gradient passes a layer than its weights explain.",
                both(fired("vanishing-gradients"), n.activations_hold_back),
            ),
            Clue(-3.0, "Hidden outputs are small: no activation saturates.", n.signal_is_small),
            Clue(-2.0, "A dead layer cuts the gradient off.", fired("dead-layer")),
            Clue(-2.5, "Kernels start with values that no activation explains.", n.starts_badly),
            Clue(-3.0, "The config names neither tanh nor sigmoid.", m.no_saturation_by_config),
        ),
        words=words.SaturatingActivations,
    ),
    Hypothesis(
        "bad-initialization",
        core=(
            "poor-initialization",
            "vanishing-gradients",
            "dead-layer",
            "exploding-gradients",
            "saturated-activations",
            "nan-or-inf",
            STUCK,
            "slow-convergence",
        ),
        explains=("unchanged-weights", "diverging-loss", "weight-growth", "update-ratio"),
        prior=-2.5,
        clues=(
            Clue(-4.0, "The loss repeats with every epoch.", c.repeats),
            Clue(-3.0, "The evaluated loss creeps down in a line.", p.creeps),
            Clue(-4.0, "Targets are in the tens or hundreds.", k.targets_are_large),
            Clue(
                -4.0,
                "The first outputs were enormous, and the model has guessed ever since.",
                without(k.inputs_are_large, n.starts_badly),
            ),
            Clue(-4.0, "The rate was next to nothing.", p.rate_was_spent),
            Clue(-3.0, "What lay above a guess melted evenly.", a.penalty_melts),
            Clue(-4.0, "The training data are learned.", both(fired(STUCK), s.trains_well)),
            Clue(5.0, "The first weights do not fit their layers.", fired("poor-initialization")),
            Clue(5.5, "A kernel holds one value only.", n.constant_kernels),
            Clue(4.5, "By the config the signal is lost between the layers.", m.spread_by_config),
            Clue(3.0, "It gives one answer to everything.", a.one_answer_for_all),
            Clue(3.0, "Nothing moves, not even by heart.", a.nothing_moves),
            Clue(
                2.0,
                "The loss began far above a guess, and hardly came down.",
                without(a.began_far_above, m.rate_is_high),
            ),
            Clue(2.5, "Gradients vanish with depth.", fired("vanishing-gradients")),
            Clue(
                3.0,
                "Hidden outputs are small: no activation saturates.",
                both(fired("vanishing-gradients"), n.signal_is_small),
            ),
            Clue(-2.0, "The loss diverges or swings, which comes first.", c.thrown_about),
            Clue(-4.0, "Decay brought the weights down to nothing.", n.weights_collapse),
            Clue(
                -0.8,
                "The model's config names tanh or sigmoid.",
                both(fired("vanishing-gradients"), m.config_saturates),
            ),
            Clue(
                -0.8,
                "Hidden outputs stay within the range of tanh or sigmoid.",
                both(fired("vanishing-gradients"), n.activations_bounded),
            ),
            Clue(
                -1.0,
                "Less of the gradient passes a layer than its weights explain.",
                both(fired("vanishing-gradients"), n.activations_hold_back),
            ),
            Clue(-2.0, "By the config nothing is wrong with the first weights.", m.sound_by_config),
            Clue(
                -2.0,
                "Such models begin with trained weights.",
                without(m.goes_on_from_trained_weights, fired("poor-initialization")),
            ),
            Clue(-2.0, "The validation loss falls in step with the train loss.", a.learns_slowly),
        ),
        words=words.BadInitialization,
    ),
)
