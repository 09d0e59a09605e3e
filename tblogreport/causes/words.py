"""What is said of each cause: one sentence, and orders that one can follow.

One class a cause, with a `summary` and `fixes` of a case; the tables name them.
"""

from __future__ import annotations

from tblogreport.causes.answer_clues import answers_vary, held_out_guess
from tblogreport.causes.case import STUCK, Case
from tblogreport.causes.curve_clues import broke_at_once, only_batches_swing
from tblogreport.causes.model_clues import output_misfits, output_too_narrow, single_softmax
from tblogreport.causes.network_clues import (
    constant_kernels,
    gradients_reach_all_layers,
    weights_move,
)
from tblogreport.causes.rates import (
    harmful_rate_in_words,
    learning_rate_in_words,
    lower_rate,
    raise_rate,
)
from tblogreport.causes.score_clues import (
    falls_below_zero,
    held_out_begins_elsewhere,
    held_out_below_chance,
    turned_sign,
)
from tblogreport.checks.advice import INSTRUMENT, WARM_UP
from tblogreport.checks.clipping import clip_advice

Fixes = tuple[str, ...]


def fixes_of(case: Case, *checks: str) -> Fixes:
    """The fixes of the first of these checks that has a finding; none where none has."""
    return next((case.findings[c].fixes for c in checks if c in case.findings), ())


def _clip(case: Case) -> str:
    """The order to clip that a finding gives, which knows where it began; else a general one."""
    given = (fix for finding in case.findings.values() for fix in finding.fixes)
    return next(filter(_is_clip, given), None) or clip_advice(case.signals)


def _is_clip(fix: str) -> bool:
    return fix.startswith("Clip the gradient norm")


class RateTooHigh:
    """learning-rate-too-high."""

    @staticmethod
    def summary(case: Case) -> str:
        return f"The learning rate{harmful_rate_in_words(case)} is too high for this model."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return (
            f"{lower_rate(case)}; the next run shows within its first tenth whether that was "
            "enough.",
            WARM_UP,
            _clip(case),
            "Scale the inputs to mean 0 and variance 1: large inputs make every step longer.",
        )


class RateTooLow:
    """learning-rate-too-low."""

    @staticmethod
    def summary(case: Case) -> str:
        rate = learning_rate_in_words(case)
        return f"The learning rate{rate} is too low to get anywhere in this run."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return (
            f"{raise_rate(case)}, and see whether the loss falls within the first tenth of the "
            "run.",
            "Look whether a warm-up or a decay keeps the rate low for the whole run.",
            *fixes_of(case, STUCK)[:1],
        )


class StoppedTooEarly:
    """training-stopped-too-early."""

    @staticmethod
    def summary(case: Case) -> str:
        climbs = case.measured("learning-rate-schedule", "climbs_to") is not None
        length = "longer" if climbs else "shorter"
        return f"The schedule of the learning rate was made for a {length} run."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "learning-rate-schedule")


class NumericalError:
    """numerical-error."""

    @staticmethod
    def summary(case: Case) -> str:
        if case.findings["nan-or-inf"].measured.get("only_validation") == "yes":
            return "Only the validation is undefined: an empty set, NaN in it, or a log of zero."
        return "A number overflowed, or an operation is undefined for some input."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "nan-or-inf")


class UnclippedGradients:
    """unclipped-gradients."""

    @staticmethod
    def summary(case: Case) -> str:
        return "Single very large gradients were not clipped."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        own = fixes_of(case, "exploding-gradients", "gradient-spikes", "loss-spikes")
        clip = next(filter(_is_clip, own), None) or _clip(case)
        others = [fix for fix in own if fix != clip]
        return (clip, *others, *fixes_of(case, "nan-or-inf")[:1])


class StateNotRestored:
    """state-not-restored."""

    @staticmethod
    def summary(case: Case) -> str:
        return "The run was taken up again without all of its state: weights, optimiser or data."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "resumed-run")


class TooMuchRegularization:
    """too-much-regularization."""

    @staticmethod
    def summary(case: Case) -> str:
        return "The weights decay faster than they learn."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return (
            "Lower the weight decay tenfold: PyTorch `AdamW(…, weight_decay=0.01)`, Keras "
            "`AdamW(weight_decay=0.004)`, or a smaller factor of `regularizers.L2`.",
            "Leave biases and normalisation out of the decay.",
            *fixes_of(case, "weight-growth"),
        )


class DeadUnits:
    """dead-units."""

    @staticmethod
    def summary(case: Case) -> str:
        if "dead-layer" in case.findings:
            finding = case.findings["dead-layer"]
            lost = "what" if finding.measured["zero_share"] == 1.0 else "most of what"
            return f"{finding.title}: {lost} enters is lost there, as is the gradient going back."
        return "Hidden units seem to put out zero whatever comes in: only the last bias learns."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "dead-layer") or (
            "Start with He initialisation and zero bias: Keras `Dense(…, activation='relu', "
            "kernel_initializer='he_normal', bias_initializer='zeros')`, PyTorch "
            "`nn.init.kaiming_normal_(layer.weight)` and `nn.init.zeros_(layer.bias)`.",
            "Use an activation that cannot die: Keras `activation='leaky_relu'` or `'gelu'`, "
            "PyTorch `nn.LeakyReLU()` or `nn.GELU()`.",
            f"Log the activations next time, which settles it: {INSTRUMENT}.",
        )


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


