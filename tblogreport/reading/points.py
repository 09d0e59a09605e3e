"""Batches of records → points in their stores."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tblogreport.reading.batches import Batch
from tblogreport.reading.buckets import bucket_edges
from tblogreport.reading.columns import Columns, Store, Tags
from tblogreport.reading.framing import Places
from tblogreport.reading.wire import Kind, Span, ValueLayout

Floats: TypeAlias = NDArray[np.float64]
Objects: TypeAlias = NDArray[np.object_]

FACTS = ("min", "max", "count", "sum", "sum_squares")


class Points:
    """The scalars and histograms of a log, however they were written, and where the others are."""

    def __init__(self) -> None:
        self.tags = Tags()
        self.scalars = Store(self.tags)
        self.histograms = Store(self.tags)
        self.others = Store(self.tags)

    def add(self, batch: Batch, base: int) -> Places:
        """Add the points of a batch of a file that begins at `base`; return what was not added.

        That is the indices, in their window, of records with a tag that is no text.
        """
        values = batch.layout.values
        codes = [self.tags.codes(batch.tags(value)) for value in values]
        bad = np.any([code < 0 for code in codes], axis=0) if codes else np.zeros(len(batch), bool)
        if bad.any():
            left = batch.indices()[bad]
            if bad.all():
                return left
            batch = batch.only(~bad)
            codes = [code[~bad] for code in codes]
        else:
            left = np.empty(0, np.int64)
        shared: Columns = {
            "position": base + batch.offsets(),
            "step": batch.steps(),
            "wall_time": batch.wall_times(),
        }
        for place, (value, code) in enumerate(zip(values, codes, strict=True)):
            columns = shared | {
                "code": code,
                "place": np.full(len(batch), place, np.int32),
                "tensor": np.full(len(batch), value.kind == Kind.TENSOR),
            }
            if value.kind == Kind.HISTO or value.rows:
                self.histograms.add(columns | _histogram(batch, value))
            else:
                self.scalars.add(columns | {"value": batch.numbers(value.numbers)[:, 0]})
        return left

    def close_window(self) -> None:
        """Put the points since the last window into their order."""
        for store in (self.scalars, self.histograms, self.others):
            store.close_window()


def _histogram(batch: Batch, value: ValueLayout) -> Columns:
    if value.counts is not None:
        spans = zip(FACTS, value.facts, strict=True)
        facts = {name: _fact(batch, span) for name, span in spans}
        limits, counts = batch.numbers(value.numbers), batch.numbers(value.counts)
    else:
        buckets = batch.numbers(value.numbers).reshape(len(batch), value.rows, 3)
        limits, counts = buckets[:, :, 1], np.ascontiguousarray(buckets[:, :, 2])
        facts = facts_of_buckets(buckets)
    edges = bucket_edges(facts["min"], facts["max"], limits)
    return facts | {"edges": _rows(edges), "counts": _rows(counts)}


def facts_of_buckets(buckets: Floats) -> Columns:
    """What TensorFlow 2's rows of left edge, right edge and count [n, k, 3] say of their values.

    Their sum and the sum of their squares it does not log: NaN.
    """
    nan = np.full(len(buckets), np.nan)
    return {
        "min": buckets[:, 0, 0].copy(),
        "max": buckets[:, -1, 1].copy(),
        "count": buckets[:, :, 2].sum(axis=1),
        "sum": nan,
        "sum_squares": nan,
    }


def _fact(batch: Batch, span: Span | None) -> Floats:
    return np.zeros(len(batch)) if span is None else batch.numbers(span)[:, 0]


def _rows(table: Floats) -> Objects:
    """The rows of a table as a column of arrays."""
    column = np.empty(len(table), object)
    for index, row in enumerate(table):
        column[index] = row
    return column
