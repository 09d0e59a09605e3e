"""What a model's answers say for or against a cause: whether it guesses, memorises, or learns."""

from __future__ import annotations

import numpy as np

from tblogreport.causes.case import STUCK, Case
from tblogreport.causes.curve_clues import thrown_about
from tblogreport.causes.score_clues import trains_well
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.progress import accuracy_at_end, nearest_classes
from tblogreport.signals.success import shares

# Times the likelihood of its answers that a classifier is right.
UNDERCONFIDENT = 2.5
# Kendall's tau of what has no trend, and how little of its level moves in what stands still.
NO_TREND = 0.35
STANDS = 1e-5
# A loss that ends so far from its start, as a share of it, was thrown about.
LEFT_START = 0.2
# Times the accuracy of chance that surely is an achievement.
FAR_ABOVE_CHANCE = 2.0
# A cross-entropy above this is no guess among any usual number of classes.
FAR_ABOVE_GUESS = 10.0
# … of what falls at all blocks, and the part of the fall that its later half brings.
EVENLY_TAU, EVEN_SHARE = -0.95, 0.4
# A penalty that melts: evaluations, steps of its way, how near to a guess it comes to rest, and the
# best score in that of chance meanwhile.
MELTS_POINTS, MELTS_STEPS, AT_GUESS, MELTS_SCORE = 8, 3, 0.02, 1.7
# A steady fall of more than this share of the start is no small one.
HARDLY = 0.5


def guesses(case: Case) -> bool:
    """Whether the model is at chance."""
    return case.signals.guess is not None


def held_out_guess(case: Case) -> bool:
    """Whether the model guesses on validation data, whatever it memorises."""
    return case.signals.held_out_guess is not None


def generalises(case: Case) -> bool:
    """Whether the model is right on validation data far more often than by chance."""
    over_chance = case.signals.accuracy_over_chance
    return over_chance is not None and over_chance > FAR_ABOVE_CHANCE


def learns_by_heart(case: Case) -> bool:
    """Whether the validation loss never fell, and validation is right as often as by chance."""
    return case.signals.learned_by_heart


def never_generalised(case: Case) -> bool:
    """Whether the validation loss never fell, while the train loss did."""
    return case.signals.never_generalised


def worse_than_guessing(case: Case) -> bool:
    """Whether a classifier's loss stays far above what its accuracy gives by guessing."""
    return case.signals.worse_than_guessing


def above_guess(case: Case) -> bool:
    """Whether the loss stands clearly above that of a uniform guess, at chance accuracy."""
    return case.signals.above_guess


def began_far_above(case: Case) -> bool:
    """Whether a classifier's loss began far above that of any guess."""
    progress = case.signals.progress
    classifies = case.signals.metric is not None and "acc" in "".join(case.signals.metric.stem)
    return progress is not None and classifies and progress.start > FAR_ABOVE_GUESS


def penalty_melts(case: Case) -> bool:
    """Whether a loss far above a guess's comes down to it evenly, and the answers stay a guess.

    A penalty on the weights shrinks them to nothing whatever they had learned; first weights that
    are too large are unlearned in jumps, and with a score that moves.
    """
    signals, held_out = case.signals, case.signals.context.validation_loss
    metric = signals.context.validation_metric
    if held_out is None or metric is None:
        return False
    curve, scores = signals.curve(held_out), signals.curve(metric)
    classes = nearest_classes(curve.tail) if len(curve) >= MELTS_POINTS else None
    if classes is None or not metric.is_accuracy:
        return False
    guess = float(np.log(classes))
    begun, least = float(curve.values[0]), float(curve.values.min())
    above = curve.values > 1.05 * guess
    evenly = bool((np.diff(curve.values[above]) < 0).all()) and int(above.sum()) >= MELTS_STEPS
    at_rest = abs(curve.tail / guess - 1.0) < AT_GUESS and least > (1 - AT_GUESS) * guess
    near_chance = float(shares(scores).max()) < MELTS_SCORE / classes
    return begun > 2 * guess and evenly and at_rest and near_chance