class LayerNotTrained:
    """layer-not-trained."""

    @staticmethod
    def summary(case: Case) -> str:
        if not case.fired("unchanged-weights"):
            return "A part of the model is cut off, dead, or unknown to the optimiser."
        title = case.findings["unchanged-weights"].title
        return f"{title}; they are frozen, cut off, or unknown to the optimiser."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "unchanged-weights") or fixes_of(case, STUCK)


class SaturatingActivations:
    """saturating-activations."""

    @staticmethod
    def summary(case: Case) -> str:
        return (
            "Saturating activations (tanh, sigmoid) let hardly any gradient through to the first "
            "layers."
        )

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "vanishing-gradients", "saturated-activations") or (
            "Use ReLU with He initialisation in the hidden layers: Keras `Dense(…, "
            "activation='relu', kernel_initializer='he_uniform')`, PyTorch `nn.ReLU()` with "
            "`nn.init.kaiming_uniform_(layer.weight)`.",
            "Or normalise between layers: Keras `BatchNormalization()`, PyTorch `nn.LayerNorm(n)`.",
        )


class BadInitialization:
    """bad-initialization."""

    @staticmethod
    def summary(case: Case) -> str:
        if constant_kernels(case):
            return (
                "All weights of a layer have the same initial value, so that its units cannot "
                "differ."
            )
        if "poor-initialization" in case.findings:
            return f"{case.findings['poor-initialization'].title}."
        return (
            "The initial weights do not fit the activations, and the signal is lost on its way "
            "through the layers."
        )

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return fixes_of(case, "poor-initialization") or (
            "Initialise for the activation: He for ReLU (Keras `kernel_initializer='he_normal'`, "
            "PyTorch `nn.init.kaiming_normal_(layer.weight)`), Glorot for tanh and sigmoid (Keras "
            "`'glorot_uniform'`, PyTorch `nn.init.xavier_uniform_(layer.weight)`).",
            "Never start a kernel from zeros or any other constant; biases may be zero.",
        )


class WrongLossOrOutput:
    """wrong-loss-or-output."""

    @staticmethod
    def summary(case: Case) -> str:
        model = case.signals.context.model
        if single_softmax(case):
            return "The model ends in a softmax over one unit, which is 1 whatever comes in."
        if output_misfits(case) and model is not None:
            kind = "from logits" if model.from_logits else "of probabilities"
            ends = model.output_activation
            return f"The loss ({model.loss} {kind}) and the last layer ({ends}) do not fit."
        if turned_sign(case) or falls_below_zero(case):
            return "The loss has the wrong sign: training makes the answers worse."
        if output_too_narrow(case) and model is not None:
            return f"The last layer ({model.output_activation}) cannot reach the targets."
        return "The loss and the output layer do not fit each other."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        if turned_sign(case) or falls_below_zero(case):
            return (
                "Turn the sign: minimise the negative log-likelihood. `nn.NLLLoss` and "
                "`nn.CrossEntropyLoss` have it already; a gain that is maximised needs a minus, "
                "once.",
                "Look for `maximize=True`, for a second minus, and for probabilities in "
                "`nn.NLLLoss`, which wants their logarithms.",
            )
        if output_too_narrow(case) and not (single_softmax(case) or output_misfits(case)):
            return (
                "End a regression in a linear layer: Keras `Dense(1)`, PyTorch `nn.Linear(…, 1)`.",
                "Or scale the targets into the range of the last layer.",
            )
        return (
            "Match the loss and the last layer: one sigmoid unit with binary cross-entropy, C "
            "softmax units with (sparse) categorical cross-entropy, or raw logits with the "
            "from-logits form; a softmax of one unit is always 1.",
            "In PyTorch give raw scores to `nn.CrossEntropyLoss` and `nn.BCEWithLogitsLoss`: both "
            "apply the softmax or sigmoid themselves.",
            *fixes_of(case, STUCK, "loss-metric-mismatch")[:2],
        )


class LabelsOrDataBroken:
    """labels-or-data-broken."""

    @staticmethod
    def summary(case: Case) -> str:
        stuck = case.fired(STUCK)
        if held_out_below_chance(case) or held_out_begins_elsewhere(case):
            return (
                "The validation data are prepared in another way than the training data: their "
                "labels, their order, or their scale."
            )
        if broke_at_once(case):
            return "From some step on the data are other ones: inputs and labels do not fit there."
        if not stuck and (case.fired("loss-spikes") or only_batches_swing(case)):
            return "Single batches are unlike the others: their data or labels may be broken."
        if held_out_guess(case):
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
        if held_out_below_chance(case) or held_out_begins_elsewhere(case):
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


class UnequalClasses:
    """classes-of-unequal-size."""

    @staticmethod
    def summary(case: Case) -> str:
        return (
            "One class is so frequent that its name alone is a good answer, and no more is learned."
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
