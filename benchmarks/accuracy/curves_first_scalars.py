"""Broken drawn curves for more checks of scalars, each plain to see."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.curves_first_named import (
    beside,
    exploding_gradients,
    logged,
    named,
    scheduled,
    scored,
    slow,
    spiking_gradients,
    stepped,
    vanishing_gradients,
)
from benchmarks.accuracy.curves_heldout import (
    Rng,
    Series,
    few_samples,
    points,
    smeared,
    stretched,
    two_speeds,
)
from tests.runs import Scalar


def collapsing_reward(rng: Rng) -> Series:
    """An agent learns for a third or a half of the run, and is as bad as at first ever after."""
    n, scale = points(rng, 40, 1_500), 10 ** rng.uniform(0.0, 3.5)
    t, up, down = np.arange(n) / n, rng.uniform(0.1, 0.25), rng.uniform(0.4, 0.65)
    skill = 1.0 / (1.0 + np.exp(-(t - up) * rng.uniform(25, 50)))
    lost = 1.0 / (1.0 + np.exp(-(t - down) * 10 ** rng.uniform(1.5, 3.0)))
    skill = skill * (1.0 - rng.uniform(0.85, 1.15) * lost)
    spread = 0.02 + rng.uniform(0.02, 0.08) * np.clip(skill, 0.0, 1.0)
    reward = scale * (skill + rng.choice([0.0, 0.05, -1.2]) + spread * rng.standard_normal(n))
    steps = int(rng.choice([1, 1000, 2048, 10_000])) * (1 + np.arange(n))
    tag, entropy, value = (
        "rollout/ep_rew_mean train/entropy_loss train/value_loss",
        "charts/episodic_return losses/entropy losses/value_loss",
        "ray/tune/episode_reward_mean ray/tune/entropy ray/tune/vf_loss",
        "Metrics/AverageReturn Losses/entropy_regularization Losses/value_estimation_loss",
        "eval/mean_reward train/entropy_loss train/critic_loss",
    )[int(rng.integers(5))].split()
    sign = 1.0 if tag.startswith(("charts", "ray")) else -1.0
    left = sign * (0.02 + 1.4 * np.exp(-3.0 * t) * (1.0 - lost)) * smeared(rng, n, 0.05)
    error = scale * (0.2 + 0.5 * np.abs(np.gradient(skill)) * n) * few_samples(rng, n, 12)
    series = (Scalar(tag, reward, "", steps), Scalar(value, error, "", steps))
    return series if rng.random() < 0.4 else (*series, Scalar(entropy, left, "", steps))


def collapsing_posterior(rng: Rng) -> Series:
    """The KL falls to nothing at once, or after a hump; the reconstruction is the mean image's."""
    n, unit = points(rng, 20, 1_500), 10 ** rng.uniform(0.0, 2.5)
    t, end = np.arange(n) / n, rng.uniform(0.05, 0.25)
    x, floor = 6.0 * t / end, 10 ** rng.uniform(-5.0, -3.0)
    kl = np.exp(-x) if rng.random() < 0.6 else 1.7 * x * np.exp(-x)
    kl = unit * (kl + floor) * rng.uniform(0.1, 0.6) * smeared(rng, n, 0.1)
    recon = unit * (2.0 + rng.uniform(0.6, 2.0) * np.exp(-x)) * smeared(rng, n, 0.006)
    total, part, divergence = (
        "train/loss train/recon_loss train/kl_loss",
        "train:epoch_loss train:epoch_reconstruction_loss train:epoch_kl_loss",
        "loss/total loss/BCE loss/KLD",
        "elbo/neg elbo/nll elbo/kl",
        "train_loss train_reconstruction_loss train_kl",
    )[int(rng.integers(5))].split()
    steps = stepped(rng, n)
    return (
        logged(total, recon + kl, steps),
        logged(part, recon, steps),
        logged(divergence, kl, steps),
    )


def few_validation_samples(rng: Rng) -> Series:
    """A validation accuracy of eighths to twentieths that jumps, beside smooth train curves."""
    names, n, many = named(rng), points(rng, 20, 200), int(rng.integers(8, 21))
    fall, steps = stretched(rng, n, rng.uniform(0.1, 0.3)), stepped(rng, n)
    skill, classes = rng.uniform(0.72, 0.85) - 0.4 * fall, int(rng.choice([2, 3, 5]))
    if rng.random() < 0.5:  # which samples are right changes from epoch to epoch
        right = rng.binomial(many, skill)
    else:  # some samples are hard and some lie at the border
        margin = 2.5 * (skill[:, None] - rng.uniform(0.1, 1.2, many))
        right = (margin + 0.5 * rng.standard_normal((n, many)) > 0).sum(axis=1)
    unit = 100.0 if rng.random() < 0.3 else 1.0
    train = rng.uniform(0.7, 1.6) * fall
    held_out = 1.2 * train * np.exp(0.9 * (skill - right / many)) * few_samples(rng, n, 2.0 * many)
    score = scored(rng, fall, classes, 0.97)
    return (
        logged(names.loss, train * smeared(rng, n, 0.01), steps),
        logged(names.held_out, held_out, steps),
        logged(names.score, unit * score, steps),
        logged(names.held_out_score, unit * right / many, steps),
    )


