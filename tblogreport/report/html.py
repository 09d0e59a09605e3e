"""The report as one HTML file that opens anywhere, without a request.

The one script is ours: it shows the values of charts under the pointer and at the keys, and sorts
and filters the table of several runs. The page is whole without it.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

from markupsafe import Markup

from tblogreport.findings import Diagnosis
from tblogreport.report import charts, templates
from tblogreport.report.figures import HOW_TO_READ_BANDS
from tblogreport.report.readings import readings
from tblogreport.report.view import ReportView, build

_FRAME_HEIGHT = 720


def render(diagnosis: Diagnosis) -> str:
    """The whole page."""
    view = build(diagnosis)
    drawn = _charts(view)
    script = _script(view)
    page = templates.environment(autoescape=True).get_template("report.html.j2")
    return page.render(
        view=view,
        # Markup: drawn by us, with every text in it escaped.
        charts={key: Markup(drawing.svg) for key, drawing in drawn.items()},
        readings=Markup(_readings(drawn)),
        pictures={
            key: _data(picture.media_type, picture.content)
            for key, picture in view.pictures.items()
        },
        sounds={key: _data("audio/wav", sound.wav) for key, sound in view.sounds.items()},
        waves={
            key: Markup(charts.waveform(sound, charts.PAGE)) for key, sound in view.sounds.items()
        },
        sparklines={
            # Markup: drawn by us, from numbers alone.
            anchor: Markup(charts.sparkline(curve, charts.PAGE))
            for anchor, curve in view.sparklines.items()
        },
        css=Markup(templates.source("report.css")),
        script=Markup(script),
        script_hash=Markup(_hash(script)) if script else "",
        how_to_read_bands=HOW_TO_READ_BANDS,
    )


def frame(diagnosis: Diagnosis) -> str:
    """The page inside a frame, so that its style and the notebook's do not meet."""
    return (
        f'<iframe srcdoc="{escape(render(diagnosis))}" title="tblogreport" sandbox="" '
        f'style="width:100%;height:{_FRAME_HEIGHT}px;border:0"></iframe>'
    )


def _data(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def _hash(script: str) -> str:
    """The script by its content, so that the page's policy lets no other one run."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"sha256-{digest}"


def _script(view: ReportView) -> str:
    """What the page has a use for; nothing on one without a table and charts."""
    wanted = {"overview.js": bool(view.rows), "values.js": bool(view.evidence)}
    return "".join(templates.source(name) for name, is_used in wanted.items() if is_used)


def _readings(drawn: dict[str, charts.Drawing]) -> str:
    plots = {key: drawing.plot for key, drawing in drawn.items() if drawing.plot}
    return readings(plots) if plots else ""


def _charts(view: ReportView) -> dict[str, charts.Drawing]:
    """Every chart by its key; small ones where several stand side by side."""
    small = view.small_charts()
    return {
        chart.key: charts.draw(
            view.evidence[chart.key],
            key=chart.key,
            title=chart.title,
            description=chart.description,
            palette=charts.PAGE,
            width=charts.SMALL if chart.key in small else charts.WIDE,
        )
        for chart in view.charts()
    }
