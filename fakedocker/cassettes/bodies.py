"""Bytes into bodies and back.

A body is kept as the most readable thing that says the same: a JSON value, text, and only then bytes. JSON is the same
when its value is: spaces, escapes and the order of two equal keys are lost, and what is written back is written as
Go does. Whatever JSON cannot carry through a cassette unchanged stays text.

Streams are taken apart while they come: a `StreamReader` is fed and keeps what is whole as frames.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from fakedocker.cassettes.model import (
    Body,
    Bytes,
    Channel,
    Direction,
    Empty,
    Fields,
    File,
    Frame,
    Json,
    Response,
    Stream,
    StreamKind,
    Text,
)
from fakedocker.wire import gojson, multiplexed

#: How deep a JSON value may be nested, and how long its keys may be, to stand in a cassette as YAML.
DEEPEST = 40
LONGEST_KEY = 250
#: What a line that never ends may hold before it is taken for no line.
LONGEST_LINE = 1 << 20
_JSON = re.compile(r"application/([\w.+-]+\+)?json\b", re.IGNORECASE)
_ARCHIVE = re.compile(r"application/(x-)?(tar|gzip|bzip2|xz|zstd)\b", re.IGNORECASE)
#: How compressed archives begin: gzip, bzip2, xz, zstd.
_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")
_CONTROLS = re.compile("[\0-\x06\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")


def body_of(data: bytes, content_type: str = "") -> Body:
    """Return bytes as a body: JSON if the type says so or nothing says otherwise, text if it is text."""
    if not data:
        return Empty()
    if _JSON.match(content_type) or (not content_type and data.lstrip()[:1] in (b"{", b"[")):
        whole = json_of(data)
        if whole is not None:
            return whole
    return piece_of(data)


def piece_of(data: bytes) -> Text | Bytes:
    """Return bytes as text, if they are some that a person can read, control sequences of a terminal included."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return Bytes(data)
    return Bytes(data) if _CONTROLS.search(text) else Text(text)


def begins_readable(first: bytes) -> bool:
    """Tell whether these are the first bytes of something that a person can read; a character may be cut at the end."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return False
    return _CONTROLS.search(text) is None


def json_of(data: bytes) -> Json | None:
    """Return bytes as one JSON value; None if they are none, or one that a cassette cannot keep."""
    try:
        data.decode()
        values = list(islice(gojson.split(data), 2))
    except (ValueError, RecursionError):
        return None
    return Json(values[0]) if len(values) == 1 and can_be_kept(values[0]) else None


def can_be_kept(value: Any, depth: int = DEEPEST) -> bool:
    """Tell whether a JSON value comes back from a cassette as it was."""
    match value:
        case str():
            return _is_unicode(value)
        case float():
            return abs(value) != float("inf")
        case list():
            return depth > 0 and all(can_be_kept(item, depth - 1) for item in value)
        case dict():
            return depth > 0 and all(
                len(key) <= LONGEST_KEY and _is_unicode(key) and can_be_kept(item, depth - 1)
                for key, item in value.items()
            )
    return True


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def is_archive(body: Body, headers: Fields) -> bool:
    """Tell whether a body is an archive, by its first bytes or its type. Clients call archives all sorts of things."""
    match body:
        case Bytes(data) if data.startswith(_MAGIC) or data[257:262] == b"ustar":
            return True
        case Bytes() | File() | Stream(kind="raw"):
            said = next((value for name, value in headers if name.lower() == "content-type"), "")
            return _ARCHIVE.match(said) is not None
    return False


def data_of(body: Json | Text | Bytes | Empty, *, ends: str = "\n") -> bytes:
    """Return the bytes of a body; `ends` is what follows a JSON value. The daemon's encoder writes a new line."""
    match body:
        case Empty():
            return b""
        case Json(value):
            return gojson.encode(value) + ends.encode()
        case Text(text):
            return text.encode()
        case Bytes(data):
            return data


def answer_data(body: Json | Text | Bytes | Empty, headers: Fields) -> bytes:
    """Return the bytes of an answer's whole body.

    Of the ways in which daemons write JSON it is the one that has the recorded length; if that is not known, moby's own
    (api/server/httputils: no HTML is escaped).
    """
    if not isinstance(body, Json):
        return data_of(body)
    plain = gojson.encode(body.value, escapes_html=False)
    length = next((value for name, value in headers if name.lower() == "content-length"), "")
    ways = (plain + b"\n", plain, data_of(body), data_of(body, ends=""))
    return next((way for way in ways if str(len(way)) == length), ways[0])


