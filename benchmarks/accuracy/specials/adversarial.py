"""Generators against discriminators: neither loss is meant to fall."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.programs import CALIBRATE, HELDOUT
from benchmarks.accuracy.specials import special

STEPS = 1500
BATCH = 64


@special(CALIBRATE)
def gan_on_a_ring(seed: int, writer: Any) -> dict[str, float]:
    """The usual GAN, logged batch by batch; success is how close the radii come to the ring's."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

    def real(rng: np.random.Generator) -> torch.Tensor:
        angle = rng.uniform(0, 2 * math.pi, BATCH)
        points = np.stack([np.cos(angle), np.sin(angle)], 1)
        return torch.from_numpy((2 * points + 0.05 * rng.standard_normal((BATCH, 2))).astype("f"))

    ones, zeros = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)
    return _play(
        seed,
        real,
        lambda on_real, on_fake: cross_entropy(on_real, ones) + cross_entropy(on_fake, zeros),
        lambda on_fake: cross_entropy(on_fake, ones),
        lambda step, losses: [
            writer.add_scalar(f"Loss/{who}", loss, step)
            for who, loss in zip(("D", "G"), losses, strict=True)
        ],
    )


@special(CALIBRATE)
def hinge_gan(seed: int, writer: Any) -> dict[str, float]:
    """A critic with a margin; the generator's loss wanders above and below zero."""
    import torch

    def real(rng: np.random.Generator) -> torch.Tensor:
        centres = np.array([[2, 0], [-2, 0], [0, 2], [0, -2]])[rng.integers(0, 4, BATCH)]
        return torch.from_numpy((centres + 0.2 * rng.standard_normal((BATCH, 2))).astype("f"))

    def log(step: int, losses: tuple[float, float]) -> None:
        if step % 10 == 0:
            writer.add_scalar("critic_loss", losses[0], step)
            writer.add_scalar("generator_loss", losses[1], step)

    return _play(
        seed,
        real,
        lambda on_real, on_fake: (1 - on_real).relu().mean() + (1 + on_fake).relu().mean(),
        lambda on_fake: -on_fake.mean(),
        log,
    )


@special(HELDOUT)
def wasserstein(seed: int, writer: Any) -> dict[str, float]:
    """A critic that is held back by a penalty and estimates a distance, which is logged as well."""
    import torch

    def real(rng: np.random.Generator) -> torch.Tensor:
        along = rng.uniform(-1.5, 1.5, BATCH)
        points = np.stack([along, np.sin(3 * along)], 1)
        return torch.from_numpy((points + 0.1 * rng.standard_normal((BATCH, 2))).astype("f"))

    def critic_loss(on_real: torch.Tensor, on_fake: torch.Tensor) -> torch.Tensor:
        size = 0.02 * (on_real.square().mean() + on_fake.square().mean())
        return on_fake.mean() - on_real.mean() + size

    def log(step: int, losses: tuple[float, float]) -> None:
        if step % 5 == 0:
            for name, value in (("d_loss", losses[0]), ("g_loss", losses[1])):
                writer.add_scalar(f"train/{name}", value, step)
            writer.add_scalar("train/distance", -losses[0], step)

    return _play(seed, real, critic_loss, lambda on_fake: -on_fake.mean(), log)


def _play(
    seed: int,
    real: Callable[[np.random.Generator], Any],
    critic_loss: Callable[[Any, Any], Any],
    generator_loss: Callable[[Any], Any],
    log: Callable[[int, tuple[float, float]], object],
) -> dict[str, float]:
    """Play; a success is to halve the distance between what is made and what is real."""
    import torch
    from torch import nn

    rng = np.random.default_rng(seed)
    generator = nn.Sequential(
        nn.Linear(4, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2)
    )  # fmt: skip
    critic = nn.Sequential(
        nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2),
        nn.Linear(48, 1),
    )  # fmt: skip
    steps = [torch.optim.Adam(m.parameters(), 1e-3, betas=(0.0, 0.9)) for m in (critic, generator)]
    before = _likeness(generator, real, rng)
    for step in range(STEPS):
        fake = generator(torch.randn(BATCH, 4))
        loss_critic = critic_loss(critic(real(rng)), critic(fake.detach()))
        steps[0].zero_grad()
        loss_critic.backward()
        steps[0].step()
        loss_generator = generator_loss(critic(fake))
        steps[1].zero_grad()
        loss_generator.backward()
        steps[1].step()
        log(step, (float(loss_critic), float(loss_generator)))
    return {"before": before / 2, "after": _likeness(generator, real, rng)}


def _likeness(generator: Any, real: Callable[..., Any], rng: np.random.Generator) -> float:
    """How close what a generator makes is to many real points."""
    import torch

    with torch.no_grad():
        fake = generator(torch.randn(400, 4)).numpy()
    return likeness(fake, np.concatenate([real(rng).numpy() for _ in range(10)]))


def likeness(fake: NDArray[Any], points: NDArray[Any]) -> float:
    """Minus the mean distances from what was made to what is real, and back."""
    distances = np.linalg.norm(fake[:, None] - points[None], axis=2)
    forth, back = distances.min(1).mean(), distances.min(0).mean()
    return -float(forth + back)
