"""Sounds → short WAV files that a page can play, and their outlines."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tblogreport.findings import Sound
from tblogreport.logged.amounts import not_shown
from tblogreport.reading import media_values
from tblogreport.reading.media import Medium

_MOST_SOUNDS = 6
_MOST_BYTES = 120_000  # of all that can be played in a run together
_MOST_SECONDS = 5.0  # of one sound that is kept to be played
_PARTS = 200
_PLAYED_RATE = 8_000  # samples a second that are enough to tell what one hears
_FULL = {1: 128.0, 2: 2.0**15, 3: 2.0**23, 4: 2.0**31}  # full scale, by bytes of a sample


def sounds_of(media: Iterable[Medium], left_out: list[str]) -> tuple[Sound, ...]:
    """The sounds of each tag's first and last step, six at most, within a bound for their bytes."""
    found: list[Sound] = []
    bad = 0
    for medium in media:
        if medium.kind == "audio":
            for sound in _of_tag(medium):
                bad += sound is None
                found += [sound] if sound is not None else []
    if bad:
        left_out.append(f"{bad} of the sounds cannot be decoded: only WAV can be.")
    if len(found) > _MOST_SOUNDS:
        left_out.append(not_shown(len(found) - _MOST_SOUNDS, "sounds"))
    shown: list[Sound] = []
    room = _MOST_BYTES
    for sound in found[:_MOST_SOUNDS]:
        fits = len(sound.wav) <= room
        room -= len(sound.wav) * fits
        shown.append(sound if fits else replace(sound, wav=b""))
    return tuple(shown)


def _of_tag(medium: Medium) -> Iterator[Sound | None]:
    for place, value in medium.values(medium.ends):
        sounds = media_values.sounds(value)
        for number, encoded in enumerate(sounds, 1):
            samples = decoded(encoded.encoded)
            if samples is None:
                yield None
                continue
            rate, values = samples
            low, high = _outline(values)
            yield Sound(
                tag=medium.tag,
                split=medium.split,
                step=int(medium.steps[place]),
                steps=len(set(medium.steps.tolist())),
                label=encoded.label or (f"{number} of {len(sounds)}" if len(sounds) > 1 else ""),
                seconds=len(values) / rate,
                rate=rate,
                wav=playable(rate, values),
                low=low,
                high=high,
            )


def decoded(encoded: bytes) -> tuple[int, NDArray[np.float64]] | None:
    """The rate (Hz) and the samples [n] from -1 to 1 of a WAV, channels mixed; None for others."""
    try:
        with wave.open(io.BytesIO(encoded)) as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError, RuntimeError):
        return None
    whole = len(frames) // (width * channels) * width * channels
    if not whole or rate <= 0 or width not in _FULL:
        return None
    values = _integers(frames[:whole], width) / _FULL[width]
    return rate, values.reshape(-1, channels).mean(axis=1)


def _integers(frames: bytes, width: int) -> NDArray[np.float64]:
    if width == 1:  # the only width without a sign
        return np.frombuffer(frames, np.uint8).astype(np.float64) - 128.0
    if width == 3:
        padded = np.zeros((len(frames) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(frames, np.uint8).reshape(-1, 3)
        return padded.view("<i4")[:, 0].astype(np.float64) / 256.0
    return np.frombuffer(frames, f"<i{width}").astype(np.float64)


def playable(rate: int, values: NDArray[np.float64]) -> bytes:
    """The first seconds as a WAV of 16 bits and one channel, of no more samples than it takes."""
    kept = values[: round(_MOST_SECONDS * rate)]
    stride = max(1, rate // _PLAYED_RATE)
    # Means over the samples that are merged keep what is too high to be kept from coming back low.
    whole = kept[: len(kept) // stride * stride].reshape(-1, stride).mean(axis=1)
    samples = np.round(np.clip(whole, -1, 1) * 32_767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(max(1, rate // stride))
        file.writeframes(samples.tobytes())
    return buffer.getvalue()


def _outline(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    parts = np.array_split(values, min(_PARTS, len(values)))
    return np.array([part.min() for part in parts]), np.array([part.max() for part in parts])
