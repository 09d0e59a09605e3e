"""How much of what was logged is shown, in sentences."""

from __future__ import annotations

from tblogreport.numbers import integer


def not_shown(amount: int, what: str) -> str:
    """Such as `2 more tags of images are not shown.`; `what` is a plural."""
    if amount == 1:
        return f"1 more of the {what} is not shown."
    return f"{integer(amount)} more of the {what} are not shown."
