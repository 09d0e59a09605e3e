"""Markdown that fits into a comment: what is too long is left out by whole lines, from the end.

Text from logs stands on one line, with what Markdown would read in it escaped. So a cut between
two lines leaves every table row, list item and code span whole.
"""

from __future__ import annotations

import re
from itertools import accumulate

from tblogreport.report import words

# GitHub's comments hold 65,536 characters; there is room for a line that a script puts around it.
LIMIT = 60_000
_WHOLE = "The HTML report holds all of it: `-o report.html` writes it."
_RESERVED = 400  # for the sentence on what was left out
_ITEM = re.compile(r"- |\d+\. ")


def cut(text: str, limit: int = LIMIT) -> str:
    """The text where it has at most `limit` bytes of UTF-8, or else as much of it as fits.

    Paragraphs are kept in their order until one does not fit; the last one, which says what wrote
    the report, is kept in any case. Tables and lists take up half of the room at most: the worst
    stands first in them.
    """
    if len(text.encode()) <= limit:
        return text
    *paragraphs, foot = text.strip().split("\n\n")
    room = limit - _size(foot) - _RESERVED
    kept: list[str] = []
    for paragraph in paragraphs:
        fitted = _fitted(paragraph, min(room, limit // 2))
        if not fitted:
            break
        kept.append(fitted)
        room -= _size(fitted)
    left_out = paragraphs[len(kept) :]
    while kept and _is_heading(kept[-1]):
        left_out.insert(0, kept.pop())
    return "\n\n".join([*kept, _said(left_out), foot]) + "\n"


def _fitted(paragraph: str, room: int) -> str:
    """The paragraph, or as many of its rows as fit; empty where none does."""
    if _size(paragraph) <= room:
        return paragraph
    lines = paragraph.split("\n")
    room -= _size(_more(len(lines)))
    kept = sum(used <= room for used in accumulate(map(_size, lines)))
    if kept <= _head(lines):
        return ""
    return "\n".join([*lines[:kept], "", _more(len(lines) - kept)])


def _more(lines: int) -> str:
    return f"Left out here: {words.count(lines, 'more line')}."


def _head(lines: list[str]) -> int:
    """How many lines say nothing without those that follow."""
    if lines[0].startswith("|"):
        return 2
    return 0 if _ITEM.match(lines[0]) else 1


def _said(left_out: list[str]) -> str:
    """What was left out, and where it stands."""
    runs = sum(map(_is_heading, left_out))
    begun = bool(left_out) and not _is_heading(left_out[0])
    parts = ["the rest of this run"] * begun + [words.count(runs, "further run")] * bool(runs)
    if not parts:
        return _WHOLE
    return f"Left out, so that this fits into a comment: {' and '.join(parts)}. {_WHOLE}"


def _is_heading(paragraph: str) -> bool:
    return paragraph.startswith("#")


def _size(text: str) -> int:
    """Bytes of UTF-8, with the line breaks that follow."""
    return len(text.encode()) + 2
