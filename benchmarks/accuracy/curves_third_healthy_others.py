"""Healthy runs of trainings other than plain supervised ones, by the third author."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_agents import agent, learnt
from benchmarks.accuracy.curves_third_names import (
    FloatArray,
    Series,
    draw_log,
    draw_task,
    noise,
    pick,
    schedule,
    shapes,
    whole,
    wide,
)
from tests.runs import Scalar


def _clock(rng: Generator, low: int, high: int) -> tuple[FloatArray, FloatArray]:
    """Progress and steps of a script of its own."""
    n = whole(rng, low, high)
    stride = float(rng.choice([1, 10, 50, 100, 500, 1000]))
    first = stride * float(rng.integers(2))
    return np.linspace(0.0, 1.0, n), first + np.arange(n, dtype=np.float64) * stride


def gan(rng: Generator) -> Series:
    """Both players' losses hover, and the distance to the real images falls."""
    x, steps = _clock(rng, 80, 2000)
    n = len(x)
    g_tag, d_tag = (
        ("Loss/G", "Loss/D"),
        ("g_loss", "d_loss"),
        ("train/loss_gen", "train/loss_disc"),
        ("Loss/generator/total", "Loss/discriminator/total"),
    )[int(rng.integers(4))]
    g = (0.9 + 0.4 * (1.0 - np.exp(-x * 8.0))) * noise(rng, n, 0.12)
    d = (1.1 + 0.28 * np.exp(-x * 10.0)) * noise(rng, n, 0.06)
    at = np.linspace(0, n - 1, whole(rng, 12, 40)).astype(int)
    fid = (rng.uniform(6, 30) + 250.0 * np.exp(-x[at] * 7.0)) * noise(rng, len(at), 0.02)
    return (
        Scalar(g_tag, g, "", steps),
        Scalar(d_tag, d, "", steps),
        Scalar(pick(rng, "FID", "metrics/fid50k_full", "eval/fid"), fid, "", steps[at]),
    )


def agent_learns(rng: Generator) -> Series:
    """An agent whose value loss grows with its returns, and whose entropy falls."""
    x = np.linspace(0.0, 1.0, whole(rng, 50, 1500))
    return agent(rng, learnt(rng, x), rng.uniform(0.02, 0.06))


def q_learning(rng: Generator) -> Series:
    """Q values and the error grow together with the return."""
    x, steps = _clock(rng, 80, 1000)
    grown = learnt(rng, x)
    n = len(x)
    prefix = pick(rng, "losses/", "train/", "")
    return (
        Scalar("charts/episodic_return", 500.0 * grown + rng.normal(0.0, 15.0, n), "", steps),
        Scalar(f"{prefix}td_loss", (0.02 + grown) * noise(rng, n, 0.3), "", steps),
        Scalar(f"{prefix}q_values", 1.0 + 80.0 * grown * noise(rng, n, 0.02), "", steps),
        Scalar("charts/epsilon", np.maximum(0.05, 1.0 - 2.0 * x), "", steps),
    )


def contrastive(rng: Generator) -> Series:
    """InfoNCE from the logarithm of the batch down to a plateau that is far above 0."""
    x, steps = _clock(rng, 100, 2000)
    n = len(x)
    start = float(np.log(rng.choice([256, 1024, 4096])))
    floor = start * rng.uniform(0.35, 0.5)
    fall = np.exp(-x * rng.uniform(6.0, 12.0))
    loss = (floor + (start - floor) * fall) * noise(rng, n, 0.02)
    prefix = pick(rng, "train/", "train_", "")
    return (
        Scalar(f"{prefix}{pick(rng, 'contrastive_loss', 'nce_loss', 'loss')}", loss, "", steps),
        Scalar(f"{prefix}acc_top1", 0.65 - 0.65 * fall + rng.normal(0.0, 0.01, n), "", steps),
        Scalar(f"{prefix}logit_scale", 14.3 + 60.0 * (1.0 - np.exp(-x * 4.0)), "", steps),
    )


