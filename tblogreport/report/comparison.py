"""The report on a comparison, in every format that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from tblogreport.findings import Comparison
from tblogreport.report import comparison_json, markdown
from tblogreport.report.comparison_view import build_comparison
from tblogreport.report.drawings import for_page, for_print
from tblogreport.report.page import framed, page
from tblogreport.report.typesetting import Sheet, typeset


def render_html(comparison: Comparison) -> str:
    """The whole page."""
    view = build_comparison(comparison)
    return page("comparison.html.j2", for_page(view), table=len(view.pairs) > 1, view=view)


def frame(comparison: Comparison) -> str:
    """The page in a frame, for a notebook's output cell."""
    return framed(render_html(comparison))


def render_markdown(comparison: Comparison) -> str:
    """GitHub-flavoured Markdown for a comment on a pull request."""
    return markdown.from_template("comparison.md.j2", build_comparison(comparison))


def render_pdf(comparison: Comparison) -> bytes:
    """The PDF file; the same comparison gives the same bytes."""
    view = build_comparison(comparison)
    return typeset(
        Sheet(
            template="comparison.typ",
            words=asdict(replace(view, evidence={})),
            drawn=for_print(view),
            published=comparison_json.render(comparison),
        )
    )


RENDERERS: dict[str, Callable[[Comparison], bytes]] = {
    ".html": lambda comparison: render_html(comparison).encode(),
    ".json": lambda comparison: comparison_json.render(comparison).encode(),
    ".md": lambda comparison: render_markdown(comparison).encode(),
    ".pdf": render_pdf,
}
