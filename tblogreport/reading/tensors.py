"""TensorFlow 2's tensors of scalars and histograms as TensorBoard's plain values."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import HistogramValue
from tensorboard.compat.proto import types_pb2
from tensorboard.util import tensor_util

_FLOAT = struct.Struct("<f")
_NUMERIC = frozenset(
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

# TensorFlow writes 30 buckets. A tensor may state a huge shape in a few bytes (one value
# stands for all), and must not make us allocate it.
_MOST_BUCKETS = 100_000


def is_numeric(tensor: Any) -> bool:
    """Return whether a `TensorProto` holds integers or floats."""
    return tensor.dtype in _NUMERIC


def rank(tensor: Any) -> int:
    """Return the number of dimensions of a `TensorProto`; 0 for a scalar."""
    return len(tensor.tensor_shape.dim)


def scalar_value(tensor: Any) -> float:
    """Return the value of a numeric tensor that has exactly one element.

    Raises `ValueError` or `TypeError` when it is anything else or malformed.
    """
    if tensor.dtype == types_pb2.DT_FLOAT and not tensor.tensor_shape.dim:
        # What writers write, without numpy's overhead: this is called for every point.
        if len(tensor.tensor_content) == _FLOAT.size:
            return float(_FLOAT.unpack(tensor.tensor_content)[0])
        if len(tensor.float_val) == 1 and not tensor.tensor_content:
            return float(tensor.float_val[0])
    if not is_numeric(tensor) or any(dim.size != 1 for dim in tensor.tensor_shape.dim):
        raise ValueError("not a numeric tensor of one element")
    return float(tensor_util.make_ndarray(tensor).item())


def histogram_value(tensor: Any) -> HistogramValue:
    """Return a [k, 3] tensor (left edge, right edge, count per row) as a histogram.

    `sum` and `sum_squares` are NaN: TensorFlow 2 does not log them. Raises
    `ValueError` or `TypeError` for a tensor of another shape or a malformed one.
    """
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    if not is_numeric(tensor) or len(shape) != 2 or shape[1] != 3 or shape[0] > _MOST_BUCKETS:
        raise ValueError("not a numeric tensor of shape [k, 3]")
    buckets = tensor_util.make_ndarray(tensor).astype(np.float64)
    left, right, count = buckets[:, 0], buckets[:, 1], buckets[:, 2]
    return HistogramValue(
        min=float(left[0]) if len(left) else float("nan"),
        max=float(right[-1]) if len(right) else float("nan"),
        num=float(count.sum()),
        sum=float("nan"),
        sum_squares=float("nan"),
        bucket_limit=right,
        bucket=count,
    )
