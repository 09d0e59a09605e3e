"""The report as one HTML file that opens anywhere, without a request.

The one script is ours: it shows the values of charts under the pointer and at the keys, and sorts
and filters the table of several runs. The page is whole without it.
"""

from __future__ import annotations

from markupsafe import Markup

from tblogreport.findings import Diagnosis
from tblogreport.report import charts
from tblogreport.report.drawings import for_page
from tblogreport.report.page import data_address, framed, page
from tblogreport.report.view import build


def render(diagnosis: Diagnosis) -> str:
    """The whole page."""
    view = build(diagnosis)
    return page(
        "report.html.j2",
        for_page(view),
        table=bool(view.rows),
        view=view,
        pictures={
            key: data_address(picture.media_type, picture.content)
            for key, picture in view.pictures.items()
        },
        sounds={key: data_address("audio/wav", sound.wav) for key, sound in view.sounds.items()},
        # Markup: drawn by us, from numbers alone.
        waves={
            key: Markup(charts.waveform(sound, charts.PAGE)) for key, sound in view.sounds.items()
        },
        sparklines={
            anchor: Markup(charts.sparkline(curve, charts.PAGE))
            for anchor, curve in view.sparklines.items()
        },
    )


def frame(diagnosis: Diagnosis) -> str:
    """The page in a frame, for a notebook's output cell."""
    return framed(render(diagnosis))
