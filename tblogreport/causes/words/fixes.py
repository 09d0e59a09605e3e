"""Fixes that findings give, for the causes that explain them."""

from __future__ import annotations

from tblogreport.causes.case import Case
from tblogreport.checks.clipping import clip_advice

Fixes = tuple[str, ...]


def fixes_of(case: Case, *checks: str) -> Fixes:
    """The fixes of the first of these checks that has a finding; none where none has."""
    return next((case.findings[c].fixes for c in checks if c in case.findings), ())


def clip_gradients(case: Case) -> str:
    """The order to clip that a finding gives, which knows where it began; else a general one."""
    given = (fix for finding in case.findings.values() for fix in finding.fixes)
    return next(filter(is_clip, given), None) or clip_advice(case.signals)


def is_clip(fix: str) -> bool:
    """Whether a fix is to clip gradients."""
    return fix.startswith("Clip the gradient norm")
