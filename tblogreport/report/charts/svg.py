"""What matplotlib wrote → an SVG element that shares a page with others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from tblogreport.report.charts.colours import PAPER, PRINT, Palette

_FONTS = "'DejaVu Sans', Verdana, 'Bitstream Vera Sans', sans-serif"
_DECIMALS = re.compile(r"-?\d+\.\d+")
_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_REFERENCE = re.compile(r"^(?:url\()?#([^)]+)\)?$")
_NOT_TURNED = "rotate(-0 "
_DROPPED = {"metadata", "style"}  # a style element would reach the whole page
# Text keeps clear of the lines that it crosses; the style of a page says so once for all charts.
_HALO = "paint-order:stroke;stroke-width:2.5;stroke"
_SHARED = {"font-family", "stroke-linejoin", "stroke-linecap"}


def finish(source: str, *, key: str, title: str, description: str, palette: Palette) -> str:
    """Name, colour and shrink the chart; `key` starts every id in it.

    The text is parsed as XML rather than searched: what a tag is called can look
    like an id or a colour, and must come out as it went in.
    """
    root = ElementTree.fromstring(source)
    names = {ident: f"{key}-{n}" for n, ident in enumerate(dict.fromkeys(_references(root)))}
    _clean(root, names, palette)
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


def _clean(element: ElementTree.Element, names: Mapping[str, str], palette: Palette) -> None:
    element.tag = _local(element.tag)
    element.attrib = dict(_attributes(element, names, palette))
    if element.tag != "text":
        element.text = None
    element.tail = None
    kept: list[ElementTree.Element] = []
    for child in element:
        if _local(child.tag) in _DROPPED:
            continue
        _clean(child, names, palette)
        if child.tag == "g" and not child.attrib:
            kept += child
        elif len(child) or child.tag not in {"g", "defs"}:
            kept.append(child)
    element[:] = kept


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _attributes(
    element: ElementTree.Element, names: Mapping[str, str], palette: Palette
) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    for name, value in element.attrib.items():
        local = _local(name)
        match = _REFERENCE.match(value)
        if local == "id":
            kept += [("id", names[value])] if value in names else []
        elif match:
            kept.append((local, value.replace(f"#{match.group(1)}", f"#{names[match.group(1)]}")))
        elif value.startswith(_NOT_TURNED):
            continue
        elif local == "style":
            has_halo = element.tag == "text" and palette is PRINT
            halo = f";{_HALO}:{palette[PAPER]}" if has_halo else ""
            style = _style(value, palette) + halo
            kept += [("style", style)] if style else []
        elif local == "d":
            kept.append((local, short_path(value)))
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


def short_path(path: str) -> str:
    """The path to a tenth; its lines by how far they go, which is shorter than where."""
    written, previous, at = "", "", [0.0, 0.0]
    for letter, numbers in _COMMAND.findall(path):
        place = [round(float(number), 1) for number in numbers.split()]
        goes_on = letter == "L" and previous in {"M", "L", "l"}
        command = "l" if goes_on else letter
        said = [to - start for to, start in zip(place, at, strict=True)] if goes_on else place
        written += " " if command == previous == "l" else command
        written += " ".join(map(_to_a_tenth, said))
        previous, at = command, place[-2:]
    return written.replace(" -", "-")


def _to_a_tenth(value: float) -> str:
    return f"{round(value, 1) or 0:.1f}".removesuffix(".0")


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match.group()):.2f}".rstrip("0").rstrip(".") or "0"
