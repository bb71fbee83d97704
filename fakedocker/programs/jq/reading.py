"""JSON as jq reads it: any number of values, one after the other."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

from fakedocker.programs.jq.values import LARGEST_NUMBER, Json

BLANK = re.compile(r"[ \t\r\n]*")


def read_all(text: str) -> list[Json]:
    """Read all values of a text. Raises ValueError (JSONDecodeError where it knows the place)."""
    return [value for value, _ in read(text)]


def read(text: str) -> Iterator[tuple[Json, int]]:
    """Give each value of a text and where it ends. Raises as `read_all`."""
    decoder = json.JSONDecoder(parse_int=float, parse_constant=_constant)
    position = 0
    while True:
        found = BLANK.match(text, position)
        position = found.end() if found else position
        if position >= len(text):
            return
        try:
            value, position = decoder.raw_decode(text, position)
        except RecursionError:
            raise ValueError("Exceeds depth limit for parsing") from None
        yield value, position


def _constant(text: str) -> float:
    return math.nan if text == "NaN" else math.copysign(LARGEST_NUMBER, -1 if text[0] == "-" else 1)


def place(error: ValueError) -> str:
    """Return what a mistake in a text of JSON is, and where."""
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    if error.pos >= len(error.doc.rstrip()):
        line = error.doc.count("\n") + 1
        column = 0 if error.doc.endswith("\n") else len(error.doc) - error.doc.rfind("\n") - 1
        return f"Unfinished JSON term at EOF at line {line}, column {column}"
    what = "Expected separator between values" if "delimiter" in error.msg else "Invalid literal"
    return f"{what} at line {error.lineno}, column {error.colno}"