def detector(rng: Generator) -> Series:
    """A detector with the parts of its loss beside their sum; the parts fall at several paces."""
    x, steps = _clock(rng, 60, 1000)
    n = len(x)
    style, names = (
        ("{}", ("loss_cls", "loss_bbox", "loss_rpn_cls", "loss_rpn_bbox")),
        ("train/{}", ("box_loss", "cls_loss", "dfl_loss")),
        ("Loss/{}", ("classification_loss", "localization_loss", "regularization_loss")),
    )[int(rng.integers(3))]
    parts = []
    for name in names:
        start, rest, pace = wide(rng, 0.1, 3.0), rng.uniform(0.2, 0.6), rng.uniform(5.0, 14.0)
        curve = start * (rest + (1.0 - rest) * np.exp(-x * pace))
        parts.append((style.format(name), curve * noise(rng, n, 0.03)))
    total = np.sum([values for _, values in parts], axis=0)
    at = np.linspace(0, n - 1, whole(rng, 12, 40)).astype(int)
    quality = rng.uniform(0.35, 0.6) * (1.0 - np.exp(-x[at] * 8.0)) * noise(rng, len(at), 0.01)
    tag = pick(rng, "coco/bbox_mAP", "metrics/mAP50-95(B)", "DetectionBoxes_Precision/mAP")
    series = tuple(Scalar(t, v, "", steps) for t, v in parts)
    total_tag = "Loss/total_loss" if style.startswith("Loss") else style.format("loss")
    return (*series, Scalar(total_tag, total, "", steps), Scalar(tag, quality, "", steps[at]))


