"""The documents of a cassette: what they may say, read from YAML and written as it.

One function per thing, once in each direction. Reading refuses what it does not know, so that a misspelt key is an
error and no silence. The format is described in `docs/cassettes.md`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any, Final, get_args

from fakedocker.cassettes.model import (
    FORMAT,
    Body,
    Bytes,
    Channel,
    Direction,
    Empty,
    End,
    Exchange,
    Fields,
    File,
    Frame,
    Header,
    Json,
    Request,
    Response,
    Stream,
    StreamKind,
    Text,
)
from fakedocker.wire import safeyaml
from fakedocker.wire.safeyaml import DocumentError, Mapping, Node, Scalar

#: Bytes of one document that are read.
LONGEST_DOCUMENT = 256 << 20
LIMITS: Final = safeyaml.Limits(20_000_000, LONGEST_DOCUMENT, depth=60, aliases=False, noun="cassette")
#: A name longer than this cannot be a key: YAML ends those after 1024 characters.
LONGEST_NAME = 250
#: How a file beside the cassette is named.
SIDE_FILE: Final = re.compile(r"sha256-[0-9a-f]{64}")
#: What a document is ended by. No scalar that is written here has such a line.
MARK = "---\n"


# -- reading -----------------------------------------------------------------------------


def compose(data: bytes) -> Mapping:
    """Return the tree of one document. Raises DocumentError."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise DocumentError(data.count(b"\n", 0, error.start) + 1, "this is not text in UTF-8") from None
    node = safeyaml.compose(text, LIMITS)
    if not isinstance(node, Mapping):
        raise DocumentError(node.line if node else 1, "a document of a cassette is a mapping")
    return node


class _Reader:
    """Reads the members of one mapping by name, each with its type; `finish` refuses what nobody asked for."""

    def __init__(self, node: Node, what: str) -> None:
        if not isinstance(node, Mapping):
            raise DocumentError(node.line, f"{what} has to be a mapping")
        self.line = node.line
        self._what = what
        self._nodes: dict[str, Node] = {}
        for key, item in node.entries:
            if key.text in self._nodes:
                raise DocumentError(key.line, f"{key.text} is there twice")
            self._nodes[key.text] = item
        self._known: set[str] = set()

    def node(self, name: str) -> Node | None:
        self._known.add(name)
        return self._nodes.get(name)

    def required(self, name: str) -> Node:
        node = self.node(name)
        if node is None:
            raise DocumentError(self.line, f"{self._what} has no {name}")
        return node

    def text(self, name: str, default: str | None = None) -> str:
        node = self.node(name) if default is not None else self.required(name)
        if node is None:
            return default or ""
        if not isinstance(node, Scalar):
            raise DocumentError(node.line, f"{name} has to be text")
        return node.text

    def number(self, name: str, default: float | None = None) -> float:
        node = self.node(name) if default is not None else self.required(name)
        if node is None:
            return default or 0.0
        value = safeyaml.value_of(node)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
            raise DocumentError(node.line, f"{name} has to be a number, 0 or more")
        return float(value)

    def integer(self, name: str) -> int:
        node = self.required(name)
        value = self.number(name)
        if value != int(value):
            raise DocumentError(node.line, f"{name} has to be an integer")
        return int(value)

    def word(self, name: str, words: Sequence[str], default: str | None = None) -> str:
        text = self.text(name, default)
        if text not in words:
            node = self.node(name)
            raise DocumentError(node.line if node else self.line, f"{name} is one of {', '.join(words)}")
        return text

    def only(self, names: Sequence[str]) -> tuple[str, Node]:
        """Return the one of these names that is there, with what it says."""
        found = [(name, node) for name in names if (node := self.node(name)) is not None]
        if len(found) != 1:
            raise DocumentError(self.line, f"{self._what} has to have one of {', '.join(names)}")
        return found[0]

    def finish(self) -> None:
        for name, node in self._nodes.items():
            if name not in self._known:
                raise DocumentError(node.line, f"{self._what} has no member {name}")


