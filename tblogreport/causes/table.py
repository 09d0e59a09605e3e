"""The causes, one row each: a table to be read from top to bottom.

A row is considered when one of its `core` findings fired (a note counts for those in
`noted`); its clues then add to or take from its odds (natural logarithms: +2 makes it seven
times as likely, -2 a seventh). A newcomer adds a cause by adding a row here and its words in
`words.py`, and a clue by adding a line to a row.
"""

from __future__ import annotations

from tblogreport.causes import curve_clues as c
from tblogreport.causes import model_clues as m
from tblogreport.causes import network_clues as n
from tblogreport.causes import words
from tblogreport.causes.case import Case, Clue, Holds, Hypothesis


def fired(*checks: str) -> Holds:
    """Whether any of the checks fired as more than a note."""
    return lambda case: case.fired(*checks)


def both(one: Holds, other: Holds) -> Holds:
    """Whether two clues hold together."""
    return lambda case: one(case) and other(case)


def without(one: Holds, other: Holds) -> Holds:
    """Whether the first clue holds and the second does not."""
    return lambda case: one(case) and not other(case)


def _guesses(case: Case) -> bool:
    return case.signals.guess is not None


STUCK = "non-converging-loss"

HYPOTHESES = (
    Hypothesis(
        "learning-rate-too-high",
        core=(
            "oscillating-loss",
            "diverging-loss",
            "nan-or-inf",
            "dead-layer",
            STUCK,
            "update-ratio",
            "weight-growth",
            "learning-rate-schedule",
            "loss-spikes",
        ),
        explains=(
            "vanishing-gradients",
            "exploding-gradients",
            "unchanged-weights",
            "saturated-activations",
            "gradient-spikes",
        ),
        prior=-1.0,
        clues=(
            Clue(2.5, "The loss swings without settling.", fired("oscillating-loss")),
            Clue(2.0, "The loss left its best level.", fired("diverging-loss")),
            Clue(2.2, "The loss grew before it became NaN.", c.loss_rose_before_nan),
            Clue(2.0, "The loss was not finite almost from the start.", c.lost_early),
            Clue(
                1.0,
                "A layer died during training.",
                without(fired("dead-layer"), n.dead_from_start),
            ),
            Clue(
                3.0, "The loss shot up right after the start and never recovered.", c.lost_at_start
            ),
            Clue(
                1.8,
                "The loss came down from far above its plateau, and stopped there.",
                c.fell_and_stopped,
            ),
            Clue(3.0, "The loss stays far above that of a guess.", c.worse_than_guessing),
            Clue(2.0, "The loss stands above that of a uniform guess.", c.above_guess),
            Clue(
                2.0,
                "The loss had been lower, and stays above that.",
                both(fired(STUCK), c.lost_ground),
            ),
            Clue(
                2.0,
                "The loss stands still, though the model is right far more often than by chance.",
                without(both(fired(STUCK), c.generalises), c.rate_ran_out),
            ),
            Clue(
                2.5,
                "Layers are dead, and the loss began at many times its later level.",
                c.died_in_a_blast,
            ),
            Clue(0.7, "Layers died of it.", both(fired("dead-layer"), c.fell_and_stopped)),
            Clue(2.0, "Single steps move weights by a tenth of themselves.", n.updates_are_long),
            Clue(1.0, "Weights grew without end.", fired("weight-growth")),
            Clue(2.0, "It began where the rate jumped.", c.rate_jumped),
            Clue(
                1.5,
                "Layers died at a rate far above the usual ones.",
                both(fired("dead-layer"), m.rate_is_high),
            ),
            Clue(1.5, "The rate is far above the usual ones.", m.rate_is_high),
            Clue(
                -2.5,
                "Single jumps explain how the loss moves, and no high rate was logged.",
                without(without(fired("loss-spikes"), m.rate_is_high), c.lost_at_start),
            ),
            Clue(-3.0, "Weights were NaN while the loss was still calm.", n.weights_lost_first),
            Clue(-2.0, "The rate is far below the usual ones.", m.rate_is_low),
            Clue(-1.5, "Kernels start with values that no rate explains.", n.starts_badly),
            Clue(-4.0, "The validation loss never changes.", c.held_out_is_constant),
            Clue(-1.5, "The rate had run out before.", c.rate_ran_out),
            Clue(-3.0, "The validation loss falls calmly all the while.", c.only_batches_swing),
            Clue(-2.5, "It began where the run was resumed.", c.lost_at_resume),
        ),
        words=words.RateTooHigh,
    ),
    Hypothesis(
        "learning-rate-too-low",
        core=(STUCK, "slow-convergence", "update-ratio"),
        explains=(),
        prior=-1.0,
        clues=(
            Clue(4.0, "The weights stand all but still throughout.", n.weights_stand_still),
            Clue(3.0, "The loss falls in a line to the end.", fired("slow-convergence")),
            Clue(1.5, "The loss falls steadily, though hardly.", c.falls_steadily),
            Clue(3.0, "The validation loss falls in step with it.", c.held_out_follows),
            Clue(1.0, "All weights move, and none by much.", n.weights_hardly_move),
            Clue(2.0, "Single steps move the weights by next to nothing.", n.updates_are_short),
            Clue(1.5, "The rate is far below the usual ones.", m.rate_is_low),
            Clue(-2.5, "The rate is far above the usual ones.", m.rate_is_high),
            Clue(-1.5, "The model guesses.", without(_guesses, c.held_out_follows)),
            Clue(-3.0, "It gives one answer to everything.", c.one_answer_for_all),
            Clue(-3.0, "It is right far more often than its loss says.", c.underconfident),
            Clue(-1.0, "The rate is a usual one.", m.rate_is_usual),
            Clue(-2.0, "The loss stays far above that of a guess.", c.worse_than_guessing),
            Clue(-5.0, "A layer is dead or cut off.", fired("dead-layer", "unchanged-weights")),
            Clue(-5.0, "The last layer cannot reach the targets.", m.output_too_narrow),
            Clue(-3.0, "Units start far below zero.", m.buried_by_config),
            Clue(-3.0, "The first weights do not fit.", n.starts_badly),
            Clue(-3.0, "The rate had run out before.", c.rate_ran_out),
        ),
        words=words.RateTooLow,
    ),
    Hypothesis(
        "training-stopped-too-early",
        core=("learning-rate-schedule",),
        explains=(STUCK, "slow-convergence", "update-ratio"),
        prior=-1.0,
        clues=(Clue(4.0, "The learning rate ran out while the loss fell.", c.rate_ran_out),),
        words=words.StoppedTooEarly,
    ),
    Hypothesis(
        "numerical-error",
        core=("nan-or-inf",),
        explains=(),
        prior=1.0,
        clues=(
            Clue(-2.5, "The loss or its gradient grew before it became NaN.", c.rose_before_nan),
            Clue(-1.0, "The loss swung before.", fired("oscillating-loss")),
            Clue(-2.0, "The loss was not finite almost from the start.", c.lost_early),
            Clue(-1.0, "The rate is far above the usual ones.", m.rate_is_high),
            Clue(2.0, "Weights were NaN while the loss was still calm.", n.weights_lost_first),
            Clue(2.0, "The loss was calm until then.", c.calm_before_nan),
            Clue(4.0, "Mixed precision cut the loss scale to nothing.", c.loss_scale_fell),
        ),
        words=words.NumericalError,
    ),
    Hypothesis(
        "unclipped-gradients",
        core=(
            "nan-or-inf",
            "exploding-gradients",
            "gradient-spikes",
            "loss-spikes",
            "diverging-loss",
        ),
        explains=(
            "weight-growth",
            "update-ratio",
            "saturated-activations",
            "oscillating-loss",
            STUCK,
        ),
        prior=-2.0,
        clues=(
            Clue(
                3.0,
                "The gradient norm grew far beyond its median just before.",
                lambda case: case.measured("nan-or-inf", "gradient_rise_before") is not None,
            ),
            Clue(3.5, "Gradients explode.", fired("exploding-gradients")),
            Clue(1.5, "The gradient norm spikes.", fired("gradient-spikes")),
            Clue(2.5, "The loss jumps at single steps.", fired("loss-spikes")),
            Clue(1.5, "The network is recurrent.", n.recurrent),
            Clue(
                4.0,
                "A recurrent network was lost by its first steps.",
                both(n.recurrent, c.lost_early),
            ),
            Clue(-3.0, "The optimiser clips gradients already.", m.clips),
            Clue(-3.0, "Mixed precision cut the loss scale to nothing.", c.loss_scale_fell),
            Clue(
                -1.0,
                "The loss swings throughout.",
                without(fired("oscillating-loss"), fired("loss-spikes")),
            ),
        ),
        words=words.UnclippedGradients,
    ),
    Hypothesis(
        "dead-units",
        core=("dead-layer", STUCK, "slow-convergence"),
        explains=("unchanged-weights", "vanishing-gradients"),
        prior=-2.0,
        clues=(
            Clue(4.0, "A layer is dead.", fired("dead-layer")),
            Clue(1.0, "A layer was dead at its first record.", n.dead_from_start),
            Clue(
                2.4,
                "It gives one answer to everything.",
                without(c.one_answer_for_all, n.dead_layer_excluded),
            ),
            Clue(4.0, "By its config ReLU units start far below zero.", m.buried_by_config),
            Clue(-4.0, "Activations were logged, and are alive.", n.dead_layer_excluded),
            Clue(-0.8, "The loss swings as well.", fired("oscillating-loss")),
            Clue(-3.0, "The loss shot up right after the start.", c.shot_up),
            Clue(-2.0, "The loss came down from far above its plateau.", c.fell_and_stopped),
            Clue(-2.5, "The loss began at many times its later level.", c.died_in_a_blast),
            Clue(-2.0, "The validation loss falls in step with the train loss.", c.learns_slowly),
            Clue(-2.5, "The config names no ReLU.", m.no_relu_by_config),
            Clue(-2.0, "By the config nothing starts at zero.", m.sound_by_config),
        ),
        words=words.DeadUnits,
    ),
    Hypothesis(
        "layer-not-trained",
        core=("unchanged-weights",),
        explains=(STUCK, "slow-convergence"),
        prior=2.5,
        clues=(Clue(-4.0, "A dead layer cuts the gradient off.", fired("dead-layer")),),
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
            Clue(1.0, "It gives one answer to everything.", c.one_answer_for_all),
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
            Clue(5.0, "The first weights do not fit their layers.", fired("poor-initialization")),
            Clue(5.5, "A kernel holds one value only.", n.constant_kernels),
            Clue(4.5, "By the config the signal is lost between the layers.", m.spread_by_config),
            Clue(3.0, "It gives one answer to everything.", c.one_answer_for_all),
            Clue(3.0, "Nothing moves, not even by heart.", c.nothing_moves),
            Clue(
                2.0,
                "The loss began far above a guess, and hardly came down.",
                without(c.began_far_above, m.rate_is_high),
            ),
            Clue(2.5, "Gradients vanish with depth.", fired("vanishing-gradients")),
            Clue(
                3.0,
                "Hidden outputs are small: no activation saturates.",
                both(fired("vanishing-gradients"), n.signal_is_small),
            ),
            Clue(-2.0, "The loss diverges or swings, which comes first.", c.thrown_about),
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
            Clue(-2.0, "The validation loss falls in step with the train loss.", c.learns_slowly),
        ),
        words=words.BadInitialization,
    ),
    Hypothesis(
        "wrong-loss-or-output",
        core=(STUCK, "loss-metric-mismatch", "oscillating-loss", "slow-convergence"),
        explains=("unchanged-weights", "vanishing-gradients"),
        prior=-2.0,
        clues=(
            Clue(5.0, "The last layer is a softmax of one unit.", m.single_softmax),
            Clue(5.0, "By the config the loss expects other outputs.", m.output_misfits),
            Clue(6.0, "The last layer cannot reach the targets.", m.output_too_narrow),
            Clue(3.0, "The loss is constant to the bit.", c.loss_is_constant),
            Clue(
                2.5,
                "The accuracy never changes, whatever the loss does.",
                without(fired("loss-metric-mismatch"), c.on_double_softmax_floor),
            ),
            Clue(
                5.0,
                "The loss stands where a softmax that is applied twice must leave it.",
                c.on_double_softmax_floor,
            ),
            Clue(5.0, "The validation loss never changes.", c.held_out_is_constant),
            Clue(
                5.0,
                "It is right far more often than its loss says, at no low rate.",
                without(c.underconfident, m.rate_is_low),
            ),
        ),
        words=words.WrongLossOrOutput,
    ),
    Hypothesis(
        "labels-or-data-broken",
        core=(STUCK, "loss-spikes", "oscillating-loss", "nan-or-inf"),
        explains=("overfitting", "gradient-spikes", "oscillating-loss"),
        prior=-0.5,
        clues=(
            Clue(0.7, "The loss stays where it started.", c.stands_still),
            Clue(
                -4.0, "The weights stand all but still over the whole run.", n.weights_stand_still
            ),
            Clue(1.0, "The weights of all layers move.", both(fired(STUCK), n.weights_move)),
            Clue(
                1.0, "Gradients reach all layers.", both(fired(STUCK), n.gradients_reach_all_layers)
            ),
            Clue(2.0, "The validation loss never fell.", c.never_generalised),
            Clue(
                -3.0,
                "On validation data it is right far more often than by chance.",
                both(fired(STUCK), c.generalises),
            ),
            Clue(0.8, "The model guesses.", _guesses),
            Clue(
                1.5, "It guesses on validation data, however well it memorises.", c.held_out_guess
            ),
            Clue(-2.0, "Nothing moves, not even by heart.", c.nothing_moves),
            Clue(
                1.0,
                "Its answers change from evaluation to evaluation.",
                both(fired(STUCK), c.answers_vary),
            ),
            Clue(-3.0, "It gives one answer to everything.", c.one_answer_for_all),
            Clue(
                -3.5,
                "The validation loss falls in step with the train loss.",
                both(fired(STUCK), c.learns_slowly),
            ),
            Clue(
                -4.0,
                "Something inside the network explains it.",
                fired("vanishing-gradients", "dead-layer", "unchanged-weights"),
            ),
            Clue(-2.5, "The first weights do not fit.", n.starts_badly),
            Clue(-0.3, "The loss came down from far above its plateau.", c.fell_and_stopped),
            Clue(-2.0, "The loss shot up right after the start.", c.shot_up),
            Clue(
                -2.0,
                "The loss swings.",
                without(
                    without(fired("oscillating-loss"), fired("loss-spikes")), c.only_batches_swing
                ),
            ),
            Clue(
                -1.5,
                "The loss falls steadily, though hardly.",
                both(fired(STUCK), c.falls_steadily),
            ),
            Clue(
                -3.5,
                "The loss had been lower, and stays above that.",
                both(fired(STUCK), c.lost_ground),
            ),
            Clue(-2.0, "The loss stays far above that of a guess.", c.worse_than_guessing),
            Clue(-2.0, "The loss stands above that of a uniform guess.", c.above_guess),
            Clue(-3.0, "The loss is constant to the bit.", c.loss_is_constant),
            Clue(-3.0, "The loss expects other outputs.", m.output_misfits),
            Clue(-3.0, "The last layer is a softmax of one unit.", m.single_softmax),
            Clue(-3.0, "The rate had run out before.", c.rate_ran_out),
            Clue(
                4.5,
                "The train loss swings while the validation loss falls calmly: it is the batches.",
                c.only_batches_swing,
            ),
            Clue(
                2.0,
                "Single batches stand out, and nothing tells of a recurrent network.",
                without(fired("loss-spikes"), n.recurrent),
            ),
        ),
        words=words.LabelsOrDataBroken,
    ),
    Hypothesis(
        "too-little-regularization",
        core=("overfitting",),
        explains=(),
        prior=2.5,
        clues=(
            Clue(-2.0, "Validation was never better than a guess.", c.held_out_guess),
            Clue(-3.0, "Validation is right as often as by chance.", c.learns_by_heart),
            Clue(-1.0, "The loss diverges as well.", fired("diverging-loss")),
        ),
        words=words.TooLittleRegularization,
    ),
)
