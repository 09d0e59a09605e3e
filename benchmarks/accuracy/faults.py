"""What goes wrong in trainings, each as a change of the recipe, at several strengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from benchmarks.accuracy.programs import Program
from benchmarks.accuracy.recipe import Recipe

Change: TypeAlias = Callable[[Recipe], Recipe]


@dataclass(frozen=True)
class Fault:
    """One fault: `strengths` break a recipe, `repair` is the same recipe without the fault.

    A strength that stands twice is trained with two seeds.
    `causes` are the names that a right diagnosis may give first: more than one where the
    fault is known under both. None are held against a diagnosis where there is no name.
    """

    name: str
    causes: tuple[str, ...]
    strengths: tuple[Change, ...]
    fits: Callable[[Program], bool]
    repair: Change = lambda recipe: recipe
    inside: bool = False  # seen in the tensors alone: always logged with histograms


def _with(**changes: Any) -> Change:
    return partial(replace, **changes)


def _times(**factors: float) -> Change:
    """Multiply numbers of the recipe."""

    def change(recipe: Recipe) -> Recipe:
        scaled = {name: getattr(recipe, name) * factor for name, factor in factors.items()}
        whole = {n: max(1, round(v)) if n == "epochs" else v for n, v in scaled.items()}
        return replace(recipe, **whole)

    return change


def _both(*changes: Change) -> Change:
    def change(recipe: Recipe) -> Recipe:
        for one in changes:
            recipe = one(recipe)
        return recipe

    return change


def _anywhere(_: Program) -> bool:
    return True


def _stacked(program: Program) -> bool:
    return program.stacked


def _rectified(program: Program) -> bool:
    return program.stacked and program.recipe.activation == "relu"


def _classifies(program: Program) -> bool:
    return program.classifies


def _torch(program: Program) -> bool:
    return program.framework == "torch"


def _simple_optimizer(program: Program) -> bool:
    return program.recipe.optimizer in {"sgd", "momentum", "nesterov"}


_deep = _with(hidden=8, norm=False)
_fast = _both(_times(lr=8.0), _with(schedule="warm-up"))

FAULTS = (
    Fault(
        "learning-rate-too-high",
        ("learning-rate-too-high",),
        (_times(lr=30.0), _times(lr=100.0), _times(lr=1000.0)),
        _anywhere,
    ),
    Fault(
        "learning-rate-too-low",
        ("learning-rate-too-low",),
        (_times(lr=0.02), _times(lr=3e-4)),
        _anywhere,
    ),
    Fault(
        "shuffled-labels",
        ("labels-or-data-broken",),
        (_with(labels="shuffled"),),
        lambda p: not p.restores,
    ),
    Fault(
        "few-noisy-samples",
        ("too-little-regularization",),
        (_both(_with(train_size=100, label_noise=0.4), _times(epochs=8.0, lr=2.0)),),
        lambda p: not p.restores,
    ),
    Fault("negative-bias", ("dead-units",), (_with(bias=-2.0), _with(bias=-10.0)), _rectified),
    Fault(
        "deep-sigmoid",
        ("saturating-activations",),
        (_both(_deep, _with(activation="sigmoid", init="glorot")),),
        _stacked,
        repair=_both(_deep, _with(activation="relu", init="he"), _times(lr=0.5)),
    ),
    Fault(
        "tiny-weights",
        ("bad-initialization",),
        (_both(_deep, _with(activation="tanh", init="tiny")),),
        _stacked,
        repair=_both(_deep, _with(activation="tanh", init="glorot"), _times(lr=0.5)),
    ),
    Fault("zero-weights", ("bad-initialization",), (_with(init="zeros"),), _stacked),
    Fault(
        "huge-weights",
        ("bad-initialization",),
        (_with(init="huge"),),
        _stacked,
    ),
    Fault(
        "softmax-twice",
        ("wrong-loss-or-output",),
        (_with(output="double-softmax"), _with(output="double-softmax")),
        lambda p: p.classifies and not p.decides,
    ),
    Fault(
        "softmax-over-one-unit",
        ("wrong-loss-or-output",),
        (_with(output="one-unit"), _with(output="one-unit")),
        lambda p: p.decides,
    ),
    Fault(
        "forgotten-layer",
        ("layer-not-trained",),
        (_with(frozen="forgotten"),),
        _stacked,
        inside=True,
    ),
    Fault(
        "detached-layer",
        ("layer-not-trained",),
        (_with(frozen="detached"),),
        lambda p: p.stacked or p.architecture in {"two-inputs", "wide-deep"},
        inside=True,
    ),
    Fault(
        "nan-in-the-data",
        ("labels-or-data-broken", "numerical-error"),
        (_with(nan_from=0.4),),
        lambda p: p.data in {"digits", "waves", "friedman", "blobs", "tides", "quantiles", "wine"},
    ),
    Fault(
        "logarithm-of-zero",
        ("numerical-error",),
        (_both(_with(loss="log-of-zero"), _times(lr=2.0, epochs=3.0)),),
        lambda p: p.framework == "torch" and p.classifies,
        repair=_times(lr=2.0, epochs=3.0),
    ),
    Fault(
        "exploding-recurrence",
        ("unclipped-gradients",),
        tuple(_with(clip=None, init_scale=gain) for gain in (3.0, 4.5, 2.0, 7.0)),
        lambda p: p.architecture == "rnn" and p.data == "digits",
        repair=_with(init_scale=3.0),
    ),
    Fault(  # through thirty steps instead of eight a smaller gain comes as far
        "exploding-recurrence",
        ("unclipped-gradients",),
        tuple(_with(clip=None, init_scale=gain) for gain in (1.34, 1.5, 1.2, 1.7)),
        lambda p: p.architecture == "rnn" and p.data == "sums",
        repair=_with(init_scale=1.34),
    ),
    Fault(  # after a while: the rate grows to one that only clipping can stand
        "exploding-recurrence",
        ("unclipped-gradients", "learning-rate-too-high"),
        tuple(_both(_fast, _with(clip=None, init_scale=g)) for g in (1.2, 1.25, 1.25, 1.1)),
        lambda p: p.architecture == "rnn" and p.data == "tides",
        repair=_both(_fast, _with(init_scale=1.2)),
    ),
    Fault(
        "bad-batches",
        ("labels-or-data-broken", "unclipped-gradients"),
        (_with(bad_batches=0.02), _with(bad_batches=0.06)),
        lambda p: (
            (_classifies(p) and _simple_optimizer(p)) or p.data in {"friedman", "roll", "tides"}
        ),
    ),
    Fault(
        "schedule-ends-early",
        ("training-stopped-too-early", "learning-rate-too-low"),
        (_both(_with(schedule="ends-early"), _times(lr=0.3)),),
        _anywhere,
        repair=_both(_with(schedule="cosine"), _times(lr=0.3)),
    ),
    Fault(
        "wild-inputs",
        (),
        (_with(input_scale=300.0),),
        lambda p: _torch(p) and not p.reads_tokens,
    ),
)  # fmt: skip

# Data of which there is enough to learn from in spite of many wrong labels.
_MANY_SAMPLES = {
    "digits", "blobs", "friedman", "waves", "moons", "hastie", "quantiles", "walks",
}  # fmt: skip
# What looks odd and is not: habits under which a program still learns.
HABITS = (
    Fault("plain", (), (_with(), _with()), _anywhere),
    Fault(
        "noisy-batches",
        (),
        (_both(_with(batch=4), _times(lr=0.25, epochs=0.4)),),
        lambda p: p.framework == "torch" or p.data in {"cancer", "quantiles"},
    ),
    Fault(
        "label-noise",
        (),
        (_both(_with(label_noise=0.2, dropout=0.2), _times(epochs=0.4)),),
        lambda p: p.data in _MANY_SAMPLES,
    ),
    Fault("dropout", (), (_with(dropout=0.4),), lambda p: p.stacked and not p.restores),
    Fault("step-decay", (), (_with(schedule="step"),), _anywhere),
    Fault("warm-restarts", (), (_with(schedule="restarts"),), _torch),
    Fault("warm-up", (), (_with(schedule="warm-up"),), _torch),
    Fault("short", (), (_both(_with(batch=16), _times(epochs=0.35)),), _anywhere),
    Fault(
        "long-solved",
        (),
        (_both(_with(weight_decay=1e-3), _times(epochs=4.0)),),
        lambda p: _torch(p) and p.data in {"moons", "digits", "shifted", "wine"} and p.stacked,
    ),
    Fault("frozen-backbone", (), (_with(frozen="backbone"),), _stacked),
    Fault("normalised", (), (_with(norm=True),), lambda p: p.stacked),
    Fault("resumed", (), (_with(resumed=True),), _torch),
    Fault(
        "large-targets",
        (),
        (_both(_with(target_scale=300.0), _times(lr=1e-4)),),
        lambda p: p.data == "friedman" and p.framework == "torch",
    ),
    Fault(
        "large-targets",
        (),
        (_both(_with(target_scale=100.0), _times(lr=10.0, epochs=2.0)),),
        lambda p: p.data == "friedman" and p.framework == "keras",
    ),
    Fault("slow-and-steady", (), (_both(_times(lr=0.3), _with(schedule="cosine")),), _torch),
)  # fmt: skip
