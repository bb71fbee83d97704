"""HTTP/1.0 and HTTP/1.1 as bytes: the head of a request, its body, the head of a response.

Strict where leniency lets two parties read one message differently (framing, line ends, control bytes), and
otherwise as Go's net/http, which is what a Docker client expects to find at the other end.
"""

from __future__ import annotations

import functools
import io
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_SIZE = 65536
MAX_CHUNK_LINE = 4096  # of the line before a chunk, extensions included (Go's maxLineLength)
MAX_TRAILER = 65536
MAX_LENGTH = (1 << 63) - 1

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TARGET = re.compile(r"[^\x00-\x20\x7f]+")
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])  # all but tab, CR and LF
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ABSOLUTE_FORM = re.compile(r"https?://[^/?]+", re.IGNORECASE)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

# --- requests -----------------------------------------------------------------------------------------------


class BadRequestError(Exception):
    """A request that is refused before the application sees it; the connection is closed behind the
    answer."""

    def __init__(self, status: str = "400 Bad Request", detail: str = "") -> None:
        super().__init__(f"{status}: {detail}" if detail else status)

    @property
    def answer(self) -> bytes:
        """The whole response, in the form of Go's net/http."""
        text = str(self)
        return (
            f"HTTP/1.1 {text}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n{text}"
        ).encode("latin-1")


@dataclass(frozen=True, slots=True)
class Request:
    """The head of one request."""

    method: str
    target: str
    """As sent."""
    path: str
    """Percent-decoded, one character per byte, as WSGI wants it; "*" for `OPTIONS *`."""
    query: str
    version: str
    """HTTP/1.0 or HTTP/1.1."""
    fields: dict[str, str]
    """The headers under their environ names: HTTP_*, CONTENT_TYPE, CONTENT_LENGTH."""
    length: int
    """Of the body in bytes; -1: it comes in chunks."""
    keep_alive: bool
    expects_continue: bool


def find_end_of_head(buffer: bytearray, seen: int, limit: int) -> int:
    """Where the head at the start of the buffer ends, its empty line included; -1 when it is not complete.

    `seen` is how much of the buffer an earlier call has looked at. Raises BadRequestError as soon as it is
    certain that no head will come of this, so that nobody waits for the rest.
    """
    end = buffer.find(b"\r\n\r\n", max(seen - 3, 0)) + 4
    if end > limit or (end == 3 and len(buffer) > limit):
        raise BadRequestError("431 Request Header Fields Too Large")
    if end > 3:
        return end
    if buffer and not _TOKEN.match(chr(buffer[0])):  # a TLS handshake, for instance
        raise BadRequestError
    if _BARE_LINE_FEED.search(buffer, max(seen - 1, 0)):
        raise BadRequestError
    return -1


def parse_head(head: bytes | bytearray) -> Request:
    """Read a whole head, its empty line included. Raises BadRequestError."""
    lines = head[:-4].decode("latin-1").split("\r\n")
    if len(head.translate(None, _CONTROLS)) != len(head) or not (
        head.count(b"\r") == head.count(b"\n") == len(lines) + 1
    ):
        raise BadRequestError
    method, target, version = _parse_request_line(lines[0])
    fields = _parse_fields(lines[1:])
    if version == "HTTP/1.1" and "HTTP_HOST" not in fields:
        raise BadRequestError(detail="missing required Host header")
    if "HTTP_EXPECT" in fields and fields["HTTP_EXPECT"].lower() != "100-continue":
        raise BadRequestError("417 Expectation Failed")
    path, query = _split_target(method, target)
    connection = _tokens(fields.get("HTTP_CONNECTION", ""))
    return Request(
        method=method,
        target=target,
        path=path,
        query=query,
        version=version,
        fields=fields,
        length=_body_length(fields, version),
        keep_alive="close" not in connection and (version == "HTTP/1.1" or "keep-alive" in connection),
        expects_continue="HTTP_EXPECT" in fields and version == "HTTP/1.1",
    )


def _parse_request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3:
        raise BadRequestError
    method, target, version = parts
    if not _TOKEN.fullmatch(method) or not _TARGET.fullmatch(target):
        raise BadRequestError
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        if re.fullmatch(r"HTTP/[0-9]\.[0-9]", version):
            raise BadRequestError("505 HTTP Version Not Supported", "unsupported protocol version")
        raise BadRequestError(detail="malformed HTTP version")
    return method, target, version


