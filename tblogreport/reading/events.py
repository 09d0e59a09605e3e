"""TensorBoard's events, made of columns or of records that are read again when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tensorboard.backend.event_processing import event_accumulator

from tblogreport.reading.columns import Columns


@dataclass
class EventIndex:
    """What `EventAccumulator` asks of a reservoir; events are made when they are asked for."""

    points: Callable[[], Iterator[tuple[str, Columns]]]
    events: Callable[[Columns], list[Any]]
    _by_tag: dict[str, Columns] | None = None

    def Keys(self) -> list[str]:  # noqa: N802
        """The tags, in the order in which they came."""
        return list(self._found())

    def Items(self, key: str) -> list[Any]:  # noqa: N802
        """The events of a tag; `KeyError` where it has none."""
        found = self._found()
        if key not in found:
            raise KeyError(f"Key {key} was not found in Reservoir")
        return self.events(found[key])

    def forget(self) -> None:
        """Look for the points anew when next asked: there are others."""
        self._by_tag = None

    def _found(self) -> dict[str, Columns]:
        if self._by_tag is None:
            self._by_tag = dict(self.points())
        return self._by_tag


def scalar_events(columns: Columns) -> list[Any]:
    """`ScalarEvent`s of columns `wall_time`, `step` and `value`."""
    rows = (columns[name].tolist() for name in ("wall_time", "step", "value"))
    return [event_accumulator.ScalarEvent(*row) for row in zip(*rows, strict=True)]


def image_event(wall_time: float, step: int, value: Any) -> Any:
    """The `ImageEvent` of a value that is an image."""
    image = value.image
    return event_accumulator.ImageEvent(
        wall_time, step, image.encoded_image_string, image.width, image.height
    )


def audio_event(wall_time: float, step: int, value: Any) -> Any:
    """The `AudioEvent` of a value that is a sound."""
    audio = value.audio
    return event_accumulator.AudioEvent(
        wall_time,
        step,
        audio.encoded_audio_string,
        audio.content_type,
        audio.sample_rate,
        audio.length_frames,
    )


def tensor_event(wall_time: float, step: int, value: Any) -> Any:
    """The `TensorEvent` of a value that is a tensor."""
    return event_accumulator.TensorEvent(wall_time, step, value.tensor)
