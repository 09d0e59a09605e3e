"""A report in headless Chromium, driven by Playwright."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.report.axe import CHROMIUM, chromium
from tblogreport.findings import Comparison, Diagnosis
from tblogreport.report import render

sync_api = pytest.importorskip("playwright.sync_api")
__all__ = ["NEEDED", "Opened", "chromium", "sync_api"]
NEEDED = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


class Opened:
    """A report that was opened, with what it did."""

    def __init__(
        self,
        browser: sync_api.Browser,
        result: Diagnosis | Comparison,
        folder: Path,
        **options: Any,
    ) -> None:
        path = folder / "report.html"
        path.write_bytes(render(result, ".html"))
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def column(self, number: int) -> list[str]:
        """The texts of a column of the table of runs."""
        cells = self.page.locator(f"table.runs tbody tr > :nth-child({number})")
        return [text.strip() for text in cells.all_inner_texts()]
