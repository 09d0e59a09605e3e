"""Colours by what they mean.

Charts are drawn in placeholder colours, one for each meaning. They become CSS
variables on a page (which follow its light or dark scheme) and fixed colours in
print. Series colours are Okabe and Ito's, told apart by colour-blind readers.
"""

from __future__ import annotations

from collections.abc import Mapping

from tblogreport.findings import Curve

Palette = Mapping[str, str]

_MEANINGS = {
    "ink": "#1f2328",
    "muted": "#59636e",
    "grid": "#e3e6ea",
    "paper": "#ffffff",
    "train": "#0072b2",
    "validation": "#d55e00",
    "test": "#009e73",
    "rate": "#6e7781",
    "other-1": "#aa3377",
    "other-2": "#8a6d00",
    "other-3": "#3b7a9e",
    "other-4": "#555555",
    "mark": "#8250df",
    "band": "#8c4a7f",
    "bad": "#cf222e",
}
_PLACEHOLDER = {name: f"#0000{number:02x}" for number, name in enumerate(_MEANINGS, 1)}

INK, MUTED, GRID, PAPER = (_PLACEHOLDER[name] for name in ("ink", "muted", "grid", "paper"))
RATE, MARK, BAND, BAD = (_PLACEHOLDER[name] for name in ("rate", "mark", "band", "bad"))
TRAIN, VALIDATION = (_PLACEHOLDER[name] for name in ("train", "validation"))
_OTHERS = [_PLACEHOLDER[f"other-{number}"] for number in range(1, 5)]
# Of boxes of a model that are of one structure.
STRUCTURES = [_PLACEHOLDER[name] for name in ("train", "validation", "test", "other-1", "other-2")]

BEFORE = "before"  # the `run` of a curve that is a comparison's first, and grey

PAGE: Palette = {_PLACEHOLDER[name]: f"var(--{name})" for name in _MEANINGS}
PRINT: Palette = {_PLACEHOLDER[name]: value for name, value in _MEANINGS.items()}


def split_of(curve: Curve) -> str:
    """The split that a curve shows, from its split or else from its role."""
    if curve.split in {"train", "validation", "test"}:
        return curve.split
    start = curve.role.partition("_")[0]
    return start if start in {"train", "validation", "test"} else ""


def series_colours(curves: tuple[Curve, ...]) -> list[str]:
    """One colour a curve: that of its split, otherwise one of the remaining ones."""
    others = iter(_OTHERS * (len(curves) // len(_OTHERS) + 1))
    colours = []
    for curve in curves:
        split = split_of(curve)
        if curve.run == BEFORE:
            colours.append(MUTED)
        elif curve.role == "learning_rate" and not curve.run:
            colours.append(RATE)
        else:
            colours.append(_PLACEHOLDER[split] if split else next(others))
    return colours
