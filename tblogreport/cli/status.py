"""How a command ends: its exit status, and one sentence where it fails."""

from __future__ import annotations

import sys
from contextlib import suppress

DONE, FOUND, FAILED, INTERRUPTED = 0, 1, 2, 130


def shown(text: str) -> str:
    """Text from outside without the characters that command a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def fail(message: str, status: int = FAILED) -> int:
    """Say what was wrong, and return the status to end with."""
    with suppress(BrokenPipeError):
        print(f"tblogreport: {shown(message)}", file=sys.stderr)
    return status
