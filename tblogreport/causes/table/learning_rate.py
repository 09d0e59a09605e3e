"""The learning rate and its schedule."""

from __future__ import annotations

from tblogreport.causes import answer_clues as a
from tblogreport.causes import curve_clues as c
from tblogreport.causes import game_clues as g
from tblogreport.causes import model_clues as m
from tblogreport.causes import network_clues as n
from tblogreport.causes import pace_clues as p
from tblogreport.causes import scale_clues as k
from tblogreport.causes import score_clues as s
from tblogreport.causes import words
from tblogreport.causes.case import STUCK, Clue, Hypothesis, both, fired, without

LEARNING_RATE = (
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
            "reward-collapse",
            "exploration",
            "unusual-learning-rate",
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
            Clue(3.0, "The loss stays far above that of a guess.", a.worse_than_guessing),
            Clue(2.0, "The loss stands above that of a uniform guess.", a.above_guess),
            Clue(
                2.0,
                "The loss had been lower, and stays above that.",
                both(fired(STUCK), c.lost_ground),
            ),
            Clue(
                2.0,
                "The loss stands still, though the model is right far more often than by chance.",
                without(both(fired(STUCK), a.generalises), c.rate_ran_out),
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
            Clue(3.0, "The loss turned while the rate climbed.", c.rose_with_rate),
            Clue(
                1.5,
                "Layers died at a rate far above the usual ones.",
                both(fired("dead-layer"), m.rate_is_high),
            ),
            Clue(1.5, "The rate is far above the usual ones.", m.rate_is_high),
            Clue(
                1.5,
                "The agent was lost at a rate far above the usual ones.",
                both(fired("reward-collapse", "exploration"), m.rate_is_high),
            ),
            Clue(2.0, "No rate of such an optimiser is so high.", m.rate_is_beyond),
            Clue(1.5, "Single updates turn the policy about.", g.policy_leaps),
            Clue(2.0, "What the agent expects grows without end.", g.values_explode),
            Clue(
                -2.5,
                "Single jumps explain how the loss moves, and no high rate was logged.",
                without(fired("loss-spikes"), m.rate_is_high, c.lost_at_start, c.rate_jumped),
            ),
            Clue(-4.0, "The evaluated loss creeps down in a line.", p.creeps),
            Clue(
                -3.0,
                "The rate was still climbing, and low.",
                without(c.still_climbing, m.rate_is_high),
            ),
            Clue(-2.0, "Targets are in the tens or hundreds.", k.targets_are_large),
            Clue(-2.0, "One part of the loss drowns another.", k.a_part_outweighs),
            Clue(
                -3.0,
                "One point is a thousand times all before it, in a network without recurrence.",
                without(s.single_blow, n.recurrent),
            ),
            Clue(
                -3.0,
                "Validation alone swings, far above training data that are learned.",
                s.swings_in_validation_alone,
            ),
            Clue(-4.0, "The loss rises steadily to answers worse than by chance.", s.turned_sign),
            Clue(-5.0, "The loss falls without end below zero.", s.falls_below_zero),
            Clue(-1.5, "A validation loss alone rises, bit by bit.", s.rises_in_validation_alone),
            Clue(-1.5, "The gradient is enormous before any step.", s.began_enormous),
            Clue(
                -3.0,
                "The loss jumps to that of a guess and stays there, at an unchanged rate.",
                without(c.broke_at_once, m.rate_is_high),
            ),
            Clue(-5.0, "The loss repeats with every epoch.", c.repeats),
            Clue(-4.0, "The loss jumps where the run was resumed.", fired("resumed-run")),
            Clue(-3.0, "Weights were NaN while the loss was still calm.", n.weights_lost_first),
            Clue(
                -2.0,
                "The rate is far below the usual ones.",
                without(m.rate_is_low, fired("diverging-loss")),
            ),
            Clue(-1.5, "Kernels start with values that no rate explains.", n.starts_badly),
            Clue(-4.0, "The validation loss never changes.", c.held_out_is_constant),
            Clue(-1.5, "The rate had run out before.", c.rate_ran_out),
            Clue(-1.5, "The validation loss falls calmly all the while.", c.only_batches_swing),
            Clue(-2.5, "It began where the run was resumed.", c.lost_at_resume),
            Clue(-4.0, "The epochs are of two kinds, which explains it.", fired("uneven-epochs")),
        ),
        words=words.RateTooHigh,
    ),
    Hypothesis(
        "learning-rate-too-low",
        core=(
            STUCK,
            "slow-convergence",
            "update-ratio",
            "exploration",
            "reward-collapse",
            "unusual-learning-rate",
        ),
        explains=(),
        prior=-1.0,
        clues=(
            Clue(4.0, "The weights stand all but still throughout.", n.weights_stand_still),
            Clue(-5.0, "The loss falls without end below zero.", s.falls_below_zero),
            Clue(3.0, "The loss falls in a line to the end.", fired("slow-convergence")),
            Clue(3.0, "The evaluated loss creeps down in a line.", p.creeps),
            Clue(
                -4.0,
                "Its gradient at this rate would have taken the loss much further.",
                p.gradient_promised_more,
            ),
            Clue(-4.0, "By its config sigmoids in a row let no gradient pass.", m.deep_sigmoid),
            Clue(-5.0, "Updates are all of one length.", p.updates_of_one_length),
            Clue(-5.0, "No gradient arrives anywhere.", p.no_gradient_at_all),
            Clue(-4.0, "Targets are in the tens or hundreds.", k.targets_are_large),
            Clue(-4.0, "The loss comes to rest at ln 2, to four digits.", p.rests_at_ln_2),
            Clue(1.5, "The loss falls steadily, though hardly.", a.falls_steadily),
            Clue(3.0, "The validation loss falls in step with it.", a.held_out_follows),
            Clue(1.0, "All weights move, and none by much.", n.weights_hardly_move),
            Clue(2.0, "Single steps move the weights by next to nothing.", n.updates_are_short),
            Clue(1.5, "The rate is far below the usual ones.", m.rate_is_low),
            Clue(2.0, "Updates do not move the policy.", g.policy_stands_still),
            Clue(
                2.5,
                "At such a rate nothing is learned.",
                both(fired("reward-collapse", "unusual-learning-rate"), m.rate_is_low),
            ),
            Clue(2.0, "Updates hardly move the policy.", g.hardly_moves),
            Clue(
                -2.5,
                "The loss of the values drowns the policy's.",
                both(g.policy_stands_still, g.values_are_enormous),
            ),
            Clue(
                2.0,
                "Trained weights hardly move at such a rate.",
                both(m.rate_is_low, m.goes_on_from_trained_weights),
            ),
            Clue(-2.5, "The rate is far above the usual ones.", m.rate_is_high),
            Clue(-1.5, "The model guesses.", without(a.guesses, a.held_out_follows)),
            Clue(
                -3.0,
                "It gives one answer to everything.",
                without(a.one_answer_for_all, m.goes_on_from_trained_weights),
            ),
            Clue(-3.0, "It is right far more often than its loss says.", a.underconfident),
            Clue(-1.0, "The rate is a usual one.", m.rate_is_usual),
            Clue(-2.5, "The loss swings.", fired("oscillating-loss")),
            Clue(-2.0, "The loss stays far above that of a guess.", a.worse_than_guessing),
            Clue(-5.0, "A layer is dead or cut off.", fired("dead-layer", "unchanged-weights")),
            Clue(-5.0, "The last layer cannot reach the targets.", m.output_too_narrow),
            Clue(-3.0, "Units start far below zero.", m.buried_by_config),
            Clue(-3.0, "The first weights do not fit.", n.starts_badly),
            Clue(-3.0, "The rate had run out before.", c.rate_ran_out),
            Clue(
                -3.0,
                "The rate was still climbing at the end.",
                both(fired("learning-rate-schedule"), c.still_climbing),
            ),
        ),
        words=words.RateTooLow,
    ),
    Hypothesis(
        "training-stopped-too-early",
        core=("learning-rate-schedule", STUCK),
        explains=("slow-convergence", "update-ratio"),
        prior=-1.0,
        clues=(
            Clue(5.0, "The rate was next to nothing for most of the run.", p.rate_was_spent),
            Clue(4.0, "The learning rate ran out while the loss fell.", c.rate_ran_out),
            Clue(3.0, "The rate was still climbing at the end.", c.still_climbing),
        ),
        words=words.StoppedTooEarly,
    ),
)
