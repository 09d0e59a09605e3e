"""How other people's programs name and pace what they log, for the drawn curves of `second`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.curves_heldout import FloatArray, Rng, points, stretched, two_speeds
from tests.runs import Histogram, Scalar

Series: TypeAlias = tuple[Scalar | Histogram, ...]
Steps: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Program:
    """The tags of one program (with `@` and a split where it has any) and its steps per point."""

    loss: str
    held: str
    score: str
    held_score: str
    rate: str
    norm: str
    every: tuple[int, ...]

    def steps(self, rng: Rng, n: int) -> Steps:
        """The steps of n points, that begin with 0 or with the first stride."""
        return np.asarray(int(rng.choice(self.every)) * (np.arange(n) + rng.integers(0, 2)))

    def write(self, at: Steps, **roles: FloatArray) -> Series:
        """The series of some roles at the same steps."""
        named = ((getattr(self, role).partition("@"), values) for role, values in roles.items())
        return tuple(Scalar(tag, values, split, at) for (tag, _, split), values in named)


def _program(tags: str, *every: int) -> Program:
    loss, held, score, held_score, rate, norm = (tag.strip() for tag in tags.split(","))
    return Program(loss, held, score, held_score, rate, norm, every)


EPOCHWISE = (
    _program(
        "epoch_loss@train, epoch_loss@validation, epoch_accuracy@train, "
        "epoch_accuracy@validation, epoch_learning_rate@train, epoch_grad_norm@train", 1,
    ),
    _program("loss, val_loss, accuracy, val_accuracy, lr, grad_norm", 1),
    _program("Loss/train, Loss/test, Accuracy/train, Accuracy/test, LR, GradNorm", 1),
    _program("train_loss, eval_loss, train_top1, eval_top1, lr, train_grad_norm", 1),
    _program(
        "train_loss_epoch, val_loss, train_acc_epoch, val_acc, lr-Adam, grad_2.0_norm_total",
        98, 196, 391, 938,
    ),
    _program(
        "train/epoch_loss, validation/epoch_loss, train/epoch_acc, validation/epoch_acc, "
        "opt/lr, opt/grad_norm", 1, 1, 500,
    ),
)  # fmt: skip

STEPWISE = (
    _program(
        "train/loss, eval/loss, train/mean_token_accuracy, eval/mean_token_accuracy, "
        "train/learning_rate, train/grad_norm", 1, 5, 10, 50, 500,
    ),
    _program(
        "train_loss_step, val_loss, train_acc_step, val_acc, lr-AdamW, grad_2.0_norm_total", 50,
    ),
    _program("total_loss, validation_loss, cls_accuracy, val_accuracy, lr, grad_norm", 20),
    _program(
        "train_inner/loss, valid/loss, train_inner/accuracy, valid/accuracy, train_inner/lr, "
        "train_inner/gnorm", 100,
    ),
    _program(
        "lm loss, lm loss validation, token accuracy, token accuracy validation, learning-rate, "
        "grad-norm", 1, 10, 100,
    ),
    _program(
        "training.loss, validation.loss, training.accuracy, validation.accuracy, learning_rate, "
        "grad.norm", 100, 1000,
    ),
    _program(
        "batch_loss@train, epoch_loss@validation, batch_accuracy@train, "
        "epoch_accuracy@validation, batch_learning_rate@train, batch_grad_norm@train", 1, 10,
    ),
    _program("loss/train, loss/dev, acc/train, acc/dev, optim/lr_0, optim/total_norm", 25, 200),
)  # fmt: skip


def epochwise(rng: Rng) -> Program:
    """A program that writes once an epoch."""
    return EPOCHWISE[rng.integers(len(EPOCHWISE))]


def stepwise(rng: Rng) -> Program:
    """A program that writes every few steps."""
    return STEPWISE[rng.integers(len(STEPWISE))]


def paced(rng: Rng, epochs: tuple[int, int], steps: tuple[int, int]) -> tuple[Program, int]:
    """A program of either kind and a number of points that suits it."""
    if rng.random() < 0.5:
        return epochwise(rng), points(rng, *epochs)
    return stepwise(rng), points(rng, *steps)


def noisy(rng: Rng, n: int, sigma: float) -> FloatArray:
    """Factors about 1: even, with long tails, skewed, wandering, or calmer towards the end."""
    form = rng.choice(["even", "tails", "skewed", "wandering", "calming"])
    draws = rng.standard_normal(n)
    if form == "skewed":
        return np.asarray(rng.gamma(sigma**-2, sigma**2, n))
    if form == "tails":
        draws = np.clip(rng.standard_t(4, n) / np.sqrt(2.0), -4.0, 4.0)
    elif form == "wandering":
        for i in range(1, n):
            draws[i] = 0.6 * draws[i - 1] + 0.8 * draws[i]
    elif form == "calming":
        draws *= np.linspace(1.5, 0.6, n)
    return np.asarray(np.exp(sigma * draws))


def fall(rng: Rng, n: int, floor: float) -> FloatArray:
    """A fall from 1 to a floor that it has about reached at the end."""
    t = np.arange(n) / n
    form = rng.choice(["stretched", "two speeds", "exponential", "power"])
    if form == "stretched":
        return stretched(rng, n, floor)
    if form == "two speeds":
        return two_speeds(rng, n, floor)
    if form == "exponential":
        shape = np.exp(-t * rng.uniform(6.0, 14.0))
    else:
        shape = (1.0 + 100.0 * t) ** -rng.uniform(0.9, 1.4)
    return np.asarray(floor + (1.0 - floor) * shape)


def guessing(rng: Rng, n: int) -> tuple[FloatArray, FloatArray]:
    """The loss and the accuracy of guessing among some classes, as batches or sets have them."""
    classes, spread = int(rng.choice([2, 5, 10, 10, 35, 100])), 10 ** rng.uniform(-3.0, -1.5)
    start = 1.0 + rng.uniform(0.0, 0.1) * np.exp(-np.arange(n) / 2.0)
    return np.log(classes) * start * noisy(rng, n, spread), sampled(rng, n, 1 / classes, 2_000)


def sampled(rng: Rng, n: int, share: FloatArray | float, samples: int) -> FloatArray:
    """The share of so many samples that came out right."""
    return np.asarray(rng.binomial(samples, np.clip(share, 0.0, 1.0), n) / samples)


def right(loss: FloatArray, best: float = 0.97, chance: float = 0.1) -> FloatArray:
    """The accuracy that goes with a falling loss, from that of guessing towards the best."""
    done = 1.0 - loss / np.nanmax(loss)
    return np.asarray(chance + (best - chance) * np.clip(done, 0.0, 1.0) ** 0.8)


def beside(rng: Rng, at: Steps) -> Series:
    """What some programs log beside: the epoch, the speed, the memory, the time of loading."""
    n = len(at)
    extra = (
        Scalar("train/epoch", np.linspace(0.0, 3.0, n), "", at),
        Scalar("perf/samples_per_sec", 400.0 * noisy(rng, n, 0.05), "", at),
        Scalar("data_time", 0.02 * noisy(rng, n, 0.3), "", at),
        Scalar("gpu_memory_allocated_gb", np.full(n, 11.7), "", at),
    )
    return tuple(series for series in extra if rng.random() < 0.25)


def agent(rng: Rng, skill: FloatArray, jitter: float) -> Series:
    """What libraries of agents log of one whose skill goes between 0 and 1."""
    n, low = len(skill), float(rng.choice([-200.0, -21.0, 0.0, 10.0, 200.0]))
    span = float(rng.choice([40.0, 500.0, 3_000.0])) if low > -200.0 else 450.0
    reward = low + span * (skill + jitter * rng.standard_normal(n))
    value = span * (0.02 + 0.1 * skill) * noisy(rng, n, 0.4)
    entropy = (1.4 - skill * rng.uniform(0.3, 1.0)) * noisy(rng, n, 0.03)
    length = np.round(100.0 + 400.0 * np.clip(skill + jitter * rng.standard_normal(n), 0, 1.2))
    at = int(rng.choice([1_000, 2_048, 8_192])) * (1 + np.arange(n))
    form = rng.choice(["sb3", "rllib", "cleanrl", "grpo"])
    if form == "sb3":
        written = {
            "rollout/ep_rew_mean": reward, "rollout/ep_len_mean": length,
            "train/value_loss": value, "train/entropy_loss": -entropy,
            "train/approx_kl": 0.01 * noisy(rng, n, 0.4), "time/fps": 900 * noisy(rng, n, 0.02),
        }  # fmt: skip
    elif form == "rllib":
        prefix = "ray/tune/env_runners/"
        written = {
            prefix + "episode_return_mean": reward, prefix + "episode_len_mean": length,
            prefix + "episode_return_max": reward + 0.2 * span * rng.random(n),
            "ray/tune/learners/default_policy/vf_loss": value,
        }  # fmt: skip
    elif form == "cleanrl":
        written = {
            "charts/episodic_return": reward, "charts/episodic_length": length,
            "losses/value_loss": value, "losses/entropy": entropy,
            "losses/policy_loss": 0.01 * rng.standard_normal(n),
        }  # fmt: skip
    else:
        written = {
            "train/reward": 2.0 * (skill + jitter * rng.standard_normal(n)),
            "train/reward_std": 0.4 * noisy(rng, n, 0.1), "train/completion_length": length,
            "train/kl": 0.001 + 0.05 * skill * noisy(rng, n, 0.2),
        }  # fmt: skip
        at = 1 + np.arange(n)
    return tuple(Scalar(tag, values, "", at) for tag, values in written.items())


def autoencoder(rng: Rng, kl: FloatArray, error: FloatArray, weight: FloatArray) -> Series:
    """What programs of variational autoencoders log: both terms, their sum, at times the weight."""
    forms = [
        "epoch_kl_loss@train, epoch_reconstruction_loss@train, epoch_loss@train, epoch_beta@train",
        "kl_loss, reconstruction_loss, total_loss, kl_weight",
        "train/kld, train/recon_loss, train/loss, train/beta",
        "Loss/KL, Loss/Reconstruction, Loss/ELBO, Loss/kl_coeff",
        "train_kl_loss, train_recon_loss, train_loss, kl_beta",
    ]
    tags = [tag.strip().partition("@") for tag in forms[rng.integers(len(forms))].split(",")]
    values = [kl, error, error + weight * kl, weight]
    shown = 4 if np.ptp(weight) or rng.random() < 0.3 else 3
    at = int(rng.choice([1, 1, 100])) * np.arange(len(kl))
    pairs = list(zip(tags, values, strict=True))[:shown]
    return tuple(Scalar(tag, curve, split, at) for (tag, _, split), curve in pairs)


NORM_TAGS = (
    "grad_2.0_norm/{}.weight", "gradients/{}/norm", "grad_norm/{}", "{}.weight/grad_norm",
    "train/grad_norm/{}.weight",
)  # fmt: skip
LAYER_NAMES = (
    "layers.{}", "fc{}", "conv{}", "model.encoder.layer.{}.output.dense", "blocks.{}.mlp.fc1",
    "net.{}",
)  # fmt: skip


def layer_norms(rng: Rng, levels: FloatArray, at: Steps, tag: str, spread: float) -> Series:
    """One norm a layer, from the input to the output; levels are one row a layer."""
    name = LAYER_NAMES[rng.integers(len(LAYER_NAMES))]
    common = noisy(rng, levels.shape[1], spread)
    return tuple(
        Scalar(tag.format(name.format(i)), row * common * noisy(rng, len(row), spread), "", at)
        for i, row in enumerate(levels, start=1)
    )
