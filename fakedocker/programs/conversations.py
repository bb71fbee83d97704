"""Conversations: programs that answer whoever is connected to their standard input and output.

They are what a `Service` is made of: an echo, answers to lines, HTTP from files or from a list, and small likenesses of
redis and postgres. All that they hold of a client is bounded; what they do not understand they refuse, or hang up.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from fakedocker.engine.networks.sockets import Namespace
from fakedocker.engine.processes.effects import Body, Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.clocks import formatted
from fakedocker.programs.web import HTTP_DATE, Broken, Stream, answer_from_files

#: Bytes of a line, of a request's body, of one text for redis and of all that it keeps.
LONGEST_LINE, LONGEST_BODY, LONGEST_TEXT, MOST_KEPT = 1 << 16, 1 << 26, 1 << 20, 1 << 26
#: Words of one command for redis; bytes that a key costs besides its text; what redis says when it is full.
MOST_WORDS, OVERHEAD = 1024, 100
FULL = b"-OOM command not allowed when used memory > 'maxmemory'.\r\n"
#: Seconds that a request over HTTP may take to arrive.
REQUEST_TIMEOUT = 60.0
#: What statuses are called (RFC 9110); others have no name.
REASONS: Final = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    206: "Partial Content",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    418: "I'm a teapot",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
#: What a client of postgres sends when it would rather speak TLS or GSSAPI.
ENCRYPTION = (80877103, 80877104)


def echo(process: Process) -> Program[int]:
    """Give everything back."""
    while data := (yield from process.read(0)):
        yield from process.write(1, data)
    return 0


# -- lines ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """What is said to a line that `pattern` fits (* ? [...] as in a shell), and whether that is the last word."""

    pattern: str
    answer: str = ""
    ends: bool = False


def lines(answers: Sequence[Line] = (), *, banner: str = "", delay: float = 0.0) -> Body:
    """Return a program that says `banner`, and then to each line what the first pattern that fits it has for an answer.

    A line that none fits is not answered. `delay`: seconds before each answer.
    """

    def body(process: Process) -> Program[int]:
        yield from process.write(1, banner)
        received = b""
        while data := (yield from process.read(0)):
            *whole, received = (received + data).split(b"\n")
            for line in whole:
                text = line.removesuffix(b"\r").decode("utf-8", "surrogateescape")
                found = next((one for one in answers if fnmatchcase(text, one.pattern)), None)
                if found is None:
                    continue
                yield from process.sleep(delay)
                yield from process.write(1, found.answer)
                if found.ends:
                    return 0
            if len(received) > LONGEST_LINE:
                return 1
        return 0

    return body


# -- HTTP -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered over HTTP. `delay`: seconds before it."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


def http(replies: Mapping[str, Reply] | None = None, *, root: str = "", delay: float = 0.0) -> Body:
    """Return a program that answers one request over HTTP.

    `replies`: by path ("/health"), or by method and path ("POST /orders"); a query is not looked at. What is not among
    them is answered with the container's files below `root`, if that is given. `delay`: seconds before each answer.
    """
    known = dict(replies or {})

    def body(process: Process) -> Program[int]:
        stream = Stream(process, 0, REQUEST_TIMEOUT)
        try:
            head = yield from stream.head()
            method, target, *_ = [*head[0].split(" "), "", ""]
            yield from _swallow(process, stream, head)
        except (Broken, TimeoutError):
            return 1
        path = unquote(target.partition("?")[0])
        asked = (f"{method} {path}", *([f"GET {path}"] if method == "HEAD" else []), path)
        reply = next((known[one] for one in asked if one in known), None)
        yield from process.sleep(delay + (reply.delay if reply else 0.0))
        if reply is not None:
            yield from _reply(process, reply, method)
        elif root:
            yield from answer_from_files(process, root, method, target)
        else:
            yield from _reply(process, Reply(404, "404 Not Found\n"), method)
        return 0

    return body


def _swallow(process: Process, stream: Stream, head: Sequence[str]) -> Program[None]:
    """Read a request's body, which does not matter. Raises Broken, TimeoutError."""
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    if headers.get("expect", "").lower() == "100-continue":
        yield from process.write(1, "HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        size, left = -1, LONGEST_BODY
        while size:
            text = (yield from stream.line()).partition(b";")[0].strip()
            size = int(text, 16) if 0 < len(text) < 9 and text.isalnum() and _is_hexadecimal(text) else -1
            left -= size
            if size < 0 or left < 0:
                raise Broken
            yield from _skip(stream, size)
            yield from stream.line()
        return
    length = headers.get("content-length", "0")
    size = int(length) if length.isascii() and length.isdecimal() and len(length) < 12 else 0
    if size > LONGEST_BODY:
        raise Broken
    yield from _skip(stream, size)


def _skip(stream: Stream, size: int) -> Program[None]:
    while size:
        size -= len((yield from stream.up_to(size)))


def _is_hexadecimal(text: bytes) -> bool:
    return all(one in b"0123456789abcdefABCDEF" for one in text)


def _reply(process: Process, reply: Reply, method: str) -> Program[None]:
    status, body = reply.status, reply.body.encode()
    headers = {"Date": formatted(process.now(), HTTP_DATE), "Content-Type": "text/plain; charset=utf-8"}
    if status >= 200 and status not in (204, 304):
        headers["Content-Length"] = str(len(body))
    else:
        body = b""
    headers["Connection"] = "close"
    for name, value in reply.headers.items():
        headers = {known: told for known, told in headers.items() if known.lower() != name.lower()}
        headers[name] = value
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    yield from process.write(1, f"HTTP/1.1 {status} {REASONS.get(status, '')}\r\n{head}\r\n")
    yield from process.write(1, b"" if method == "HEAD" else body)


# -- redis ------------------------------------------------------------------------------


class Store:
    """Texts by their keys, no more of them than fit."""

    def __init__(self) -> None:
        self._texts: dict[bytes, bytes] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, key: bytes) -> bool:
        return key in self._texts

    def get(self, key: bytes) -> bytes | None:
        return self._texts.get(key)

    def set(self, key: bytes, text: bytes) -> bool:
        """Keep a text; tell whether there was room for it."""
        before = self._texts.get(key)
        grows = len(text) - len(before) if before is not None else len(key) + len(text) + OVERHEAD
        if self._size + grows > MOST_KEPT:
            return False
        self._size += grows
        self._texts[key] = text
        return True

    def remove(self, key: bytes) -> bool:
        """Forget a text; tell whether it was there."""
        text = self._texts.pop(key, None)
        if text is None:
            return False
        self._size -= len(key) + len(text) + OVERHEAD
        return True

    def clear(self) -> None:
        self._texts.clear()
        self._size = 0


