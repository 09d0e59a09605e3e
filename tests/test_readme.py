"""The README's table of checks says what the checks' own pages say.

`python -m tests.test_readme` writes the table anew.
"""

from __future__ import annotations

from tblogreport.checks.base import all_checks
from tests.written_tables import ROOT, WrittenTable

WRITTEN = WrittenTable(ROOT / "README.md", "checks")


def table() -> str:
    rows = [f"| `{check.name}` | {check.summary} |" for check in all_checks().values()]
    return "\n".join(["", "| check | looks for |", "|---|---|", *rows, "", ""])


def test_the_table_of_checks_is_up_to_date() -> None:
    assert WRITTEN.read() == table()


if __name__ == "__main__":
    WRITTEN.write(table())
