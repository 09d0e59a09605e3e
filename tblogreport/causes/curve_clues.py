"""What the losses, metrics and rates of a run say for or against a cause."""

from __future__ import annotations

import numpy as np

from tblogreport.causes.case import Case
from tblogreport.context.series import Role, Series
from tblogreport.signals import PLATEAU_SHARE
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.progress import accuracy_at_end

# A loss this many times its first value has been thrown out by the first steps.
SHOT_UP = 1.5
# … and must stand out of the noise by so many times.
SHOT_SIGMAS = 6.0
# A loss that began at this many times its plateau was thrown up before it was first logged.
FELL = 1.1
# … and one that began at so many times its last level, with dead layers, was thrown up far.
BLAST = 5.0
# A factor of mixed precision that ends below this share of its highest value was cut often.
SCALE_CUT = 1 / 100
# A loss that is not finite within this share of the run was lost by the first updates.
EARLY = 0.1
# Times the likelihood of its answers that a classifier is right.
UNDERCONFIDENT = 2.5
# Kendall's tau of what has no trend, and how little of its level moves in what stands still.
NO_TREND = 0.35
STANDS = 1e-5
# Times the accuracy of chance that surely is an achievement.
FAR_ABOVE_CHANCE = 2.0
# A drop below this share of the start is none to speak of.
STILL = 0.2
HARDLY = 0.5
# A cross-entropy above this is no guess among any usual number of classes.
FAR_ABOVE_GUESS = 10.0
# How far, as a share of the run, a rise may begin from where the run was resumed.
NEAR_RESUME = 0.03
# So many finite points show whether a loss rose before it was lost.
CALM_POINTS = 8
# A loss that ends this much above its best block has lost what it had learned.
LOST_SHARE = 0.05


def loss_is_constant(case: Case) -> bool:
    """Whether the loss is the same to the bit at every point."""
    return _is_constant(case.signals.loss)


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
    if peak - float(loss.values[0]) < SHOT_SIGMAS * case.signals.curve(loss).noise:
        return False
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


def died_in_a_blast(case: Case) -> bool:
    """Whether layers are dead and the loss began at many times the level that it came to.

    Averages over the first epoch begin so when the first steps threw the weights far.
    """
    progress = case.signals.progress
    if not case.fired("dead-layer") or progress is None or shot_up(case):
        return False
    return progress.tail > 0 and progress.start > BLAST * progress.tail


def lost_ground(case: Case) -> bool:
    """Whether the loss ends clearly above a level that it had already reached."""
    loss = case.signals.loss
    if loss is None or len(case.signals.curve(loss)) < 8:
        return False
    curve = case.signals.curve(loss)
    best, last = float(curve.blocks.min()), float(curve.blocks[-2:].min())
    return min(curve.tail, last) - best > max(LOST_SHARE * abs(best), 5 * curve.block_noise)


def stands_still(case: Case) -> bool:
    """Whether it was found that the loss does not fall, and it is not validation alone."""
    progress = case.signals.progress
    return (
        case.fired("non-converging-loss")
        and progress is not None
        and progress.drop < (STILL * abs(progress.start))
    )


def falls_steadily(case: Case) -> bool:
    """Whether the loss falls at every block, however little, and far from guessing."""
    progress = case.signals.progress
    if progress is None or case.signals.guess is not None or held_out_guess(case):
        return False
    hardly = progress.tau < -0.9 and progress.p_value < 1e-4 and progress.relative_drop < HARDLY
    return hardly and not one_answer_for_all(case)


def guesses(case: Case) -> bool:
    """Whether the model is at chance."""
    return case.signals.guess is not None


def held_out_guess(case: Case) -> bool:
    """Whether the model guesses on validation data, whatever it memorises."""
    return case.signals.held_out_guess is not None


def thrown_about(case: Case) -> bool:
    """Whether the loss diverges or swings: what tensors show then is a consequence."""
    return case.fired("diverging-loss", "oscillating-loss")


def loss_rose_before_nan(case: Case) -> bool:
    """Whether the loss itself grew before it became non-finite."""
    return case.measured("nan-or-inf", "loss_rise_before") is not None


def rose_before_nan(case: Case) -> bool:
    """Whether the loss or its gradient grew before it became non-finite."""
    rises = ("loss_rise_before", "gradient_rise_before")
    return any(case.measured("nan-or-inf", name) is not None for name in rises)


def calm_before_nan(case: Case) -> bool:
    """Whether neither the loss nor its gradient rose before a later part of the run was lost."""
    loss = case.signals.loss
    if loss is None or case.measured("nan-or-inf", "first_step") is None:
        return False
    lost = not np.isfinite(loss.values).all()
    return lost and not rose_before_nan(case) and not lost_early(case)


