"""What commands share that read logs for long: how they are repeated, write reports, and end."""

from __future__ import annotations

import argparse
import shlex
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tblogreport.findings import Comparison, Diagnosis

Progress = Callable[[str, int, int], None]


def write_all(
    result: Diagnosis | Comparison, outputs: Sequence[Path], amount: int, progress: Progress
) -> None:
    """Write every report on `amount` runs; one that is interrupted is not there at all."""
    from tblogreport.report import write

    written: list[str] = []
    for output in outputs:
        progress(f"Writing {output}", amount, amount)
        try:
            write(result, output)
        except KeyboardInterrupt:
            before = f"; {', '.join(written)} had been written" if written else ""
            raise KeyboardInterrupt(f"interrupted while writing {output}{before}") from None
        written.append(str(output))


def command_line(
    command: str, logdirs: Sequence[str], options: argparse.Namespace, *files: str
) -> str:
    """The command that reproduces a report; `files` are the options that name one."""
    words = ["tblogreport", command, *logdirs]
    for output in options.output or []:
        words += ["-o", str(output)]
    for flag in ("select", "ignore"):
        if getattr(options, flag):
            words += [f"--{flag}", ",".join(getattr(options, flag))]
    for flag in files:
        if getattr(options, flag):
            words += [f"--{flag}", str(getattr(options, flag))]
    return shlex.join(words)


@contextmanager
def ending_cleanly() -> Iterator[None]:
    """SIGTERM ends the command as `exit` does, so that no worker is left behind.

    What joblib says of work that Ctrl-C leaves undone, and Dask of versions, is not for users.
    Afterwards all is as before: other programs may call `main`, in threads as well.
    """
    with warnings.catch_warnings(), ExitStack() as undo:
        warnings.filterwarnings("ignore", module="joblib|distributed")
        if threading.current_thread() is threading.main_thread():
            before = signal.signal(signal.SIGTERM, _terminated)
            undo.callback(signal.signal, signal.SIGTERM, before)
        yield


def _terminated(*_: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)
