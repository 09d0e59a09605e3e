"""A layer whose weights are never updated.

What it looks for
-----------------
A kernel whose histograms are identical to the bit at every recorded step, while
other layers change; or no kernel that changes at all.

Why it matters
--------------
The layer keeps its random initial values: it passes on noise, and the layers after
it have to work around it.

How to fix
----------
Look whether it is trainable, whether its parameters were given to the optimiser,
and whether the graph is cut before it (`detach`, `stop_gradient`, a NumPy round trip).

When it is wrong
----------------
Layers frozen on purpose: where the model's config says so (unless they still hold what
their initialiser draws, and the score is poor), or where the first layers
stand still and the run does well, as in fine-tuning, the finding is only a note. Not so for
layers that hold what a library draws at the start, or are as large beside biases of exactly
zero: no backbone is loaded with those. Where all that moves is named as an adapter (LoRA),
it is a note as well. Layers whose gradient is too small to change a float32 are left to
`vanishing-gradients`, those that put out nothing but zeros to `dead-layer`. Statistics of
normalisation layers are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tblogreport.checks.advice import LOG_WEIGHTS, OPTIMISER_KNOWS_ALL
from tblogreport.checks.base import NotCheckable, check
from tblogreport.context.layers import Tensor
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import Evidence, Finding, Severity
from tblogreport.numbers import integer, listed
from tblogreport.signals import Signals
from tblogreport.signals.charts import band_chart
from tblogreport.signals.histogram import largest
from tblogreport.signals.kernels import fan_in, units

MIN_RECORDS = 2
# Below this score at the end frozen layers are of no use, whatever they hold.
POOR_SCORE = 0.6
# Of so many values drawn evenly the furthest lies this close to the end of their range.
MIN_VALUES = 64
FILLED = 0.9
# … and their root mean square this close to that of an even distribution.
EVEN = 0.1
# Names of what is trained beside a model that stays as it is.
_ADDED = re.compile(r"lora|adapter|prompt", re.IGNORECASE)
# A gradient this small against its weights is lost in float32 at any usual learning rate.
UNDERFLOW = 1e-5


@check
def unchanged_weights(signals: Signals) -> Sequence[Finding]:
    """Fire once, naming every layer that never moved."""
    kernels = [t for t in signals.layers.of(TensorKind.KERNEL) if len(t) >= MIN_RECORDS]
    if not kernels:
        raise NotCheckable(f"no weight histograms were logged at two steps or more; {LOG_WEIGHTS}")
    still = [
        t
        for t in kernels
        if signals.tensor(t).never_moved
        and not _bias_moves(signals, t)
        and not _gradient_vanished(signals, t)
        and not _is_dead(signals, t)
    ]
    if not still:
        return []
    return [_finding(signals, still, kernels)]


def _bias_moves(signals: Signals, kernel: Tensor) -> bool:
    """Whether the layer's bias is updated: then the layer is trained, and its input is zero."""
    bias = signals.layers.get(kernel.layer, TensorKind.BIAS)
    return bias is not None and len(bias) >= MIN_RECORDS and not signals.tensor(bias).never_moved


def _gradient_vanished(signals: Signals, kernel: Tensor) -> bool:
    """Whether the layer gets a gradient that float32 cannot add to its weights.

    Such a layer is trained, in vain: that is `vanishing-gradients`. A gradient of exactly
    zero, or one that would show, is none of it.
    """
    gradient = signals.layers.get(kernel.layer, TensorKind.GRADIENT, TensorKind.KERNEL)
    if gradient is None:
        return False
    strongest = np.nanmax(signals.tensor(gradient).rms, initial=0.0)
    return bool(0 < strongest < UNDERFLOW * np.nanmax(signals.tensor(kernel).rms, initial=0.0))


def _is_dead(signals: Signals, kernel: Tensor) -> bool:
    """Whether the layer is known to put out nothing but zeros: that is `dead-layer`."""
    outputs = signals.layers.get(kernel.layer, TensorKind.ACTIVATION)
    return outputs is not None and signals.tensor(outputs).zero_since == 0