def impossible(rng: Rng) -> Series:
    """Accuracies or overlaps above 1, squared errors or rates below 0, in a part or throughout."""
    names, n = named(rng), points(rng, 10, 800)
    fall, steps = two_speeds(rng, n, rng.uniform(0.1, 0.3)), stepped(rng, n)
    score, part = scored(rng, fall, 5, 0.95), np.arange(n) >= n * rng.uniform(0.3, 0.7)
    form = rng.choice(["divisor", "overlap", "squared", "below"])
    if form == "divisor":  # the number of samples is taken for that of another set
        tag = str(rng.choice([names.score, names.held_out_score]))
        values = score / score.max() * rng.uniform(1.25, 1.9)
    elif form == "overlap":  # the intersection is counted twice where masks overlap
        tag = str(rng.choice(["val/dice", "val_iou", "metrics/mIoU", "eval/f1"]))
        above = score / score.max() * rng.uniform(1.15, 1.8)
        values = np.where(part | (rng.random() < 0.3), above, score)
    elif form == "squared":  # a constant is subtracted, or the sign is another
        tag = str(rng.choice(["val_mse", "train/mse", "metrics/rmse", "epoch_mean_squared_error"]))
        sunk = rng.uniform(1.2, 2.5) * fall.min() if rng.random() < 0.5 else 2.0 * fall
        values = 10 ** rng.uniform(-2.0, 4.0) * (fall - sunk)
    else:
        tag = str(rng.choice(["val/precision", "test_recall", "eval/auc", "val_f1"]))
        part = part if rng.random() < 0.5 else rng.random(n) < rng.uniform(0.08, 0.25)
        values = np.where(part, score - rng.uniform(1.1, 1.9), score)
    train = rng.uniform(0.7, 3.0) * fall * smeared(rng, n, 0.02)
    return (logged(names.loss, train, steps), logged(tag, values, steps))


