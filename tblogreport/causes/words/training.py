"""What is said of what the optimiser did: rate, schedule, numbers, gradients, restarts."""

from __future__ import annotations

from tblogreport.causes.case import STUCK, Case
from tblogreport.causes.rates import (
    harmful_rate_in_words,
    learning_rate_in_words,
    lower_rate,
    raise_rate,
)
from tblogreport.causes.words.fixes import Fixes, clip_gradients, fixes_of, is_clip
from tblogreport.checks.advice import WARM_UP


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
            clip_gradients(case),
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


class ClippingTooTight:
    """clipping-too-tight."""

    @staticmethod
    def summary(case: Case) -> str:
        return (
            "Gradients are clipped, or scaled, to next to nothing: at the logged rate they would "
            "have moved the model much further."
        )

    @staticmethod
    def fixes(case: Case) -> Fixes:
        return (
            "Raise the limit at which gradients are clipped to about their usual norm, 1 being a "
            "common choice: PyTorch `clip_grad_norm_(model.parameters(), 1.0)`, Hugging Face "
            "`max_grad_norm=1.0`, Lightning `gradient_clip_val=1.0`.",
            "If nothing is clipped, see that the parameters whose gradient is logged are those "
            "that the optimiser has.",
        )


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
        clip = next(filter(is_clip, own), None) or clip_gradients(case)
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