def _random(signals: Signals, still: list[Tensor]) -> bool:
    """Whether most layers that stand still hold what was drawn for them before any training."""
    large = [kernel for kernel in still if kernel.size >= MIN_VALUES]  # a few values tell nothing
    drawn = sum(
        any(
            _as_drawn(signals, kernel, limit) or _beside_zeros(signals, kernel, limit)
            for limit in _limits(signals, kernel)
        )
        for kernel in large
    )
    return drawn > len(large) / 2


def _beside_zeros(signals: Signals, kernel: Tensor, limit: float) -> bool:
    """Whether a kernel is as large as an initialisation makes it, and its bias is all zeros."""
    bias = signals.layers.get(kernel.layer, TensorKind.BIAS)
    if bias is None or bias.size < 2 or signals.tensor(bias).zero_since > 0:
        return False
    return _is_spread_evenly(signals, kernel, limit)


def _limits(signals: Signals, kernel: Tensor) -> tuple[float, ...]:
    """The ends of the even distributions that the kernel may have been drawn from.

    By the model's config, else those of PyTorch's `nn.Linear` and convolutions, of Glorot
    (2010), He (2015) and LeCun (1998).
    """
    layer = signals.layers.config_of(kernel.layer)
    if layer is not None and layer.kernel is not None:
        limit = layer.kernel.limit(layer.fan_in, layer.fan_out)
        return (limit,) if limit else ()
    inputs, outputs = fan_in(signals.layers, kernel), units(signals.layers, kernel)
    if not inputs or not outputs:
        return ()
    variances = (1 / (3 * inputs), 2 / (inputs + outputs), 2 / inputs, 1 / inputs)
    return tuple(float(np.sqrt(3 * variance)) for variance in variances)


def _as_drawn(signals: Signals, kernel: Tensor, limit: float) -> bool:
    """Whether a kernel fills just the range up to `limit`, and evenly: trained ones do not."""
    furthest = largest(kernel.edges[0], kernel.counts[0])
    fills = FILLED * limit <= furthest <= limit * (1 + 1e-3)
    return fills and _is_spread_evenly(signals, kernel, limit)


def _is_spread_evenly(signals: Signals, kernel: Tensor, limit: float) -> bool:
    """Whether a kernel's first RMS is that of an even distribution from -limit to limit."""
    even = float(signals.tensor(kernel).rms[0]) * float(np.sqrt(3)) / limit
    return abs(even - 1) < EVEN


def _scores_poorly(signals: Signals) -> bool:
    return signals.best_score is not None and signals.best_score < POOR_SCORE


def _does_well(signals: Signals) -> bool:
    return signals.bad_outcome is False and not _scores_poorly(signals)


def _deliberate(
    signals: Signals, still: list[Tensor], kernels: list[Tensor], *, drawn: bool
) -> str | None:
    """Why the layers seem to be frozen on purpose, or None. `drawn`: they hold first values."""
    layers = signals.layers
    if all(layers.is_frozen(t.layer) for t in still):
        if _scores_poorly(signals) and drawn:
            return None  # frozen as if they were pre-trained, and nothing was ever loaded
        return "the model's config declares them not trainable"
    if any(layers.config_of(t.layer) is not None and not layers.is_frozen(t.layer) for t in still):
        return None  # the config says that they were to be trained
    moving = [t for t in kernels if t not in still]
    added = [t for t in (*moving, *_others_that_move(signals)) if _ADDED.search(t.tag)]
    last = kernels.index(still[-1])
    own = [t for t in moving if t not in added and kernels.index(t) < last]
    if added and not own:
        return "only what was added to them is trained, as in LoRA, and perhaps a new head"
    if any(_has_gradient(signals, t) for t in still):
        return None  # they get a gradient, and nobody applies it
    first_layers = still == kernels[: len(still)] and len(still) < len(kernels)
    if first_layers and not drawn and signals.bad_outcome is not True:
        return "they are the first layers, and the run does not do badly, as in fine-tuning"
    return None


