"""Images, sounds, texts and precision-recall curves → pandas frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from tblogreport.reading import media_values
from tblogreport.reading.media import Medium

Rows: TypeAlias = Iterator[tuple[Any, ...]]

_PR_COLUMNS = (
    "true_positives",
    "false_positives",
    "true_negatives",
    "false_negatives",
    "precision",
    "recall",
)


def image_frame(media: Iterable[Medium]) -> pd.DataFrame:
    """The frame `Run.images`."""

    def rows(value: Any) -> Rows:
        for number, image in enumerate(media_values.images(value)):
            yield number, image.width, image.height, image.encoded

    return _frame(media, "images", ("number", "width", "height", "encoded"), rows)


def audio_frame(media: Iterable[Medium]) -> pd.DataFrame:
    """The frame `Run.audio`."""

    def rows(value: Any) -> Rows:
        for number, sound in enumerate(media_values.sounds(value)):
            yield number, sound.label, sound.rate or np.nan, sound.encoded

    return _frame(media, "audio", ("number", "label", "rate", "encoded"), rows)


def text_frame(media: Iterable[Medium]) -> pd.DataFrame:
    """The frame `Run.text`."""

    def rows(value: Any) -> Rows:
        text = media_values.text(value)
        if text is not None:
            yield (text,)

    return _frame(media, "text", ("text",), rows)


def pr_curve_frame(media: Iterable[Medium]) -> pd.DataFrame:
    """The frame `Run.pr_curves`."""

    def rows(value: Any) -> Rows:
        curve = media_values.pr_curve(value)
        if curve is not None:
            yield tuple(curve)

    return _frame(media, "pr_curves", _PR_COLUMNS, rows)


def _frame(
    media: Iterable[Medium], kind: str, columns: Sequence[str], rows: Callable[[Any], Rows]
) -> pd.DataFrame:
    """One row for each thing in a value of that kind, with where and when it was logged."""
    found: list[tuple[Any, ...]] = []
    for one in media:
        if one.kind == kind:
            times = one.points["wall_time"]
            for place, value in one.values(range(len(one))):
                when = one.split, one.tag, int(one.steps[place]), float(times[place])
                found += [(*when, *row) for row in rows(value)]
    names = ["split", "tag", "step", "wall_time", *columns]
    frame = pd.DataFrame(found, columns=names)
    return frame.astype({"step": np.int64, "wall_time": np.float64})
