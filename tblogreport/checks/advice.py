"""Fixes that several checks and causes give, in the same words."""

from __future__ import annotations

CLIP_GRADIENTS = (
    "Clip the gradient norm at 1: Keras `optimizer=Adam(…, global_clipnorm=1.0)`, PyTorch "
    "`torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)` before `optimizer.step()`."
)