def read_header(node: Mapping) -> Header:
    """Return what the first document says. Raises DocumentError."""
    reader = _Reader(node, "the header")
    number = reader.text("format", "")
    if number != str(FORMAT):
        what = f"this is a cassette of format {number}" if number else "this is no cassette: it has no format"
        raise DocumentError(node.line, f"{what}; format {FORMAT} can be read")
    daemon: dict[str, str] = {}
    if (said := reader.node("daemon")) is not None:
        facts = _Reader(said, "daemon")
        if isinstance(said, Mapping):
            daemon = {key.text: facts.text(key.text) for key, _ in said.entries}
    header = Header(reader.text("recorded_with", ""), reader.text("recorded_at", ""), daemon)
    reader.finish()
    return header


def read_exchange(node: Mapping) -> Exchange:
    """Return what any other document says. Raises DocumentError."""
    reader = _Reader(node, "an exchange")
    identity, connection = reader.integer("id"), reader.integer("connection")
    start, duration = reader.number("start"), reader.number("duration")
    request = _request(reader.required("request"))
    answered = reader.node("response")
    note = reader.text("note", "")
    end = _end(reader.word("end", get_args(End)))
    reader.finish()
    response = None if answered is None or _is_null(answered) else _response(answered)
    return Exchange(identity, connection, start, duration, request, response, end, note)


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _end(word: str) -> End:
    return next(end for end in get_args(End) if end == word)


def _request(node: Node) -> Request:
    reader = _Reader(node, "a request")
    request = Request(
        reader.text("method"),
        reader.text("path"),
        _fields(reader.node("query"), "query"),
        _fields(reader.node("headers"), "headers"),
        _body(reader.node("body")),
    )
    reader.finish()
    return request


def _response(node: Node) -> Response:
    reader = _Reader(node, "a response")
    status = reader.integer("status")
    if not 100 <= status <= 999:
        raise DocumentError(reader.line, f"{status} is no status of HTTP")
    response = Response(
        status, reader.text("reason", ""), _fields(reader.node("headers"), "headers"), _body(reader.node("body"))
    )
    reader.finish()
    return response


def _fields(node: Node | None, what: str) -> Fields:
    """Read a list of `- name: value`, or `- [name, value]` where the name cannot be a key."""
    if node is None:
        return ()
    if not isinstance(node, safeyaml.Sequence):
        raise DocumentError(node.line, f"{what} has to be a list of `- name: value`")
    return tuple(_field(item, what) for item in node.items)


def _field(node: Node, what: str) -> tuple[str, str]:
    match node:
        case Mapping(entries=((Scalar(text=name), Scalar(text=value)),)):
            return name, value
        case safeyaml.Sequence(items=(Scalar(text=name), Scalar(text=value))):
            return name, value
    raise DocumentError(node.line, f"{what} has to be a list of `- name: value`")


def _body(node: Node | None) -> Body:
    if node is None or _is_null(node):
        return Empty()
    reader = _Reader(node, "a body")
    name, content = reader.only(("json", "text", "base64", "file", "stream"))
    reader.finish()
    match name:
        case "file":
            return _file(content)
        case "stream":
            return _stream(content)
    return _content(name, content)


def _content(name: str, node: Node) -> Json | Text | Bytes:
    if name == "json":
        return Json(safeyaml.value_of(node))
    if not isinstance(node, Scalar):
        raise DocumentError(node.line, f"{name} has to be text")
    if name == "text":
        return Text(node.text)
    try:
        return Bytes(base64.b64decode(node.text, validate=True))
    except (binascii.Error, ValueError):
        raise DocumentError(node.line, "this is not base64") from None


def _file(node: Node) -> File:
    reader = _Reader(node, "a file")
    name = reader.text("name")
    if not SIDE_FILE.fullmatch(name):
        raise DocumentError(reader.line, "a file beside the cassette is named sha256-<64 hexadecimal digits>")
    file = File(name.replace("-", ":"), reader.integer("size"), reader.text("media_type", ""))
    reader.finish()
    return file


def _stream(node: Node) -> Stream:
    reader = _Reader(node, "a stream")
    kind: StreamKind = next(kind for kind in get_args(StreamKind) if kind == reader.word("kind", get_args(StreamKind)))
    newline = reader.text("newline", "\r\n")
    if newline not in ("\n", "\r\n"):
        raise DocumentError(reader.line, 'a newline is "\\n" or "\\r\\n"')
    frames = reader.required("frames")
    if not isinstance(frames, safeyaml.Sequence):
        raise DocumentError(frames.line, "frames have to be a list")
    reader.finish()
    return Stream(kind, tuple(map(_frame, frames.items)), newline)