def frame_data(stream: Stream, frame: Frame) -> bytes:
    """Return the bytes of a frame as they stood on the wire."""
    data = data_of(frame.content, ends=stream.newline)
    if frame.channel is None or frame.direction == "in" or isinstance(frame.content, Empty):
        return data
    return multiplexed.encode(frame.channel, data)


def stream_data(stream: Stream, direction: Direction = "out") -> bytes:
    """Return all that went in one direction."""
    return b"".join(frame_data(stream, frame) for frame in stream.frames if frame.direction == direction)


def response_data(response: Response) -> bytes | None:
    """Return the bytes of an answer's body; None if they are in a file of their own."""
    match response.body:
        case File():
            return None
        case Stream() as stream:
            return stream_data(stream)
        case body:
            return data_of(body)


# -- streams as they come ----------------------------------------------------------------


def kind_of(content_type: str, status: int = 200) -> StreamKind:
    """Return what a streamed answer of this type is; `hijack` is for whoever sees the connection change hands.

    Before API 1.42 a multiplexed stream had the type of a raw one: its reader tells them apart by the bytes.
    """
    if status == 101:
        return "hijack"
    if content_type.startswith(("application/vnd.docker.raw-stream", "application/vnd.docker.multiplexed-stream")):
        return "multiplexed"
    if _JSON.match(content_type) or content_type.startswith(("application/x-ndjson", "application/json-seq")):
        return "lines"
    return "raw"


class StreamReader:
    """Takes a stream apart while it comes. What does not look like its kind is kept as it came."""

    def __init__(self, kind: StreamKind) -> None:
        self._kind: StreamKind = kind
        self._frames: list[Frame] = []
        self._frames_of_out = multiplexed.Decoder() if kind in ("multiplexed", "hijack") else None
        self._lines = _Lines() if kind == "lines" else None

    @property
    def frames(self) -> list[Frame]:
        """What is whole so far."""
        return self._frames

    def feed(self, time: float, data: bytes, direction: Direction = "out") -> None:
        """Take what came at a time: a chunk, or what one read of the connection gave."""
        if not data:
            return
        if direction == "in":
            self._frames.append(Frame(time, piece_of(data), "in", "stdin" if self._kind == "hijack" else None))
        elif self._lines is not None:
            self._frames.extend(Frame(time, content) for content in self._lines.feed(data))
        elif self._frames_of_out is not None:
            self._take(time, self._frames_of_out.feed(data))
        else:
            self._frames.append(Frame(time, piece_of(data)))

    def end(self, time: float, direction: Direction = "out") -> None:
        """Take that one side sends no more."""
        self._flush(time)
        last = self._frames[-1] if self._frames else None
        if last is not None and last.direction == direction and last.time == time and not last.ends:
            self._frames[-1] = replace(last, ends=True)
        else:
            channel: Channel | None = "stdin" if direction == "in" and self._kind == "hijack" else None
            self._frames.append(Frame(time, Empty(), direction, channel, ends=True))

    def finish(self, time: float) -> Stream:
        """Return the stream, with what was in the middle of coming."""
        self._flush(time)
        kind = self._kind
        if kind == "multiplexed" and all(frame.channel is None for frame in self._frames):
            kind = "raw"
        return Stream(kind, tuple(self._frames), self._lines.newline if self._lines else "\r\n")

    def _flush(self, time: float) -> None:
        if self._lines is not None:
            self._frames.extend(Frame(time, content) for content in self._lines.finish())
        if self._frames_of_out is not None:
            self._take(time, self._frames_of_out.finish())

    def _take(self, time: float, pieces: list[multiplexed.Piece]) -> None:
        self._frames.extend(Frame(time, piece_of(piece.data), "out", piece.channel) for piece in pieces)


@dataclass(slots=True)
class _Lines:
    """Splits JSON values from each other; each ends with a new line, and all with the same."""

    newline: str = "\r\n"
    _rest: bytes = b""
    _seen: bool = False

    def feed(self, data: bytes) -> list[Json | Text | Bytes]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        found: list[Json | Text | Bytes] = [self._line(line + b"\n") for line in whole]
        if len(self._rest) > LONGEST_LINE:
            found.extend(self.finish())
        return found

    def finish(self) -> list[Json | Text | Bytes]:
        rest, self._rest = self._rest, b""
        return [piece_of(rest)] if rest else []

    def _line(self, line: bytes) -> Json | Text | Bytes:
        newline = "\r\n" if line.endswith(b"\r\n") else "\n"
        value = json_of(line) if not self._seen or newline == self.newline else None
        if value is None:
            return piece_of(line)
        self.newline, self._seen = newline, True
        return value