def held_out_follows(case: Case) -> bool:
    """Whether the validation loss falls steadily and together with the train loss."""
    return case.signals.held_out_follows is True


def one_answer_for_all(case: Case) -> bool:
    """Whether the model answers the same to every input, and does not merely learn slowly."""
    signals = case.signals
    constant = signals.answers_constant is True and case.fired(STUCK) and not falls_evenly(case)
    if trains_well(case):
        return False  # its answers differ: few of them are right on validation data
    return constant and (not held_out_follows(case) or signals.at_constant_answer)


def learns_slowly(case: Case) -> bool:
    """Whether the validation loss falls in step, and not by the last bias alone."""
    return held_out_follows(case) and not one_answer_for_all(case)


def falls_evenly(case: Case) -> bool:
    """Whether the loss falls as much in the later half as in the earlier one, and validation too.

    Where the last bias alone learns, it comes to the best constant answer, and stays there.
    """
    progress, curve = case.signals.progress, case.signals.learning_curve
    if progress is None or curve is None or progress.tau > EVENLY_TAU:
        return False
    blocks = curve.blocks
    later = float(blocks[len(blocks) // 2] - blocks[-1])
    return held_out_follows(case) and later >= EVEN_SHARE * float(blocks[0] - blocks[-1]) > 0


def falls_steadily(case: Case) -> bool:
    """Whether the loss falls at every block, however little, and far from guessing."""
    progress = case.signals.progress
    if progress is None:
        return False
    if (case.signals.guess is not None or held_out_guess(case)) and not falls_evenly(case):
        return False
    hardly = progress.tau < -0.9 and progress.p_value < 1e-4 and progress.relative_drop < HARDLY
    return hardly and not one_answer_for_all(case)


def part_guesses(case: Case) -> bool:
    """Whether a part of the loss alone is that of a guess at every point."""
    return case.measured(STUCK, "classes") is not None


def nothing_moves(case: Case) -> bool:
    """Whether neither loss of a regression has any trend: labels could be learned by heart."""
    signals, held_out = case.signals, case.signals.context.validation_loss
    if signals.answers_constant is not None or held_out is None or not case.fired(STUCK):
        return False
    curves = [signals.curve(s) for s in (signals.loss, held_out) if s is not None]
    return all(
        len(c) >= 8 and (abs(c.trend[0]) < NO_TREND or _stands(c)) and not _left_start(c)
        for c in curves
    )


def _left_start(curve: CurveSignal) -> bool:
    """Whether a loss ends far from where it began, by no trend: it was thrown at once."""
    return abs(curve.tail - curve.start) > LEFT_START * abs(curve.start)


def _stands(curve: CurveSignal) -> bool:
    """Whether the later half is the same to a hundred-thousandth of its level."""
    later = curve.values[len(curve) // 2 :]
    return float(np.ptp(later)) < STANDS * abs(curve.tail)


def underconfident(case: Case) -> bool:
    """Whether a classifier is right much more often than the likelihood of its answers says.

    A softmax that is applied twice cannot be surer than e / (e + C - 1).
    """
    signals = case.signals
    if signals.progress is None or signals.metric is None or signals.progress.tail <= 0:
        return False
    if thrown_about(case) or signals.progress.tail >= signals.progress.start:
        return False
    accuracy = accuracy_at_end(signals.curve(signals.metric))
    likelihood = float(np.exp(-signals.progress.tail))
    return accuracy is not None and accuracy > max(0.4, UNDERCONFIDENT * likelihood)


def on_double_softmax_floor(case: Case) -> bool:
    """Whether the loss stands at the least that a softmax of a softmax can reach."""
    return case.measured("loss-metric-mismatch", "double_softmax_floor") is not None


def answers_vary(case: Case) -> bool:
    """Whether the validation accuracy takes many values: the answers depend on the input."""
    return case.signals.answers_constant is False
