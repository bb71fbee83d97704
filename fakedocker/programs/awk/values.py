"""The values of awk: numbers, texts, and texts from outside that may be numbers."""

from __future__ import annotations

import math
import re
from typing import Final


class Input(str):
    """A text that came from outside: where it looks like a number it is compared as one."""

    __slots__ = ()


class Unset(Input):
    """The value of what was never set: nothing, and zero."""

    __slots__ = ()


Value = float | str
UNSET: Final = Unset()

DECIMAL = re.compile(
    r"[ \t\n\r\f\v]*"
    r"([-+]?(?:0[xX][0-9A-Fa-f]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|(?i:inf(?:inity)?|nan)))"
)


def number(value: Value) -> float:
    """Return a value as a number: that of its beginning, 0 if there is none."""
    if isinstance(value, float):
        return value
    found = DECIMAL.match(value)
    return _float(found[1]) if found else 0.0


def _float(text: str) -> float:
    if "x" in text or "X" in text:
        try:
            return float(int(text, 16))
        except OverflowError:
            return math.inf
    return float(text)


def text(value: Value, form: str = "%.6g") -> str:
    """Return a value as a text; `form` (CONVFMT, OFMT) is for numbers that are not whole."""
    if isinstance(value, str):
        return value
    if value == value and abs(value) < 2**63 and value == int(value):
        return str(int(value))
    if math.isnan(value):
        return "-nan" if math.copysign(1, value) < 0 else "nan"
    if math.isinf(value):
        return "-inf" if value < 0 else "inf"
    return formatted(form, value)


def formatted(form: str, value: float) -> str:
    """Return a number in one of C's formats for such; what is none gives itself."""
    if not re.fullmatch(r"[^%]*%[-+ #0]*\d{0,3}(?:\.\d{0,3})?[eEfFgGdi][^%]*", form):
        return form
    return form % value


def truth(value: Value) -> bool:
    """Return whether a value counts as true."""
    if isinstance(value, float):
        return value != 0
    if isinstance(value, Input) and is_number(value):
        return number(value) != 0
    return value != ""


def is_number(value: Value) -> bool:
    """Return whether a value is compared as a number."""
    if isinstance(value, float | Unset):
        return True
    if not isinstance(value, Input):
        return False
    found = DECIMAL.match(value)
    return found is not None and not value[found.end() :].strip(" \t\n\r\f\v")


def compare(left: Value, right: Value, form: str) -> int:
    """Return -1, 0 or 1."""
    if is_number(left) and is_number(right):
        one, two = number(left), number(right)
        return (one > two) - (one < two)
    first, second = text(left, form), text(right, form)
    return (first > second) - (first < second)
