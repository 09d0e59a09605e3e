"""The report as Markdown: short, for a comment on a pull request."""

from __future__ import annotations

import re

from tblogreport.findings import Diagnosis
from tblogreport.report import templates
from tblogreport.report.cut import cut
from tblogreport.report.text import Label, Prose
from tblogreport.report.view import build

# Entities and HTML first of all; then what starts emphasis, code, links, tables,
# headings, lists, mentions, references to issues, mathematics, and bare addresses.
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&$@!{}]|(?<=\w):(?=//)|^(?:[-+]|\d+[.)])(?=\s))")
_ADDRESS = re.compile(r"\bwww\.", re.IGNORECASE)


def render(diagnosis: Diagnosis) -> str:
    """GitHub-flavoured Markdown with the verdict, the findings and the first fixes.

    It has at most `cut.LIMIT` bytes, as GitHub's comments hold no more.
    """
    return from_template("report.md.j2", build(diagnosis))


def from_template(name: str, view: object) -> str:
    """What a template says of a view, in no more bytes than a comment holds."""
    environment = templates.environment(autoescape=False).overlay()
    environment.filters |= {"md": escape, "code": code, "prose": prose}
    text = environment.get_template(name).render(view=view)
    return cut(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    line = " ".join(text.split("\n"))
    escaped = _SPECIAL.sub(lambda match: _backslashed(match.group()), line)
    return _ADDRESS.sub(lambda match: match.group().replace(".", "\\."), escaped)


def _backslashed(special: str) -> str:
    # A mention survives a backslash on some sites: a word joiner does end it.
    return "\\@\u2060" if special == "@" else f"{special[:-1]}\\{special[-1]}"


def code(text: str | Label) -> str:
    """A code span, fenced by more backticks than the text holds in a row."""
    shown = text.shown if isinstance(text, Label) else " ".join(text.split("\n"))
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    # A bar ends a table's cell even inside code, unless a backslash precedes it.
    return f"{fence}{pad}{shown}{pad}{fence}".replace("|", "\\|")


def prose(spans: Prose) -> str:
    """Sentences with their code spans."""
    return "".join(code(s.text) if s.code else escape(s.text) for s in spans)
