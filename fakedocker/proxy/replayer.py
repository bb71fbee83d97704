"""A cassette in the place of a daemon: a WSGI application that answers as the recording did.

It uses the hooks of `fakedocker.server` for what an application cannot do by itself: bodies that come over time, and
connections that are taken over.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import parse_qsl

from fakedocker.cassettes.bodies import body_of, data_of, stream_data
from fakedocker.cassettes.model import Body, Empty, Exchange, File, Request, Response, Stream
from fakedocker.cassettes.player import Miss, Player
from fakedocker.cassettes.store import Loaded
from fakedocker.proxy.pacing import Pace
from fakedocker.proxy.playback import Playback
from fakedocker.wire import gojson

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Bodies up to this size are compared by value, larger ones by digest (as the recorder keeps them).
LARGEST_BODY = 65536
CHUNK = 65536
#: Headers that belong to the connection of the recording, not to the answer.
OF_THE_CONNECTION = frozenset({"content-length", "transfer-encoding", "connection", "date", "keep-alive", "trailer"})


class ReplayError(AssertionError):
    """A request that the cassette has no answer to; its text says what comes nearest."""


class Replayer:
    """Answers from a cassette. `report`: told of every request that was not recorded."""

    def __init__(
        self,
        loaded: Loaded,
        *,
        speed: float | None = None,
        report: Callable[[BaseException, str], None] = lambda error, where: None,
        player: Player | None = None,
    ) -> None:
        self._files = loaded.files
        self._player = player or Player(loaded.cassette)
        self._lock = threading.Lock()
        self._pace = Pace(speed)
        self._report = report

    @property
    def unused(self) -> Sequence[Exchange]:
        """The recorded exchanges that nobody asked for."""
        with self._lock:
            return self._player.unused

    def close(self) -> None:
        """Play nothing any more."""
        self._pace.close()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = _request(environ)
        with self._lock:
            found = self._player.next(request)
        if isinstance(found, Miss):
            return self._refuse(found, start_response)
        if found.response is None:
            return _hang_up(environ, start_response)
        return self._answer(found, found.response, environ, start_response)

    def _refuse(self, miss: Miss, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what was not recorded with an error in the daemon's own shape."""
        self._report(ReplayError(str(miss)), f"{miss.request.method} {miss.request.path}")
        body = gojson.encode({"message": str(miss)}) + b"\n"
        start_response("501 Not Implemented", [("Content-Type", "application/json")])
        return [body]

    def _answer(
        self, exchange: Exchange, response: Response, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        headers = [(name, value) for name, value in response.headers if name.lower() not in OF_THE_CONNECTION]
        line = f"{response.status} {response.reason}".strip()
        body = response.body
        if isinstance(body, Stream) and body.kind == "hijack":
            head = "".join(f"{name}: {value}\r\n" for name, value in _of_a_hijack(response))
            environ["fakedocker.hijack"](
                Playback(exchange, body, self._pace), head=f"HTTP/1.1 {line}\r\n{head}\r\n".encode("latin-1")
            )
            body = Empty()
        elif isinstance(body, Stream) and environ["REQUEST_METHOD"] != "HEAD":
            environ["fakedocker.follow"](Playback(exchange, body, self._pace))
            body = Empty()
        start_response(line, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else self._data(body)

    def _data(self, body: Body) -> Iterable[bytes]:
        match body:
            case File() as file:
                return _pieces(self._files.open(file))
            case Stream() as stream:
                return [stream_data(stream)]
            case Empty():
                return []
            case _:
                return [data_of(body)]


def _of_a_hijack(response: Response) -> list[tuple[str, str]]:
    """Return the headers of an answer after which the connection is raw: as they were, those of the connection, too."""
    return [(name, value) for name, value in response.headers if name.lower() not in ("content-length", "date")]


def _hang_up(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Close the connection without an answer, as the daemon did."""
    nothing = Stream("hijack", ())
    request = Request(environ["REQUEST_METHOD"], environ["PATH_INFO"])
    environ["fakedocker.hijack"](Playback(Exchange(0, 0, 0, 0, request, None), nothing, Pace()), head=b"")
    start_response("200 OK", [])
    return []


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def _request(environ: WSGIEnvironment) -> Request:
    """Return the request as cassettes know it."""
    target = environ.get("REQUEST_URI") or environ["PATH_INFO"]
    path, _, query = target.partition("?")
    headers = [
        (name[5:].replace("_", "-").title(), value) for name, value in environ.items() if name.startswith("HTTP_")
    ]
    content_type = environ.get("CONTENT_TYPE", "")
    if content_type:
        headers.append(("Content-Type", content_type))
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        headers=tuple(headers),
        body=_body(environ["wsgi.input"], content_type),
    )


def _body(stream: BinaryIO, content_type: str) -> Body:
    """Read a request's body: by value if it is small, by its digest if it is not."""
    digest, size, kept = hashlib.sha256(), 0, bytearray()
    while piece := stream.read(CHUNK):
        digest.update(piece)
        size += len(piece)
        if size <= LARGEST_BODY:
            kept += piece
    if size > LARGEST_BODY:
        return File(f"sha256:{digest.hexdigest()}", size, content_type)
    return body_of(bytes(kept), content_type)
