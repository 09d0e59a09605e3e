"""What is said where the loss does not measure the task: a table of the ways it may not."""

from __future__ import annotations

from dataclasses import dataclass

from tblogreport.causes.case import STUCK, Case, Holds, fired
from tblogreport.causes.game_clues import learns_the_opposite
from tblogreport.causes.model_clues import output_misfits, output_too_narrow, single_softmax
from tblogreport.causes.score_clues import (
    falls_below_zero,
    falls_below_zero_in_training,
    turned_sign,
)
from tblogreport.causes.words.fixes import Fixes, fixes_of


@dataclass(frozen=True)
class _Way:
    """One way in which a loss and a task do not fit; without fixes, those of the finding."""

    holds: Holds
    summary: str
    fixes: Fixes = ()


_MATCH = (
    "Match the loss and the last layer: one sigmoid unit with binary cross-entropy, C softmax "
    "units with (sparse) categorical cross-entropy, or raw logits with the from-logits form; a "
    "softmax of one unit is always 1.",
    "In PyTorch give raw scores to `nn.CrossEntropyLoss` and `nn.BCEWithLogitsLoss`: both apply "
    "the softmax or sigmoid themselves.",
)


def _sign_is_turned(case: Case) -> bool:
    return turned_sign(case) or falls_below_zero(case)


# The first that holds is said.
_WAYS = (
    _Way(
        single_softmax,
        "The model ends in a softmax over one unit, which is 1 whatever comes in.",
        _MATCH,
    ),
    _Way(
        output_misfits,
        "The loss ({loss}) and the last layer ({ends}) do not fit.",
        _MATCH,
    ),
    _Way(
        _sign_is_turned,
        "The loss has the wrong sign: training makes the answers worse.",
        (
            "Turn the sign: minimise the negative log-likelihood. `nn.NLLLoss` and "
            "`nn.CrossEntropyLoss` have it already; a gain that is maximised needs a minus, once.",
            "Look for `maximize=True`, for a second minus, and for probabilities in "
            "`nn.NLLLoss`, which wants their logarithms.",
        ),
    ),
    _Way(
        falls_below_zero_in_training,
        "The train loss has no lower end: its targets are not those that the loss is made for.",
        (
            "Print the least and the greatest target of a training batch and of a validation "
            "batch: binary cross-entropy wants 0 to 1, not 0 to 255.",
            *_MATCH,
        ),
    ),
    _Way(
        learns_the_opposite,
        "The agent learns to be rewarded less: a sign in its loss or its reward is turned.",
    ),
    _Way(
        fired("representation-collapse"),
        "Nothing in the loss keeps the embeddings apart.",
    ),
    _Way(
        output_too_narrow,
        "The last layer ({ends}) cannot reach the targets.",
        (
            "End a regression in a linear layer: Keras `Dense(1)`, PyTorch `nn.Linear(…, 1)`.",
            "Or scale the targets into the range of the last layer.",
        ),
    ),
)
_ELSE = _Way(lambda _: True, "The loss and the output layer do not fit each other.", _MATCH)
_FINDINGS = (STUCK, "loss-metric-mismatch", "reward-collapse", "representation-collapse")


class WrongLossOrOutput:
    """wrong-loss-or-output."""

    @staticmethod
    def summary(case: Case) -> str:
        model = case.signals.context.model
        kind = "from logits" if model is not None and model.from_logits else "of probabilities"
        return _way(case).summary.format(
            loss=f"{model.loss} {kind}" if model is not None else "",
            ends=model.output_activation if model is not None else "",
        )

    @staticmethod
    def fixes(case: Case) -> Fixes:
        way = _way(case)
        return (*way.fixes, *fixes_of(case, *_FINDINGS)[: 2 if way.fixes else None])


def _way(case: Case) -> _Way:
    return next((way for way in _WAYS if way.holds(case)), _ELSE)