def redis() -> Body:
    """Return a program that is a little like redis: texts by their keys, for as long as the container runs.

    Commands come as arrays of the protocol or as plain lines (redis.io/docs/latest/develop/reference/protocol-spec).
    """
    stores: MutableMapping[Namespace, Store] = WeakKeyDictionary()

    def body(process: Process) -> Program[int]:
        store = stores.setdefault(process.table.network, Store())
        stream = Stream(process, 0, None)
        while True:
            try:
                words = yield from _command(stream)
            except Broken:
                return 0
            if not words:
                continue
            name = words[0].upper()
            yield from process.write(1, _redis(store, name, words[1:]))
            if name == b"QUIT":
                return 0

    return body


def _command(stream: Stream) -> Program[list[bytes]]:
    """Read one command. Raises Broken."""
    line = yield from stream.line()
    if not line.startswith(b"*"):
        return line.split()
    words: list[bytes] = []
    for _ in range(_number(line[1:], MOST_WORDS)):
        size = _number((yield from stream.line())[1:], LONGEST_TEXT)
        word = b""
        while len(word) < size + 2:  # its end of line, too
            word += yield from stream.up_to(size + 2 - len(word))
        words.append(word[:-2])
    return words


def _number(text: bytes, most: int) -> int:
    if not (text.isdigit() and len(text) < 10 and int(text) <= most):
        raise Broken
    return int(text)


def _redis(store: Store, name: bytes, words: Sequence[bytes]) -> bytes:
    match name, words:
        case b"PING", []:
            return b"+PONG\r\n"
        case ((b"PING" | b"ECHO"), [text]):
            return _text(text)
        case b"GET", [key]:
            return _text(store.get(key))
        case b"SET", [key, value, *_]:
            return b"+OK\r\n" if store.set(key, value) else FULL
        case b"DEL", [_, *_]:
            return _count(sum(store.remove(key) for key in words))
        case b"EXISTS", [_, *_]:
            return _count(sum(key in store for key in words))
        case b"INCR", [key]:
            value = store.get(key) or b"0"
            if not (value.removeprefix(b"-").isdigit() and len(value) < 18):
                return b"-ERR value is not an integer or out of range\r\n"
            number = int(value) + 1
            return _count(number) if store.set(key, b"%d" % number) else FULL
        case b"DBSIZE", []:
            return _count(len(store))
        case ((b"FLUSHALL" | b"FLUSHDB"), _):
            store.clear()
            return b"+OK\r\n"
        case ((b"SELECT" | b"AUTH" | b"QUIT" | b"CLIENT"), _):
            return b"+OK\r\n"
        case b"INFO", _:
            return _text(b"# Server\r\nredis_version:7.2.5\r\nredis_mode:standalone\r\n")
        case ((b"PING" | b"ECHO" | b"GET" | b"SET" | b"DEL" | b"EXISTS" | b"INCR" | b"DBSIZE"), _):
            return b"-ERR wrong number of arguments for '%s' command\r\n" % name.lower()
    shown = name[:128].decode("ascii", "replace").replace("\r", " ").replace("\n", " ")
    return f"-ERR unknown command '{shown}'\r\n".encode()


def _text(value: bytes | None) -> bytes:
    return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)


def _count(number: int) -> bytes:
    return b":%d\r\n" % number


# -- postgres ---------------------------------------------------------------------------


def postgres(process: Process) -> Program[int]:
    """Accept a client as postgres does, and tell it that there is no database behind (protocol 3.0)."""
    stream = Stream(process, 0, REQUEST_TIMEOUT)
    try:
        while True:
            size, wanted = struct.unpack("!II", (yield from _exactly(stream, 8)))
            if not 8 <= size <= LONGEST_LINE:
                return 1
            yield from _exactly(stream, size - 8)
            if wanted not in ENCRYPTION:
                break
            yield from process.write(1, b"N")
    except (Broken, TimeoutError):
        return 0
    told = {"S": "FATAL", "V": "FATAL", "C": "0A000", "M": "this postgres is simulated: it has no databases"}
    message = b"".join(f"{key}{value}\0".encode() for key, value in told.items()) + b"\0"
    yield from process.write(1, b"E" + struct.pack("!I", len(message) + 4) + message)
    return 0


def _exactly(stream: Stream, size: int) -> Program[bytes]:
    data = b""
    while len(data) < size:
        data += yield from stream.up_to(size - len(data))
    return data
