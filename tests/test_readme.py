"""The README's table of checks says what the checks' own pages say.

`python -m tests.test_readme` writes the table anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from tblogreport.checks.base import all_checks

README = Path(__file__).parent.parent / "README.md"
TABLE = re.compile(r"(<!-- checks: [^\n]*-->\n)(.*?)(<!-- end of checks -->)", re.DOTALL)


def table() -> str:
    rows = [f"| `{check.name}` | {check.summary} |" for check in all_checks().values()]
    return "\n".join(["", "| check | looks for |", "|---|---|", *rows, "", ""])


def test_the_table_of_checks_is_up_to_date() -> None:
    found = TABLE.search(README.read_text(encoding="utf-8"))
    assert found is not None
    assert found[2] == table()


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    README.write_text(TABLE.sub(lambda m: m[1] + table() + m[3], text), encoding="utf-8")
