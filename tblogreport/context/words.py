"""What the words of a scalar tag mean.

The vocabulary is what about thirty writers of event files use; a word that is
not here has no meaning, and the tag's role stays unknown.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from tblogreport.reading.splits import GLUED, SPLIT_OF_WORD


class Direction(StrEnum):
    """Which way a metric improves."""

    HIGHER = "higher"
    LOWER = "lower"


SPLIT_WORDS = frozenset(SPLIT_OF_WORD)
# Words that say how a value was averaged or counted, not what it is.
NEUTRAL_WORDS = frozenset(
    (
        "epoch epochs batch step steps iter iteration iterations vs per avg average averaged mean "
        "running smoothed smooth reduced total overall combined all ema global scalar "
        "scalars metric metrics log logs the of on in and set data performance summary stats"
    ).split()
)
LOSS_WORDS = frozenset("loss losses cost costs objective".split())
# What a `cost` is of where it is no loss: Paddle's programs call the time of a batch so.
TIMED_WORDS = frozenset("reader batch ips".split())
# Quantities that are minimised but are often logged as metrics beside a loss.
LOSS_LIKE_WORDS = frozenset(
    (
        "nll bce ce xent crossentropy mse squared huber hinge pinball infonce elbo nelbo "
        "likelihood perplexity ppl bpd bpc"
    ).split()
)
# What is taken for the loss where nothing else could be it.
AT_LAST_LOSS_WORDS = frozenset(("rmse", "mae"))
HIGHER_WORDS = frozenset(
    (
        "acc accuracy auc auroc roc prc aucpr f1 fscore precision recall map map50 ap ap50 iou "
        "miou dice bleu rouge meteor cider reward rewards rew return returns score r2 psnr ssim "
        "correlation pearson spearman kappa mcc hit hits ndcg mrr top1 top5 success win "
        "specificity sensitivity jaccard correct em"
    ).split()
)
LOWER_WORDS = frozenset(
    (
        "error err errors wer cer mer mae mse rmse rmsle mape msle ppl perplexity fid kid "
        "lpips ece brier eer nll bce ce xent crossentropy distance deviation regret fpr fnr bpd "
        "bpc hamming huber hinge pinball infonce"
    ).split()
)
# What a loss of classifiers is by itself, whatever else a training adds to it.
ENTROPY_WORDS = frozenset("nll bce ce xent crossentropy".split())
ACCURACY_WORDS = frozenset("acc accuracy".split())
# What nobody computes of training batches.
EVALUATED_WORDS = frozenset(
    "map map50 map5095 ap ap50 ap75 knn bleu rouge meteor cider ndcg auroc hitrate".split()
)
# Of mixed precision: what losses are multiplied by, so that gradients do not underflow.
SCALER_WORDS = frozenset("scale scaler scaling".split())
SCALED_WORDS = frozenset("loss grad amp fp16".split())
COST_WORDS = frozenset(
    (
        "time seconds second sec secs runtime fps throughput speed eta memory mem gpu cpu ram "
        "flops flos samples tokens epoch latency duration dur hp util utilization elapsed"
    ).split()
)
REINFORCEMENT_WORDS = frozenset(
    "reward rewards rew rollout episode episodes episodic return returns actor".split()
)
GENERATOR_WORDS = frozenset("g gen generator errg gloss lossg".split())
DISCRIMINATOR_WORDS = frozenset("d dis disc discriminator critic errd dloss lossd".split())

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_GLUED = re.compile(r"\b(mAP\d*|mIoU|IoU|top[ _-]?\d|F1|f1|R2|r2|lr\d*|LR)", re.IGNORECASE)

# A word that some write as one with the kind of a loss: `batchloss`.
_LOSS_GLUED = re.compile(r"\b([a-z]{3,})(loss)\b")

# The overlap from which on a detection counts: mAP50, mAP75.
_THRESHOLD = re.compile(r"^map\d+$")


@lru_cache(maxsize=1 << 16)
def words_of(tag: str) -> tuple[str, ...]:
    """The lower-case words of a tag: `epoch_valLoss` → ("epoch", "val", "loss")."""
    words: list[str] = []
    for part in re.split(r"[^0-9A-Za-z]+", tag):
        if not part:
            continue
        if _GLUED.fullmatch(part):
            words.append(_THRESHOLD.sub("map", part.lower()))
            continue
        words += [word.lower() for word in _WORD.findall(part)]
    return _join_compounds(words)


def _join_compounds(words: list[str]) -> tuple[str, ...]:
    """Make one word of those that only mean something together."""
    text = _LOSS_GLUED.sub(r"\1 \2", GLUED.sub(r"\1 \2", " ".join(words)))
    for pair, word in (
        ("learning rate", "lr"),
        ("cross entropy", "crossentropy"),
        ("log likelihood", "likelihood"),
        ("top 1", "top1"),
        ("top 5", "top5"),
        ("f 1", "f1"),
        ("r 2", "r2"),
        ("r squared", "r2"),
        ("rsquared", "r2"),
        ("matthews correlation", "mcc"),
        ("exact match", "em"),
        ("info nce", "infonce"),
        ("held out", "heldout"),
        ("hold out", "holdout"),
    ):
        text = re.sub(rf"\b{pair}\b", word, text)
    return tuple(text.split())


def stem_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """What is measured, without split, cadence and averaging: pairs train with validation."""
    return tuple(
        w for w in words if w not in SPLIT_WORDS and w not in NEUTRAL_WORDS and not w.isdigit()
    )


def direction_of(words: tuple[str, ...]) -> Direction | None:
    """Which way the quantity improves; None where the words do not say.

    The last word with a meaning decides: `accuracy_error` is an error.
    """
    for word in reversed(words):
        if word in LOSS_WORDS or word in LOWER_WORDS:
            return Direction.LOWER
        if word in HIGHER_WORDS:
            return Direction.HIGHER
    return None


def is_learning_rate(words: tuple[str, ...]) -> bool:
    """Whether the tag is a learning rate (`lr`, `lr-Adam`, `x/lr0`, `learning_rate`)."""
    return any(re.fullmatch(r"lr\d*|cur_lr", word) for word in words) and not (
        LOSS_WORDS & set(words)
    )


def is_loss_scale(words: tuple[str, ...]) -> bool:
    """Whether the tag is the factor of mixed precision (`loss_scale`, `amp/grad_scale`).

    A loss may be scale-invariant, or of one scale among several.
    """
    meaningful = [w for w in words if w not in SPLIT_WORDS and w not in NEUTRAL_WORDS]
    *before, last = meaningful or [""]
    return last in SCALER_WORDS and bool(before) and set(before) <= SCALED_WORDS


# How the norm of a gradient is spoken of, and where a program has it from.
_OF_A_NORM = frozenset(
    "norm norms l l2 before after clip clipping clipped unclipped optim optimizer model".split()
)


def is_gradient_norm(words: tuple[str, ...]) -> bool:
    """Whether the tag is the norm of the whole gradient, not of one parameter's."""
    meaningful = {w for w in words if w not in SPLIT_WORDS and w not in NEUTRAL_WORDS}
    meaningful = {w for w in meaningful if not w.isdigit()}
    gradient = meaningful & {"grad", "grads", "gradient", "gradients", "gnorm"}
    rest = meaningful - gradient - _OF_A_NORM
    return bool(gradient) and not rest and ("norm" in meaningful or "gnorm" in meaningful)
