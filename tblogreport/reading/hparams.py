"""The hyperparameters of a run, as the HParams plugin or a Hugging Face Trainer logs them."""

from __future__ import annotations

import json
import math
from typing import TypeAlias

from google.protobuf.message import DecodeError

HParam: TypeAlias = float | str | bool
HParams: TypeAlias = dict[str, HParam]

START = "_hparams_/session_start_info"
# `transformers` logs its training arguments as JSON under this tag, as text.
ARGUMENTS = "args/text_summary"
_MOST_DIGITS = 40


def of_plugin(content: bytes) -> HParams:
    """What the plugin's data of the tag `START` say, by name; nothing where they are no such data.

    Protobuf gives the entries of a map in any order.
    """
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    try:
        started = HParamsPluginData.FromString(content).session_start_info.hparams
    except DecodeError:
        return {}
    kinds = {name: (one, one.WhichOneof("kind")) for name, one in sorted(started.items())}
    return _plain({name: getattr(one, kind) for name, (one, kind) in kinds.items() if kind})


def of_arguments(text: bytes) -> HParams:
    """The arguments in a JSON text that hold one number or one word each."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return _plain(values) if isinstance(values, dict) else {}


def _plain(values: dict[str, object]) -> HParams:
    """The values that are one number, one truth value or one word.

    What is not finite is a word, as it has no place among numbers.
    """
    found: HParams = {}
    for name, value in values.items():
        if isinstance(value, bool | str):
            found[name] = value
        elif isinstance(value, int | float):
            found[name] = _number(value)
    return found


def _number(value: float) -> float | str:
    try:
        number = float(value)
    except OverflowError:  # an integer that no float holds
        return str(value)[:_MOST_DIGITS]
    return number if math.isfinite(number) else str(number)
