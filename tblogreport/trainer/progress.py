"""How far the training is, on stderr and on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeAlias

Tick: TypeAlias = Callable[[int, float], None]  # of the epochs done and the loss


class Progress(Protocol):
    """Announces a scenario, its number and its epochs; what it returns is called every epoch."""

    def __call__(self, name: str, number: int, epochs: int) -> Tick:
        """Show the scenario as the current one."""


@contextmanager
def training_progress(scenarios: int) -> Iterator[Progress]:
    """Show one bar at a time: scenario i of n, the epochs of it, its loss."""
    if not sys.stderr.isatty():
        yield lambda name, number, epochs: lambda epoch, loss: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.fields[number]}/{task.fields[scenarios]} {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("epochs  loss {task.fields[loss]}"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:

        def announce(name: str, number: int, epochs: int) -> Tick:
            for task in bars.task_ids:
                bars.remove_task(task)
            bar = bars.add_task(name, total=epochs, number=number, scenarios=scenarios, loss="–")
            return lambda epoch, loss: bars.update(bar, completed=epoch, loss=f"{loss:.4g}")

        yield announce
