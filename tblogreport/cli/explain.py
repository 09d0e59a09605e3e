"""`tblogreport explain` and `tblogreport checks`."""

from __future__ import annotations

import argparse

from tblogreport.cli.status import DONE, fail, shown


def explain(options: argparse.Namespace) -> int:
    """Print the page of a check, with a training that shows it."""
    from tblogreport.checks.base import all_checks

    check = all_checks().get(options.check)
    if check is None:
        return fail(
            f"there is no check named {shown(options.check)!r}; `tblogreport checks` lists them"
        )
    print(f"{check.name}\n{'=' * len(check.name)}\n\n{check.doc.strip()}")
    if example := _example(check.name):
        print(f"\nExample\n-------\n{example}")
    return DONE


def _example(check: str) -> str:
    """How to see the check fire, and what the same training looks like without; may be empty."""
    from tblogreport.trainer import all_scenarios

    known = all_scenarios().values()
    broken = next((s for s in known if check in s.expected_findings), None)
    if broken is None:
        return ""
    repair = next((s for s in known if broken.name in s.repairs), None)
    names = " ".join([broken.name, *([repair.name] if repair else [])])
    told = f"{broken.shows}\n\n    tblogreport train {names} --out logs\n"
    told += f"    tblogreport analyze logs/{broken.name} -o broken.html\n"
    if repair:
        told += f"    tblogreport analyze logs/{repair.name} -o repaired.html\n"
    return told.rstrip()


def checks(_: argparse.Namespace) -> int:
    """List all checks."""
    from tblogreport.checks.base import all_checks

    known = all_checks().values()
    width = max(len(check.name) for check in known)
    for check in known:
        print(f"{check.name:<{width}}  {check.summary}")
    return DONE
