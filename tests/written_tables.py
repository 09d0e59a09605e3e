"""Tables in a README that a test writes and holds equal, between two comments that name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class WrittenTable:
    """The table between `<!-- NAME: … -->` and `<!-- end of NAME -->`."""

    readme: Path
    name: str

    def read(self) -> str:
        found = self._place.search(self._text)
        assert found is not None, f"{self.readme} has no table of {self.name}"
        return found[2]

    def write(self, table: str) -> None:
        text = self._place.sub(lambda found: found[1] + table + found[3], self._text)
        self.readme.write_text(text, encoding="utf-8")

    @property
    def _text(self) -> str:
        return self.readme.read_text(encoding="utf-8")

    @property
    def _place(self) -> re.Pattern[str]:
        begin, end = rf"(<!-- {self.name}: [^\n]*-->\n)", f"(<!-- end of {self.name} -->)"
        return re.compile(begin + "(.*?)" + end, re.DOTALL)
