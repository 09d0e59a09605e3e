"""The command line: arguments, progress and exit status; nothing else.

Nothing heavy is imported before a command needs it, so that `--help` is instant.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tblogreport.cli.parser import parser
from tblogreport.cli.status import DONE, INTERRUPTED, fail

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    0 done; 1 a finding at or above `--fail-on`; 2 wrong usage, no run found, or a
    report that could not be written; 130 interrupted.
    """
    options = parser().parse_args(arguments)
    try:
        status: int = options.command(options)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt as interrupt:
        return fail(str(interrupt) or "interrupted; no report was written", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