def _frame(node: Node) -> Frame:
    reader = _Reader(node, "a frame")
    time = reader.number("t")
    direction: Direction = "in" if reader.word("dir", get_args(Direction), "out") == "in" else "out"
    channel: Channel | None = None
    if (said := reader.text("channel", "")) != "":
        channel = next((channel for channel in get_args(Channel) if channel == said), None)
        if channel is None:
            raise DocumentError(reader.line, f"channel is one of {', '.join(get_args(Channel))}")
    ends = reader.word("ends", ("true", "false"), "false") == "true"
    content: Json | Text | Bytes | Empty = Empty()
    said_contents = [(name, item) for name in ("json", "text", "base64") if (item := reader.node(name)) is not None]
    if len(said_contents) > 1:
        raise DocumentError(reader.line, "a frame has one of json, text, base64")
    for name, item in said_contents:
        content = _content(name, item)
    reader.finish()
    return Frame(time, content, direction, channel, ends)


# -- writing -----------------------------------------------------------------------------


def exchange_text(exchange: Exchange) -> str:
    """Return the document of an exchange, its end included."""
    return safeyaml.block(_exchange_value(exchange)) + MARK


def header_text(header: Header) -> str:
    """Return the document of the header, its end included."""
    value: dict[str, Any] = {"format": header.format}
    if header.recorded_with:
        value["recorded_with"] = header.recorded_with
    if header.recorded_at:
        value["recorded_at"] = header.recorded_at
    if header.daemon:
        value["daemon"] = dict(header.daemon)
    return safeyaml.block(value) + MARK


def _exchange_value(exchange: Exchange) -> dict[str, Any]:
    # `end` stands last: without it, a document was cut.
    return {
        "id": exchange.id,
        "connection": exchange.connection,
        "start": _seconds(exchange.start),
        "duration": _seconds(exchange.duration),
        "request": _request_value(exchange.request),
        "response": None if exchange.response is None else _response_value(exchange.response),
        **({"note": exchange.note} if exchange.note else {}),
        "end": exchange.end,
    }


def _seconds(value: float) -> float | int:
    """Return seconds to the microsecond: nothing that is recorded is more exact."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _request_value(request: Request) -> dict[str, Any]:
    value: dict[str, Any] = {"method": request.method, "path": request.path}
    return value | _fields_value("query", request.query) | _rest_value(request.headers, request.body)


def _response_value(response: Response) -> dict[str, Any]:
    value: dict[str, Any] = {"status": response.status}
    if response.reason:
        value["reason"] = response.reason
    return value | _rest_value(response.headers, response.body)


def _rest_value(headers: Fields, body: Body) -> dict[str, Any]:
    value = _fields_value("headers", headers)
    return value if isinstance(body, Empty) else {**value, "body": _body_value(body)}


def _fields_value(name: str, fields: Fields) -> dict[str, Any]:
    if not fields:
        return {}
    return {name: [{key: text} if len(key) <= LONGEST_NAME else [key, text] for key, text in fields]}


def _body_value(body: Body) -> dict[str, Any]:
    match body:
        case File(digest, size, media_type):
            file: dict[str, Any] = {"name": digest.replace(":", "-"), "size": size}
            return {"file": file | ({"media_type": media_type} if media_type else {})}
        case Stream(kind, frames, newline):
            value: dict[str, Any] = {"kind": kind}
            if newline != "\r\n":
                value["newline"] = newline
            return {"stream": {**value, "frames": [_frame_value(frame) for frame in frames]}}
    return _content_value(body)


def _content_value(content: Json | Text | Bytes | Empty) -> dict[str, Any]:
    match content:
        case Json(value):
            return {"json": value}
        case Text(text):
            return {"text": text}
        case Bytes(data):
            return {"base64": base64.b64encode(data).decode()}
        case Empty():
            return {}


def _frame_value(frame: Frame) -> safeyaml.Flow:
    value: dict[str, Any] = {"t": _seconds(frame.time), "dir": frame.direction}
    if frame.channel is not None:
        value["channel"] = frame.channel
    value |= _content_value(frame.content)
    if frame.ends:
        value["ends"] = True
    return safeyaml.Flow(value)
