"""What can be seen in a run that speaks for or against a cause."""

from __future__ import annotations

import numpy as np

from tblogreport.causes.case import Case
from tblogreport.context.tensor_names import TensorKind
from tblogreport.numbers import number
from tblogreport.signals import PLATEAU_SHARE
from tblogreport.signals.histogram import is_empty, largest

# A loss this many times its first value has been thrown out by the first steps.
SHOT_UP = 1.5
# A loss that began at this many times its plateau was thrown up before it was first logged.
FELL = 1.1
# Kernels that move by less of their spread have not been trained in any sense.
STILL_MOVEMENT = 0.005
# Below this even Adam hardly trains a network that is not pre-trained.
TINY_RATE = 3e-5
# A loss that ends this much above its best block has lost what it had learned.
LOST_SHARE = 0.05
# Outputs below this are far from the ends of tanh.
SMALL_OUTPUT = 0.5
_SATURATING = frozenset("tanh sigmoid hard_sigmoid softsign".split())


def learning_rate_in_words(case: Case) -> str:
    """The highest learning rate that was logged, in parentheses; empty where none was."""
    highest = case.signals.highest_learning_rate
    return "" if highest is None else f" ({number(highest)})"


def weights_move(case: Case) -> bool:
    """Whether every logged kernel changes."""
    kernels = case.signals.layers.of(TensorKind.KERNEL)
    return len(kernels) > 0 and not any(case.signals.tensor(k).never_moved for k in kernels)


def kernel_is_constant(case: Case) -> bool:
    """Whether every value of some kernel is the same at its first record."""
    kernels = case.signals.layers.of(TensorKind.KERNEL)
    firsts = [(k.edges[0], k.counts[0]) for k in kernels if k.size > 1 and len(k)]
    return any(not is_empty(c) and e[0] == e[-1] for e, c in firsts)


def gradients_reach_all_layers(case: Case) -> bool:
    """Whether gradients were logged and do not vanish."""
    logged = case.signals.layers.of(TensorKind.GRADIENT, TensorKind.KERNEL)
    return len(logged) > 1 and "vanishing-gradients" not in case.findings


def activations_bounded(case: Case) -> bool:
    """Whether hidden activations stay within (-1, 1) or (0, 1) as after tanh or sigmoid.

    ReLU is told apart by its exact zeros, and a linear signal by its size.
    """
    tensors = case.signals.layers.of(TensorKind.ACTIVATION)[:-1]
    edges = [e for t in tensors for e in t.edges if len(e) and np.isfinite(e).all()]
    if not edges:
        return False
    low, high = min(float(e[0]) for e in edges), max(float(e[-1]) for e in edges)
    zeros = max(float(np.nanmedian(case.signals.tensor(t).zero_share[:, 0])) for t in tensors)
    return zeros < 0.05 and low >= -1.0 and 0.5 < high <= 1.0


def signal_is_small(case: Case) -> bool:
    """Whether no hidden layer ever puts out more than half of what would saturate it.

    tanh is linear there, so that the gradient is lost in the weights and not in the
    activations; sigmoid never is, as its outputs lie about one half.
    """
    hidden = case.signals.layers.of(TensorKind.ACTIVATION)[:-1]
    reached = [largest(e, c) for t in hidden for e, c in zip(t.edges, t.counts, strict=True)]
    finite = [value for value in reached if np.isfinite(value)]
    return bool(finite) and max(finite) < SMALL_OUTPUT


def config_saturates(case: Case) -> bool:
    """Whether most hidden layers are tanh or sigmoid by the model's config."""
    named = case.signals.layers.activations or {}
    hidden = list(named.values())[:-1]
    return bool(hidden) and sum(a in _SATURATING for a in hidden) > len(hidden) / 2


def single_softmax(case: Case) -> bool:
    """Whether the model ends in a softmax over one unit, which is always 1."""
    return case.signals.layers.softmax_of_one


def loss_is_constant(case: Case) -> bool:
    """Whether the loss is the same to the bit at every point."""
    loss = case.signals.loss
    return loss is not None and len(loss) >= 8 and float(np.ptp(loss.values)) == 0.0


def dead_from_start(case: Case) -> bool:
    """Whether a layer was dead at its first record."""
    finding = case.findings.get("dead-layer")
    if finding is None or finding.steps is None:
        return False
    tensors = case.signals.layers.tensors
    return any(t.label in finding.tags and int(t.steps[0]) == finding.steps[0] for t in tensors)


