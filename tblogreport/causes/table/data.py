"""What the network was given: the order of the data, their scale, labels and classes."""

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

DATA = (
    Hypothesis(
        "data-not-shuffled",
        core=("oscillating-loss", STUCK, "diverging-loss"),
        explains=("loss-spikes",),
        prior=-3.0,
        clues=(Clue(6.0, "The loss repeats with every epoch.", c.repeats),),
        words=words.DataNotShuffled,
    ),
    Hypothesis(
        "input-runs-out",
        core=("uneven-epochs",),
        explains=("oscillating-loss", "loss-spikes", STUCK, "slow-convergence"),
        prior=0.0,
        clues=(Clue(3.5, "Every second epoch is of another kind.", fired("uneven-epochs")),),
        words=words.InputRunsOut,
    ),
    Hypothesis(
        "labels-or-data-broken",
        core=(
            STUCK,
            "loss-spikes",
            "oscillating-loss",
            "nan-or-inf",
            "overfitting",
            "diverging-loss",
        ),
        explains=("gradient-spikes",),
        prior=-0.5,
        clues=(
            Clue(
                5.0,
                "Validation is right less often than by chance, while training goes well.",
                s.held_out_below_chance,
            ),
            Clue(
                4.0,
                "Validation is right as often as by chance, while training goes well.",
                without(s.held_out_at_chance, s.held_out_below_chance),
            ),
            Clue(
                4.0,
                "The validation loss lies far above all that training ever had, from the start.",
                s.held_out_begins_elsewhere,
            ),
            Clue(
                5.0,
                "The validation loss rose from one evaluation to the next, and stayed there.",
                c.held_out_jumped,
            ),
            Clue(
                -2.5,
                "The validation loss turned later on, as it does where a model memorises.",
                without(fired("overfitting"), fired(STUCK), c.broke_at_once, c.held_out_jumped),
            ),
            Clue(
                -2.0,
                "The loss left its best level.",
                without(fired("diverging-loss"), c.broke_at_once),
            ),
            Clue(
                5.0,
                "The loss jumps to that of a guess and stays there, at an unchanged rate.",
                c.broke_at_once,
            ),
            Clue(
                4.5,
                "Validation was ahead of training, and lost that as training learned by heart.",
                s.memorises_noise,
            ),
            Clue(
                4.0,
                "Validation alone swings, far above training data that are learned.",
                s.swings_in_validation_alone,
            ),
            Clue(
                5.0,
                "One point is a thousand times all before it, in a network without recurrence.",
                without(s.single_blow, n.recurrent),
            ),
            Clue(
                4.5,
                "Hardly anything that is learned holds for the validation data, from the start.",
                without(s.hardly_carries_over, s.held_out_at_chance),
            ),
            Clue(-5.0, "The evaluated loss creeps down in a line.", p.creeps),
            Clue(-5.0, "The rate was next to nothing.", p.rate_was_spent),
            Clue(-4.0, "The loss jumps where the rate does.", c.rate_jumped),
            Clue(-4.0, "The loss repeats with every epoch.", c.repeats),
            Clue(-4.0, "It began where the run was resumed.", fired("resumed-run")),
            Clue(0.7, "The loss stays where it started.", c.stands_still),
            Clue(-4.0, "The epochs are of two kinds, which explains it.", fired("uneven-epochs")),
            Clue(
                -4.0, "The weights stand all but still over the whole run.", n.weights_stand_still
            ),
            Clue(1.0, "The weights of all layers move.", both(fired(STUCK), n.weights_move)),
            Clue(
                1.0, "Gradients reach all layers.", both(fired(STUCK), n.gradients_reach_all_layers)
            ),
            Clue(2.0, "The validation loss never fell.", a.never_generalised),
            Clue(
                -3.0,
                "On validation data it is right far more often than by chance.",
                both(fired(STUCK), a.generalises),
            ),
            Clue(0.8, "The model guesses.", a.guesses),
            Clue(
                1.5, "It guesses on validation data, however well it memorises.", a.held_out_guess
            ),
            Clue(-2.0, "Nothing moves, not even by heart.", a.nothing_moves),
            Clue(
                1.0,
                "Its answers change from evaluation to evaluation.",
                both(fired(STUCK), a.answers_vary),
            ),
            Clue(-3.0, "It gives one answer to everything.", a.one_answer_for_all),
            Clue(
                -3.5,
                "The validation loss falls in step with the train loss.",
                both(fired(STUCK), a.learns_slowly),
            ),
            Clue(
                -4.0,
                "Something inside the network explains it.",
                fired("vanishing-gradients", "dead-layer", "unchanged-weights"),
            ),
            Clue(
                -3.0,
                "Hidden outputs lie at their ends, where no gradient is.",
                both(fired(STUCK), fired("saturated-activations")),
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
                both(fired(STUCK), a.falls_steadily),
            ),
            Clue(
                -3.5,
                "The loss had been lower, and stays above that.",
                both(fired(STUCK), c.lost_ground),
            ),
            Clue(-2.0, "The loss stays far above that of a guess.", a.worse_than_guessing),
            Clue(-2.0, "The loss stands above that of a uniform guess.", a.above_guess),
            Clue(-3.0, "The loss is constant to the bit.", c.loss_is_constant),
            Clue(-3.0, "The loss expects other outputs.", m.output_misfits),
            Clue(-3.0, "The last layer is a softmax of one unit.", m.single_softmax),
            Clue(-3.0, "The rate had run out before.", c.rate_ran_out),
            Clue(
                2.5,
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
        "data-not-scaled",
        core=(STUCK, "nan-or-inf", "diverging-loss", "poor-initialization", "slow-convergence"),
        explains=("exploding-gradients", "overfitting", "dead-layer"),
        prior=-2.5,
        clues=(
            Clue(4.0, "The loss begins in the hundreds, and gets nowhere.", k.targets_are_large),
            Clue(
                5.5,
                "The first outputs were enormous, and the model has guessed ever since.",
                k.inputs_are_large,
            ),
            Clue(4.5, "One part of the loss drowns another.", k.a_part_outweighs),
            Clue(-3.0, "The first weights do not fit.", n.starts_badly),
            Clue(-2.0, "The rate is far above the usual ones.", m.rate_is_high),
        ),
        words=words.DataNotScaled,
    ),
    Hypothesis(
        "classes-of-unequal-size",
        core=(STUCK,),
        explains=("slow-convergence",),
        prior=-3.0,
        clues=(
            Clue(
                6.0,
                "It gives the most frequent class as the answer to everything.",
                s.answers_the_majority,
            ),
        ),
        words=words.UnequalClasses,
    ),
)
