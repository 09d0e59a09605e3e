"""Agents whose return collapses and autoencoders whose code does, by the third author."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_names import FloatArray, Series, noise, pick, whole, wide
from tests.runs import Scalar

# Return, episode length, value loss, entropy, throughput: as each library writes them.
AGENTS = (
    ("rollout/ep_rew_mean", "rollout/ep_len_mean", "train/value_loss", "", "time/fps"),
    (
        *("charts/episodic_return", "charts/episodic_length", "losses/value_loss"),
        *("losses/entropy", "charts/SPS"),
    ),
    (
        *("ray/tune/episode_reward_mean", "ray/tune/episode_len_mean"),
        *("ray/tune/info/learner/default_policy/learner_stats/vf_loss", "", ""),
    ),
    (
        *("Environment/Cumulative Reward", "Environment/Episode Length"),
        *("Losses/Value Loss", "Policy/Entropy", ""),
    ),
    (
        *("Train/mean_reward", "Train/mean_episode_length", "Loss/value_function"),
        *("Policy/mean_noise_std", "Perf/total_fps"),
    ),
    ("test/reward", "test/length", "update/loss/vf", "", ""),
    ("Train/AverageReturns", "", "", "", "Train/AverageStepsPerSecond"),
    ("eval/mean_reward", "eval/mean_ep_length", "train/critic_loss", "train/ent_coef", ""),
    ("episode_return", "", "critic_loss", "entropy", "steps_per_second"),
)
# What a return is at first, and what a good agent gets.
GAMES = (
    (20.0, 500.0),
    (-21.0, 20.0),
    (-1400.0, -160.0),
    (-250.0, 240.0),
    (0.0, 1.0),
    (5.0, 6000.0),
)


def agent(rng: Generator, level: FloatArray, spread: float) -> Series:
    """The log of an agent whose mean return goes from 0 to 1 as `level` says."""
    tags = AGENTS[int(rng.integers(len(AGENTS)))]
    low, high = GAMES[int(rng.integers(len(GAMES)))]
    n = len(level)
    steps = np.arange(1, n + 1) * float(rng.choice([1, 1000, 2048, 10_000, 49_152]))
    jitter = rng.normal(0.0, spread, n) * (0.3 + 0.7 * np.clip(level, 0.0, 1.0))
    if rng.random() < 0.5:  # a mean over the last 100 episodes is smooth
        jitter = np.convolve(jitter, np.ones(5) / 5.0, "same") * 1.5
    values = low + (high - low) * np.clip(level + jitter, -0.05, 1.05)
    beside = (
        values,
        100.0 + 300.0 * np.clip(level, 0.0, 1.0) + rng.normal(0.0, 6.0, n),
        wide(rng, 0.01, 50.0) * (0.6 + level) * np.exp(rng.normal(0.0, 0.25, n)),
        1.4 - 0.7 * np.linspace(0.0, 1.0, n) + rng.normal(0.0, 0.01, n),
        wide(rng, 200, 20_000) * np.exp(rng.normal(0.0, 0.02, n)),
    )
    return tuple(Scalar(t, v, "", steps) for t, v in zip(tags, beside, strict=True) if t)


def learnt(rng: Generator, x: FloatArray) -> FloatArray:
    """A return that rises from 0 to 1: slowly to begin with, at once, or in stages."""
    middle, width = rng.uniform(0.12, 0.25), rng.uniform(0.03, 0.06)
    kind = rng.integers(3)
    smooth = 1.0 / (1.0 + np.exp(-(x - middle) / width))
    if kind == 1:
        smooth = 1.0 - np.exp(-x / (0.5 * middle))
    elif kind == 2:
        smooth = 0.5 * smooth + 0.5 / (1.0 + np.exp(-(x - 1.5 * middle) / (0.5 * width)))
    return np.asarray(smooth, dtype=np.float64)


def reward_collapse(rng: Generator) -> Series:
    """The return rises to a good level, then breaks down and never comes back."""
    x = np.linspace(0.0, 1.0, whole(rng, 50, 1500))
    at, lasting, left = rng.uniform(0.45, 0.7), rng.uniform(0.01, 0.06), rng.uniform(0.0, 0.2)
    kept = left + (1.0 - left) / (1.0 + np.exp(np.clip((x - at) / lasting * 2.0, -50.0, 50.0)))
    return agent(rng, learnt(rng, x) * kept, rng.uniform(0.02, 0.06))


def posterior_collapse(rng: Generator) -> Series:
    """The KL term goes to almost nothing and stays; the reconstruction hardly improves."""
    n = whole(rng, 25, 1200)
    x = np.linspace(0.0, 1.0, n)
    steps = (np.arange(n) + 1) * float(rng.choice([1, 1, 10, 100, 500]))
    kl_tag, reconstruction_tag, total_tag = (
        ("train/kl_loss", "train/recon_loss", "train/loss"),
        ("kl", "reconstruction_loss", "loss"),
        ("KLD", "BCE", "Loss"),
        ("train_kl_step", "train_reconstruction_step", "train_loss_step"),
        ("loss/kl_divergence", "loss/reconstruction", "loss/total"),
        ("train/elbo/kl", "train/elbo/rec", "train/elbo/neg_elbo"),
        ("epoch_kl_loss", "epoch_reconstruction_loss", "epoch_loss"),
    )[int(rng.integers(7))]
    peak, rest, speed = wide(rng, 3.0, 40.0), wide(rng, 1e-5, 3e-3), rng.uniform(12.0, 40.0)
    rise = 1.0 - 0.8 * np.exp(-x * 6.0 * speed) if pick(rng, "rises", "falls") == "rises" else 1.0
    kl = (rest + peak * rise * np.exp(-x * speed)) * np.exp(rng.normal(0.0, 0.08, n))
    start = wide(rng, 80.0, 600.0)
    reconstruction = start * (0.9 + 0.1 * np.exp(-25.0 * x)) * noise(rng, n, 0.005)
    beta = rng.uniform(1.0, 4.0)
    split = "train" if kl_tag.startswith("epoch_") else ""
    series: Series = (
        Scalar(kl_tag, kl, split, steps),
        Scalar(reconstruction_tag, reconstruction, split, steps),
        Scalar(total_tag, reconstruction + beta * kl, split, steps),
    )
    if rng.random() < 0.4 and not split:
        series += (Scalar(pick(rng, "beta", "train/kl_weight"), np.full(n, beta), "", steps),)
    return series