def density(rng: Generator) -> Series:
    """The negative log-likelihood of a density crosses 0 and levels off below it."""
    x, steps = _clock(rng, 30, 1500)
    n = len(x)
    train, val = (
        ("train/nll", "val/nll"),
        ("nll", "val_nll"),
        ("train_neg_log_likelihood", "test_neg_log_likelihood"),
    )[int(rng.integers(3))]
    unit, low = wide(rng, 1.0, 50.0), rng.uniform(1.0, 3.0)
    fall = np.exp(-x * rng.uniform(6.0, 14.0))
    loss = unit * ((1.5 + low) * fall - low + rng.normal(0.0, 0.03, n))
    at = np.linspace(n // 15, n - 1, min(n // 2, 30)).astype(int)
    held = unit * ((1.5 + low) * fall[at] - 0.96 * low + rng.normal(0.0, 0.01, len(at)))
    return (Scalar(train, loss, "", steps), Scalar(val, held, "", steps[at]))


def loss_scale(rng: Generator) -> Series:
    """Mixed precision: the loss scale doubles, and halves now and then; all else is well."""
    log = draw_log(rng, (200, 2000), per_step=True)
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    n, every = len(fall), max(10, len(fall) // 12)
    exponent = 13.0 + np.cumsum((np.arange(n) % every == every - 1) * 1.0)
    for spot in rng.integers(n // 5, n, 8):
        exponent[spot:] -= 1.0
    series = log.loss(task.loss(fall) * noise(rng, n, 0.02))
    series += log.val_loss(1.04 * task.loss(val_fall) * noise(rng, len(val_fall), 0.008))
    tag = pick(rng, "loss-scale", "loss_scale", "train/loss_scale", "amp/scale")
    series += log.train(tag, 2.0**exponent)
    return series + log.lr(schedule(rng, log.x)) + log.others(rng)


def siamese(rng: Generator) -> Series:
    """The negative cosine goes from 0 to near -1 while the outputs keep their spread."""
    x, steps = _clock(rng, 60, 1500)
    n = len(x)
    spread = float(1.0 / np.sqrt(rng.choice([256, 2048])))
    prefix = pick(rng, "train/", "train_", "")
    loss = -rng.uniform(0.8, 0.93) * (1.0 - np.exp(-x * 9.0)) + rng.normal(0.0, 0.008, n)
    kept = spread * (0.92 - 0.3 * np.exp(-x * 10.0)) * noise(rng, n, 0.01)
    knn = 0.75 - 0.5 * np.exp(-x * 7.0) + rng.normal(0.0, 0.004, n)
    return (
        Scalar(f"{prefix}{pick(rng, 'neg_cosine_similarity', 'cosine_loss')}", loss, "", steps),
        Scalar(f"{prefix}representation_std", kept, "", steps),
        Scalar("knn_accuracy", knn, "", steps),
    )


def diffusion(rng: Generator) -> Series:
    """The error of the predicted noise: at once near its floor, then a scatter of a fifth."""
    x, steps = _clock(rng, 200, 3000)
    n = len(x)
    floor = rng.uniform(0.02, 0.15)
    fall = floor + (1.0 - floor) * np.exp(-x * rng.uniform(40.0, 120.0))
    loss = fall * (1.0 - 0.1 * x) * noise(rng, n, rng.uniform(0.12, 0.25))
    tag = pick(rng, "loss/current", "train_loss", "train/loss_simple", "mse", "loss")
    rate = np.full(n, wide(rng, 1e-5, 4e-4))
    return (Scalar(tag, loss, "", steps), Scalar(pick(rng, "lr/unet", "lr"), rate, "", steps))


def autoencoder(rng: Generator) -> Series:
    """A VAE: the KL term grows from 0 to a good few nats while the reconstruction falls."""
    x, steps = _clock(rng, 30, 1000)
    n = len(x)
    kl = rng.uniform(8.0, 28.0) * (1.0 - np.exp(-x * 9.0)) + 0.05
    start = wide(rng, 200.0, 600.0)
    rest = rng.uniform(0.15, 0.4)
    rebuilt = start * (rest + (1.0 - rest) * np.exp(-x * 10.0)) * noise(rng, n, 0.01)
    kl = kl * noise(rng, n, 0.02)
    prefix = pick(rng, "train/", "train_", "")
    return (
        Scalar(f"{prefix}kl_loss", kl, "", steps),
        Scalar(f"{prefix}recon_loss", rebuilt, "", steps),
        Scalar(f"{prefix}loss", rebuilt + kl, "", steps),
    )


def speech(rng: Generator) -> Series:
    """CTC: hundreds at the first steps, then a few; the word error rate starts at 1 or above."""
    log = draw_log(rng, (100, 1500), per_step=True)
    start, rest = rng.uniform(150.0, 900.0), rng.uniform(8.0, 25.0)

    def level(x: FloatArray) -> FloatArray:
        y = rest + 60.0 * np.exp(-x * 8.0) + start * np.exp(-x * 150.0)
        return np.asarray(y, dtype=np.float64)

    series = log.loss(level(log.x) * noise(rng, len(log.x), 0.06))
    series += log.val_loss(1.05 * level(log.vx) * noise(rng, len(log.vx), 0.01))
    errors = 0.08 + 0.95 * np.exp(-log.vx * 6.0)
    return series + log.val(pick(rng, "val_wer", "wer", "eval/wer"), errors) + log.others(rng)


def growing_norms(rng: Generator) -> Series:
    """As the loss falls the gradient norm grows to three times, and the weights' norm as well."""
    log = draw_log(rng, (80, 1500), norm=True)
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    n = len(fall)
    norm = wide(rng, 0.1, 3.0) * (1.0 + rng.uniform(0.8, 2.0) * log.x) * noise(rng, n, 0.2)
    series = log.loss(task.loss(fall) * noise(rng, n, 0.02)) + log.norm(norm)
    series += log.train("weight_norm", wide(rng, 20.0, 300.0) * (1.0 + log.x))
    val = 1.04 * task.loss(val_fall) * noise(rng, len(val_fall), 0.01)
    return series + log.val_loss(val) + log.others(rng)


def evaluation_breaks(rng: Generator) -> Series:
    """Every epoch ends with an evaluation and a checkpoint, as long as some dozens of steps."""
    log = draw_log(rng, (200, 1500), per_step=True)
    task = draw_task(rng, log)
    fall, val_fall = shapes(rng, log)
    took = wide(rng, 0.3, 20.0) * np.exp(rng.normal(0.0, 0.05, len(fall)))
    ends = np.searchsorted(log.steps, log.val_steps)
    seconds = np.cumsum(took)
    pause = float(took.mean()) * rng.uniform(5.0, 25.0)
    seconds += pause * np.searchsorted(ends, np.arange(len(fall)))
    loss = task.loss(fall) * noise(rng, len(fall), 0.02)
    val = 1.05 * task.loss(val_fall) * noise(rng, len(val_fall), 0.01)
    return (
        Scalar(pick(rng, "train/loss", "loss", "train_loss"), loss, "", log.steps, seconds),
        Scalar("val/loss", val, "", log.val_steps, seconds[ends] + 0.9 * pause),
    )


OTHERS: dict[str, Callable[[Generator], Series]] = {
    "gan": gan,
    "agent-learns": agent_learns,
    "q-learning": q_learning,
    "contrastive": contrastive,
    "detector": detector,
    "density": density,
    "loss-scale": loss_scale,
    "siamese": siamese,
    "diffusion": diffusion,
    "autoencoder": autoencoder,
    "speech": speech,
    "growing-norms": growing_norms,
    "evaluation-breaks": evaluation_breaks,
}
