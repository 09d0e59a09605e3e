"""The learning rate over a run."""

from __future__ import annotations

import math

from benchmarks.accuracy.recipe import Recipe

WARM_UP = 0.1
RESTARTS = 3
# Where a schedule that was made for a shorter run has come to nothing.
END = 0.15


def rate_at(recipe: Recipe, share: float) -> float:
    """Return the learning rate when `share` of the run (0 … 1) is over."""
    match recipe.schedule:
        case "constant":
            factor = 1.0
        case "warm-up":
            factor = min(1.0, (share + 0.005) / WARM_UP) * (1.0 - 0.9 * max(0.0, share - WARM_UP))
        case "step":
            factor = 1.0 if share < 0.5 else 0.1 if share < 0.8 else 0.01
        case "cosine":
            factor = 0.5 * (1.0 + math.cos(math.pi * share)) + 1e-3
        case "restarts":
            factor = 0.5 * (1.0 + math.cos(math.pi * (RESTARTS * share % 1.0))) + 1e-3
        case "ends-early":
            factor = max(1e-4, 1.0 - share / END)
        case _:
            raise ValueError(f"there is no schedule {recipe.schedule!r}")
    return recipe.lr * factor
