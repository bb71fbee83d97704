"""What a cassette holds: the exchanges of a session with a Docker daemon, in the order in which they began.

Everything here is a value: no files, no sockets, no clock. Times are seconds since the recording began; in bodies,
since the exchange began.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

#: The number of the format; a cassette with another one is refused.
FORMAT = 1

Direction = Literal["in", "out"]
"""Seen from the daemon: `in` is what the client sent."""
Channel = Literal["stdin", "stdout", "stderr"]
End = Literal["complete", "eof", "reset", "half-close", "client-left"]
"""How an exchange ended: with its answer; with the connection closed by the daemon; broken off; with the client's
sending side closed first; because the client went away."""

Fields = Sequence[tuple[str, str]]
"""Header fields in the order in which they came."""


@dataclass(frozen=True, slots=True)
class Empty:
    """No body."""


@dataclass(frozen=True, slots=True)
class Json:
    """One JSON value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Text:
    """Text, in UTF-8."""

    text: str


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes that are no text."""

    data: bytes


@dataclass(frozen=True, slots=True)
class File:
    """A body too large to stand in the cassette: a file beside it, named by its digest."""

    digest: str
    size: int
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What came at once: a chunk of a streamed body, a frame of a multiplexed one, a piece of a hijacked connection.

    `content` is a value of the stream if it is one of JSON lines. `ends`: the sending side was closed behind it.
    """

    time: float
    content: Json | Text | Bytes | Empty
    direction: Direction = "out"
    channel: Channel | None = None
    ends: bool = False


StreamKind = Literal["lines", "multiplexed", "raw", "hijack"]


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that came over time. `lines`: JSON values; `multiplexed`: Docker's frames of eight bytes and a payload;
    `raw`: chunks as they came; `hijack`: both directions of a connection that was taken over.

    `newline`: what ends each value of `lines`. Progress has two characters, events and stats have one.
    """

    kind: StreamKind
    frames: Sequence[Frame]
    newline: str = "\r\n"


Body = Empty | Json | Text | Bytes | File | Stream


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked. `path` as it was sent, without the query; `query` undone, in order."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Fields = ()
    body: Body = Empty()


@dataclass(frozen=True, slots=True)
class Response:
    """What the daemon answered."""

    status: int
    reason: str = ""
    headers: Fields = ()
    body: Body = Empty()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer (None: the daemon never gave one).

    `connection` numbers the client's connections. `start`, `duration`: seconds. `note`: what a reader should know, such
    as why this was recorded as bytes only.
    """

    id: int
    connection: int
    start: float
    duration: float
    request: Request
    response: Response | None
    end: End = "complete"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """What a cassette says of itself: who recorded it, when, and from which daemon."""

    recorded_with: str = ""
    recorded_at: str = ""
    daemon: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Cassette:
    """A recorded session."""

    header: Header
    exchanges: Sequence[Exchange]
