"""What the tests read outputs with."""

from __future__ import annotations

import io
import json
from typing import Any


class File(io.StringIO):
    """A file in memory that may say that it is a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def strict_json(text: str) -> Any:
    """JSON without the NaN and the infinities that Python would let pass."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no strict JSON")

    return json.loads(text, parse_constant=refuse)
