"""Gradients shrink towards the input, so that the first layers hardly learn.

What it looks for
-----------------
The root mean square of each kernel's gradient, from its histogram or else its logged
norm, first layer against the last ones: a
ratio below 1/100 that shrinks steadily with depth, or below 1/1000 in any manner, in
most records; or a typical layer below 1/100 of the last. It is an error only when the
run also does badly. From weights alone: first
kernels that move less than a hundredth of what the last ones do, in a run that does
badly.

Why it matters
--------------
The layers that see the input first set what all others can work with. Without
gradient they stay at their random initial values.

How to fix
----------
ReLU with He initialisation or GELU instead of sigmoid or tanh; batch or layer
normalisation; skip connections; an initialisation that keeps the variance.

When it is wrong
----------------
In a converged network all gradients are small, because the loss is: a run that did
well gets at most a note. Frozen backbones and layers whose gradient is exactly zero
are other findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tblogreport.checks.advice import INSTRUMENT
from tblogreport.checks.base import NotCheckable, check
from tblogreport.context.layers import Tensor
from tblogreport.context.norms import norms_as_tensors
from tblogreport.context.tensor_names import TensorKind
from tblogreport.findings import Finding, Severity
from tblogreport.numbers import integer, number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import band_chart, heat_map
from tblogreport.signals.gate import gated
from tblogreport.signals.gradients import rms_grid

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MIN_LAYERS = 3
MIN_RECORDS = 2
# First over last gradient RMS; the milder one must shrink steadily with depth.
DEPTH_RATIO = 1e-3
STEADY_RATIO = 1e-2
STEADINESS = 0.8  # rank correlation of log RMS with depth
PERSISTENT_SHARE = 0.7
# From weights: first over last kernels' movement, and what counts as moving at all.
MOVEMENT_RATIO = 1e-2
MOVING = 0.05


@dataclass(frozen=True)
class _Profile:
    """Gradient RMS by layer and record, and what it says."""

    tensors: tuple[Tensor, ...]
    first_ratio: float  # median over records: RMS of the first layer / of the last
    typical_ratio: float  # … of the typical layer before the last / of the last
    ratio: float  # of those the one that the threshold was held against
    share: float  # of records below the threshold that applied
    steadiness: float
    threshold: float


@check
def vanishing_gradients(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the first layer."""
    layers = signals.layers
    histograms = layers.of(TensorKind.GRADIENT, TensorKind.KERNEL)
    gradients = [t for t in histograms or norms_as_tensors(layers) if len(t) >= MIN_RECORDS]
    kernels = [t for t in layers.of(TensorKind.KERNEL) if len(t) >= MIN_RECORDS]
    whole_model = 2 <= len(gradients) >= len(kernels)  # which may have two layers only
    if len(gradients) >= MIN_LAYERS or whole_model:
        profile = _profile(signals, gradients)
        return [_finding(signals, profile)] if profile else []
    if len(kernels) < MIN_LAYERS + 1 or signals.bad_outcome is None:
        raise NotCheckable(
            f"gradients of at least {MIN_LAYERS} layers are needed at two steps or more; "
            f"{INSTRUMENT}"
        )
    return _by_weights(signals, kernels)


def _profile(signals: Signals, gradients: list[Tensor]) -> _Profile | None:
    """The depth profile when it shrinks enough; exact zeros count as not logged."""
    steps, grid = rms_grid(signals, gradients)
    if len(steps) < MIN_RECORDS:
        return None
    grid[grid <= 0] = np.nan
    usable = np.isfinite(grid).all(axis=0)
    if usable.sum() < MIN_RECORDS:
        return None
    log = np.log10(grid[:, usable])
    ratios = log[0] - np.maximum(log[-1], log[-2])
    typical = np.median(log[:-1], axis=0) - log[-1]
    depth = np.arange(len(gradients))
    steadiness = float(np.median([_rank_correlation(depth, column) for column in log.T]))
    steady = steadiness >= STEADINESS and len(gradients) >= MIN_LAYERS
    threshold = STEADY_RATIO if steady else DEPTH_RATIO
    if len(gradients) > MIN_LAYERS and np.median(typical) < np.log10(STEADY_RATIO):
        ratios, threshold = typical, STEADY_RATIO
    share = float(np.mean(ratios < np.log10(threshold)))
    if share < PERSISTENT_SHARE:
        return None
    return _Profile(
        tensors=tuple(gradients),
        first_ratio=float(10 ** np.median(log[0] - log[-1])),
        typical_ratio=float(10 ** np.median(typical)),
        ratio=float(10 ** np.median(ratios)),
        share=share,
        steadiness=steadiness,
        threshold=threshold,
    )