def _others_that_move(signals: Signals) -> list[Tensor]:
    """What was added to a model under names of its own, as LoRA's factors, and is trained."""
    others = (t for t in signals.layers.of(TensorKind.OTHER) if _ADDED.search(t.tag))
    return [t for t in others if len(t) >= MIN_RECORDS and not signals.tensor(t).never_moved]


def _finding(signals: Signals, still: list[Tensor], kernels: list[Tensor]) -> Finding:
    names = tuple(t.layer for t in still)
    everything = len(still) == len(kernels) and not _others_that_move(signals)
    drawn = not everything and _random(signals, still)
    deliberate = None if everything else _deliberate(signals, still, kernels, drawn=drawn)
    first = still[0]
    harmless = not everything and first == kernels[0] and _does_well(signals)
    worst = Severity.WARNING if harmless else Severity.ERROR
    scope = "No layer's weights change" if everything else f"The weights of {listed(names)} never"
    title = scope if everything else f"{scope} change"
    moving = len(kernels) - len(still) or len(_others_that_move(signals))
    others = (
        ""
        if everything
        else f", while {integer(moving)} other{' changes' if moving == 1 else 's change'}"
    )
    reason = f"; {deliberate}" if deliberate else ""
    if not deliberate and drawn:
        reason = "; they hold what a library draws at the start, so that they were never trained"
    evidence: tuple[Evidence, ...] = (
        band_chart(signals, first, f"The weights of {first.layer} stand still"),
    )
    return Finding(
        check="unchanged-weights",
        severity=Severity.INFO if deliberate else worst,
        confidence=0.6 if deliberate else (0.97 if len(first) > 2 else 0.85),
        title=title,
        message=f"The histograms of {listed(tuple(f'`{t.label}`' for t in still))} are identical "
        f"to the bit in all {integer(len(first))} records{others}{reason}.",
        why="A layer that is never updated keeps its first values: after random initialisation it "
        "passes on noise.",
        fixes=_fixes(
            everything=everything,
            has_gradient=_has_gradient(signals, first),
            has_rate=signals.highest_learning_rate is not None,
        ),
        tags=tuple(t.label for t in still),
        layer=first.layer,
        steps=(int(first.steps[0]), int(first.steps[-1])),
        measured={
            "unchanged_layers": len(still),
            "changing_layers": len(kernels) - len(still),
            "records": len(first),
        },
        thresholds={"unchanged_layers": 0, "records": MIN_RECORDS},
        evidence=evidence,
    )


def _has_gradient(signals: Signals, kernel: Tensor) -> bool:
    """Whether a gradient reaches the layer: then it is neither frozen nor cut off.

    One that never changes was left over from an earlier training.
    """
    gradient = signals.layers.get(kernel.layer, TensorKind.GRADIENT, TensorKind.KERNEL)
    if gradient is None or signals.tensor(gradient).never_moved:
        return False
    return bool(np.nanmax(signals.tensor(gradient).rms, initial=0.0) > 0)


def _fixes(*, everything: bool, has_gradient: bool, has_rate: bool) -> tuple[str, ...]:
    optimiser = OPTIMISER_KNOWS_ALL
    frozen = (
        "Look at the flags: Keras `layer.trainable = True` before `compile`, PyTorch "
        "`parameter.requires_grad_(True)`."
    )
    cut = (
        "Look for a cut in the graph before the layer: `detach()`, `stop_gradient`, "
        "`torch.no_grad()`, a NumPy round trip."
    )
    rate = "See that the learning rate is not zero, at the start of a warm-up for instance."
    if everything and has_rate:
        return optimiser, frozen, cut
    if everything:
        return rate, optimiser, frozen, cut
    # A gradient that was logged refutes a flag and a cut: the optimiser does not know the layer.
    return (optimiser,) if has_gradient else (frozen, optimiser, cut)
