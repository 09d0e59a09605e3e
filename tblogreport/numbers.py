"""Numbers in words, for the messages of checks and for every report."""

from __future__ import annotations

import math

THIN = "\u202f"  # a thin space at which no line breaks
MINUS = "−"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(exponent: int) -> str:
    """`10⁻⁵` for -5."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def integer(value: int) -> str:
    """A whole number with a thin space between its thousands."""
    grouped = f"{abs(value):,}".replace(",", THIN)
    return (MINUS if value < 0 else "") + grouped


def times(count: int) -> str:
    """How often: once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(count, f"{integer(count)} times")


def number(value: float, digits: int = 3) -> str:
    """A number with `digits` significant digits; whole numbers keep all of theirs.

    Below 0.0001 and from a million on as a power of ten; what is not finite in
    words.
    """
    if isinstance(value, int):
        return integer(value) if abs(value) < 10**12 else number(float(min(value, 10**308)))
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    if value == 0:
        return "0"
    mantissa, _, power = f"{abs(value):.{digits - 1}e}".partition("e")
    exponent = int(power)
    sign = MINUS if value < 0 else ""
    if not -4 <= exponent < 6:
        factor = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return sign + ("" if factor == "1" else f"{factor}×") + power_of_ten(exponent)
    decimals = max(0, digits - 1 - exponent)
    shown = f"{abs(value):,.{decimals}f}".replace(",", THIN)
    return sign + (shown.rstrip("0").rstrip(".") if decimals else shown)


def percent(share: float) -> str:
    """A share as a percentage with two significant digits: 0.412 → `41 %`."""
    return f"{number(100 * share, 2)} %" if abs(share) < 10 else f"{number(share, 2)} times"


def measure(value: float, *, is_share: bool = False) -> str:
    """A measured value; a share as a percentage with three digits: 0.8412 → `84.1 %`."""
    return f"{number(100 * value)} %" if is_share and math.isfinite(value) else number(value)


def setting(value: float | str | bool) -> str:
    """The value of a hyperparameter as it would be typed."""
    if isinstance(value, bool):
        return str(value).lower()
    return number(value, 6) if isinstance(value, float) else value


def share_of(share: float, whole: str) -> str:
    """A share of something in words: `41 % of its level`, or `26 times its level`."""
    return f"{percent(share)} {'of ' if abs(share) < 10 else ''}{whole}"


def listed(names: list[str] | tuple[str, ...], most: int = 4) -> str:
    """Names as prose: `a, b and c`, or `a, b and 7 more`."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def capital(sentence: str) -> str:
    """The sentence with a capital, unless it begins with a name from the log."""
    return f"L{sentence[1:]}" if sentence.startswith("layer ") else sentence
