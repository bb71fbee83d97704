"""Faults of answers that HTTP finds nothing wrong with: stream-error, truncated-tar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fakedocker.faults.bodies import Body, Shape
from fakedocker.faults.calls import Call
from fakedocker.faults.fault import Fault, at_least, fault
from fakedocker.wire import gojson

BLOCK = 512
_SIZE, _TYPE = slice(124, 136), slice(156, 157)
_REGULAR = (b"0", b"\0")


@fault("stream-error")
@dataclass(frozen=True, slots=True)
class StreamError(Fault):
    """A pull, push, build or load tells of an error behind so many `lines` of its progress, with a status of 200.

    What the daemon was at is given up, as if the client had left. `code`: what the error's detail says beside the text.
    """

    changes_length = True
    message: str = "unexpected EOF"
    lines: int = 1
    code: int | None = None

    def __post_init__(self) -> None:
        at_least("lines", self.lines, 0)

    def shape(self, body: Body, call: Call) -> Body:
        return _Failing(body, call, self.lines, self._told(call)) if call.status == 200 else body

    def _told(self, call: Call) -> bytes:
        if call.request.is_antique:
            return gojson.encode({"error": self.message})
        code = {} if self.code is None else {"code": self.code}
        detail: dict[str, Any] = {"errorDetail": {**code, "message": self.message}, "error": self.message}
        return gojson.encode(detail) + b"\r\n"


class _Failing(Shape):
    def __init__(self, body: Body, call: Call, lines: int, error: bytes) -> None:
        super().__init__(body, call)
        self._lines = lines
        self._error = error

    def read(self, size: int) -> bytes | None:
        data = self.body.read(size) if self._lines else None
        if data is None:
            error, self._error, self._lines = self._error, b"", 0
            return error or None
        return self._passed(data) if data else b""

    def _passed(self, data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)[: self._lines]
        self._lines -= len(lines)
        return b"".join(lines)


@fault("truncated-tar")
@dataclass(frozen=True, slots=True)
class TruncatedTar(Fault):
    """An archive ends after so many `bytes`, or in the middle of its first file; the answer ends as it should."""

    changes_length = True
    bytes: int | None = None

    def __post_init__(self) -> None:
        at_least("bytes", self.bytes, 0)

    def shape(self, body: Body, call: Call) -> Body:
        return _Truncated(body, call, self.bytes) if call.status == 200 else body


class _Truncated(Shape):
    """Reads headers and contents apart until it finds a file; `last` is what still comes of the archive."""

    def __init__(self, body: Body, call: Call, last: int | None) -> None:
        super().__init__(body, call)
        self._last = last
        self._content = 0  # bytes of the present member that are still to come, its padding included
        self._header = b""

    def read(self, size: int) -> bytes | None:
        if self._last is not None:
            data = self.body.read(min(size, self._last)) if self._last else None
            self._last -= len(data or b"")
            return data
        data = self.body.read(min(size, self._content or BLOCK - len(self._header)))
        if not data:
            return data
        if self._content:
            self._content -= len(data)
        else:
            self._header += data
            if len(self._header) == BLOCK:
                self._begin_member()
        return data

    def _begin_member(self) -> None:
        header, self._header = self._header, b""
        digits = header[_SIZE].strip(b"\0 ")
        length = int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else 0
        if not header.strip(b"\0"):
            self._last = 0  # there was no file in it: then at least its end is missing
        elif header[_TYPE] in _REGULAR and length:
            self._last = length // 2
        else:
            self._content = -(-length // BLOCK) * BLOCK
