"""The causes, one row each: a table to be read from top to bottom.

A row is considered when one of its `core` findings fired; its clues then add to or
take from its odds (natural logarithms: +2 makes it seven times as likely, -2 a
seventh). A newcomer adds a cause by adding a row, and a clue by adding a line to one.
"""

from __future__ import annotations

from tblogreport.causes.case import Clue, Hypothesis
from tblogreport.causes.clues import (
    activations_bounded,
    config_saturates,
    dead_from_start,
    falls_steadily,
    fell_and_stopped,
    gradients_reach_all_layers,
    held_out_guess,
    kernel_is_constant,
    learning_rate_in_words,
    loss_is_constant,
    loss_rose_before_nan,
    lost_at_start,
    lost_ground,
    lower_rate,
    raise_rate,
    rate_is_tiny,
    rose_before_nan,
    shot_up,
    signal_is_small,
    single_softmax,
    thrown_about,
    weights_hardly_move,
    weights_move,
    weights_stand_still,
    worse_than_guessing,
)
from tblogreport.checks.advice import CLIP_GRADIENTS

HYPOTHESES = (
    Hypothesis(
        "learning-rate-too-high",
        core=(
            "oscillating-loss",
            "diverging-loss",
            "nan-or-inf",
            "dead-layer",
            "non-converging-loss",
        ),
        explains=("vanishing-gradients", "unchanged-weights"),
        prior=-1.0,
        clues=(
            Clue(2.5, "The loss swings without settling.", lambda c: c.fired("oscillating-loss")),
            Clue(2.0, "The loss left its best level.", lambda c: c.fired("diverging-loss")),
            Clue(2.2, "The loss grew before it became NaN.", loss_rose_before_nan),
            Clue(
                1.0,
                "A layer died during training.",
                lambda c: c.fired("dead-layer") and not dead_from_start(c),
            ),
            Clue(3.0, "The loss shot up right after the start and never recovered.", lost_at_start),
            Clue(
                1.8,
                "The loss came down from far above its plateau, and stopped there.",
                fell_and_stopped,
            ),
            Clue(
                3.0,
                "The loss stays far above that of a guess.",
                worse_than_guessing,
            ),
            Clue(
                2.0,
                "The loss had been lower, and stays above that.",
                lambda c: c.fired("non-converging-loss") and lost_ground(c),
            ),
            Clue(
                0.7,
                "Layers died of it.",
                lambda c: c.fired("dead-layer") and fell_and_stopped(c),
            ),
        ),
        summary=lambda c: (
            f"The learning rate{learning_rate_in_words(c)} is too high for this model."
        ),
        fixes=lambda c: (
            f"{lower_rate(c)}; the next run shows within its first tenth whether that was enough.",
            "Or warm it up over the first few hundred steps: Keras "
            "`CosineDecay(…, warmup_target=rate, warmup_steps=500)`, PyTorch "
            "`torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, total_iters=500)`.",
            CLIP_GRADIENTS,
            "Scale the inputs to mean 0 and variance 1: large inputs make every step longer.",
        ),
    ),
    Hypothesis(
        "learning-rate-too-low",
        core=("non-converging-loss",),
        explains=(),
        prior=-1.0,
        clues=(
            Clue(4.0, "The weights stand all but still over the whole run.", weights_stand_still),
            Clue(1.5, "The loss falls steadily, though hardly.", falls_steadily),
            Clue(1.0, "All weights move, and none by much.", weights_hardly_move),
            Clue(1.5, "The learning rate never exceeds 3e-5.", rate_is_tiny),
            Clue(-1.5, "The model guesses.", lambda c: c.signals.guess is not None),
            Clue(-2.0, "The loss stays far above that of a guess.", worse_than_guessing),
        ),
        summary=lambda c: (
            f"The learning rate{learning_rate_in_words(c)} is too low to get anywhere in this run."
        ),
        fixes=lambda c: (
            f"{raise_rate(c)}, and see whether the loss falls within the first tenth of the run.",
            "Look whether a warm-up or a decay keeps the rate low for the whole run.",
            *c.findings["non-converging-loss"].fixes[:1],
        ),
    ),
    Hypothesis(
        "numerical-error",
        core=("nan-or-inf",),
        explains=(),
        prior=1.0,
        clues=(
            Clue(-2.5, "The loss or its gradient grew before it became NaN.", rose_before_nan),
            Clue(-1.0, "The loss swung before.", lambda c: c.fired("oscillating-loss")),
        ),
        summary=lambda c: "A number overflowed, or an operation is undefined for some input.",
        fixes=lambda c: c.findings["nan-or-inf"].fixes,
    ),
    Hypothesis(
        "unclipped-gradients",
        core=("nan-or-inf",),
        explains=("diverging-loss",),
        prior=-2.0,
        clues=(
            Clue(
                3.0,
                "The gradient norm grew far beyond its median just before.",
                lambda c: c.measured("nan-or-inf", "gradient_rise_before") is not None,
            ),
        ),
        summary=lambda c: "Single very large gradients were not clipped.",
        fixes=lambda c: (
            CLIP_GRADIENTS,
            *c.findings["nan-or-inf"].fixes[:1],
        ),
    ),
    Hypothesis(
        "dead-units",
        core=("dead-layer",),
        explains=("non-converging-loss", "unchanged-weights", "vanishing-gradients"),
        prior=2.0,
        clues=(
            Clue(1.0, "A layer was dead at its first record.", dead_from_start),
            Clue(-0.8, "The loss swings as well.", lambda c: c.fired("oscillating-loss")),
            Clue(-2.0, "The loss shot up right after the start.", shot_up),
            Clue(-2.0, "The loss came down from far above its plateau.", fell_and_stopped),
        ),
        summary=lambda c: f"{c.findings['dead-layer'].title}, so that nothing behind it can learn.",
        fixes=lambda c: c.findings["dead-layer"].fixes,
    ),
    Hypothesis(
        "layer-not-trained",
        core=("unchanged-weights",),
        explains=("non-converging-loss",),
        prior=2.5,
        clues=(Clue(-4.0, "A dead layer cuts the gradient off.", lambda c: c.fired("dead-layer")),),
        summary=lambda c: (
            f"{c.findings['unchanged-weights'].title}; they are frozen, cut off, or "
            "unknown to the optimiser."
        ),
        fixes=lambda c: c.findings["unchanged-weights"].fixes,
    ),
    Hypothesis(
        "saturating-activations",
        core=("vanishing-gradients",),
        explains=("non-converging-loss",),
        prior=-0.5,
        clues=(
            Clue(-2.0, "The loss diverges or swings, which comes first.", thrown_about),
            Clue(2.5, "The model's config names tanh or sigmoid.", config_saturates),
            Clue(
                2.0, "Hidden outputs stay within the range of tanh or sigmoid.", activations_bounded
            ),
            Clue(-3.0, "Hidden outputs are small: no activation saturates.", signal_is_small),
            Clue(-2.0, "A dead layer cuts the gradient off.", lambda c: c.fired("dead-layer")),
        ),
        summary=lambda c: (
            "Saturating activations (tanh, sigmoid) let hardly any gradient through "
            "to the first layers."
        ),
        fixes=lambda c: c.findings["vanishing-gradients"].fixes,
    ),
    Hypothesis(
        "bad-initialization",
        core=("vanishing-gradients", "dead-layer"),
        explains=("non-converging-loss", "unchanged-weights"),
        prior=-1.0,
        clues=(
            Clue(-2.0, "The loss diverges or swings, which comes first.", thrown_about),
            Clue(
                1.5,
                "Gradients vanish with depth.",
                lambda c: c.fired("vanishing-gradients"),
            ),
            Clue(4.5, "A kernel holds one value only.", kernel_is_constant),
            Clue(
                3.0,
                "Hidden outputs are small: no activation saturates.",
                lambda c: c.fired("vanishing-gradients") and signal_is_small(c),
            ),
            Clue(-0.8, "The model's config names tanh or sigmoid.", config_saturates),
            Clue(
                -0.8,
                "Hidden outputs stay within the range of tanh or sigmoid.",
                activations_bounded,
            ),
        ),
        summary=lambda c: (
            "All weights of a layer have the same initial value, so that its units cannot differ."
            if kernel_is_constant(c)
            else "The initial weights do not fit the activations, and the signal shrinks from "
            "layer to layer."
        ),
        fixes=lambda c: (
            "Initialise for the activation: He for ReLU (Keras `kernel_initializer='he_normal'`, "
            "PyTorch `nn.init.kaiming_normal_(layer.weight)`), Glorot for tanh and sigmoid (Keras "
            "`'glorot_uniform'`, PyTorch `nn.init.xavier_uniform_(layer.weight)`).",
            "Never start a kernel from zeros or any other constant; biases may be zero.",
        ),
    ),
    Hypothesis(
        "wrong-loss-or-output",
        core=("non-converging-loss",),
        explains=(),
        prior=-2.0,
        clues=(
            Clue(5.0, "The last layer is a softmax of one unit.", single_softmax),
            Clue(3.0, "The loss is constant to the bit.", loss_is_constant),
            Clue(
                2.5,
                "The accuracy never changes, whatever the loss does.",
                lambda c: c.signals.answers_never_change,
            ),
        ),
        summary=lambda c: "The loss and the output layer do not fit each other.",
        fixes=lambda c: (
            "Match the loss and the last layer: one sigmoid unit with binary cross-entropy, C "
            "softmax units with (sparse) categorical cross-entropy, or raw logits with the "
            "from-logits form; a softmax of one unit is always 1.",
            *c.findings["non-converging-loss"].fixes[:2],
        ),
    ),
    Hypothesis(
        "labels-or-data-broken",
        core=("non-converging-loss",),
        explains=("overfitting",),
        prior=0.2,
        clues=(
            Clue(-4.0, "The weights stand all but still over the whole run.", weights_stand_still),
            Clue(1.0, "The weights of all layers move.", weights_move),
            Clue(1.0, "Gradients reach all layers.", gradients_reach_all_layers),
            Clue(0.8, "The model guesses.", lambda c: c.signals.guess is not None),
            Clue(
                1.5,
                "It guesses on validation data, however well it memorises.",
                held_out_guess,
            ),
            Clue(
                -4.0,
                "Something inside the network explains it.",
                lambda c: c.fired("vanishing-gradients", "dead-layer", "unchanged-weights"),
            ),
            Clue(-0.3, "The loss came down from far above its plateau.", fell_and_stopped),
            Clue(-2.0, "The loss shot up right after the start.", shot_up),
            Clue(-2.0, "The loss swings or diverges.", lambda c: c.fired("oscillating-loss")),
            Clue(-1.5, "The loss falls steadily, though hardly.", falls_steadily),
            Clue(-3.5, "The loss had been lower, and stays above that.", lost_ground),
            Clue(-2.0, "The loss stays far above that of a guess.", worse_than_guessing),
            Clue(-3.0, "The loss is constant to the bit.", loss_is_constant),
            Clue(-3.0, "The last layer is a softmax of one unit.", single_softmax),
        ),
        summary=lambda c: (
            "Inputs and labels seem not to belong together; the network trains, but "
            "there is nothing it can learn."
        ),
        fixes=lambda c: (
            "Look at a batch as the model gets it: do inputs and labels still belong together "
            "after shuffling, batching and augmentation?",
            *(f for f in c.findings["non-converging-loss"].fixes if "batch as" not in f),
        ),
    ),
    Hypothesis(
        "too-little-regularization",
        core=("overfitting",),
        explains=(),
        prior=2.5,
        clues=(
            Clue(-2.0, "Validation was never better than a guess.", held_out_guess),
            Clue(-1.0, "The loss diverges as well.", lambda c: c.fired("diverging-loss")),
        ),
        summary=lambda c: "The model is free to memorise its training data.",
        fixes=lambda c: c.findings["overfitting"].fixes,
    ),
)
