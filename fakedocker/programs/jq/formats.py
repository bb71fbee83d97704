"""The formats: `@csv`, `@base64` and their kin."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from fakedocker.programs.jq.values import JqError, Json, described, shown, text_of


def _cells(value: Json, name: str) -> list[Json]:
    if not isinstance(value, list):
        raise JqError(f"{described(value)} cannot be {name}-formatted, only array")
    for cell in value:
        if isinstance(cell, list | dict):
            raise JqError(f"{described(cell)} is not valid in a {name} row")
    return value


def _csv(value: Json) -> str:
    def cell(one: Json) -> str:
        if one is None:
            return ""
        return '"' + one.replace('"', '""') + '"' if isinstance(one, str) else shown(one)

    return ",".join(map(cell, _cells(value, "csv")))


TAB_ESCAPES: Final = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def _tsv(value: Json) -> str:
    texts = ("" if cell is None else text_of(cell) for cell in _cells(value, "tsv"))
    return "\t".join("".join(TAB_ESCAPES.get(one, one) for one in text) for text in texts)


def _sh(value: Json) -> str:
    def quoted(one: Json) -> str:
        if isinstance(one, list | dict):
            raise JqError(f"{described(one)} can not be escaped for shell")
        return "'" + one.replace("'", "'\\''") + "'" if isinstance(one, str) else shown(one)

    return " ".join(quoted(one) for one in value) if isinstance(value, list) else quoted(value)


def _unbase64(value: Json) -> str:
    text = text_of(value).rstrip("=")
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise JqError(f"{described(text_of(value))} is not valid base64 data") from None
    return decoded.decode("utf-8", "replace")


HTML: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&quot;"}
FORMATS: Final[dict[str, Callable[[Json], str]]] = {
    "@text": text_of,
    "@json": shown,
    "@csv": _csv,
    "@tsv": _tsv,
    "@sh": _sh,
    "@html": lambda value: "".join(HTML.get(one, one) for one in text_of(value)),
    "@uri": lambda value: quote(text_of(value), safe="-_.~"),
    "@base64": lambda value: base64.b64encode(text_of(value).encode("utf-8", "replace")).decode(),
    "@base64d": _unbase64,
    "@base32": lambda value: base64.b32encode(text_of(value).encode("utf-8", "replace")).decode(),
}


def formatted(name: str, value: Json) -> str:
    """Return a value in a format. Raises JqError."""
    form = FORMATS.get(name)
    if form is None:
        raise JqError(f"{name[1:]} is not a valid format")
    return form(value)
