"""What pages look like, against pictures that somebody has looked at.

`python -m tests.report.test_pictures` takes them anew: look at them before they are committed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from tblogreport.report import pdf
from tblogreport.report.comparison import render_pdf

from . import comparisons, factory

PICTURES = Path(__file__).parent / "pictures"
WIDTH = 420  # pixels: enough that a chart without its curve or a clipped line is another picture
# How far two pictures may lie apart: renderers smooth edges each in its own way.
MEAN, OTHER = 3.0, 0.015  # grey levels of 255, and the share of pixels that differ by 64 and more

PAGES: dict[str, Callable[[], tuple[bytes, int]]] = {
    "failing": lambda: (pdf.render(factory.failing()), 0),
    "failing-charts": lambda: (pdf.render(factory.failing()), -2),
    "several": lambda: (pdf.render(factory.several()), 0),
    "logged": lambda: (pdf.render(factory.rich()), 1),
    "comparison": lambda: (render_pdf(comparisons.repaired()), 0),
}


def taken(name: str) -> Image.Image:
    """A picture of a page in greys."""
    content, number = PAGES[name]()
    document = pypdfium2.PdfDocument(content)
    page = document[number % len(document)]
    return page.render(scale=WIDTH / page.get_width()).to_pil().convert("L")


def apart(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """The mean difference in greys, and the share of pixels that are others."""
    difference = np.abs(np.asarray(one, float) - np.asarray(other.resize(one.size), float))
    return float(difference.mean()), float((difference >= 64).mean())


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_looks_as_it_did(name: str) -> None:
    with Image.open(PICTURES / f"{name}.png") as before:
        mean, other = apart(taken(name), before.convert("L"))
    assert mean <= MEAN
    assert other <= OTHER


def test_a_page_without_its_curves_would_be_seen() -> None:
    """The bounds tell pages apart: a chart of another run is no picture of this one."""
    mean, other = apart(taken("failing"), taken("failing-charts"))
    assert mean > MEAN or other > OTHER
    with Image.open(PICTURES / "failing.png") as before:
        blank = before.convert("L")
    box = (30, blank.height * 38 // 100, WIDTH - 30, blank.height * 62 // 100)
    blank.paste(255, box)
    mean, other = apart(taken("failing"), blank)
    assert mean > MEAN or other > OTHER


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name in PAGES:
        taken(name).quantize(16).save(PICTURES / f"{name}.png", optimize=True)
