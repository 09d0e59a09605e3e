"""The table of `sample_runs/README.md` says what the scenarios promise.

`python -m tests.test_sample_runs_readme` writes the table anew.
"""

from __future__ import annotations

from tblogreport.trainer import Scenario, all_scenarios
from tests.written_tables import ROOT, WrittenTable

WRITTEN = WrittenTable(ROOT / "sample_runs" / "README.md", "runs")
HEAD = "| run | what it shows | what there is to find | most likely cause |\n|---|---|---|---|"


def table() -> str:
    return "\n".join(["", HEAD, *map(_row, all_scenarios().values()), "", ""])


def _row(scenario: Scenario) -> str:
    shows = scenario.shows
    if scenario.repairs:
        shows += f" Repairs {_names(scenario.repairs)}."
    found = _names(scenario.expected_findings)
    if scenario.awaits:
        found += f"{'; ' if found else ''}once it exists, {_names(scenario.awaits)}"
    if scenario.known_wrong:
        found += f"; today {scenario.known_wrong}"
    cause = f"`{scenario.expected_cause}`" if scenario.expected_cause else ""
    if scenario.awaited_cause:
        cause = f"once it exists, `{scenario.awaited_cause}`"
    return f"| `{scenario.name}` | {shows} | {found or 'nothing: healthy'} | {cause} |"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def test_the_table_of_runs_is_up_to_date() -> None:
    assert WRITTEN.read() == table()


if __name__ == "__main__":
    WRITTEN.write(table())
