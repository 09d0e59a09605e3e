"""Take batches out of the iterator that `fit` trains on, and hand them on unchanged."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


class Batches:
    """Takes batches from iterators of one kind and makes such iterators of batches.

    A training function that gets another kind of iterator is traced anew, and its results
    differ in the last bits: what `replay` returns has the same `element_spec`.
    """

    def __init__(self, element_spec: Any) -> None:
        """Raises `TypeError` or `ValueError` for batches of other things than tensors."""
        self._held: list[Any] = []
        # Building this takes long against an iterator over it: it is done once.
        self._dataset = tf.data.Dataset.from_generator(
            lambda: iter(self._held), output_signature=element_spec
        )

    @staticmethod
    def take(iterator: Any, count: int) -> list[Any]:
        """The next batches of an iterator, fewer than `count` where it ends."""
        return [batch for _, batch in zip(range(count), iterator, strict=False)]

    def replay(self, batches: list[Any]) -> Any:
        """An iterator that yields these batches again; valid until the next one is made."""
        self._held = batches
        return iter(self._dataset)
