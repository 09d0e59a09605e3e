"""Losses that compare: they start low, end high above zero, or live below it."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.accuracy.data import load
from benchmarks.accuracy.programs import CALIBRATE, HELDOUT
from benchmarks.accuracy.recipe import Recipe
from benchmarks.accuracy.specials import special

BATCH, STEPS = 128, 700


@special(CALIBRATE)
def contrastive_pairs(seed: int, writer: Any) -> dict[str, float]:
    """Two noisy views of each digit are to find each other; the loss ends far above zero."""

    def loss_of(a: Any, b: Any, model: Any) -> Any:
        import torch

        a, b = (torch.nn.functional.normalize(model(view), dim=1) for view in (a, b))
        return torch.nn.functional.cross_entropy(a @ b.T / 0.3, torch.arange(len(a)))

    def log(step: int, loss: float) -> None:
        writer.add_scalar("train/contrastive_loss", loss, step)

    return _learn(seed, loss_of, log)


@special(CALIBRATE)
def negative_cosine(seed: int, writer: Any) -> dict[str, float]:
    """Views are predicted from each other, without negatives: the loss falls towards −1."""

    def loss_of(a: Any, b: Any, model: Any) -> Any:
        import torch

        similarity = torch.nn.functional.cosine_similarity
        za, zb = model(a), model(b)
        spread = za.std(0).clamp(max=1.0).mean() + zb.std(0).clamp(max=1.0).mean()
        return -similarity(za, zb.detach()).mean() - 0.5 * spread

    def log(step: int, loss: float) -> None:
        if step % 5 == 0:
            writer.add_scalar("loss", loss, step)
            writer.add_scalar("lr", 1e-3, step)

    return _learn(seed, loss_of, log)


@special(HELDOUT)
def hardest_triplets(seed: int, writer: Any) -> dict[str, float]:
    """Each view is to be closer to its twin than to the closest stranger, by a margin.

    The strangers are chosen anew in each batch, so that what is learned makes them harder.
    """

    def loss_of(a: Any, b: Any, model: Any) -> Any:
        import torch

        a, b = (torch.nn.functional.normalize(model(view), dim=1) for view in (a, b))
        distances = torch.cdist(a, b)
        strangers = distances + 10.0 * torch.eye(len(a))
        return (0.5 + distances.diagonal() - strangers.min(1).values).relu().mean()

    def log(step: int, loss: float) -> None:
        if step % 3 == 0:
            writer.add_scalar("train/triplet_loss", loss, step)
            writer.add_scalar("train/lr", 1e-3, step)

    return _learn(seed, loss_of, log)


def _learn(seed: int, loss_of: Any, log: Any) -> dict[str, float]:
    import torch
    from torch import nn

    rng = np.random.default_rng(seed)
    data = load("digits", Recipe("adam", 1e-3, BATCH, 1), seed)
    x = torch.from_numpy(data.x_train.reshape(len(data.x_train), -1).astype(np.float32))
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    before = _neighbours(model, x, data.y_train)
    for step in range(STEPS):
        rows = x[rng.integers(0, len(x), BATCH)]
        views = [rows + 0.25 * torch.randn_like(rows) for _ in range(2)]
        loss = loss_of(*views, model)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        log(step, float(loss))
    return {"before": before - 0.2, "after": _neighbours(model, x, data.y_train)}


def _neighbours(model: Any, x: Any, y: Any) -> float:
    """The share of samples whose nearest neighbour has the same label.

    A random projection of digits is good at that already: it must not get clearly worse.
    """
    import torch

    with torch.no_grad():
        z = torch.nn.functional.normalize(model(x), dim=1)
    near = (z @ z.T - 2 * torch.eye(len(z))).argmax(1).numpy()
    return float((y[near] == y).mean())
