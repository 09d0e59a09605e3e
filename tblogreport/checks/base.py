"""What a check is, how it says that it cannot tell, and how checks are found.

A check is one module in this package. Its file name is the check's name, its
docstring is its page, and the one function decorated with `@check` is its rule:
it takes the run's `Signals` and returns the findings, none when the run is clean.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from tblogreport.findings import Finding
from tblogreport.signals import Signals

SECTIONS = ("What it looks for", "Why it matters", "How to fix", "When it is wrong")

Rule = Callable[[Signals], Sequence[Finding]]


class NotCheckable(Exception):  # noqa: N818 - it is an answer, not an error
    """Raised by a rule that cannot tell: says what is missing and how to log it."""


@dataclass(frozen=True)
class Check:
    """A named rule with its page."""

    name: str
    rule: Rule
    doc: str

    @property
    def summary(self) -> str:
        """The first line of the page, without its full stop."""
        return self.doc.strip().splitlines()[0].rstrip(".")

    def section(self, title: str) -> str:
        """The text under one heading of the page."""
        pattern = rf"^{re.escape(title)}\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)"
        found = re.search(pattern, self.doc, flags=re.MULTILINE | re.DOTALL)
        return found.group(1).strip() if found else ""


_registered: dict[str, Check] = {}


def check(rule: Rule) -> Rule:
    """Register the rule of a check under the name of its file."""
    module = importlib.import_module(rule.__module__)
    name = rule.__module__.rsplit(".", 1)[-1].replace("_", "-")
    _registered[name] = Check(name=name, rule=rule, doc=module.__doc__ or "")
    return rule


@cache
def all_checks() -> dict[str, Check]:
    """Every check of this package by name, in alphabetical order."""
    package = importlib.import_module("tblogreport.checks")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"tblogreport.checks.{module.name}")
    return dict(sorted(_registered.items()))
