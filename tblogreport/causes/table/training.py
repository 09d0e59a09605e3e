"""What the optimiser did besides: its state, numbers and gradients."""

from __future__ import annotations

from tblogreport.causes import curve_clues as c
from tblogreport.causes import model_clues as m
from tblogreport.causes import network_clues as n
from tblogreport.causes import pace_clues as p
from tblogreport.causes import score_clues as s
from tblogreport.causes import words
from tblogreport.causes.case import STUCK, Clue, Hypothesis, both, fired, without

TRAINING = (
    Hypothesis(
        "state-not-restored",
        core=("resumed-run", "diverging-loss"),
        explains=("oscillating-loss", "loss-spikes", "gradient-spikes", STUCK),
        prior=-1.0,
        clues=(
            Clue(4.0, "The loss jumps where the run was resumed.", fired("resumed-run")),
            Clue(
                3.5,
                "The loss left its best level where the run was resumed.",
                without(c.lost_at_resume, fired("resumed-run")),
            ),
        ),
        words=words.StateNotRestored,
    ),
    Hypothesis(
        "clipping-too-tight",
        core=(STUCK, "slow-convergence"),
        explains=(),
        prior=-3.0,
        clues=(
            Clue(
                6.0,
                "Its gradient at this rate would have taken the loss much further.",
                p.gradient_promised_more,
            ),
            Clue(6.0, "Updates are all of one length.", p.updates_of_one_length),
        ),
        words=words.ClippingTooTight,
    ),
    Hypothesis(
        "numerical-error",
        core=("nan-or-inf",),
        explains=(),
        prior=0.0,
        clues=(
            Clue(1.0, "Numbers are not finite.", fired("nan-or-inf")),
            Clue(-2.5, "The loss or its gradient grew before it became NaN.", c.rose_before_nan),
            Clue(-1.0, "The loss swung before.", fired("oscillating-loss")),
            Clue(-2.0, "The loss was not finite almost from the start.", c.lost_early),
            Clue(1.8, "No value was finite that could show what came first.", c.never_finite),
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
            Clue(3.0, "The last gradient before it was lost is enormous.", c.last_norm_is_huge),
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
            Clue(-4.0, "The loss jumps where the rate does.", c.rate_jumped),
            Clue(-4.0, "The loss jumps where the run was resumed.", fired("resumed-run")),
            Clue(-4.0, "The loss rises steadily to answers worse than by chance.", s.turned_sign),
        ),
        words=words.UnclippedGradients,
    ),
)
