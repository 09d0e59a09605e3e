"""What is said of the layers: their activations, first weights, and whether they are trained."""

from __future__ import annotations

from tblogreport.causes.answer_clues import penalty_melts
from tblogreport.causes.case import STUCK, Case
from tblogreport.causes.curve_clues import held_out_is_constant
from tblogreport.causes.network_clues import constant_kernels
from tblogreport.causes.words.fixes import Fixes, fixes_of
from tblogreport.checks.advice import INSTRUMENT, OPTIMISER_KNOWS_ALL


class TooMuchRegularization:
    """too-much-regularization."""

    @staticmethod
    def summary(case: Case) -> str:
        if penalty_melts(case):
            return "The penalty on the weights outweighs the task: it shrinks them to nothing."
        if "weight-growth" not in case.findings:
            return "The Kullback–Leibler term outweighs the reconstruction."
        return "The weights decay faster than they learn."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        if penalty_melts(case):
            return (
                "Lower the penalty a hundredfold: Keras `kernel_regularizer=regularizers.L2(1e-4)`,"
                " PyTorch `weight_decay=1e-4`.",
                "Log the loss without its penalty beside it.",
            )
        if "weight-growth" not in case.findings:
            return fixes_of(case, "posterior-collapse")
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


class LayerNotTrained:
    """layer-not-trained."""

    @staticmethod
    def summary(case: Case) -> str:
        if not case.fired("unchanged-weights") and held_out_is_constant(case):
            return (
                "No step changes the weights: the optimiser does not know them, its `step` is "
                "never called, or its rate is 0."
            )
        if not case.fired("unchanged-weights"):
            return "A part of the model is cut off, dead, or unknown to the optimiser."
        title = case.findings["unchanged-weights"].title
        return f"{title}; they are frozen, cut off, or unknown to the optimiser."

    @staticmethod
    def fixes(case: Case) -> Fixes:
        if not case.fired("unchanged-weights") and held_out_is_constant(case):
            return (OPTIMISER_KNOWS_ALL, *fixes_of(case, STUCK)[:1])
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
