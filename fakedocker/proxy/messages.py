"""HTTP/1.1 messages as they pass by: read piece by piece, in one direction, by somebody who only looks on.

Lenient where two readers agree all the same (line ends, spaces, odd names), and without an opinion on what is allowed:
what cannot be read raises UnreadableError, and whoever looks on goes on without understanding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

#: Instead of a length of the body: it comes in chunks; it ends with the connection; there is no HTTP from here.
CHUNKED, UNTIL_CLOSE, NO_MORE_HTTP = -1, -2, -3

HEAD_LIMIT = (1 << 20) + 4096
LINE_LIMIT = 65536

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(r"([!-~]+) +(\S+) +HTTP/1\.[0-9]")
_STATUS_LINE = re.compile(r"HTTP/1\.[0-9] ([0-9]{3})(?: (.*))?")


class UnreadableError(Exception):
    """Not HTTP, or not the HTTP that can be followed; `str()` says what is wrong."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a message: its first line, and its fields in their order and writing."""

    line: str
    fields: tuple[tuple[str, str], ...]

    def value(self, name: str) -> str:
        """Return the values of a field, joined by commas; empty if it is not there."""
        return ", ".join(value for field, value in self.fields if field.lower() == name)

    def has(self, name: str, token: str) -> bool:
        """Tell whether a list such as Connection contains a word."""
        return token in [one.strip().lower() for one in self.value(name).split(",")]

    @property
    def request_line(self) -> tuple[str, str]:
        """The method and the target. Raises UnreadableError."""
        found = _REQUEST_LINE.fullmatch(self.line)
        if not found:
            raise UnreadableError(f"not a request: {self.line[:80]!r}")
        return found[1], found[2]

    @property
    def status(self) -> tuple[int, str]:
        """The status and its reason. Raises UnreadableError."""
        found = _STATUS_LINE.fullmatch(self.line)
        if not found:
            raise UnreadableError(f"not an answer: {self.line[:80]!r}")
        return int(found[1]), found[2] or ""

    @property
    def length(self) -> int | None:
        """The length of the body as the fields frame it: bytes, CHUNKED, or None. Raises UnreadableError."""
        coding = self.value("transfer-encoding").lower()
        if coding:
            return CHUNKED if coding.rpartition(",")[2].strip() == "chunked" else UNTIL_CLOSE
        lengths = {one.strip() for one in self.value("content-length").split(",")} - {""}
        if not lengths:
            return None
        length = lengths.pop()
        if lengths or not (length.isascii() and length.isdigit() and len(length) < 20):
            raise UnreadableError(f"an invalid Content-Length: {self.value('content-length')[:80]!r}")
        return int(length)


def is_interim(head: Head) -> bool:
    """Tell whether the answer proper is still to come. Raises UnreadableError."""
    status, _ = head.status
    return status < 200 and status != 101


