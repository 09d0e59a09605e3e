"""What the losses, metrics and rates of a run say for or against a cause."""

from __future__ import annotations

import numpy as np

from tblogreport.causes.case import STUCK, Case
from tblogreport.context.schedule import ScheduleKind
from tblogreport.context.series import Role, Series
from tblogreport.signals import PLATEAU_SHARE
from tblogreport.signals.progress import nearest_classes

# A loss this many times its first value has been thrown out by the first steps.
SHOT_UP = 1.5
# … and must stand out of the noise by so many times.
SHOT_SIGMAS = 6.0
# A loss that began at this many times its plateau was thrown up before it was first logged.
FELL = 1.1
# … and one that began at so many times its last level, with dead layers, was thrown up far.
BLAST = 5.0
# A factor of mixed precision that ends below this share of its usual value was cut often.
SCALE_CUT = 1 / 100
# A loss that is not finite within this share of the run was lost by the first updates.
EARLY = 0.1
# A gradient norm beyond this is that of no sound network at all.
HUGE_NORM = 100.0
# A loss that fell to this share within so many points was not destroyed from the first step on.
SHOWS_A_FALL, HALF_GONE = 3, 0.6
# A drop below this share of the start is none to speak of.
STILL = 0.2
# How far, as a share of the run, a rise may begin from where the run was resumed.
NEAR_RESUME = 0.03
# So many finite points show whether a loss rose before it was lost.
CALM_POINTS = 8
# A level that varies and moves by less than these shares is flat; validation lags below this.
NOISY, FLAT = 0.1, 0.05
LAGS = 0.7
NEAR_GUESS = 0.1
# A gradient that is never so many times its median before shows no step that went too far.
CALM_NORM = 3.0
# A loss that ends this much above its best block has lost what it had learned.
LOST_SHARE = 0.05


def loss_is_constant(case: Case) -> bool:
    """Whether the loss is the same to the bit at every point."""
    return is_constant(case.signals.loss)


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
    stuck = case.fired("dead-layer", STUCK)
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
    if not case.fired(STUCK) or progress is None:
        return False
    return progress.drop < STILL * abs(progress.start)


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


def never_finite(case: Case) -> bool:
    """Whether the loss was lost before it was first logged: inputs and steps do that alike."""
    loss = case.signals.loss
    return loss is not None and case.fired("nan-or-inf") and not np.isfinite(loss.values).any()


def only_batches_swing(case: Case) -> bool:
    """Whether the train loss swings while the validation loss falls calmly."""
    swings = case.fired("oscillating-loss")
    return swings and case.signals.held_out_is_calm and not shot_up(case)


def loss_scale_fell(case: Case) -> bool:
    """Whether mixed precision cut the factor of the loss again and again when it was lost.

    One that begins far too high comes down to a level that serves, and stays there.
    """
    loss = case.signals.loss
    at = np.inf if loss is None or loss.lost_from is None else loss.wall_times[loss.lost_from]
    return any(_collapses(s, float(at)) for s in case.signals.context.of_role(Role.LOSS_SCALE))


def _collapses(scale: Series, when: float) -> bool:
    finite = np.isfinite(scale.values)
    before = scale.values[finite & (scale.wall_times < when)]
    if not len(before):
        return False
    usual, last = float(np.median(before)), float(scale.values[finite][-1])
    return 0 <= last < SCALE_CUT * usual


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
    before = loss.values[: bad[0]]
    if len(before) >= SHOWS_A_FALL and before[-1] == before.min() < HALF_GONE * before[0]:
        return False  # it had learned well until then
    return int(bad[0]) < CALM_POINTS or rose_before_nan(case)


def last_norm_is_huge(case: Case) -> bool:
    """Whether the last finite gradient norm before numbers were lost is enormous by itself."""
    norm = case.signals.context.gradient_norm
    if norm is None or not case.fired("nan-or-inf"):
        return False
    lost = np.flatnonzero(~np.isfinite(norm.values))
    return len(lost) > 0 and lost[0] > 0 and float(norm.values[lost[0] - 1]) > HUGE_NORM


def held_out_is_constant(case: Case) -> bool:
    """Whether the validation loss is the same to the bit at every evaluation."""
    return is_constant(case.signals.context.validation_loss)


def is_constant(series: Series | None, least: int = 8) -> bool:
    """Whether a series of so many points at least is the same to the bit at all of them."""
    if series is None or len(series) < least:
        return False
    return bool(np.isfinite(series.values).all() and series.values.min() == series.values.max())


def rate_jumped(case: Case) -> bool:
    """Whether the loss was lost where the learning rate jumped up."""
    return case.measured("learning-rate-schedule", "rate_after") is not None


def rose_with_rate(case: Case) -> bool:
    """Whether the loss turned while the learning rate climbed, and rose with it."""
    return case.measured("learning-rate-schedule", "rate_at_turn") is not None


def still_climbing(case: Case) -> bool:
    """Whether the learning rate was still climbing when the run ended."""
    return case.measured("learning-rate-schedule", "climbs_to") is not None


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


def broke_at_once(case: Case) -> bool:
    """Whether the train loss jumps to that of a guess at one rate, and validation lags behind.

    Steps that throw the weights about make validation as bad at once. Where batches are other
    ones from some step on, or their labels, it takes a while until the weights have unlearned.
    """
    signals, lost, held_out = case.signals, case.signals.divergence, None
    if signals.context.validation_loss is not None:
        held_out = signals.curve(signals.context.validation_loss)
    rate = signals.context.schedule
    if lost is None or signals.loss is None or held_out is None:
        return False
    if rate is None or rate.kind != ScheduleKind.CONSTANT:
        return False
    curve = signals.curve(signals.loss)
    later = curve.values[np.searchsorted(curve.steps, lost.left_step) :]
    calm = later[len(later) // 4 :]
    halves = [float(np.median(half)) for half in np.array_split(calm, 2) if len(half)]
    flat = (
        len(calm) >= CALM_POINTS
        and float(np.std(calm)) < NOISY * curve.tail
        and float(np.ptp(halves)) < FLAT * curve.tail
    )
    evaluated = held_out.values[held_out.steps >= lost.left_step][:1]
    lags = len(evaluated) > 0 and float(evaluated[0]) < LAGS * curve.tail
    guess = signals.guess_level
    at_guess = nearest_classes(curve.tail) is not None or (
        guess is not None and abs(curve.tail / guess - 1.0) < NEAR_GUESS
    )
    return flat and at_guess and (lags or _gradient_stays_calm(case, lost.left_step))


def _gradient_stays_calm(case: Case, step: int) -> bool:
    """Whether the norm of the gradient was logged, and stands out nowhere from a step on."""
    series = case.signals.context.gradient_norm
    if series is None:
        return False
    norm = case.signals.curve(series)
    before, after = norm.values[norm.steps < step], norm.values[norm.steps >= step]
    if min(len(before), len(after)) < CALM_POINTS:
        return False
    return bool(after.max() < CALM_NORM * np.median(before))


def held_out_jumped(case: Case) -> bool:
    """Whether the validation loss rose at one evaluation, and stayed there."""
    return case.measured("overfitting", "jumped_at") is not None


def repeats(case: Case) -> bool:
    """Whether the loss swings with the order of the data, or is stuck and follows it."""
    if case.fired(STUCK, "diverging-loss") and case.signals.follows_the_data:
        return True
    swings = case.findings.get("oscillating-loss")
    return swings is not None and swings.measured.get("repeats") == "yes"
