"""Images and sounds to log in tests."""

from __future__ import annotations

import io
import wave

import numpy as np
from PIL import Image


def png(width: int = 12, height: int = 8, seed: int = 0, mode: str = "RGB") -> bytes:
    """Noise as a PNG."""
    rng = np.random.default_rng(seed)
    channels = {"RGB": 3, "RGBA": 4, "L": 1}[mode]
    pixels = rng.integers(0, 256, (height, width, channels), dtype=np.uint8)
    image = Image.fromarray(pixels.squeeze() if channels == 1 else pixels)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def tone(seconds: float = 0.25, rate: int = 8_000, width: int = 2, channels: int = 1) -> bytes:
    """A sine of 440 Hz at half of full scale as a WAV."""
    signal = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    return wav(np.repeat(signal[:, None], channels, axis=1), rate, width)


def wav(signal: np.ndarray, rate: int, width: int) -> bytes:
    """A signal [samples, channels] from -1 to 1 as a WAV of `width` bytes a sample."""
    if width == 1:
        frames = np.round(signal * 127 + 128).astype(np.uint8).tobytes()
    elif width == 3:
        whole = np.round(signal * (2**23 - 1)).astype("<i4")
        frames = whole.reshape(-1, 1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    else:
        frames = np.round(signal * (2 ** (8 * width - 1) - 1)).astype(f"<i{width}").tobytes()
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(signal.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(frames)
    return buffer.getvalue()
