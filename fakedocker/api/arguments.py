"""What a request says: its parameters and its body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import request

from fakedocker.api.effects import Heeded
from fakedocker.engine.errors import Failure, InvalidParameter
from fakedocker.engine.files.content import Content, Spool

FORM = "application/x-www-form-urlencoded"
#: Go reads at most this many bytes of a form (net/http, parsePostForm), and we of a JSON body.
LONGEST_BODY = 10 << 20
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)


class BadParameter(InvalidParameter):
    """A parameter of the request makes no sense."""


class BrokenBody(BadParameter):
    """The body of a request could not be read as HTTP says; `str()` tells why."""


def body_chunks() -> Iterator[bytes]:
    """Yield the request's body as it arrives. Raises BrokenBody."""
    try:
        while chunk := request.stream.read(65536):
            yield chunk
    except (ValueError, OSError) as error:
        raise BrokenBody(str(error) or "unexpected EOF") from None


def body() -> bytes:
    """Return a body that has to be small. Raises BrokenBody."""
    data = bytearray()
    for chunk in body_chunks():
        data += chunk
        if len(data) > LONGEST_BODY:
            raise BrokenBody("http: request body too large")
    return bytes(data)


def spooled_body() -> Content:
    """Return a body of any size; a large one waits in a temporary file, not in memory. Raises BrokenBody."""
    spool = Spool()
    for chunk in body_chunks():
        spool.write(chunk)
    return spool.finish()


class Parameters:
    """The parameters of a request: those of a form in its body first, then those of its query.

    Of a parameter that is there several times the first value counts. Reading a form uses up the body.
    """

    def __init__(self) -> None:
        self._values: dict[str, str] = Heeded()
        if request.method == "POST" and request.mimetype == FORM:
            self._take(body().decode("latin-1"))
        self._take(request.query_string.decode("latin-1"))

    def _take(self, encoded: str) -> None:
        for pair in encoded.split("&"):
            if pair:
                name, _, value = pair.partition("=")
                self._values.setdefault(_unescape(name), _unescape(value))

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, default)

    def flag(self, name: str) -> bool:
        """Return a truth value. Raises BadParameter for anything but the accepted spellings."""
        value = self._values.get(name, "").lower()
        if value in ("", "0", "false"):
            return False
        if value in ("1", "true"):
            return True
        raise BadParameter("Bad parameter")

    def truth(self, name: str, *, default: bool = False) -> bool:
        """Return a truth value as today's daemons read it: everything is true but these."""
        if name not in self._values:
            return default
        return self._values[name].strip().lower() not in ("", "0", "no", "false", "none")

    def go_number(self, name: str, default: Any = None) -> Any:
        """Return a whole number, the default if it is missing or empty. Raises Failure for what is none."""
        return self.needed_number(name) if self._values.get(name) else default

    def size(self, name: str) -> int:
        """Return a size of a terminal. Raises BadParameter."""
        try:
            return self.needed_number(name)
        except Failure as error:
            raise BadParameter(str(error)) from None

    def moment(self, name: str) -> float | None:
        """Return a moment in unix seconds with a fraction, None if it is missing or 0. Raises Failure."""
        value = self._values.get(name, "")
        whole, _, fraction = value.partition(".")
        for part in (whole, fraction):
            if part and not _is_number(part):
                raise Failure(f'strconv.ParseInt: parsing "{part}": invalid syntax')
        return float(value) if value.strip("0.") else None

    def number(self, name: str) -> int | None:
        """Return a whole number, None when the parameter is missing or no number of 64 bits."""
        value = self._values.get(name, "")
        return int(value) if _is_number(value) else None

    def needed_number(self, name: str) -> int:
        """Return a whole number. Raises Failure when it is missing or none."""
        value = self._values.get(name, "")
        if not _is_number(value):
            raise Failure(f'strconv.Atoi: parsing "{value}": invalid syntax')
        return int(value)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[+-]?[0-9]{1,18}", text, re.ASCII))


def _unescape(text: str) -> str:
    """Undo percent escapes. Raises Failure for a malformed one (Go net/url, EscapeError)."""
    bad = _BAD_ESCAPE.search(text)
    if bad is not None:
        raise Failure(f'invalid URL escape "{bad[0]}"')
    return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode("utf-8", "replace")
