from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import tblogreport
from tblogreport.findings import Pictures
from tblogreport.logged.pictures import pictures_of, thumbnail
from tests.eventfiles import event_file_name, strings_event, write_events
from tests.media import png


def shown(root: Path, *steps: list[bytes], tags: int = 1) -> tuple[tuple[Pictures, ...], list[str]]:
    """The pictures of a run that logs these images, step by step."""
    events = [
        strings_event(f"t{tag}", [b"12", b"8", *images], step, plugin="images")
        for tag in range(tags)
        for step, images in enumerate(steps)
    ]
    write_events(root / "run" / event_file_name(), events)
    (run,) = tblogreport.read(root / "run")
    said: list[str] = []
    return pictures_of(run.media, said), said


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_the_first_and_the_last_step_are_kept(tmp_path: Path) -> None:
    (found,), said = shown(tmp_path, [png(seed=0)], [png(seed=1)], [png(seed=2)])
    assert ([p.step for p in found.first], [p.step for p in found.last]) == ([0], [2])
    assert found.steps == 3
    assert said == []
    pixels = np.asarray(opened(found.last[0].content))
    assert np.array_equal(pixels, np.asarray(opened(png(seed=2))))


def test_one_step_has_no_last(tmp_path: Path) -> None:
    (found,), _ = shown(tmp_path, [png()])
    assert len(found.first) == 1
    assert found.last == ()


def test_more_images_of_a_step_than_are_shown_are_counted(tmp_path: Path) -> None:
    (found,), _ = shown(tmp_path, [png(seed=number) for number in range(7)])
    assert len(found.first) == 4
    assert found.left_out == 3


def test_more_tags_than_are_shown_are_said(tmp_path: Path) -> None:
    found, said = shown(tmp_path, [png()], tags=11)
    assert len(found) == 8
    assert said == ["3 more of the tags with images are not shown."]


def test_what_cannot_be_decoded_is_said(tmp_path: Path) -> None:
    found, said = shown(tmp_path, [b"no image", png()])
    assert len(found[0].first) == 1
    assert said == ["1 of the images cannot be decoded."]


def test_a_large_image_becomes_small_and_keeps_its_proportions() -> None:
    found = thumbnail(png(1_000, 500), 0)
    assert found is not None
    assert (found.width, found.height) == (1_000, 500)
    assert opened(found.content).size == (160, 80)
    assert len(found.content) < 30_000


def test_the_bytes_of_all_together_are_bounded(tmp_path: Path) -> None:
    noise = [png(160, 160, seed=number) for number in range(4)]
    found, said = shown(tmp_path, noise, noise, tags=8)
    size = sum(len(p.content) for one in found for p in (*one.first, *one.last))
    assert 0 < size <= 150_000
    assert len(said) == 1


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_every_mode_is_shown(mode: str) -> None:
    found = thumbnail(png(mode=mode), 0)
    assert found is not None
    assert opened(found.content).mode in {"L", "RGB"}


def test_transparency_becomes_white() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(buffer, "PNG")
    found = thumbnail(buffer.getvalue(), 0)
    assert found is not None
    assert (np.asarray(opened(found.content)) == 255).all()


def test_sixteen_bits_are_brought_to_eight() -> None:
    values = np.linspace(0, 4_000, 64).astype(np.uint16).reshape(8, 8)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    found = thumbnail(buffer.getvalue(), 0)
    assert found is not None
    pixels = np.asarray(opened(found.content))
    assert (pixels.min(), pixels.max()) == (0, 255)


def test_an_image_that_claims_a_size_no_memory_holds_is_not_decoded() -> None:
    bomb = bytearray(png())
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2  # width and height of the header
    assert thumbnail(bytes(bomb), 0) is None


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 400), st.integers(0, 255), st.integers(0, 500))
def test_damaged_images_are_shown_or_left_out(place: int, byte: int, length: int) -> None:
    content = bytearray(png())
    content[place % len(content)] = byte
    thumbnail(bytes(content[: max(1, len(content) - length)]), 0)


def test_a_tag_without_an_image_is_counted_once(tmp_path: Path) -> None:
    found, said = shown(tmp_path, [b"no image"], tags=2)
    assert found == ()
    assert said == ["2 of the images cannot be decoded."]