def _rank_correlation(depth: IntArray, values: FloatArray) -> float:
    """Spearman's correlation of distinct values with their depth."""
    ranks = np.argsort(np.argsort(values))
    return float(np.corrcoef(depth, ranks)[0, 1])


def _finding(signals: Signals, profile: _Profile) -> Finding:
    first, last = profile.tensors[0], profile.tensors[-1]
    # A ratio below the thresholds is rare in runs that train: all of them are extreme.
    severity, outcome = gated(signals, extreme=True)
    rms = [signals.tensor(t).rms for t in profile.tensors]
    return Finding(
        check="vanishing-gradients",
        severity=severity,
        confidence=0.95 if profile.ratio < DEPTH_RATIO else 0.88,
        title=f"Gradients vanish towards {first.layer}",
        message=f"The gradient of {first.layer} is {number(profile.first_ratio, 2)} times that of "
        f"{last.layer}, and that of a typical layer between {number(profile.typical_ratio, 2)} "
        f"times (median over {integer(len(first))} records; below "
        f"{number(profile.threshold)} in {percent(profile.share)} of them). {outcome}",
        why="The first layers decide what all others can work with; without gradient they keep "
        "their random initial values.",
        fixes=_FIXES,
        tags=tuple(t.label for t in profile.tensors),
        layer=first.layer,
        steps=(int(first.steps[0]), int(first.steps[-1])),
        measured={
            "depth_ratio": profile.ratio,
            "share_of_records": profile.share,
            "steadiness": profile.steadiness,
        },
        thresholds={
            "depth_ratio": profile.threshold,
            "share_of_records": PERSISTENT_SHARE,
            "steadiness": STEADINESS,
        },
        references=(
            "Glorot, Bengio: Understanding the difficulty of training deep feedforward neural "
            "networks (2010)",
        ),
        evidence=(
            heat_map(
                signals,
                profile.tensors,
                rms,
                title=f"Gradients shrink from {last.layer} to {first.layer}",
                quantity="gradient RMS",
                log=True,
                marked=(first.layer,),
            ),
        ),
    )


_FIXES = (
    "Use ReLU with He initialisation: Keras `Dense(…, activation='relu', "
    "kernel_initializer='he_uniform')`, PyTorch `nn.ReLU()` with "
    "`nn.init.kaiming_uniform_(layer.weight)`.",
    "Normalise between layers: Keras `BatchNormalization()`, PyTorch `nn.BatchNorm1d(n)` or "
    "`nn.LayerNorm(n)`.",
    "Add skip connections around every one or two layers.",
    "Keep sigmoid or tanh only with Glorot initialisation and few layers.",
)


def _by_weights(signals: Signals, kernels: list[Tensor]) -> list[Finding]:
    if not signals.bad_outcome:
        return []
    moved = np.array([signals.tensor(t).movement for t in kernels])
    first, last = moved[: len(moved) // 3 + 1], moved[-2:]
    if not np.isfinite(moved).all() or last.max() < MOVING or first.max() == 0:
        return []
    ratio = float(first.max() / last.max())
    if ratio >= MOVEMENT_RATIO:
        return []
    layer = kernels[0].layer
    return [
        Finding(
            check="vanishing-gradients",
            severity=Severity.WARNING,
            confidence=0.65,
            title=f"The layers near {layer} hardly move",
            message=f"From first to last record the first {len(first)} kernels moved by at most "
            f"{number(float(first.max()), 2)} of their spread, the last ones by "
            f"{number(float(last.max()), 2)}, and the loss hardly fell. Gradients were not logged; "
            "they would confirm it.",
            why="The first layers decide what all others can work with; without gradient they keep "
            "their random initial values.",
            fixes=_FIXES,
            tags=tuple(t.label for t in kernels),
            layer=layer,
            steps=(int(kernels[0].steps[0]), int(kernels[0].steps[-1])),
            measured={"movement_ratio": ratio},
            thresholds={"movement_ratio": MOVEMENT_RATIO},
            evidence=(band_chart(signals, kernels[0], f"The weights of {layer} hardly move"),),
        )
    ]
