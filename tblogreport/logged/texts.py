"""Texts: the last one of each tag, as it was written, and the tables in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from tblogreport.findings import LoggedText
from tblogreport.logged.amounts import not_shown
from tblogreport.reading import media_values
from tblogreport.reading.hparams import ARGUMENTS
from tblogreport.reading.media import Medium

_MOST_TEXTS = 8
_MOST_CHARACTERS = 2_000
_MOST_ROWS, _MOST_COLUMNS, _MOST_IN_CELL = 30, 8, 120
_RULE = re.compile(r"\s*:?-+:?\s*")
_SUFFIX = "/text_summary"  # which PyTorch's writer puts behind the name


def texts_of(media: Iterable[Medium], left_out: list[str]) -> tuple[LoggedText, ...]:
    """The last text of up to eight tags; arguments that are shown as hyperparameters not again."""
    tags = [one for one in media if one.kind == "text" and len(one) and one.tag != ARGUMENTS]
    shown = [text for one in tags[:_MOST_TEXTS] if (text := _last_of(one)) is not None]
    if len(tags) > _MOST_TEXTS:
        left_out.append(not_shown(len(tags) - _MOST_TEXTS, "texts"))
    return tuple(shown)


def _last_of(medium: Medium) -> LoggedText | None:
    for place, value in medium.values(medium.ends[-1:]):
        found = media_values.text(value)
        if found is None:
            continue
        if isinstance(found, str):
            text, table = _readable(found), markdown_table(found)
        else:
            text = "\n".join(map(str, found.ravel()))
            table = tuple(map(_row, found.reshape(len(found), -1).tolist())) if found.ndim else ()
        return LoggedText(
            tag=medium.tag.removesuffix(_SUFFIX),
            split=medium.split,
            step=int(medium.steps[place]),
            steps=len(set(medium.steps.tolist())),
            text=text[:_MOST_CHARACTERS] + ("…" if len(text) > _MOST_CHARACTERS else ""),
            table=table[:_MOST_ROWS],
        )
    return None


def _readable(text: str) -> str:
    """JSON, in which programs log their settings, by lines; any other text as it is."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(values, dict):
        return text
    return "\n".join(f"{name}: {json.dumps(value)}" for name, value in values.items())


def markdown_table(text: str) -> tuple[tuple[str, ...], ...]:
    """The cells of a text that is one table in Markdown, its heading first; empty for others."""
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    if len(lines) < 3 or not all(line.count("|") > 1 for line in lines):
        return ()
    rows = [_cells(line) for line in lines]
    if not all(_RULE.fullmatch(cell) for cell in rows[1]):
        return ()
    return tuple(map(_row, [rows[0], *rows[2:]]))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _row(cells: list[str]) -> tuple[str, ...]:
    return tuple(str(cell)[:_MOST_IN_CELL] for cell in cells[:_MOST_COLUMNS])
