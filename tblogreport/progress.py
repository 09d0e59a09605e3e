"""How far an analysis is, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(
    shown: Callable[[str], str],
) -> Iterator[Callable[[str, int, int], None]]:
    """Shows what is being done and how far it is, on stderr and only on a terminal.

    `shown` takes from a text what commands a terminal: names in logs are hostile.
    """
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Starting", total=None)

        def show(message: str, done: int, total: int) -> None:
            bar.update(
                task, description=escape(shown(message)), completed=done, total=total or None
            )

        yield show
