"""The healthy drawn scalars of the half `second`: a hasty program would see faults in them."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.curves_heldout import Rng, points
from benchmarks.accuracy.curves_second_names import (
    NORM_TAGS,
    Series,
    agent,
    autoencoder,
    beside,
    epochwise,
    fall,
    layer_norms,
    noisy,
    paced,
    right,
    stepwise,
)
from tests.runs import Scalar


def annealed_code(rng: Rng) -> Series:
    """The weight of the KL term climbs from 0, the term finds its level, and errors fall."""
    n, unit = points(rng, 30, 600), float(rng.choice([1.0, 120.0, 500.0]))
    t = np.arange(n) / n
    weight = np.clip(t / rng.uniform(0.15, 0.5), 0.0, 1.0)
    used = (1.0 - np.exp(-t * 12.0)) * (1.0 + rng.uniform(0.0, 1.5) * np.exp(-6.0 * weight))
    kl = unit * rng.uniform(0.1, 0.3) * used * noisy(rng, n, 0.02)
    error = unit * 2.0 * fall(rng, n, rng.uniform(0.3, 0.5)) * noisy(rng, n, 0.01)
    return autoencoder(rng, kl, error, weight)


def free_bits(rng: Rng) -> Series:
    """A KL term that free bits hold at a small value from the start, while errors fall."""
    n, bits = points(rng, 30, 600), float(rng.choice([0.5, 1.0, 2.0, 3.2]))
    kl = bits * (1.0 + 0.15 * (1.0 - fall(rng, n, 0.0))) * noisy(rng, n, 0.02)
    error = rng.uniform(40.0, 200.0) * fall(rng, n, rng.uniform(0.2, 0.5)) * noisy(rng, n, 0.01)
    return autoencoder(rng, kl, error, np.ones(n))


def noisy_agent(rng: Rng) -> Series:
    """A reward that scatters widely, has a set-back, and ends about where it was best."""
    n = points(rng, 80, 1_500)
    t, dip = np.arange(n) / n, rng.uniform(0.35, 0.65)
    climb = 1.0 / (1.0 + np.exp(-10.0 * (t - rng.uniform(0.2, 0.4))))
    fallen = 1.0 - rng.uniform(0.1, 0.3) * np.exp(-(((t - dip) / 0.05) ** 2))
    return agent(rng, climb * fallen, rng.uniform(0.05, 0.15))


def per_cents(rng: Rng) -> Series:
    """Accuracies, F1 or IoU between 0 and 100."""
    program, n = epochwise(rng), points(rng, 15, 150)
    curve = rng.uniform(0.7, 4.0) * fall(rng, n, rng.uniform(0.1, 0.3))
    score = 100.0 * right(curve, rng.uniform(0.6, 0.95), 0.05)
    at = program.steps(rng, n)
    extra = str(rng.choice(["val/mIoU", "eval_f1", "metrics/precision", "val_dice_percent"]))
    return (
        *program.write(
            at, loss=curve * noisy(rng, n, 0.02), held=1.1 * curve * noisy(rng, n, 0.03)
        ),
        *program.write(at, score=score, held_score=0.96 * score * noisy(rng, n, 0.01)),
        Scalar(extra, 0.9 * score * noisy(rng, n, 0.01), "", at),
    )


def dense(rng: Rng) -> Series:
    """The negative log likelihood of a density falls through zero to far below it."""
    n, unit = points(rng, 30, 1_500), float(rng.choice([1.0, 10.0, 1_000.0]))
    curve = fall(rng, n, 0.0) * rng.uniform(2.0, 5.0) - rng.uniform(1.2, 1.8)
    at = int(rng.choice([1, 50])) * np.arange(n)
    tag, held = [("train/nll", "val/nll"), ("loss", "val_loss"), ("bits_per_dim", "val_bpd")][
        int(rng.integers(3))
    ]
    first = unit * (curve + 0.05 * rng.standard_normal(n))
    second = unit * (curve + 0.08 + 0.05 * rng.standard_normal(n))
    return (Scalar(tag, first, "", at), Scalar(held, second, "", at))


def uneven_layers(rng: Rng) -> Series:
    """Layers of different sizes have gradients that differ by 10 to 100, and the loss falls."""
    program, n = paced(rng, (15, 80), (50, 1_200))
    curve, layers = fall(rng, n, rng.uniform(0.05, 0.25)), int(rng.integers(4, 12))
    order = np.linspace(-rng.uniform(1.0, 2.0), 0.0, layers) + 0.15 * rng.standard_normal(layers)
    levels = 10 ** order[:, None] * curve ** rng.uniform(0.2, 0.6)
    at, tag = program.steps(rng, n), NORM_TAGS[rng.integers(len(NORM_TAGS))]
    loss = rng.uniform(0.7, 4.6) * curve * noisy(rng, n, 0.03)
    return program.write(at, loss=loss) + layer_norms(rng, levels, at, tag, 0.15)


def growing_norm(rng: Rng) -> Series:
    """Fine-tuning: the norm grows two to four times as the loss falls."""
    program, n = stepwise(rng), points(rng, 60, 1_500)
    t = np.arange(n) / n
    curve = rng.uniform(0.8, 2.5) * fall(rng, n, rng.uniform(0.3, 0.6)) * noisy(rng, n, 0.05)
    norm = rng.uniform(0.3, 3.0) * (1.0 + rng.uniform(1.0, 3.0) * t) * noisy(rng, n, 0.25)
    rate = 2e-5 * np.minimum(np.clip(t / 0.05, 0.02, 1.0), 1.05 - t)
    at = program.steps(rng, n)
    return program.write(at, loss=curve, norm=norm, rate=rate) + beside(rng, at)


def warm_restarts(rng: Rng) -> Series:
    """The rate starts anew some times; the loss hops, and each cycle ends below the last."""
    program, n = paced(rng, (40, 240), (200, 2_500))
    phase = (np.arange(n) / n * int(rng.integers(3, 7))) % 1.0
    cycle = 0.5 * (1.0 + np.cos(np.pi * phase))
    later = np.arange(n) >= np.flatnonzero(np.diff(phase) < 0)[0] + 1
    curve = fall(rng, n, rng.uniform(0.1, 0.3)) * (1.0 + rng.uniform(0.2, 0.5) * cycle * later)
    roles = {"loss": 3.0 * curve * noisy(rng, n, 0.02), "rate": 10 ** rng.uniform(-4, -1) * cycle}
    return program.write(program.steps(rng, n), **roles)


def dropped_out(rng: Rng) -> Series:
    """Dropout and augmentation in training alone: validation is the better by a steady part."""
    program, n = epochwise(rng), points(rng, 15, 150)
    curve = rng.uniform(0.7, 3.0) * fall(rng, n, rng.uniform(0.2, 0.5))
    held, score = rng.uniform(0.65, 0.9) * curve, right(curve, rng.uniform(0.75, 0.9))
    roles = {
        "loss": curve * noisy(rng, n, 0.015),
        "held": held * noisy(rng, n, 0.03),
        "score": score,
    }
    roles["held_score"] = np.clip(1.06 * score, 0.0, 0.99) * noisy(rng, n, 0.003)
    return program.write(program.steps(rng, n), **roles)


def hundred_samples(rng: Rng) -> Series:
    """A validation accuracy on 50 to 200 samples: it moves in steps that are small enough."""
    program, n, samples = epochwise(rng), points(rng, 20, 120), int(rng.integers(50, 201))
    curve = rng.uniform(0.7, 2.3) * fall(rng, n, rng.uniform(0.1, 0.4))
    truth, held = right(curve, rng.uniform(0.8, 0.93)), np.empty(n)
    draws = rng.random(samples)  # the same samples each epoch: few change sides
    for i in range(n):
        held[i] = np.mean(draws + 0.05 * rng.standard_normal(samples) < truth[i])
    roles = {"loss": curve * noisy(rng, n, 0.02), "held": 1.15 * curve * noisy(rng, n, 0.04)}
    return program.write(program.steps(rng, n), **roles, score=truth, held_score=held)


def converged(rng: Rng) -> Series:
    """All is learned in the first third, and the rest of a long run is level."""
    program, n = paced(rng, (40, 250), (300, 4_000))
    t = np.arange(n) / n
    curve = rng.uniform(0.05, 0.3) + np.exp(-t * rng.uniform(18.0, 50.0))
    curve *= rng.uniform(0.6, 4.0)
    at, roles = program.steps(rng, n), {"loss": curve * noisy(rng, n, 0.03)}
    if program.every[0] in {1, 98}:
        roles |= {"held": 1.1 * curve * noisy(rng, n, 0.03), "score": right(curve, 0.95)}
    return program.write(at, **roles, rate=1e-3 * np.ones(n)) + beside(rng, at)


def early_spike(rng: Rng) -> Series:
    """One or two high norms in the first steps of the warm-up, and calm ever after."""
    program, n = stepwise(rng), points(rng, 150, 3_000)
    norm = rng.uniform(0.2, 2.0) * (1.0 + 4.0 * np.exp(-np.arange(n) / 8.0))
    norm *= noisy(rng, n, 0.15)
    norm[rng.integers(0, 4, int(rng.integers(1, 3)))] *= rng.uniform(4.0, 12.0)
    curve = rng.uniform(2.0, 10.0) * fall(rng, n, rng.uniform(0.2, 0.4)) * noisy(rng, n, 0.03)
    at = program.steps(rng, n)
    return program.write(at, loss=curve, norm=norm) + beside(rng, at)


def curriculum(rng: Rng) -> Series:
    """Harder tasks come once: the loss goes up, and falls again below where it was."""
    program, n = paced(rng, (30, 150), (150, 2_500))
    start = int(n * rng.uniform(0.3, 0.5))
    easy = 1.0 * fall(rng, n, 0.25)[np.minimum(np.arange(n), start)]
    low = easy[start] * rng.uniform(0.45, 0.7)
    hard = low + (easy[start] * rng.uniform(1.4, 2.2) - low) * fall(rng, n - start, 0.0)
    curve = 3.0 * np.concatenate([easy[:start], hard]) * noisy(rng, n, 0.02)
    stage = (np.arange(n) >= start).astype(float)
    at = program.steps(rng, n)
    return (*program.write(at, loss=curve), Scalar("curriculum/stage", stage, "", at))


def stopped_early(rng: Rng) -> Series:
    """Validation has a shallow minimum, and patience ends the run a few epochs after it."""
    program, patience = epochwise(rng), int(rng.integers(3, 9))
    n = patience + points(rng, 12, 60)
    index, best = np.arange(n), n - patience - 1
    train = 0.25 + 0.75 * np.exp(-index / (0.35 * n))
    held = 0.45 + 0.65 * np.clip(1.0 - index / best, 0.0, None) ** 2.2
    held = held + 0.003 * np.clip(index - best, 0, None)
    scale = rng.uniform(0.7, 3.0)
    roles = {
        "loss": scale * train * noisy(rng, n, 0.01),
        "held": scale * held * noisy(rng, n, 0.008),
    }
    return program.write(program.steps(rng, n), **roles, held_score=right(held, 0.85))


def smoothed_labels(rng: Rng) -> Series:
    """Smoothed labels: the loss ends high, at their entropy, with an accuracy near its best."""
    program, n, classes = epochwise(rng), points(rng, 20, 200), int(rng.choice([10, 100, 1000]))
    lowest = 0.3253 + 0.1 * np.log(classes - 1) - 0.02
    curve = lowest + (np.log(classes) - lowest) * fall(rng, n, rng.uniform(0.02, 0.15))
    score = right(curve - lowest, rng.uniform(0.78, 0.96), 1.0 / classes)
    roles = {"loss": curve * noisy(rng, n, 0.008), "held": (curve - 0.05) * noisy(rng, n, 0.01)}
    roles |= {"score": score, "held_score": 0.98 * score * noisy(rng, n, 0.004)}
    return program.write(program.steps(rng, n), **roles)


def duel(rng: Rng) -> Series:
    """A generator and a discriminator: when the loss of one rises, that of the other falls."""
    n = points(rng, 100, 3_000)
    wave = np.sin(np.arange(n) * rng.uniform(0.02, 0.3) + 0.02 * np.cumsum(rng.standard_normal(n)))
    size = rng.uniform(0.1, 0.3)
    maker = rng.uniform(0.9, 3.0) * np.exp(size * wave) * noisy(rng, n, 0.12)
    judge = rng.uniform(0.5, 1.3) * np.exp(-size * wave) * noisy(rng, n, 0.12)
    forms = [("g_loss", "d_loss"), ("Loss/Generator", "Loss/Discriminator"), ("loss_G", "loss_D")]
    (first, second), at = forms[int(rng.integers(3))], int(rng.choice([1, 50, 100])) * np.arange(n)
    series: Series = (Scalar(first, maker, "", at), Scalar(second, judge, "", at))
    if rng.random() < 0.5:
        series += (Scalar("fid", 200.0 * fall(rng, n, 0.1) * noisy(rng, n, 0.03), "", at),)
    return series


HEALTHY = {
    "annealed-code": annealed_code,
    "free-bits": free_bits,
    "noisy-agent": noisy_agent,
    "per-cents": per_cents,
    "density": dense,
    "uneven-layers": uneven_layers,
    "growing-norm": growing_norm,
    "warm-restarts": warm_restarts,
    "dropped-out": dropped_out,
    "hundred-samples": hundred_samples,
    "converged": converged,
    "early-spike": early_spike,
    "curriculum": curriculum,
    "stopped-early": stopped_early,
    "smoothed-labels": smoothed_labels,
    "duel": duel,
}
