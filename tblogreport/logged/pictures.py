"""Images → thumbnails of those of the first and of the last step.

Pillow decodes what a log holds, and a log is anybody's file: sizes are looked at before a pixel is
made, and what cannot be decoded is left out with a sentence.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from tblogreport.findings import Picture, Pictures
from tblogreport.logged.amounts import not_shown
from tblogreport.reading import media_values
from tblogreport.reading.media import Medium

if TYPE_CHECKING:
    from PIL import Image

_MOST_TAGS = 8
_MOST_OF_A_STEP = 4
# Pixels: of the longer side of a thumbnail, and of all that is decoded at all.
_SIDE, _MOST_PIXELS = 160, 50_000_000
_MOST_BYTES = 150_000  # of all thumbnails of a run together
_QUALITY = 80


def pictures_of(media: Iterable[Medium], left_out: list[str]) -> tuple[Pictures, ...]:
    """The images of up to eight tags, within a bound for the bytes of all of them."""
    tags = [one for one in media if one.kind == "images" and len(one)]
    shown: list[Pictures] = []
    room = _MOST_BYTES
    bad, more = 0, max(0, len(tags) - _MOST_TAGS)
    for medium in tags[:_MOST_TAGS]:
        found, broken = _of_tag(medium)
        bad += broken
        size = sum(len(picture.content) for picture in (*found.first, *found.last))
        if size > room:
            more += 1
        elif size:
            shown.append(found)
            room -= size
    if more:
        left_out.append(not_shown(more, "tags with images"))
    if bad:
        left_out.append(f"{bad} of the images cannot be decoded.")
    return tuple(shown)


def _of_tag(medium: Medium) -> tuple[Pictures, int]:
    """Thumbnails of the first and last step, and how many images could not be decoded."""
    steps: list[tuple[Picture, ...]] = []
    most = bad = 0
    for place, value in medium.values(medium.ends):
        images = media_values.images(value)
        most = max(most, len(images))
        made = [thumbnail(i.encoded, int(medium.steps[place])) for i in images[:_MOST_OF_A_STEP]]
        bad += made.count(None)
        steps.append(tuple(picture for picture in made if picture is not None))
    first, last = (*steps, (), ())[:2]
    return (
        Pictures(
            tag=medium.tag,
            split=medium.split,
            steps=len(set(medium.steps.tolist())),
            first=first,
            last=last,
            left_out=max(0, most - _MOST_OF_A_STEP),
        ),
        bad,
    )


def thumbnail(encoded: bytes, step: int) -> Picture | None:
    """The image as PNG or JPEG, whichever is smaller, of at most 160 pixels a side."""
    from PIL import Image, UnidentifiedImageError

    failures = (OSError, ValueError, SyntaxError, EOFError, MemoryError, UnidentifiedImageError)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of images that are large, or odd
            with Image.open(io.BytesIO(encoded), formats=("PNG", "JPEG", "GIF")) as image:
                width, height = image.size
                if width * height > _MOST_PIXELS:
                    return None
                image.draft("RGB", (2 * _SIDE, 2 * _SIDE))
                small = _plain(image)
    except (*failures, Image.DecompressionBombError):
        return None
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    media_type, content = _smaller(small)
    return Picture(step, width, height, media_type, content)


def _plain(image: Image.Image) -> Image.Image:
    """The first frame in grey or in colour, on white where it is transparent."""
    from PIL import Image

    if image.mode in {"L", "1", "I", "I;16", "F"}:
        return image.convert("L") if image.mode in {"L", "1"} else _stretched(image)
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(paper, layered).convert("RGB")
    return image.convert("RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """Values of more than eight bits, brought to the range that a screen shows."""
    from PIL import Image

    values = np.asarray(image, np.float64)
    low, high = float(values.min()), float(values.max())
    shares = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return Image.fromarray(np.round(255 * shares).astype(np.uint8))


def _smaller(image: Image.Image) -> tuple[str, bytes]:
    png, jpeg = io.BytesIO(), io.BytesIO()
    image.save(png, "PNG", optimize=True)
    image.save(jpeg, "JPEG", quality=_QUALITY)
    # A JPEG blurs edges: it must be much smaller to be worth that.
    if len(jpeg.getvalue()) < len(png.getvalue()) / 2:
        return "image/jpeg", jpeg.getvalue()
    return "image/png", png.getvalue()
