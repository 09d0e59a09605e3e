"""Whether everybody can read a page: axe-core, with all of its default rules, in Chromium.

axe-core comes from npm, in the version that `tests/report/package.json` pins:
`npm ci --prefix tests/report`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Scheme: TypeAlias = Literal["light", "dark"]

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests" / "report" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
DESKTOP, PHONE = 1200, 360

_RUN = """async () => (await axe.run({ resultTypes: ["violations"] })).violations.flatMap((rule) =>
  rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`))"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's own Chromium; Playwright's download is not needed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def violations(
    browser: Browser,
    page: Path,
    schemes: Sequence[Scheme] = SCHEMES,
    widths: Sequence[int] = (DESKTOP,),
) -> dict[tuple[Scheme, int], list[str]]:
    """What axe finds, by scheme and width; the values of the first chart are shown, if it has one.

    The page is opened once for all of them: most of the time goes into opening it.
    """
    # The page's own policy would keep axe out, too.
    context = browser.new_context(bypass_csp=True)
    opened = context.new_page()
    opened.goto(page.as_uri())
    for slider in opened.get_by_role("slider").all()[:1]:
        slider.focus()
    opened.add_script_tag(path=AXE)
    found: dict[tuple[Scheme, int], list[str]] = {}
    for scheme, width in product(schemes, widths):
        opened.emulate_media(color_scheme=scheme)
        opened.set_viewport_size({"width": width, "height": 800})
        found[scheme, width] = opened.evaluate(_RUN)
    context.close()
    return found
