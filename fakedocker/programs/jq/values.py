"""The values of jq: their types, their order, and how they look as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, cast

Json = Any
#: The size of one text or array.
LARGEST: Final = 4 << 20
#: No number has a larger absolute value.
LARGEST_NUMBER: Final = 1.7976931348623157e308
#: So many zeros may follow the digits of a number before it is written with an exponent.
MOST_ZEROS: Final = 15
#: Bytes of a value that a message shows, and how many are left of one that has more.
BRIEF, BEGINNING = 14, 11
ORDER: Final = {"null": 0, "boolean": 1, "number": 3, "string": 4, "array": 5, "object": 6}


class JqError(Exception):
    """An error that a filter raises and `try` catches."""

    def __init__(self, value: Json) -> None:
        super().__init__(value)
        self.value = value


class Exhausted(Exception):
    """A filter went on for too long, or grew too large."""


def kind(value: Json) -> str:
    """Return a value's type as jq calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def is_true(value: Json) -> bool:
    """Return whether a value counts as true: all but false and null do."""
    return value is not None and value is not False


def compare(left: Json, right: Json) -> int:
    """Return -1, 0 or 1, in jq's order of all values; what is no number is less than any, even than itself."""
    if left != left:
        return -1
    one, two = sort_key(left), sort_key(right)
    return (one > two) - (one < two)


def sort_key(value: Json) -> tuple[Any, ...]:
    """Return what stands for a value where values are put in order."""
    name = kind(value)
    order = ORDER[name]
    if name == "array":
        return order, [sort_key(item) for item in value]
    if name == "object":
        names = sorted(value)
        return order, names, [sort_key(value[one]) for one in names]
    if name == "number":  # what is no number comes before all that are
        return (order, 1, value) if value == value else (order, 0, 0)
    return order, 0 if value is None else value


def shown(value: Json, *, ascii_only: bool = False) -> str:
    """Return a value as JSON, in one line. Raises JqError."""
    if value == 0 and isinstance(value, float) and math.copysign(1, value) < 0:
        return "-0"
    try:
        text = json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=ascii_only)
    except RecursionError:
        raise JqError("nested too deeply") from None
    return text.replace("\x7f", "\\u007f")


def _plain(value: Json) -> Json:
    if isinstance(value, float):
        if math.isnan(value):
            return None
        value = max(min(value, LARGEST_NUMBER), -LARGEST_NUMBER)
        if value == 0:
            return 0
        if value != int(value):
            return value
        number = Decimal(repr(value)).normalize()
        return int(number) if cast("int", number.as_tuple().exponent) <= MOST_ZEROS else value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def pieces(value: Json, *, indent: str, sort_keys: bool, ascii_only: bool, margin: str = "") -> Iterator[str]:
    """Give a value as JSON piece by piece, so that a large one need not be written in one go.

    `indent` is what a level is indented by; without it everything stands in one line.
    """
    if not isinstance(value, list | dict) or not value:
        yield shown(value, ascii_only=ascii_only)
        return
    inner, outer = ("\n" + margin + indent, "\n" + margin) if indent else ("", "")
    opening, closing = "[]" if isinstance(value, list) else "{}"
    names = None if isinstance(value, list) else sorted(value) if sort_keys else list(value)
    for index, item in enumerate(value if names is None else names):
        yield (opening if not index else ",") + inner
        if names is not None:
            yield shown(item, ascii_only=ascii_only) + (": " if indent else ":")
            item = value[item]
        yield from pieces(item, indent=indent, sort_keys=sort_keys, ascii_only=ascii_only, margin=margin + indent)
    yield outer + closing


def text_of(value: Json) -> str:
    """Return a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else shown(value)


def brief(value: Json) -> str:
    """Return a value as a message shows it: its beginning."""
    text = shown(value)
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= BRIEF:
        return text
    return encoded[:BEGINNING].decode("utf-8", "ignore") + "..."


def described(value: Json) -> str:
    """Return a value with its type as a message shows it."""
    return f"{kind(value)} ({brief(value)})"


def number(value: Json) -> float:
    """Return a number. Raises JqError for anything else."""
    if kind(value) != "number":
        raise JqError(f"{described(value)} number required")
    return float(value)


def string(value: Json, what: str = "matched") -> str:
    """Return a string. Raises JqError for anything else, saying `what` cannot be done with it."""
    if not isinstance(value, str):
        raise JqError(f"{described(value)} cannot be {what}, as it is not a string")
    return value


def array(value: Json, what: str) -> list[Json]:
    """Return an array. Raises JqError for anything else, saying `what` cannot be done with it."""
    if not isinstance(value, list):
        raise JqError(f"{described(value)} cannot be {what}, as it is not an array")
    return value
