"""A PDF as its reader sees it: texts, lines by their places, pictures of its pages, its outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pypdfium2
from numpy.typing import NDArray


@dataclass(frozen=True)
class Entry:
    """One line of the outline, with the page that it leads to."""

    title: str
    level: int
    page: int


class Paper:
    """A PDF that was opened; lines on a page stand from its top to its end."""

    def __init__(self, content: bytes) -> None:
        self._document = pypdfium2.PdfDocument(content)
        self.texts = [page.get_textpage().get_text_range() for page in self._document]

    def lines(self, page: int) -> list[str]:
        """The lines of a page, by their height on it."""
        text = self._document[page].get_textpage()
        placed: dict[int, list[tuple[float, str]]] = {}
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            words = text.get_text_bounded(left, bottom, right, top).strip()
            placed.setdefault(round(bottom / 3), []).append((left, words))
        return [
            " ".join(words for _, words in sorted(parts))
            for _, parts in sorted(placed.items(), reverse=True)
        ]

    def pictures(self) -> list[NDArray[np.uint8]]:
        """Every page in grey, a pixel a point."""
        return [page.render(scale=1, grayscale=True).to_numpy() for page in self._document]

    def outline(self) -> list[Entry]:
        """The outline in the order of the document."""
        found = []
        for mark in self._document.get_toc():
            target = mark.get_dest()
            assert target
            found.append(Entry(mark.get_title(), mark.level, target.get_index()))
        return found
