"""Text from logs, made fit for display.

Tags, layer names and paths come from files that anybody may have written. What
a report shows of them is plain text: control characters and the controls that
turn the direction of writing are shown as escapes, and what is too long for a
line is elided in its middle, where tags differ least.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LABEL_LIMIT = 64
FULL_LIMIT = 1_000
PROSE_LIMIT = 4_000
WORD_LIMIT = 80

# Joiners change how a word or an emoji is drawn, never what surrounds it.
_HARMLESS_FORMATS = {"\u200c", "\u200d", "\u00ad"}
_ESCAPED_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_LONG_WORD = re.compile(rf"\S{{{WORD_LIMIT + 1},}}")


@dataclass(frozen=True)
class Label:
    """A name from the log: as shown on a line, and in full (up to a bound)."""

    shown: str
    full: str


@dataclass(frozen=True)
class Span:
    """A piece of prose; `code` where it stood between backticks."""

    text: str
    code: bool = False


Prose = tuple[Span, ...]


def _is_noncharacter(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _escape(character: str) -> str:
    code = ord(character)
    if character in _HARMLESS_FORMATS:
        return character
    if unicodedata.category(character) in _ESCAPED_CATEGORIES or _is_noncharacter(code):
        named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
        short = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
        return named.get(character, short if code < 0x10000 else f"\\U{code:08x}")
    return character


def visible(text: str) -> str:
    r"""The text with every control, direction and line-break character as an escape.

    >>> visible("loss\x07")
    'loss\\x07'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_escape, text))


def elide(text: str, limit: int) -> str:
    """At most `limit` characters of the text: its start, an ellipsis, its end."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    tail = limit - 1 - head
    return f"{text[:head]}…{text[len(text) - tail :]}"


def label(text: str, limit: int = LABEL_LIMIT) -> Label:
    """A name from the log as one short line."""
    clean = visible(text)
    return Label(shown=elide(clean, limit), full=elide(clean, FULL_LIMIT))


def plain(text: str, limit: int = PROSE_LIMIT) -> str:
    """Sentences, with line breaks kept and over-long words elided."""
    lines = "\n".join(map(visible, text.strip().split("\n")))
    short = _LONG_WORD.sub(lambda match: elide(match.group(), WORD_LIMIT), lines)
    return elide(short, limit)


def prose(text: str, limit: int = PROSE_LIMIT) -> Prose:
    """Sentences as spans: what stands between two backticks is code.

    An odd backtick stays a character, so that a tag that holds one cannot turn
    the rest of a sentence into code.
    """
    pieces = plain(text, limit).split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = [f"{pieces[-2]}`{pieces[-1]}"]
    spans = (Span(piece, code=index % 2 == 1) for index, piece in enumerate(pieces))
    return tuple(span for span in spans if span.text)


def flat(spans: Prose) -> str:
    """Prose as one plain string."""
    return "".join(span.text for span in spans)
