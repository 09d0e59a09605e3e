"""The command as a user types it, and losses for the logs that it reads."""

from __future__ import annotations

import math
from pathlib import Path

from tblogreport.cli import main

FALL = [0.2 + 2 * math.exp(-i / 6) for i in range(40)]
LOST = [value if i < 30 else math.nan for i, value in enumerate(FALL)]


def run(*arguments: str | Path) -> int:
    """The exit status of `tblogreport` with these arguments."""
    return main([str(argument) for argument in arguments])
