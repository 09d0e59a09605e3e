"""Likelihoods, several terms, other tasks: losses below zero, flat parts, sums and jumps."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.accuracy.data import load
from benchmarks.accuracy.programs import CALIBRATE, HELDOUT
from benchmarks.accuracy.recipe import Recipe
from benchmarks.accuracy.specials import special

PLAIN = Recipe("adam", 1e-3, 32, 1)


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


@special(HELDOUT)
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


@special(HELDOUT)
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