def length_of_answer(head: Head, method: str) -> int:
    """Return how long the body of an answer to this method is, as the constants do. Raises UnreadableError.

    Docker's raw streams end the HTTP even where nobody has asked for an upgrade (moby's hijacked answers of old).
    """
    status, _ = head.status
    if is_interim(head) or method == "HEAD" or status in (204, 304):
        return 0
    if status == 101 or (method == "CONNECT" and status < 300):
        return NO_MORE_HTTP
    length = head.length
    if length is None or length == UNTIL_CLOSE:
        return NO_MORE_HTTP if head.value("content-type").startswith("application/vnd.docker.") else UNTIL_CLOSE
    return length


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of a body. `begins`: of a new chunk, or (if there are none) of what came at once."""

    data: bytes
    begins: bool


@dataclass(frozen=True, slots=True)
class End:
    """The message is complete."""

    trailers: tuple[tuple[str, str], ...] = ()


Event = Head | Data | End


class MessageReader:
    """Reads one direction of a connection. `framing` says of each head how long the body is, as the constants do.

    What could not be read when UnreadableError was raised is still there for `rest`.
    """

    def __init__(self, framing: Callable[[Head], int]) -> None:
        self._framing = framing
        self._buffer = bytearray()
        self._seen = 0
        self._state: Callable[[], Iterator[Event]] = self._head
        self._left = 0
        self._fresh = True

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take what came and yield what it means. Whoever stops in the middle gets the rest by `rest()`.

        Raises UnreadableError.
        """
        is_body = self._state in (self._counted, self._chunk)
        if is_body and not self._buffer and 0 < len(data) < self._left:
            # Most of a large body comes this way: nothing is looked for in it, and nothing copied.
            begins, self._fresh = self._fresh or self._state == self._counted, False
            self._left -= len(data)
            yield Data(data, begins)
            return
        self._buffer += data
        self._fresh = self._fresh or self._state in (self._counted,)
        while True:
            state, size = self._state, len(self._buffer)
            yield from state()
            if self._state == state and len(self._buffer) == size:
                return

    def rest(self) -> bytes:
        """Return what has not been read yet, and forget it."""
        data = bytes(self._buffer)
        self._buffer.clear()
        self._seen = 0
        return data

    @property
    def in_message(self) -> bool:
        """Whether a message has begun and is not complete."""
        return self._state != self._head or bool(self._buffer)

    @property
    def no_more_http(self) -> bool:
        """Whether the last head said that raw bytes follow."""
        return self._state == self._endless and self._left == NO_MORE_HTTP

    # -- states: each yields what it can and leaves the rest in the buffer ---------------

    def _head(self) -> Iterator[Event]:
        while self._buffer[:2] == b"\r\n" or self._buffer[:1] == b"\n":
            del self._buffer[: self._buffer.index(b"\n") + 1]
        found = _END_OF_HEAD.search(self._buffer, max(self._seen - 3, 0))
        if found is None:
            self._seen = len(self._buffer)
            if self._seen > HEAD_LIMIT:
                raise UnreadableError("a head without an end")
            return
        head = _head(bytes(self._buffer[: found.start()]))
        self._left = self._framing(head)
        del self._buffer[: found.end()]
        self._seen = 0
        self._fresh = True
        if self._left == CHUNKED:
            self._state = self._chunk_size
        elif self._left >= 0:
            self._state = self._counted
        else:
            self._state = self._endless
        yield head

    def _counted(self) -> Iterator[Event]:
        if self._left and self._buffer:
            yield self._take(self._left)
        if not self._left:
            self._state = self._head
            yield End()

    def _endless(self) -> Iterator[Event]:
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            yield Data(data, begins=True)

    def _chunk_size(self) -> Iterator[Event]:
        line = self._line()
        if line is not None:
            digits = line.partition(b";")[0].strip()
            try:
                self._left = int(digits, 16) if digits.isalnum() and len(digits) <= 16 else -1
            except ValueError:
                self._left = -1
            if self._left < 0:
                self._buffer[:0] = line + b"\n"
                raise UnreadableError(f"not the size of a chunk: {line[:80]!r}")
            self._fresh = True
            self._state = self._chunk if self._left else self._trailers
        yield from ()

    def _chunk(self) -> Iterator[Event]:
        if self._left and self._buffer:
            yield self._take(self._left)
        if not self._left:
            line = self._line()
            if line and line != b"\r":
                self._buffer[:0] = line + b"\n"
                raise UnreadableError("a chunk that is longer than its size")
            if line is not None:
                self._state = self._chunk_size

    def _trailers(self) -> Iterator[Event]:
        if self._buffer[:2] == b"\r\n" or self._buffer[:1] == b"\n":
            self._line()
            self._state = self._head
            yield End()
            return
        found = _END_OF_HEAD.search(self._buffer)
        if found is None:
            if len(self._buffer) > LINE_LIMIT:
                raise UnreadableError("trailers without an end")
            return
        trailers = _head(b"\n" + bytes(self._buffer[: found.start()])).fields
        del self._buffer[: found.end()]
        self._state = self._head
        yield End(trailers)

    def _take(self, most: int) -> Data:
        data = bytes(memoryview(self._buffer)[:most])
        del self._buffer[: len(data)]
        self._left -= len(data)
        begins, self._fresh = self._fresh, False
        return Data(data, begins)

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > LINE_LIMIT:
                raise UnreadableError("a line without an end")
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line


def _head(data: bytes) -> Head:
    first, *lines = data.decode("latin-1").replace("\r\n", "\n").split("\n")
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and fields:  # a folded line
            name, value = fields.pop()
            fields.append((name, f"{value} {line.strip()}"))
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise UnreadableError(f"not a header field: {line[:80]!r}")
        fields.append((name, value.strip(" \t")))
    return Head(first, tuple(fields))