def generalises(case: Case) -> bool:
    """Whether the model is right on validation data far more often than by chance."""
    over_chance = case.signals.accuracy_over_chance
    return over_chance is not None and over_chance > FAR_ABOVE_CHANCE


def learns_by_heart(case: Case) -> bool:
    """Whether the validation loss never fell, and validation is right as often as by chance."""
    return case.signals.learned_by_heart


def only_batches_swing(case: Case) -> bool:
    """Whether the train loss swings while the validation loss falls calmly."""
    swings = case.fired("oscillating-loss")
    return swings and case.signals.held_out_is_calm and not shot_up(case)


def loss_scale_fell(case: Case) -> bool:
    """Whether mixed precision cut the factor of the loss again and again, for overflows."""
    scales = case.signals.context.of_role(Role.LOSS_SCALE)
    finite = (s.values[np.isfinite(s.values)] for s in scales)
    return any(len(v) > 1 and 0 <= float(v[-1]) < SCALE_CUT * float(v.max()) for v in finite)


def never_generalised(case: Case) -> bool:
    """Whether the validation loss never fell, while the train loss did."""
    return case.signals.never_generalised


def worse_than_guessing(case: Case) -> bool:
    """Whether a classifier's loss stays far above what its accuracy gives by guessing."""
    return case.signals.worse_than_guessing


def lost_early(case: Case) -> bool:
    """Whether the loss was not finite within the first tenth of the run, or its first 3 points.

    What the first updates destroy shows no lead-up where only epochs are logged. A loss that
    was logged more often than that, and did not rise, was not destroyed by its first updates.
    """
    loss = case.signals.loss
    if loss is None or not case.fired("nan-or-inf"):
        return False
    bad = np.flatnonzero(~np.isfinite(loss.values))
    if not len(bad) or int(bad[0]) >= max(3, EARLY * len(loss)):
        return False
    return int(bad[0]) < CALM_POINTS or rose_before_nan(case)


def above_guess(case: Case) -> bool:
    """Whether the loss stands clearly above that of a uniform guess, at chance accuracy."""
    return case.signals.above_guess


def began_far_above(case: Case) -> bool:
    """Whether a classifier's loss began far above that of any guess."""
    progress = case.signals.progress
    classifies = case.signals.metric is not None and "acc" in "".join(case.signals.metric.stem)
    return progress is not None and classifies and progress.start > FAR_ABOVE_GUESS


def held_out_follows(case: Case) -> bool:
    """Whether the validation loss falls steadily and together with the train loss."""
    return case.signals.held_out_follows is True


def one_answer_for_all(case: Case) -> bool:
    """Whether the model answers the same to every input, and does not merely learn slowly."""
    signals = case.signals
    constant = signals.answers_constant is True and case.fired("non-converging-loss")
    return constant and (not held_out_follows(case) or signals.at_constant_answer)


def learns_slowly(case: Case) -> bool:
    """Whether the validation loss falls in step, and not by the last bias alone."""
    return held_out_follows(case) and not one_answer_for_all(case)


def nothing_moves(case: Case) -> bool:
    """Whether neither loss of a regression has any trend: labels could be learned by heart."""
    signals, held_out = case.signals, case.signals.context.validation_loss
    if (
        signals.answers_constant is not None
        or held_out is None
        or not case.fired("non-converging-loss")
    ):
        return False
    curves = [signals.curve(s) for s in (signals.loss, held_out) if s is not None]
    return all(len(c) >= 8 and (abs(c.trend[0]) < NO_TREND or _stands(c)) for c in curves)


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


def held_out_is_constant(case: Case) -> bool:
    """Whether the validation loss is the same to the bit at every evaluation."""
    return _is_constant(case.signals.context.validation_loss)


def _is_constant(series: Series | None) -> bool:
    return series is not None and len(series) >= 8 and float(np.ptp(series.values)) == 0.0


def rate_jumped(case: Case) -> bool:
    """Whether the loss was lost where the learning rate jumped up."""
    return case.measured("learning-rate-schedule", "rate_after") is not None


def lost_at_resume(case: Case) -> bool:
    """Whether the loss left its best level where the run was resumed."""
    lost, resumed = case.signals.divergence, case.findings.get("resumed-run")
    if lost is None or resumed is None or resumed.steps is None or case.signals.loss is None:
        return False
    span = float(np.ptp(case.signals.loss.steps)) or 1.0
    return abs(lost.left_step - resumed.steps[0]) <= NEAR_RESUME * span


def rate_ran_out(case: Case) -> bool:
    """Whether the learning rate was next to nothing for a part of the run."""
    return case.measured("learning-rate-schedule", "spent_share") is not None