def shot_up(case: Case) -> bool:
    """Whether the loss rose far above both its first value and its end within the first tenth.

    The first logged batch is seen before any update: a loss that is normal there and
    explodes in the next ones was thrown out by the steps, not by the initial weights.
    """
    loss = case.signals.loss
    if loss is None or len(loss) < 8:
        return False
    early = loss.values[: max(5, len(loss) // 10)]
    if not np.isfinite(loss.values[0]) or loss.values[0] <= 0:
        return False
    peak = float(np.max(early[np.isfinite(early)]))
    return peak > SHOT_UP * float(loss.values[0]) and peak > SHOT_UP * case.signals.curve(loss).tail


def lost_at_start(case: Case) -> bool:
    """Whether the first steps threw the loss out and it has been stuck since."""
    stuck = case.fired("dead-layer", "non-converging-loss")
    return stuck and shot_up(case)


def fell_and_stopped(case: Case) -> bool:
    """Whether the loss began far above its plateau and the network has been lost since.

    Epoch averages begin so when the first steps overshot: dead layers or pure guessing
    after that are what the overshoot left behind.
    """
    progress = case.signals.progress
    lost = case.signals.guess is not None or case.fired("dead-layer")
    if not lost or progress is None or progress.plateau_share < PLATEAU_SHARE:
        return False
    return progress.start > FELL * progress.tail and not shot_up(case)


def lost_ground(case: Case) -> bool:
    """Whether the loss ends clearly above a level that it had already reached."""
    loss = case.signals.loss
    if loss is None or len(case.signals.curve(loss)) < 8:
        return False
    curve = case.signals.curve(loss)
    best = float(curve.blocks.min())
    return curve.tail - best > max(LOST_SHARE * abs(best), 5 * curve.block_noise)


def falls_steadily(case: Case) -> bool:
    """Whether the loss falls at every block, however little, and far from guessing."""
    progress = case.signals.progress
    if progress is None or case.signals.guess is not None or held_out_guess(case):
        return False
    return progress.tau < -0.9 and progress.p_value < 1e-4


def held_out_guess(case: Case) -> bool:
    """Whether the model guesses on validation data, whatever it memorises."""
    return case.signals.held_out_guess is not None


def thrown_about(case: Case) -> bool:
    """Whether the loss diverges or swings: what tensors show then is a consequence."""
    return case.fired("diverging-loss", "oscillating-loss")


def weights_stand_still(case: Case) -> bool:
    """Whether no kernel moved by more than a two-hundredth of its spread in the whole run."""
    kernels = case.signals.layers.of(TensorKind.KERNEL)
    moved = [case.signals.tensor(k).movement for k in kernels]
    return bool(moved) and 0 < max(moved) < STILL_MOVEMENT


def weights_hardly_move(case: Case) -> bool:
    """Whether no kernel moved by more than a twentieth of its spread, and all did move."""
    moved = [case.signals.tensor(k).movement for k in case.signals.layers.of(TensorKind.KERNEL)]
    return weights_move(case) and bool(max(moved) < 0.05)


def rate_is_tiny(case: Case) -> bool:
    """Whether the highest learning rate that was logged is `TINY_RATE` or below."""
    highest = case.signals.highest_learning_rate
    return highest is not None and highest <= TINY_RATE


def loss_rose_before_nan(case: Case) -> bool:
    """Whether the loss itself grew before it became non-finite."""
    return case.measured("nan-or-inf", "loss_rise_before") is not None


def rose_before_nan(case: Case) -> bool:
    """Whether the loss or its gradient grew before it became non-finite."""
    rises = ("loss_rise_before", "gradient_rise_before")
    return any(case.measured("nan-or-inf", name) is not None for name in rises)


def worse_than_guessing(case: Case) -> bool:
    """Whether a classifier's loss stays far above what its accuracy gives by guessing."""
    return case.signals.worse_than_guessing


def lower_rate(case: Case) -> str:
    """The order to lower the learning rate, with the value where it was logged."""
    highest = case.signals.highest_learning_rate
    if highest is None:
        return "Lower the learning rate three- to tenfold"
    return f"Lower the learning rate from {number(highest)} to {number(highest / 10, 2)}"


def raise_rate(case: Case) -> str:
    """The order to raise the learning rate, with the value where it was logged."""
    highest = case.signals.highest_learning_rate
    if highest is None:
        return "Raise the learning rate three- to tenfold"
    return f"Raise the learning rate from {number(highest)} to {number(highest * 10, 2)} or more"
