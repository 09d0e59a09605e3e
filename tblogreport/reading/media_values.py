"""What a value of an image, sound, text or precision-recall tag holds, of either TensorFlow.

Each function takes a `Summary.Value` and gives nothing where it is not what its tag says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from tensorboard.util import tensor_util

from tblogreport.reading.tensors import NUMERIC

Strings: TypeAlias = NDArray[np.object_]

_PR_ROWS = 6
_MOST_THRESHOLDS = 100_000


@dataclass(frozen=True)
class EncodedImage:
    """One image as it was logged; `width` and `height` (pixels) as the log says, 0 if unsaid."""

    encoded: bytes
    width: int
    height: int


@dataclass(frozen=True)
class EncodedAudio:
    """One sound as it was logged; `rate` (Hz) as the log says, 0 where it does not."""

    encoded: bytes
    label: str
    rate: float


def images(value: Any) -> list[EncodedImage]:
    """The images of one value: TensorFlow 2 logs several at a step."""
    if value.WhichOneof("value") == "image":
        image = value.image
        return [EncodedImage(image.encoded_image_string, image.width, image.height)]
    strings = [bytes(s) for s in value.tensor.string_val]
    if len(strings) < 2:
        return []
    width, height = (_whole(s) for s in strings[:2])
    return [EncodedImage(encoded, width, height) for encoded in strings[2:]]


def sounds(value: Any) -> list[EncodedAudio]:
    """The sounds of one value, with the labels of TensorFlow 2."""
    if value.WhichOneof("value") == "audio":
        audio = value.audio
        return [EncodedAudio(audio.encoded_audio_string, "", float(audio.sample_rate))]
    strings = [bytes(s) for s in value.tensor.string_val]
    labelled = [d.size for d in value.tensor.tensor_shape.dim][1:] == [2]
    encoded = strings[::2] if labelled else strings
    labels = strings[1::2] if labelled else [b""] * len(strings)
    pairs = zip(encoded, labels, strict=False)
    return [EncodedAudio(sound, label.decode("utf-8", "replace"), 0.0) for sound, label in pairs]


def text(value: Any) -> str | Strings | None:
    """The text of one value: a string, or an array of strings in the shape they were logged in."""
    strings = [bytes(s).decode("utf-8", "replace") for s in value.tensor.string_val]
    shape = [d.size for d in value.tensor.tensor_shape.dim]
    if not strings:
        return None
    if len(strings) == 1:
        return strings[0]
    if math.prod(shape) != len(strings):
        shape = [len(strings)]
    table = np.empty(len(strings), object)
    table[:] = strings
    return table.reshape(shape)


def pr_curve(value: Any) -> NDArray[np.float64] | None:
    """A precision-recall curve as float64 [6, thresholds].

    Its rows are true positives, false positives, true negatives, false negatives, precision and
    recall, at thresholds that rise from 0 to 1 (TensorBoard, `plugins/pr_curve/summary.py`).
    """
    tensor = value.tensor
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    if tensor.dtype not in NUMERIC or len(shape) != 2 or shape[0] != _PR_ROWS:
        return None
    if not 2 <= shape[1] <= _MOST_THRESHOLDS:
        return None
    try:
        return np.asarray(tensor_util.make_ndarray(tensor), np.float64)
    except (ValueError, TypeError, OverflowError):
        return None


def _whole(digits: bytes) -> int:
    return int(digits) if digits.isdigit() and len(digits) < 9 else 0