def uneven(rng: Rng) -> Series:
    """Every second epoch is empty or has only what was left of the data, and takes no time."""
    names, n = named(rng), points(rng, 10, 150)
    second = np.arange(n) % 2 == 1
    fall = stretched(rng, n, rng.uniform(0.1, 0.35))
    fall = fall[np.arange(n) // 2 * 2]  # hardly anything is learnt in the short epochs
    curve, score = rng.uniform(0.7, 4.0) * fall, scored(rng, fall, 5, 0.95)
    held_out = 1.1 * curve * smeared(rng, n, 0.02)
    held_out_score = scored(rng, fall, 5, 0.88)
    train = curve * smeared(rng, n, 0.01)
    short = 0.0
    if rng.random() < 0.5:
        train, score = np.where(second, 0.0, train), np.where(second, 0.0, score)
        held_out, held_out_score = (v[np.arange(n) // 2 * 2] for v in (held_out, held_out_score))
    else:
        short, other = rng.uniform(0.02, 0.2), float(rng.choice([0.6, 1.5])) * rng.uniform(0.9, 1.1)
        train = train * np.where(second, other * few_samples(rng, n, 150), 1.0)
        score = np.clip(score - 0.25 * (other - 1.0) * second, 0.0, 1.0)
    seconds = np.cumsum(rng.uniform(5.0, 200.0) * np.where(second, short + 0.03, 1.0))
    steps = np.arange(n)
    return (
        logged(names.loss, train, steps, seconds),
        logged(names.score, score, steps, seconds),
        logged(names.held_out, held_out, steps, seconds + 1.0),
        logged(names.held_out_score, held_out_score, steps, seconds + 1.0),
    )


def leaking(rng: Rng) -> Series:
    """The validation data were trained on: a third to a fiftieth of the train loss from epoch 1."""
    names, n = named(rng), points(rng, 10, 250)
    steps, scale = stepped(rng, n), rng.uniform(0.7, 3.0)
    fall = two_speeds(rng, n, rng.uniform(0.35, 0.6))
    share = rng.uniform(0.02, 0.3) * (1.0 - 0.3 * rng.random() * np.arange(n) / n)
    series = (
        logged(names.loss, scale * fall * smeared(rng, n, 0.02), steps),
        logged(names.held_out, scale * share * fall * smeared(rng, n, 0.06), steps),
    )
    if rng.random() < 0.2:
        return series
    near = np.clip(1.0 - 0.1 * share * fall * few_samples(rng, n, 30), 0.0, 1.0)
    score = scored(rng, fall, int(rng.choice([2, 10])), 0.9)
    return (
        *series,
        logged(names.score, score, steps),
        logged(names.held_out_score, near, steps),
    )


def mismatched(rng: Rng) -> Series:
    """The loss falls and the metric stays at guessing or gets worse, or it climbs without loss."""
    names, n = named(rng), points(rng, 15, 300)
    steps, classes = stepped(rng, n), int(rng.choice([4, 10, 50]))
    fall = stretched(rng, n, rng.uniform(0.05, 0.25))
    guess = rng.binomial(1_500, 1.0 / classes, n) / 1_500
    good = scored(rng, fall, classes, 0.93)
    form = rng.choice(["guessing", "worse", "reverse"])
    flat = np.ones(n) * smeared(rng, n, 0.004)
    curve = flat if form == "reverse" else fall * smeared(rng, n, 0.02)
    if form == "guessing":
        score, tag = guess, names.held_out_score
    elif form == "worse":
        score = rng.uniform(0.5, 0.8) - 0.4 * (1.0 - fall) + 0.01 * rng.standard_normal(n)
        tag = str(rng.choice([names.held_out_score, "val/f1", "eval/bleu", "val_mAP", "test/iou"]))
    else:
        score, tag = good, names.score
    scale = rng.uniform(0.7, 6.0)
    series = (logged(names.loss, scale * curve, steps), logged(tag, score, steps))
    if form == "reverse":
        return (*series, logged(names.held_out_score, good - 0.02, steps))
    held_out = logged(names.held_out, 1.05 * scale * fall * smeared(rng, n, 0.02), steps)
    if form == "guessing":
        return (*series, held_out, logged(names.score, guess[::-1].copy(), steps))
    return (*series, held_out)


def stopped_early(rng: Rng) -> Series:
    """All is well and all falls as a power of the steps to the last point, and there it stops."""
    names, n = named(rng), points(rng, 20, 8_000)
    steps, power = stepped(rng, n), rng.uniform(0.35, 0.9)
    start = n / 10 ** rng.uniform(0.8, 2.0)
    floor = rng.uniform(0.0, 0.05)
    fall = floor + (1.0 - floor) * (1.0 + np.arange(n) / start) ** -power
    scale = 10 ** rng.uniform(-0.5, 1.0) if rng.random() < 0.7 else 10 ** rng.uniform(2.0, 5.0)
    train = scale * fall * smeared(rng, n, rng.uniform(0.004, 0.012 if n < 100 else 0.06))
    series = (
        logged(names.loss, train, steps),
        *beside(rng, names, scale * fall, steps, 0.008),
    )
    form = rng.choice(["alone", "score", "rate"])
    if form == "score":
        return (*series, logged(names.score, scored(rng, fall, 10, 0.95), steps))
    if form == "rate":
        return (*series, logged(names.rate, np.full(n, rng.choice([1e-4, 3e-4, 1e-3])), steps))
    return series


def resumed(rng: Rng) -> Series:
    """Once or thrice: steps are logged again, or hours are missing; the loss is higher for long."""
    names, n, every = named(rng), points(rng, 40, 2_000), int(rng.choice([1, 10, 50, 100]))
    times = int(rng.integers(1, 4))
    places = np.sort(rng.choice(np.arange(n // 5, n - n // 6, n // 12), times, replace=False))
    back = rng.integers(2, max(3, n // 15), times) if rng.random() < 0.65 else np.ones(times, int)
    at, waited, bump = list(range(places[0])), np.zeros(places[0]), np.zeros(places[0])
    for place, repeated, end in zip(places, back, [*places[1:], n], strict=True):
        again = np.arange(place - repeated, end)
        at += again.tolist()
        waited = np.append(waited, np.where(again == again[0], rng.uniform(0.2, 3.0) * n, 0.0))
        heal = np.exp(-np.arange(len(again)) / rng.uniform(0.03 * n, 0.08 * n))
        bump = np.append(bump, rng.uniform(0.12, 0.45) * heal)
    fall = stretched(rng, n, rng.uniform(0.1, 0.35))[at]
    sigma = rng.uniform(0.005, 0.03)
    values = rng.uniform(0.7, 8.0) * fall * (1.0 + bump) * smeared(rng, len(at), sigma)
    seconds = rng.uniform(0.3, 10.0) * np.cumsum(1.0 + waited)
    steps = every * np.asarray(at)
    series: Series = (logged(names.loss, values, steps, seconds),)
    if rng.random() < 0.5:
        norm = 10 ** rng.uniform(-1.0, 1.0) * (1.0 + 3.0 * bump) * few_samples(rng, len(at), 40)
        series += (logged(names.norm, norm, steps, seconds),)
    if rng.random() < 0.5:
        rate = 1e-3 * 0.5 * (1.0 + np.cos(np.pi * np.asarray(at) / n))
        series += (logged(names.rate, rate, steps, seconds),)
    return series


BROKEN = {
    "slow-convergence": slow,
    "learning-rate-schedule": scheduled,
    "gradient-spikes": spiking_gradients,
    "exploding-gradients": exploding_gradients,
    "vanishing-gradients": vanishing_gradients,
    "reward-collapse": collapsing_reward,
    "posterior-collapse": collapsing_posterior,
    "small-validation-set": few_validation_samples,
    "impossible-values": impossible,
    "uneven-epochs": uneven,
    "validation-below-training": leaking,
    "loss-metric-mismatch": mismatched,
    "still-improving": stopped_early,
    "resumed-run": resumed,
}
