"""Advice that several checks and causes give, in the same words."""

from __future__ import annotations

from tblogreport.numbers import number

INSTRUMENT = (
    "Keras `tblogreport.instrument.keras.TensorHealth(log_dir)`, PyTorch "
    "`tblogreport.instrument.torch.watch(model, writer)`"
)
LOG_WEIGHTS = (
    "Keras `TensorBoard(histogram_freq=1)`, PyTorch `add_histogram(name, parameter, step)`"
)
WARM_UP = (
    "Warm the learning rate up over the first few hundred steps: Keras `CosineDecay(…, "
    "warmup_target=rate, warmup_steps=500)`, PyTorch "
    "`torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, total_iters=500)`."
)


OPTIMISER_KNOWS_ALL = (
    "Give all parameters to the optimiser (PyTorch `optim.AdamW(model.parameters())` after the "
    "model is complete) and call `optimizer.step()` after `loss.backward()`."
)


def clip_at(norm: float, why: str = "") -> str:
    """The order to clip the gradient norm at a value, and in a few words why there."""
    return (
        f"Clip the gradient norm at {number(norm, 2)}{f' ({why})' if why else ''}: Keras "
        f"`optimizer=Adam(…, global_clipnorm={norm:.2g})`, PyTorch "
        f"`torch.nn.utils.clip_grad_norm_(model.parameters(), {norm:.2g})` before "
        "`optimizer.step()`."
    )


CLIP_GRADIENTS = clip_at(1.0)
