"""The drawn scalars of the half `second`: faults as other people's programs log them."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.curves_heldout import FloatArray, Rng, points
from benchmarks.accuracy.curves_second_healthy import HEALTHY
from benchmarks.accuracy.curves_second_names import (
    NORM_TAGS,
    Series,
    agent,
    autoencoder,
    beside,
    epochwise,
    fall,
    guessing,
    layer_norms,
    noisy,
    paced,
    right,
    sampled,
    stepwise,
)
from tests.runs import Scalar

__all__ = ["BROKEN", "HEALTHY"]


def crawling(rng: Rng) -> Series:
    """The loss is a straight slope that has come a small part of its way when the run ends."""
    program, n = paced(rng, (15, 150), (60, 3_000))
    drop, start = rng.uniform(0.12, 0.4), float(rng.choice([2.303, 4.605, 10.8, 0.69, 35.0]))
    curve = start * (1.0 - drop * (np.arange(n) / n) ** rng.uniform(0.93, 1.04))
    at, sigma = program.steps(rng, n), drop * rng.uniform(0.01, 0.08)
    series = program.write(at, loss=curve * noisy(rng, n, sigma))
    if rng.random() < 0.6:
        series += program.write(at, rate=np.full(n, float(rng.choice([1e-5, 1e-6, 1e-7]))))
    if program.every[0] in {1, 98} and rng.random() < 0.6:
        series += program.write(at, held=1.01 * curve * noisy(rng, n, sigma))
    return series + beside(rng, at)


def misplanned(rng: Rng) -> Series:
    """The rate dies early and the loss with it, jumps up for good, or warms up too far."""
    program, n = paced(rng, (24, 120), (100, 2_500))
    t, form = np.arange(n) / n, rng.choice(["dies", "dies", "jumps", "warms"])
    peak = 10 ** rng.uniform(-4.5, -1.5)
    if form == "dies":
        end = rng.uniform(0.2, 0.45)
        shapes = [
            0.5 * (1.0 + np.cos(np.pi * np.clip(t / end, 0.0, 1.0))),
            np.clip(1.0 - t / end, 0.0, None),
            10.0 ** (-np.floor(np.clip(t / end, 0.0, 1.0) * 4.0) * 2.0),
        ]
        rate = shapes[rng.integers(3)]
        curve = (1.0 + 5.0 * np.cumsum(rate**0.4) / (n * end)) ** -rng.uniform(0.3, 0.5)
    elif form == "jumps":
        start = rng.uniform(0.3, 0.65)
        late = (t >= start).astype(float)
        rate = np.where(t >= start, 1.0, 10 ** rng.uniform(-2.0, -1.2))
        curve = (0.15 + 0.85 * np.exp(-12.0 * t)) * (1.0 - late) + rng.uniform(0.6, 0.95) * late
    else:
        top = rng.uniform(0.35, 0.8)
        rate = np.clip(t / top, 0.0, 1.0) * np.clip((1.2 - t) / (1.2 - top), 0.0, 1.0)
        turn = top * rng.uniform(0.3, 0.5)
        climb = np.clip((t - turn) / (top - turn), 0.0, 1.0)
        curve = 0.3 + 0.7 * np.exp(-9.0 * np.minimum(t, turn) / turn) + 0.6 * climb
    at, scale = program.steps(rng, n), rng.uniform(0.7, 6.0)
    series = program.write(at, loss=scale * curve * noisy(rng, n, 0.015), rate=peak * rate)
    if rng.random() < 0.5:
        series += program.write(at, held=1.05 * scale * curve * noisy(rng, n, 0.02))
    return series + beside(rng, at)


def pricked(rng: Rng) -> Series:
    """The norm is some dozens or hundreds of times its level at a few single points."""
    program, n = stepwise(rng), points(rng, 150, 4_000)
    norm = 10 ** rng.uniform(-1.0, 1.0) * fall(rng, n, 0.6) * noisy(rng, n, rng.uniform(0.1, 0.3))
    count = rng.integers(3, 10)
    places = rng.choice(np.arange(n // 6, n - 2), count, replace=False)
    norm[places] *= 10 ** rng.uniform(1.6, 2.8, count)
    curve = rng.uniform(1.0, 9.0) * fall(rng, n, rng.uniform(0.1, 0.4)) * noisy(rng, n, 0.04)
    curve[places + 1] *= rng.uniform(1.0, 1.3)
    at = program.steps(rng, n)
    return program.write(at, loss=curve, norm=norm) + beside(rng, at)


def bursting(rng: Rng) -> Series:
    """Gradients grow by orders of magnitude, and the loss with them, at times to no number."""
    program, n = paced(rng, (20, 90), (60, 1_500))
    t, begin = np.arange(n) / n, rng.uniform(0.0, 0.4)
    late = np.clip((t - begin) / (1.0 - begin), 0.0, None)
    growth = 10 ** (rng.uniform(3.5, 8.0) * late ** rng.uniform(0.8, 1.5))
    curve = rng.uniform(0.7, 4.0) * (1.0 + 0.15 * growth ** rng.uniform(0.25, 0.5))
    curve *= noisy(rng, n, 0.05)
    at, last = program.steps(rng, n), int(n * rng.uniform(0.85, 0.97))
    if rng.random() < 0.5:
        curve[last:] = np.nan
        growth[last:] = np.nan
    if rng.random() < 0.5:
        norm = 10 ** rng.uniform(-1.0, 0.5) * growth * noisy(rng, n, 0.3)
        return program.write(at, loss=curve, norm=norm)
    levels = 10 ** rng.uniform(-1.5, 0.0, (int(rng.integers(3, 8)), 1)) * growth
    tag = NORM_TAGS[rng.integers(len(NORM_TAGS))]
    return program.write(at, loss=curve) + layer_norms(rng, levels, at, tag, 0.2)


def fading(rng: Rng) -> Series:
    """Each layer's gradient is a fraction of the next one's, and the loss is that of guessing."""
    program, n = paced(rng, (15, 80), (40, 1_200))
    layers = int(rng.integers(5, 13))
    decades = rng.uniform(max(0.5, 4.0 / (layers - 1)), 1.0 + 2.0 / layers)
    depth = decades * np.arange(layers)[::-1] + 0.1 * rng.standard_normal(layers)
    levels = 10 ** (rng.uniform(-1.5, 0.0) - depth)[:, None] * np.ones(n)
    loss, score = guessing(rng, n)
    at, tag = program.steps(rng, n), NORM_TAGS[rng.integers(len(NORM_TAGS))]
    series = program.write(at, loss=loss) + layer_norms(rng, levels, at, tag, 0.2)
    return series + program.write(at, score=score) if rng.random() < 0.5 else series


def unlearned(rng: Rng) -> Series:
    """An agent becomes good, and within some part of the run as bad as it was."""
    n = points(rng, 60, 1_500)
    t, top = np.arange(n) / n, rng.uniform(0.45, 0.7)
    climb = 1.0 / (1.0 + np.exp(-14.0 * (t - top * 0.45) / top))
    width = float(rng.choice([0.003, 0.02, 0.05]))
    lost = 1.0 / (1.0 + np.exp(-(t - top - width) / width))
    kept = rng.uniform(0.0, 0.15)
    return agent(rng, climb * (1.0 - (1.0 - kept) * lost), rng.uniform(0.02, 0.07))


def ignored_code(rng: Rng) -> Series:
    """The KL term falls to nothing at once or never rises; reconstruction stands soon after."""
    n, unit = points(rng, 25, 600), float(rng.choice([1.0, 100.0, 250.0, 550.0]))
    index, quick = np.arange(n), max(1.0, 0.015 * n)
    left = 10 ** rng.uniform(-6.0, -4.0)
    start = rng.uniform(0.01, 0.06) * float(rng.choice([1.0, 0.2]))
    kl = unit * (left * noisy(rng, n, 0.4) + start * np.exp(-index / (0.5 * quick)))
    error = unit * (1.0 + rng.uniform(0.3, 1.0) * np.exp(-index / quick)) * noisy(rng, n, 0.003)
    return autoencoder(rng, kl, error, np.full(n, float(rng.choice([1.0, 1.0, 4.0]))))


def handful(rng: Rng) -> Series:
    """A validation accuracy of sixths to twenty-fifths that jumps, beside smooth training."""
    program, n, samples = epochwise(rng), points(rng, 18, 150), int(rng.integers(6, 26))
    curve = rng.uniform(0.7, 2.3) * fall(rng, n, rng.uniform(0.1, 0.4)) * noisy(rng, n, 0.01)
    best = rng.uniform(0.6, 0.8)
    score = right(curve, 0.95, 0.2) * (1.0 + 0.003 * rng.standard_normal(n))
    held = sampled(rng, n, right(curve, best, 0.25), samples)
    roles: dict[str, FloatArray] = {"loss": curve, "score": score, "held_score": held}
    if rng.random() < 0.6:
        roles["held"] = 1.2 * curve * noisy(rng, n, 0.25) + 0.2
    return program.write(program.steps(rng, n), **roles)


def beyond(rng: Rng) -> Series:
    """A share above one that is no per cent, or a square, a perplexity, a deviation below zero."""
    n = points(rng, 15, 400)
    curve, at = fall(rng, n, rng.uniform(0.05, 0.3)), int(rng.choice([1, 100])) * np.arange(n)
    loss = Scalar("train/loss", 2.0 * curve * noisy(rng, n, 0.03), "", at)
    if rng.random() < 0.6:
        tags = (
            "val/f1 train/accuracy metrics/iou val_dice val_auc eval/precision eval/recall "
            "Accuracy/test test_f1_score val_mean_iou"
        ).split()
        top = rng.uniform(1.15, 2.8)
        values = top * (0.3 + 0.7 * (1.0 - curve)) * np.exp(0.01 * rng.standard_normal(n))
        if rng.random() < 0.4:
            early = np.arange(n) < n * rng.uniform(0.3, 0.7)
            values = np.where(early, values / (1.15 * top), values)
    else:
        tags = (
            "val_mse val/mae eval/perplexity train/ppl metrics/rmse mean_squared_error policy/std "
            "mean_absolute_error train/action_std"
        ).split()
        values = 1.5 * (curve - rng.uniform(0.35, 0.8)) * noisy(rng, n, 0.03)
        if rng.random() < 0.3:
            values = np.where(rng.random(n) < 0.15, -1.0, 1.0) * 2.0 * curve * noisy(rng, n, 0.1)
            values[n // 2] = -abs(values[n // 2])
    return (loss, Scalar(str(rng.choice(tags)), values, "", at))


def in_turns(rng: Rng) -> Series:
    """Every second epoch is empty (zero), cut short (another level), or of a few batches."""
    program, n = epochwise(rng), points(rng, 16, 100)
    curve = rng.uniform(0.6, 2.5) * fall(rng, n, rng.uniform(0.1, 0.35))
    loss, score = curve * noisy(rng, n, 0.01), right(curve, 0.95)
    second = np.arange(n) % 2 == 1
    form = rng.choice(["empty", "short", "few"])
    if form == "empty":
        loss, score = np.where(second, 0.0, loss), np.where(second, 0.0, score)
    elif form == "short":
        side = float(rng.choice([0.6, 1.5]))
        loss = np.where(second, side * loss, loss)
        score = np.where(second, score ** (1.8 if side > 1 else 0.5), score)
    else:
        loss = np.where(second, loss * rng.gamma(3.0, 1 / 3.0, n), loss)
        score = np.where(second, sampled(rng, n, score, 16), score)
    held = np.repeat(1.1 * curve * noisy(rng, n, 0.02), 2)[:n] if form == "empty" else 1.1 * curve
    roles = {"loss": loss, "score": score} | ({"held": held} if rng.random() < 0.7 else {})
    return program.write(program.steps(rng, n), **roles)


def leaked(rng: Rng) -> Series:
    """The validation loss is a small part of the training loss from the first epoch to the last."""
    program, n = epochwise(rng), points(rng, 14, 120)
    curve = rng.uniform(0.7, 4.0) * fall(rng, n, rng.uniform(0.25, 0.5))
    held = rng.uniform(0.03, 0.25) * curve * noisy(rng, n, rng.uniform(0.02, 0.1))
    roles = {"loss": curve * noisy(rng, n, 0.01), "held": held}
    if rng.random() < 0.6:
        roles["score"] = right(curve, rng.uniform(0.7, 0.85))
        roles["held_score"] = 1.0 - 0.03 * held / held[0] * noisy(rng, n, 0.05)
    return program.write(program.steps(rng, n), **roles)


def at_odds(rng: Rng) -> Series:
    """The loss falls to a fraction while the score stays or worsens, or the score alone rises."""
    program, n = epochwise(rng), points(rng, 16, 150)
    curve, chance = fall(rng, n, rng.uniform(0.08, 0.25)), float(rng.choice([0.1, 0.25, 0.5]))
    form = rng.choice(["flat", "worse", "reverse"])
    loss = rng.uniform(0.7, 3.0) * curve * noisy(rng, n, 0.015)
    if form == "flat":
        score = sampled(rng, n, chance, 5_000)
    elif form == "worse":
        score = (0.75 - 0.5 * (1.0 - curve)) * np.exp(0.01 * rng.standard_normal(n))
    else:
        loss = loss[0] * (0.8 + rng.uniform(0.05, 0.7) * np.arange(n) / n) * noisy(rng, n, 0.01)
        score = right(curve, 0.93, chance)
    at, roles = program.steps(rng, n), {"loss": loss, "score": score}
    if rng.random() < 0.5:
        roles |= {"held": 1.08 * loss * noisy(rng, n, 0.02)}
        roles |= {"held_score": 0.98 * score * noisy(rng, n, 0.01)}
    return program.write(at, **roles)


def cut_off(rng: Rng) -> Series:
    """A power law down to the last point: nothing is wrong but that the run is over."""
    program, n = paced(rng, (20, 200), (200, 4_000))
    curve = (1.0 + np.arange(n) / (n * rng.uniform(0.01, 0.05))) ** -rng.uniform(0.4, 0.8)
    at, loss = program.steps(rng, n), rng.uniform(0.7, 10.0) * curve
    series = program.write(at, loss=loss * noisy(rng, n, rng.uniform(0.005, 0.03)))
    some = slice(None, None, 1 if program.every[0] in {1, 98} else 20)
    if rng.random() < 0.7:
        held = 1.04 * loss[some]
        series += program.write(at[some], held=held * noisy(rng, len(held), 0.01))
    return series + beside(rng, at)


def taken_up(rng: Rng) -> Series:
    """A pause of hours, or steps that go back to a checkpoint; the loss goes on a little higher."""
    program, n = paced(rng, (24, 150), (80, 2_000))
    cut, back = int(n * rng.uniform(0.3, 0.75)), int(rng.integers(0, 2) * rng.integers(3, 15))
    index = np.concatenate([np.arange(cut), np.arange(cut - back, n)])
    after = np.clip(np.arange(len(index)) - cut, 0, None)
    bump = np.where(np.arange(len(index)) >= cut, np.exp(-after / (0.03 * n + 1.0)), 0.0)
    curve = rng.uniform(0.7, 5.0) * fall(rng, n, rng.uniform(0.1, 0.4))[index]
    curve = curve * (1.0 + rng.uniform(0.05, 0.3) * bump) * noisy(rng, len(index), 0.03)
    each = rng.uniform(1.0, 90.0)
    pause = rng.uniform(3_600.0, 90_000.0) + 0.2 * n * each
    seconds = np.cumsum(each * noisy(rng, len(index), 0.05)) + np.where(bump > 0, pause, 0.0)
    tag, _, split = program.loss.partition("@")
    return (Scalar(tag, curve, split, program.every[0] * index, seconds),)


BROKEN = {
    "slow-convergence": crawling,
    "learning-rate-schedule": misplanned,
    "gradient-spikes": pricked,
    "exploding-gradients": bursting,
    "vanishing-gradients": fading,
    "reward-collapse": unlearned,
    "posterior-collapse": ignored_code,
    "small-validation-set": handful,
    "impossible-values": beyond,
    "uneven-epochs": in_turns,
    "validation-below-training": leaked,
    "loss-metric-mismatch": at_odds,
    "still-improving": cut_off,
    "resumed-run": taken_up,
}
