"""The table of scenarios."""

from __future__ import annotations

from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tblogreport.trainer.scenario import Scenario, all_scenarios

# Where no terminal sets a width, every scenario is one line, to be searched by grep.
_UNBROKEN = 1000


def print_listing(file: TextIO) -> None:
    """Write all scenarios as a table: with lines and colour on a terminal, plain elsewhere."""
    terminal = file.isatty()
    table = Table(box=SIMPLE_HEAD if terminal else None, pad_edge=False)
    table.add_column("scenario", no_wrap=True, style="bold" if terminal else "")
    table.add_column("what it shows", ratio=3)
    table.add_column("findings", ratio=2)
    table.add_column("cause")
    table.add_column("seconds", justify="right")
    for scenario in all_scenarios().values():
        table.add_row(
            scenario.name,
            Text(_shows(scenario)),
            Text(_findings(scenario)),
            Text(_cause(scenario)),
            str(scenario.seconds),
        )
    console = Console(file=file, width=None if terminal else _UNBROKEN, highlight=False)
    if terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    file.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _shows(scenario: Scenario) -> str:
    repaired = f" Repairs {', '.join(scenario.repairs)}." if scenario.repairs else ""
    others = f" Also on --data {', '.join(scenario.data)}." if scenario.data else ""
    wrong = (
        f" Known to be diagnosed wrongly: {scenario.known_wrong}" if scenario.known_wrong else ""
    )
    return f"{scenario.shows}{repaired}{others}{wrong}"


def _cause(scenario: Scenario) -> str:
    awaited = f"{scenario.awaited_cause} (awaited)" if scenario.awaited_cause else "–"
    return scenario.expected_cause or awaited


def _findings(scenario: Scenario) -> str:
    awaited = [f"{check} (awaited)" for check in scenario.awaits]
    return ", ".join((*scenario.expected_findings, *awaited)) or "none: healthy"
