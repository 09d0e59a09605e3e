"""What matplotlib wrote → an SVG element that shares a page with others."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from tblogreport.report.charts.colours import PAPER, Palette

_FONTS = "'DejaVu Sans', Verdana, 'Bitstream Vera Sans', sans-serif"
_DECIMALS = re.compile(r"-?\d+\.\d+")
_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_REFERENCE = re.compile(r"^(?:url\()?#([^)]+)\)?$")
_DROPPED = {"metadata", "style"}  # a style element would reach the whole page
# Text keeps clear of the lines that it crosses.
_HALO = "paint-order:stroke;stroke-width:2.5;stroke"
_SHARED = {"font-family", "stroke-linejoin", "stroke-linecap"}


def finish(source: str, *, key: str, title: str, description: str, palette: Palette) -> str:
    """Name, colour and shrink the chart; `key` starts every id in it.

    The text is parsed as XML rather than searched: what a tag is called can look
    like an id or a colour, and must come out as it went in.
    """
    root = ElementTree.fromstring(source)
    wanted = set(_references(root))
    _clean(root, key, wanted, palette)
    view = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib.update(
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": view,
            "role": "img",
            "aria-labelledby": f"{key}-title {key}-text",
            "font-family": _FONTS,
            "stroke-linejoin": "round",
        }
    )
    for position, (tag, ident, text) in enumerate(
        (("title", f"{key}-title", title), ("desc", f"{key}-text", description))
    ):
        element = ElementTree.Element(tag, {"id": ident})
        element.text = text
        root.insert(position, element)
    return ElementTree.tostring(root, encoding="unicode")


def _references(root: ElementTree.Element) -> list[str]:
    return [
        match.group(1)
        for element in root.iter()
        for value in element.attrib.values()
        if (match := _REFERENCE.match(value))
    ]


def _clean(element: ElementTree.Element, key: str, wanted: set[str], palette: Palette) -> None:
    element.tag = _local(element.tag)
    element.attrib = dict(_attributes(element, key, wanted, palette))
    if element.tag != "text":
        element.text = None
    element.tail = None
    for child in list(element):
        if _local(child.tag) in _DROPPED:
            element.remove(child)
        else:
            _clean(child, key, wanted, palette)
            if child.tag in {"g", "defs"} and not len(child):
                element.remove(child)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _attributes(
    element: ElementTree.Element, key: str, wanted: set[str], palette: Palette
) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    for name, value in element.attrib.items():
        local = _local(name)
        match = _REFERENCE.match(value)
        if local == "id":
            kept += [("id", f"{key}-{value}")] if value in wanted else []
        elif match:
            kept.append((local, value.replace(f"#{match.group(1)}", f"#{key}-{match.group(1)}")))
        elif local == "style":
            halo = f";{_HALO}:{palette[PAPER]}" if element.tag == "text" else ""
            style = _style(value, palette) + halo
            kept += [("style", style)] if style else []
        elif local == "d":
            kept.append((local, _short_path(_DECIMALS.sub(_to_a_tenth, value))))
        elif local in {"x", "y", "transform", "points", "width", "height"}:
            kept.append((local, _DECIMALS.sub(_rounded, value)))
        else:
            kept.append((local, value))
    return kept


def _style(value: str, palette: Palette) -> str:
    kept = []
    for declaration in value.split(";"):
        name, _, setting = (part.strip() for part in declaration.partition(":"))
        if name and name not in _SHARED:
            kept.append(f"{name}:{palette.get(setting, setting)}")
    return ";".join(kept)


def _short_path(path: str) -> str:
    """The path without what its reader supplies: spaces, and the L of a line that goes on."""
    written, previous = "", ""
    for command, numbers in _COMMAND.findall(path):
        goes_on = command == "L" and previous in {"M", "L"}
        written += (" " if goes_on else command) + " ".join(numbers.split())
        previous = command
    return written


def _to_a_tenth(match: re.Match[str]) -> str:
    return f"{float(match.group()):.1f}".removesuffix(".0")


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match.group()):.2f}".rstrip("0").rstrip(".") or "0"
