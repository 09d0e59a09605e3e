"""Protobuf's histograms and tensors, one at a time, as what columns hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from tensorboard.compat.proto import types_pb2
from tensorboard.util import tensor_util

from tblogreport.reading.buckets import bucket_edges
from tblogreport.reading.points import FACTS, facts_of_buckets
from tblogreport.reading.wire import MOST_BUCKETS

NUMERIC = frozenset(
    {
        types_pb2.DT_HALF,
        types_pb2.DT_BFLOAT16,
        types_pb2.DT_FLOAT,
        types_pb2.DT_DOUBLE,
        types_pb2.DT_INT8,
        types_pb2.DT_INT16,
        types_pb2.DT_INT32,
        types_pb2.DT_INT64,
        types_pb2.DT_UINT8,
        types_pb2.DT_UINT16,
        types_pb2.DT_UINT32,
        types_pb2.DT_UINT64,
    }
)


def is_scalar(tensor: Any) -> bool:
    """Return whether a `TensorProto` holds integers or floats and has no dimension."""
    return tensor.dtype in NUMERIC and not tensor.tensor_shape.dim


def scalar_value(tensor: Any) -> float:
    """Return the value of a numeric tensor that has exactly one element.

    Raises `ValueError` or `TypeError` when it is anything else or malformed.
    """
    if tensor.dtype not in NUMERIC or any(dim.size != 1 for dim in tensor.tensor_shape.dim):
        raise ValueError("not a numeric tensor of one element")
    return float(tensor_util.make_ndarray(tensor).item())


def histogram_of_tensor(tensor: Any) -> dict[str, Any]:
    """Return a [k, 3] tensor (left edge, right edge, count per row) as a row of columns.

    Raises `ValueError` or `TypeError` for a tensor of another shape or a malformed one.
    """
    # A tensor may state a huge shape in a few bytes (one value stands for all), and must not
    # make us allocate it.
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    if tensor.dtype not in NUMERIC or len(shape) != 2 or shape[1] != 3 or shape[0] > MOST_BUCKETS:
        raise ValueError("not a numeric tensor of shape [k, 3]")
    with np.errstate(invalid="ignore"):  # any bytes may be a NaN that signals
        buckets = tensor_util.make_ndarray(tensor).astype(np.float64)[None]
    if not shape[0]:
        nan = np.full(1, np.nan)
        return _row(dict.fromkeys(FACTS, nan) | {"count": np.zeros(1)}, np.empty((1, 0)), nan[:0])
    return _row(facts_of_buckets(buckets), buckets[:, :, 1], buckets[0, :, 2])


def histogram_of_proto(histo: Any) -> dict[str, Any]:
    """Return a `HistogramProto` as a row of columns.

    Raises `ValueError` when it has not as many limits as counts.
    """
    if len(histo.bucket) != len(histo.bucket_limit):
        raise ValueError("not as many limits as counts")
    stated = (histo.min, histo.max, histo.num, histo.sum, histo.sum_squares)
    facts = {name: np.array([value]) for name, value in zip(FACTS, stated, strict=True)}
    limits = np.array(histo.bucket_limit, np.float64)[None]
    return _row(facts, limits, np.array(histo.bucket, np.float64))


def _row(facts: dict[str, Any], limits: Any, counts: Any) -> dict[str, Any]:
    edges = bucket_edges(facts["min"], facts["max"], limits)[0]
    return {name: float(values[0]) for name, values in facts.items()} | {
        "edges": edges,
        "counts": counts,
    }
