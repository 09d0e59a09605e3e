"""Where the templates are: in the wheel, or beside the package in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

_PACKAGE = Path(__file__).resolve().parents[1]


def directory() -> Path:
    """The directory of the templates; an editable install has it in the checkout."""
    shipped = _PACKAGE / "templates"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "templates"


def source(name: str) -> str:
    """The text of one template file."""
    return (directory() / name).read_text(encoding="utf-8")


@cache
def environment(*, autoescape: bool) -> Environment:
    """Jinja2 over the templates; an undefined name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(directory()),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
