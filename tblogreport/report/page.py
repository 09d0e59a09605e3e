"""What every page needs: its style, its script, and a policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from markupsafe import Markup

from tblogreport.report import charts, templates
from tblogreport.report.figures import HOW_TO_READ_BANDS
from tblogreport.report.readings import readings, steps_of

_FRAME_HEIGHT = 720


@dataclass(frozen=True)
class Slider:
    """What moves through the values of a chart by keys: over which axis, to which last place."""

    axis: str
    last: int


def page(template: str, drawn: Mapping[str, charts.Drawing], *, table: bool, **shown: Any) -> str:
    """A page of this template; `table` says whether it has one that is sorted and filtered."""
    plots = {
        key: drawing.plot
        for key, drawing in drawn.items()
        if drawing.plot and steps_of(drawing.plot)
    }
    script = _script(table=table, plots=bool(plots))
    return (
        templates.environment(autoescape=True)
        .get_template(template)
        .render(
            # Markup: drawn by us, with every text in it escaped.
            charts={key: Markup(drawing.svg) for key, drawing in drawn.items()},
            readings=Markup(readings(plots) if plots else ""),
            sliders={key: _slider(plot) for key, plot in plots.items()},
            css=Markup(templates.source("report.css")),
            script=Markup(script),
            script_hash=Markup(_hash(script)) if script else "",
            how_to_read_bands=HOW_TO_READ_BANDS,
            **shown,
        )
    )


def framed(source: str) -> str:
    """A page inside a frame, so that its style and the notebook's do not meet."""
    return (
        f'<iframe srcdoc="{escape(source)}" title="tblogreport" sandbox="" '
        f'style="width:100%;height:{_FRAME_HEIGHT}px;border:0"></iframe>'
    )


def data_address(media_type: str, content: bytes) -> str:
    """The content as an address that fetches nothing."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def _hash(script: str) -> str:
    """The script by its content, so that the page's policy lets no other one run."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"sha256-{digest}"


def _slider(plot: charts.Plot) -> Slider:
    return Slider(plot.axis, len(steps_of(plot)) - 1)


def _script(*, table: bool, plots: bool) -> str:
    """What the page has a use for; nothing on one without a table and charts."""
    wanted = {"overview.js": table, "values.js": plots}
    return "".join(templates.source(name) for name, is_used in wanted.items() if is_used)
