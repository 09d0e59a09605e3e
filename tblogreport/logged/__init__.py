"""What else a run logged, reduced to what a report shows: nobody needs TensorBoard for a look."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from tblogreport.findings import Logged
from tblogreport.logged.model import model_of
from tblogreport.logged.pictures import pictures_of
from tblogreport.logged.precision_recall import precision_recall_of
from tblogreport.logged.scalars import scalars_of
from tblogreport.logged.sounds import sounds_of
from tblogreport.logged.texts import texts_of
from tblogreport.reading.run import Run
from tblogreport.signals import Signals

logger = logging.getLogger(__name__)

Found = TypeVar("Found")


def logged_of(run: Run, signals: Signals) -> Logged:
    """The model, images, sounds, texts and precision-recall curves of a run.

    What is not shown, for want of room or because it cannot be decoded, is said in `left_out`.
    """
    left_out: list[str] = []

    def tried(what: str, make: Callable[[], Found], otherwise: Found) -> Found:
        """A bug of ours, or data that no library foresees, must not cost the report."""
        try:
            return make()
        except Exception as error:
            logger.debug("%s cannot be shown", what, exc_info=True)
            left_out.append(f"The {what} cannot be shown: {type(error).__name__}: {error}.")
            return otherwise

    return Logged(
        model=tried("model", lambda: model_of(run, signals.context.layers, left_out), None),
        pictures=tried("images", lambda: pictures_of(run.media, left_out), ()),
        sounds=tried("sounds", lambda: sounds_of(run.media, left_out), ()),
        texts=tried("texts", lambda: texts_of(run.media, left_out), ()),
        precision_recall=tried(
            "precision-recall curves", lambda: precision_recall_of(run.media, left_out), ()
        ),
        scalars=tried("other scalars", lambda: scalars_of(signals, left_out), ()),
        left_out=tuple(left_out),
    )