def _parse_fields(lines: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequestError
        # Names of ordinary length are remembered, so that a flood of invented ones is not.
        key = _field_key(name) if len(name) <= 64 else _field_key.__wrapped__(name)
        if key is None:
            continue
        value = value.strip(" \t")
        if key not in fields:
            fields[key] = value
        elif key == "HTTP_HOST":
            raise BadRequestError(detail="too many Host headers")
        elif key != "CONTENT_LENGTH":
            repeated.setdefault(key, [fields[key]]).append(value)
        elif fields[key] != value:
            raise BadRequestError
    for key, values in repeated.items():
        fields[key] = ("; " if key == "HTTP_COOKIE" else ", ").join(values)
    return fields


@functools.lru_cache(maxsize=256)
def _field_key(name: str) -> str | None:
    """The environ name of a header; None: it is ignored. Raises BadRequestError for what is no name."""
    if not _TOKEN.fullmatch(name):
        raise BadRequestError
    if "_" in name:  # would be taken for the header with a dash in that place
        return None
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _split_target(method: str, target: str) -> tuple[str, str]:
    if target == "*" and method == "OPTIONS":
        return "*", ""
    path, _, query = target.partition("?")
    if not path.startswith("/"):
        origin = _ABSOLUTE_FORM.match(target)
        if origin is None:
            raise BadRequestError
        path, _, query = target[origin.end() :].partition("?")
        path = path or "/"
    if "%" in path:
        if _BAD_ESCAPE.search(path):
            raise BadRequestError
        path = unquote_to_bytes(path.encode("latin-1")).decode("latin-1")
    return path, query


def _body_length(fields: dict[str, str], version: str) -> int:
    coding = fields.get("HTTP_TRANSFER_ENCODING")
    length = fields.get("CONTENT_LENGTH")
    if coding is not None:
        if length is not None or version == "HTTP/1.0":
            raise BadRequestError  # two readers could disagree about where the body ends
        if coding.lower() != "chunked":
            raise BadRequestError("501 Not Implemented", "Unsupported transfer encoding")
        return -1
    if length is None:
        return 0
    if not (length.isascii() and length.isdigit() and len(length) <= 19 and int(length) <= MAX_LENGTH):
        raise BadRequestError
    return int(length)


def _tokens(value: str) -> list[str]:
    return [token.strip(" \t").lower() for token in value.split(",")] if value else []


# --- bodies -------------------------------------------------------------------------------------------------


class Body(io.RawIOBase):
    """The body of a request, read straight off the connection: the application's `wsgi.input`.

    `buffer` holds what has come already and keeps what comes behind the body. `receive(size)` gives bytes
    as soon as there are any, and b"" at the end of the stream; `receive_into` likewise into a buffer;
    `invite` is called once, before the first wait, and tells a polite client to go on.

    A broken body raises ValueError with Go's text, at every read from there on.
    """

    def __init__(
        self,
        length: int,
        buffer: bytearray,
        receive: Callable[[int], bytes],
        receive_into: Callable[[memoryview], int],
        invite: Callable[[], None] | None = None,
    ) -> None:
        self._chunked = length < 0
        self._left = max(length, 0)  # of the body, or of the current chunk
        self._ended = length == 0
        self._first_chunk = True
        self._buffer = buffer
        self._receive = receive
        self._receive_into = receive_into
        self._invite = invite
        self.error: ValueError | None = None

    @property
    def ended(self) -> bool:
        """Whether the body has been read to its end."""
        return self._ended

    @property
    def invited(self) -> bool:
        """Whether the client is sure to send the body (it need not have waited for a 100 Continue)."""
        return self._invite is None

    def known_above(self, size: int) -> bool:
        """Whether more than `size` bytes are certain to be left."""
        return self._left > size

    def readable(self) -> bool:
        return True

    def readinto(self, target: WriteableBuffer) -> int:
        view = memoryview(target).cast("B")
        if not view or not self._advance():
            return 0
        size = min(len(view), self._left)
        if self._buffer:
            size = min(size, len(self._buffer))
            view[:size] = memoryview(self._buffer)[:size]
            del self._buffer[:size]
        elif self._chunked and self._left < READ_SIZE:
            self._fill()  # small chunks: take their framing in the same system call
            return self.readinto(view)
        else:
            self._say_continue()
            size = self._receive_into(view[:size])
            if not size:
                self._fail("unexpected EOF")
        self._left -= size
        if not self._left and not self._chunked:
            self._ended = True
        return size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read `size` bytes, fewer only at the end of the body; without a size, all of it."""
        parts: list[bytes] = []
        left = -1 if size is None or size < 0 else size
        while left:
            part = self.read1(left)
            if not part:
                break
            parts.append(part)
            if left > 0:
                left -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readall(self) -> bytes:
        return self.read()

    def read1(self, size: int = -1) -> bytes:
        """Read what is there, at most `size` bytes; wait only if there is nothing. b"" is the end."""
        if not size or not self._advance():
            return b""
        if not self._buffer:
            self._fill()
        size = min(self._left, READ_SIZE if size < 0 else size, len(self._buffer))
        data = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        self._left -= size
        if not self._left and not self._chunked:
            self._ended = True
        return data

    def readline(self, size: int | None = -1, /) -> bytes:
        line = bytearray()
        limit = -1 if size is None or size < 0 else size
        while limit < 0 or len(line) < limit:
            if not self._advance():
                break
            if not self._buffer:
                self._fill()
            most = min(self._left, len(self._buffer), limit - len(line) if limit >= 0 else self._left)
            newline = self._buffer.find(b"\n", 0, most)
            line += self.read1(newline + 1 if newline >= 0 else most)
            if newline >= 0:
                break
        return bytes(line)

    def drain(self, limit: int) -> bool:
        """Throw the rest away; False when it is broken or longer than `limit` bytes."""
        if self.known_above(limit):
            return False
        try:
            while data := self.read1():
                limit -= len(data)
                if limit < 0:
                    return False
        except ValueError:
            return False
        return True

    def seal(self) -> None:
        """The request is over: whoever still holds the body reads nothing of what comes next."""
        self._left = 0
        self._ended = True
        self._buffer = bytearray()

    def _advance(self) -> bool:
        """Go to the next byte of the body; False at its end."""
        if self.error is not None:
            raise self.error
        if self._chunked and not self._left and not self._ended:
            self._next_chunk()
        return not self._ended

    def _next_chunk(self) -> None:
        if not self._first_chunk and self._line(2) != b"":
            self._fail("malformed chunked encoding")
        self._first_chunk = False
        size = self._line(MAX_CHUNK_LINE).partition(b";")[0].rstrip(b" \t")
        if size.strip(b"0123456789abcdefABCDEF"):
            self._fail("invalid byte in chunk length")
        if not 0 < len(size) <= 16 or int(size, 16) > MAX_LENGTH:
            self._fail("malformed chunked encoding")
        self._left = int(size, 16)
        if self._left:
            return
        allowance = MAX_TRAILER
        while line := self._line(MAX_CHUNK_LINE):
            allowance -= len(line)
            if allowance < 0:
                self._fail("malformed chunked encoding")
        self._ended = True

    def _line(self, limit: int) -> bytes:
        """The next line of the framing, which with its end may have `limit` bytes."""
        while (end := self._buffer.find(b"\n", 0, limit)) < 0:
            if len(self._buffer) >= limit:
                self._fail("malformed chunked encoding")
            self._fill()
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            self._fail("malformed chunked encoding")
        return line[:-2]

    def _fill(self) -> None:
        self._say_continue()
        data = self._receive(READ_SIZE)
        if not data:
            self._fail("unexpected EOF")
        self._buffer += data

    def _say_continue(self) -> None:
        if self._invite is not None:
            invite, self._invite = self._invite, None
            invite()

    def _fail(self, text: str) -> None:
        self.error = ValueError(text)
        raise self.error


# --- responses ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """Status line and headers as the application gave them; what frames the body is left to the server."""

    status: str
    """As in WSGI: "200 OK"."""
    fields: tuple[tuple[str, str], ...]

    @property
    def code(self) -> int:
        return int(self.status[:3])

    @property
    def length(self) -> int | None:
        """The Content-Length that the application gave."""
        value = self.first("content-length")
        if value is None:
            return None
        if not (value.isascii() and value.isdigit()):
            raise ValueError(f"the application sent an invalid Content-Length: {value!r}")
        return int(value)

    def first(self, name: str) -> str | None:
        return next((value for field, value in self.fields if field.lower() == name), None)

    @property
    def wants_close(self) -> bool:
        return "close" in _tokens(self.first("connection") or "")

    def without(self, *names: str) -> ResponseHead:
        return ResponseHead(self.status, tuple(field for field in self.fields if field[0].lower() not in names))

    def render(self, version: str, extra: Iterable[str] = ()) -> bytes:
        """The bytes of the head. Raises ValueError when a header would break out of its line."""
        lines = [f"{version} {self.status}", *[f"{name}: {value}" for name, value in self.fields], *extra]
        text = "\r\n".join(lines)
        if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1 or "\0" in text:
            raise ValueError("a response header contains a line break")
        return (text + "\r\n\r\n").encode("latin-1")


def response_head(status: str, headers: Iterable[tuple[str, str]]) -> ResponseHead:
    """Take status and headers from `start_response`. Raises ValueError for what is no status."""
    if not re.match(r"[1-9][0-9]{2}( |$)", status):
        raise ValueError(f"the application sent an invalid status: {status!r}")
    return ResponseHead(status if len(status) > 3 else f"{status} ", tuple(headers))


class DateLine:
    """The Date header, made anew once a second."""

    def __init__(self) -> None:
        self._made = (0, "")

    def __call__(self) -> str:
        now = int(time.time())
        second, line = self._made
        if second != now:
            # By hand, since strftime would speak the language of the process.
            t = time.gmtime(now)
            line = (
                f"Date: {_DAYS[t.tm_wday]}, {t.tm_mday:02} {_MONTHS[t.tm_mon - 1]} {t.tm_year}"
                f" {t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} GMT"
            )
            self._made = (now, line)
        return line


class Framing:
    """How the body of one response is told from what follows it.

    Decided from the request, the head and, where it is known, the size of the whole body: by Content-
    Length, in chunks, by the end of the connection (HTTP/1.0), or there is no body at all (HEAD, 1xx, 204,
    304).
    """

    __slots__ = ("_chunked", "_left", "bodiless", "head", "keep_alive")

    def __init__(self, request: Request, head: ResponseHead, *, total: int | None, keep_alive: bool, date: str) -> None:
        extra: list[str] = []
        code, length = head.code, head.length
        stripped = ["connection", "keep-alive", "transfer-encoding"]
        no_length = code < 200 or code in (204, 304)
        self.bodiless = no_length or request.method == "HEAD"
        self._chunked = False
        self._left: int | None = None
        keep_alive = keep_alive and request.keep_alive and not head.wants_close
        if no_length:
            stripped.append("content-length")
        elif length is not None:
            self._left = length
        elif total is not None and (total or request.method != "HEAD"):
            self._left = total
            extra.append(f"Content-Length: {total}")
        elif self.bodiless:
            pass  # nobody knows what a GET would have sent
        elif request.version == "HTTP/1.1":
            self._chunked = True
            extra.append("Transfer-Encoding: chunked")
        else:
            keep_alive = False
        if head.first("date") is None:
            extra.append(date)
        if not keep_alive:
            extra.append("Connection: close")
        elif request.version == "HTTP/1.0":
            extra.append("Connection: keep-alive")
        self.keep_alive = keep_alive
        self.head = head.without(*stripped).render(request.version, extra)

    def wrap(self, data: bytes) -> tuple[bytes, ...]:
        """The bytes to send for this part of the body; what exceeds the promised length is cut off."""
        if self.bodiless or not data:
            return ()
        if self._chunked:
            return (b"%x\r\n" % len(data), data, b"\r\n")
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        return (data,)

    def end(self) -> bytes:
        """The bytes to send behind the body. A body shorter than promised can only end with the
        connection."""
        if self._left and not self.bodiless:
            self.keep_alive = False
        return b"0\r\n\r\n" if self._chunked else b""
