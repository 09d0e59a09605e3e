"""Likelihoods, several terms, other tasks: losses below zero, floors, flat parts, sums, jumps."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.accuracy.data import load
from benchmarks.accuracy.programs import CALIBRATE, HELDOUT
from benchmarks.accuracy.recipe import Recipe
from benchmarks.accuracy.specials import special
from benchmarks.accuracy.specials.adversarial import likeness

PLAIN = Recipe("adam", 1e-3, 32, 1)
LEVELS = 40  # of noise, in diffusion


@special(CALIBRATE)
def gaussian_likelihood(seed: int, writer: Any) -> dict[str, float]:
    """Mean and spread of a noiseless target: the negative log likelihood falls below zero."""
    import torch

    model, x, y = _network("moons", 2, seed)
    target = (x[:, :1] * x[:, 1:2]).detach()
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    first = last = 0.0
    for epoch in range(60):
        losses = []
        for rows in torch.randperm(len(x)).split(64):
            mean, spread = model(x[rows]).chunk(2, dim=1)
            variance = torch.nn.functional.softplus(spread) + 1e-4
            loss = torch.nn.functional.gaussian_nll_loss(mean, target[rows], variance)
            _step(optimizer, loss)
            losses.append(float(loss))
        last = float(np.mean(losses))
        first = first or last
        writer.add_scalar("train/nll", last, epoch)
    del y
    return {"before": -first, "after": -last}


@special(CALIBRATE)
def variational_autoencoder(seed: int, writer: Any) -> dict[str, float]:
    """Reconstruction falls while the divergence rises: both are parts of one loss."""
    import torch
    from torch import nn

    data = load("pictures", PLAIN, seed)
    x = torch.from_numpy(data.y_train)
    encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 12))
    decoder = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 64))
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 2e-3)
    sums = []
    step = 0
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(64):
            mean, log_variance = encoder(x[rows]).chunk(2, dim=1)
            z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
            reconstruction = 40 * (decoder(z) - x[rows]).square().sum(1).mean()
            divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean()
            loss = reconstruction + divergence
            _step(optimizer, loss)
            step += 1
            sums.append(float(loss))
            writer.add_scalar("loss/total", float(loss), step)
            writer.add_scalar("loss/reconstruction", float(reconstruction), step)
            writer.add_scalar("loss/kl", float(divergence), step)
    return {"before": -float(np.mean(sums[:20])), "after": -float(np.mean(sums[-20:]))}


@special(CALIBRATE)
def several_tasks(seed: int, writer: Any) -> dict[str, float]:
    """Two tasks learn, a third is pure noise: its term stays flat, and the total falls."""
    import torch
    from torch import nn

    model, x, y = _network("digits", 10 + 1 + 1, seed)
    brightness = x.mean(1, keepdim=True)
    noise = torch.randn(len(x), 1)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    first = last = 0.0
    for epoch in range(30):
        sums = np.zeros(3)
        batches = torch.randperm(len(x)).split(32)
        for rows in batches:
            out = model(x[rows])
            parts = (
                nn.functional.cross_entropy(out[:, :10], y[rows]),
                10 * nn.functional.mse_loss(out[:, 10:11], brightness[rows]),
                nn.functional.mse_loss(out[:, 11:], noise[rows]),
            )
            _step(optimizer, parts[0] + parts[1] + parts[2])
            sums += [float(part) for part in parts]
        means = sums / len(batches)
        last = float(means.sum())
        first = first or last
        writer.add_scalar("train/total_loss", last, epoch)
        for name, value in zip(("cls", "brightness", "noise"), means, strict=True):
            writer.add_scalar(f"train/loss_{name}", value, epoch)
    return {"before": -first, "after": -last}


@special(HELDOUT)
def diffusion(seed: int, writer: Any) -> dict[str, float]:
    """Noise is to be told from points, most of which cannot be: the loss has a high floor."""
    import torch
    from torch import nn

    points = torch.from_numpy(load("moons", PLAIN, seed).x_train)
    model = nn.Sequential(
        nn.Linear(3, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 2)
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    kept = torch.cumprod(1.0 - torch.linspace(1e-3, 0.25, LEVELS), 0)
    before = likeness(_painted(model, kept), points.numpy())
    for step in range(2400):
        level = torch.randint(0, LEVELS, (64,))
        noise, share = torch.randn(64, 2), kept[level][:, None]
        noisy = share.sqrt() * points[torch.randint(0, len(points), (64,))]
        noisy = noisy + (1.0 - share).sqrt() * noise
        predicted = model(torch.cat([noisy, level[:, None] / LEVELS], 1))
        loss = nn.functional.mse_loss(predicted, noise)
        _step(optimizer, loss)
        if step % 4 == 0:
            writer.add_scalar("loss", float(loss), step)
    return {"before": before / 2, "after": likeness(_painted(model, kept), points.numpy())}


def _painted(model: Any, kept: Any) -> Any:
    """Points that a model makes out of noise, level by level."""
    import torch

    x = torch.randn(400, 2)
    for level in range(LEVELS - 1, -1, -1):
        rest = kept[level] / (kept[level - 1] if level else 1.0)
        with torch.no_grad():
            noise = model(torch.cat([x, torch.full((400, 1), level / LEVELS)], 1))
        x = (x - (1.0 - rest) / (1.0 - kept[level]).sqrt() * noise) / rest.sqrt()
        if level:
            x = x + (1.0 - rest).sqrt() * torch.randn(400, 2)
    return x.numpy()


@special(HELDOUT)
def mixture_of_experts(seed: int, writer: Any) -> dict[str, float]:
    """Experts behind a gate, a term for whose balance stays near 1 from the first batch on."""
    import torch
    from torch import nn

    gate, x, y = _network("blobs", 4, seed)
    experts = nn.ModuleList(
        nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 5)) for _ in range(4)
    )
    optimizer = torch.optim.AdamW([*gate.parameters(), *experts.parameters()], 2e-3)
    sums, step = list[float](), 0
    for _ in range(30):
        for rows in torch.randperm(len(x)).split(64):
            shares = gate(x[rows]).softmax(1)
            answers = torch.stack([expert(x[rows]) for expert in experts], 1)
            task = nn.functional.cross_entropy((shares[:, :, None] * answers).sum(1), y[rows])
            balance = 4 * shares.mean(0).square().sum()
            _step(optimizer, task + 0.1 * balance)
            step += 1
            sums.append(float(task))
            if step % 5 == 0:
                writer.add_scalar("train/loss", float(task + 0.1 * balance), step)
                writer.add_scalar("train/task_loss", float(task), step)
                writer.add_scalar("train/balance_loss", float(balance), step)
    return {"before": -float(np.mean(sums[:20])), "after": -float(np.mean(sums[-20:]))}


@special(CALIBRATE)
def rare_metric(seed: int, writer: Any) -> dict[str, float]:
    """A metric that is not defined in the first epochs, and a loss that is fine throughout."""
    import torch
    from torch import nn

    model, x, y = _network("digits", 10, seed)
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    losses: list[float] = []
    for epoch in range(25):
        batches = torch.randperm(len(x)).split(32)
        total = 0.0
        for rows in batches:
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            _step(optimizer, loss)
            total += float(loss)
        with torch.no_grad():
            predicted = model(x).argmax(1)
        right = float((predicted == y).float().mean())
        losses.append(total / len(batches))
        writer.add_scalar("Loss/train", losses[-1], epoch)
        writer.add_scalar("Precision/rare class", right if epoch >= 3 else float("nan"), epoch)
    return {"before": -losses[0], "after": -losses[-1]}


def _network(data_name: str, outputs: int, seed: int) -> Any:
    """A small network, and inputs and targets as tensors."""
    import torch
    from torch import nn

    data = load(data_name, PLAIN, seed)
    x = torch.from_numpy(data.x_train.reshape(len(data.x_train), -1).astype(np.float32))
    model = nn.Sequential(nn.Linear(x.shape[1], 48), nn.ReLU(), nn.Linear(48, outputs))
    return model, x, torch.from_numpy(data.y_train)


def _step(optimizer: Any, loss: Any) -> None:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
