"""What the charts of a page are drawn from, as data for the script that shows single values."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tblogreport.report.charts.plot import Line, Plot, Strip, Values

_DIGITS, _MAP_DIGITS = 4, 3
_WHOLE = 1e15  # up to here a float that is whole is shown as such


@dataclass
class _Series:
    """Numbers that several charts share are written once."""

    written: dict[str, int] = field(default_factory=dict)

    def add(self, values: list[float | int | None]) -> int:
        text = json.dumps(values, allow_nan=False, separators=(",", ":"))
        return self.written.setdefault(text, len(self.written))


def readings(plots: Mapping[str, Plot]) -> str:
    """JSON that may stand in a script element, whatever a tag is called.

    `series` holds the numbers, `plots` what is read off each chart by its key: the place and range
    of its steps, its upper and lower edge, and its lines, which name their series by number.
    """
    series = _Series()
    drawn = {key: _plot(plot, series) for key, plot in plots.items()}
    numbers = ",".join(series.written)
    return f'{{"series":[{numbers}],"plots":{_harmless(drawn)}}}'


def steps_of(plot: Plot) -> list[float | int | None]:
    """Every step at which some line of the chart has a value, in order."""
    steps = np.unique(np.concatenate([line.steps for line in plot.lines] or [np.empty(0)]))
    return list(dict.fromkeys(_step(step) for step in steps[np.isfinite(steps)].tolist()))


def _harmless(value: Any) -> str:
    """JSON in which nothing ends or opens an element."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _plot(plot: Plot, series: _Series) -> dict[str, Any]:
    digits = _MAP_DIGITS if plot.is_map else _DIGITS
    edges = [edge for line in plot.lines for edge in (line.strip.top, line.strip.bottom)]
    return {
        "x": [_short(plot.left), _short(plot.width), *plot.steps],
        "y": [_short(min(edges)), _short(max(edges))],
        "steps": series.add(steps_of(plot)),
        "axis": plot.axis,
        "map": plot.is_map,
        "lines": [_line(line, digits, series) for line in plot.lines if line.steps.size],
    }


def _line(line: Line, digits: int, series: _Series) -> dict[str, Any]:
    parts = [line.middle, line.low, line.high] if line.low is not None else [line.middle]
    return {
        "name": line.name,
        "steps": series.add([_step(step) for step in line.steps.tolist()]),
        "y": _strip(line.strip),
        "values": [
            series.add(_rounded(values, digits)) if values is not None else None for values in parts
        ],
    }


def _strip(strip: Strip) -> list[float | bool]:
    place: list[float | bool] = [_short(strip.top), _short(strip.height)]
    scale = strip.scale
    return [*place, scale.low, scale.high, scale.log] if scale else place


def _rounded(values: Values, digits: int) -> list[float | int | None]:
    return [
        _whole(float(f"{value:.{digits - 1}e}")) if math.isfinite(value) else None
        for value in values.tolist()
    ]


def _step(step: float) -> float | int | None:
    return _whole(round(step, 1)) if math.isfinite(step) else None


def _whole(value: float) -> float | int:
    return int(value) if abs(value) < _WHOLE and value == int(value) else value


def _short(value: float) -> float:
    return round(value, 3)
