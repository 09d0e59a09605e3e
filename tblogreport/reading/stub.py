"""TensorBoard's reading modules without TensorFlow, and without their own warnings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from tensorboard.backend.event_processing import (
    directory_loader,
    directory_watcher,
    event_file_loader,
    io_wrapper,
    plugin_asset_util,
)
from tensorboard.compat import tensorflow_stub

__all__ = ["io_wrapper", "quiet_tensorboard"]

# On first use TensorBoard imports all of TensorFlow where it can, which costs seconds. The
# modules that read get its own small stub instead; what TensorFlow itself writes with in
# the same process (tensorboard.compat, tensorboard.plugins) is left as it is.
for _module in (
    directory_loader,
    directory_watcher,
    event_file_loader,
    io_wrapper,
    plugin_asset_util,
):
    _module.tf = tensorflow_stub


@contextmanager
def quiet_tensorboard() -> Iterator[None]:
    """Keep TensorBoard's own warnings from the user: what matters becomes a note."""
    logger = logging.getLogger("tensorboard")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
