"""A cassette in the place of a daemon: a WSGI application that answers as the recording did.

It uses the hooks of `fakedocker.server` for what an application cannot do by itself: bodies that come over time, and
connections that are taken over. What is not in the cassette is refused, or asked of the real daemon and recorded, as
the mode says.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import hashlib
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, BinaryIO
from urllib.parse import parse_qsl

from fakedocker.cassettes.bodies import answer_data, begins_readable, body_of, is_archive, stream_data
from fakedocker.cassettes.model import Body, Empty, Exchange, Fields, File, Request, Response, Stream
from fakedocker.cassettes.player import Action, Miss, Mode, Player, decide
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import LONGEST_READABLE, Loaded
from fakedocker.cassettes.whereabouts import Whereabouts
from fakedocker.proxy.episodes import Episodes, UnrecordableError
from fakedocker.proxy.pacing import Pace
from fakedocker.proxy.playback import Playback
from fakedocker.proxy.tape import Tape
from fakedocker.proxy.upstream import Upstream
from fakedocker.wire import gojson

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Bodies of bytes up to this size are compared by value, larger ones by digest (as the recorder keeps them).
LARGEST_BODY = 65536
CHUNK = 65536
#: Bytes of a request that wait in memory for the daemon that it may be carried to.
SPOOLED = 1 << 20
#: Headers that belong to the connection of the recording, not to the answer.
OF_THE_CONNECTION = frozenset({"content-length", "transfer-encoding", "connection", "date", "keep-alive", "trailer"})
#: What a server appends to a websocket's key before it digests it (RFC 6455, 1.3).
_WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class ReplayError(AssertionError):
    """A request that got no answer from the cassette; its text says why, and what comes nearest."""


@dataclass(frozen=True, slots=True)
class Unreached(Miss):
    """It was to be recorded, and could not be."""

    why: str = ""

    def _reason(self) -> str:
        return f"it is not in the cassette and could not be recorded: {self.why}"


class Replayer:
    """Answers from a cassette. `report`: told of every request that got no answer.

    With `upstream` and `open_tape` it may record, too, if the mode says so: from that daemon, on a tape that is opened
    when there is something new, with a redactor that knows the secrets so far.
    """

    def __init__(
        self,
        loaded: Loaded,
        *,
        speed: float | None = None,
        report: Callable[[BaseException, str], None] = lambda error, where: None,
        player: Player | None = None,
        mode: Mode = Mode.NONE,
        upstream: Upstream | None = None,
        open_tape: Callable[[Redactor], Tape] | None = None,
    ) -> None:
        self._files = loaded.files
        self._player = player or Player(loaded.cassette)
        self._lock = threading.Lock()
        self._pace = Pace(speed)
        self._report = report
        self._mode = mode
        self._whereabouts = Whereabouts(self._player.exchanges, self._player.references)
        self._episodes: Episodes | None = None
        if upstream is not None and open_tape is not None:
            self._episodes = Episodes(upstream, lambda: open_tape(self._knowing_redactor()), self._as_recorded)

    @property
    def unused(self) -> Sequence[Exchange]:
        """The recorded exchanges that nobody asked for."""
        with self._lock:
            return self._player.unused

    def close(self) -> None:
        """Play nothing any more, and return when everything that is new has been recorded."""
        self._pace.close()
        if self._episodes is not None:
            self._episodes.finish()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with contextlib.ExitStack() as stack:
            spool = stack.enter_context(tempfile.SpooledTemporaryFile(SPOOLED)) if self._episodes else None
            request, size = _request(environ, spool)
            action, found = self._decide(request)
            if isinstance(found, Exchange):
                return self._play(found, environ, start_response)
            if action == "record" and spool is not None:
                stack.pop_all()  # whoever sends what is in it will close it
                return self._record(found, request, spool, size, environ, start_response)
        return self._refuse(found, "501 Not Implemented", start_response)

    def _decide(self, request: Request) -> tuple[Action, Exchange | Miss]:
        """Return what to do with a request, and what the cassette has for it."""
        with self._lock:
            found: Exchange | Miss
            if self._whereabouts.is_at_daemon(request):
                found = Miss(self._player.redactor.request(request))
            else:
                found = self._player.next(request)
            action = decide(self._mode, has_cassette=True, is_recorded=isinstance(found, Exchange))
            if self._episodes is not None:
                if isinstance(found, Exchange):
                    self._whereabouts.played(request, found)
                    self._episodes.hear(request)
                elif action == "record" and (stranded := self._whereabouts.stranded(request, found.request)):
                    return "refuse", stranded
            return action, found

    def _refuse(self, miss: Miss, status: str, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what got no answer with an error in the daemon's own shape."""
        self._report(ReplayError(str(miss)), f"{miss.request.method} {miss.request.path}")
        body = gojson.encode({"message": str(miss)}) + b"\n"
        start_response(status, [("Content-Type", "application/json")])
        return [body]

    # -- what is new -----------------------------------------------------------------------

    def _record(
        self,
        miss: Miss,
        request: Request,
        spool: IO[bytes],
        size: int,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        assert self._episodes is not None

        def note(status: int) -> None:
            with self._lock:
                self._whereabouts.went_on(request, status)

        try:
            return self._episodes.ask(request, spool, size, environ, start_response, note)
        except UnrecordableError as error:
            return self._refuse(Unreached(miss.request, (), str(error)), "502 Bad Gateway", start_response)

    def _as_recorded(self, exchange: Exchange) -> Exchange:
        """Return a new exchange with the recording's words for what corresponds to something in it."""
        with self._lock:
            translate = self._player.correspondence
            request = translate.recorded_request(exchange.request)
            response = translate.recorded_response(exchange.response) if exchange.response is not None else None
        return replace(exchange, request=request, response=response)

    def _knowing_redactor(self) -> Redactor:
        with self._lock:
            return copy.deepcopy(self._player.redactor)

    # -- what was recorded -----------------------------------------------------------------

    def _play(self, exchange: Exchange, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if exchange.response is None:
            return _hang_up(exchange, environ, start_response)
        return self._answer(exchange, exchange.response, environ, start_response)

    def _answer(
        self, exchange: Exchange, response: Response, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        headers = [(name, value) for name, value in response.headers if name.lower() not in OF_THE_CONNECTION]
        line = f"{response.status} {response.reason}".strip()
        body = response.body
        if isinstance(body, Stream) and body.kind == "hijack":
            head = "".join(f"{name}: {value}\r\n" for name, value in _of_a_hijack(response, environ))
            environ["fakedocker.hijack"](
                Playback(exchange, body, self._pace), head=f"HTTP/1.1 {line}\r\n{head}\r\n".encode("latin-1")
            )
            body = Empty()
        elif isinstance(body, Stream) and environ["REQUEST_METHOD"] != "HEAD":
            environ["fakedocker.follow"](Playback(exchange, body, self._pace))
            body = Empty()
        start_response(line, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else self._data(body, response.headers)

    def _data(self, body: Body, headers: Fields) -> Iterable[bytes]:
        match body:
            case File() as file:
                return _pieces(self._files.open(file))
            case Stream() as stream:
                return [stream_data(stream)]
            case Empty():
                return []
            case _:
                return [answer_data(body, headers)]


def _of_a_hijack(response: Response, environ: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    """Yield the headers of an answer after which the connection is raw: as they were, those of the connection, too.

    A websocket is accepted with a digest of the key of this client, not of the recorded one.
    """
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY")
    for name, value in response.headers:
        if name.lower() == "sec-websocket-accept" and key:
            yield name, base64.b64encode(hashlib.sha1(f"{key}{_WEBSOCKET}".encode()).digest()).decode()
        elif name.lower() not in ("content-length", "date"):
            yield name, value


def _hang_up(exchange: Exchange, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Close the connection without an answer when the daemon did; if the client had, it has to do so again."""
    environ["fakedocker.hijack"](Playback(exchange, Stream("hijack", ()), Pace()), head=b"")
    start_response("200 OK", [])
    return []


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def _request(environ: WSGIEnvironment, copy: IO[bytes] | None) -> tuple[Request, int]:
    """Return the request as cassettes know it, and the size of its body, which `copy` gets."""
    target = environ.get("REQUEST_URI") or environ["PATH_INFO"]
    path, _, query = target.partition("?")
    headers = [
        (name[5:].replace("_", "-").title(), value) for name, value in environ.items() if name.startswith("HTTP_")
    ]
    content_type = environ.get("CONTENT_TYPE", "")
    if content_type:
        headers.append(("Content-Type", content_type))
    body, size = _body(environ["wsgi.input"], content_type, copy)
    if copy is not None:
        copy.seek(0)
    query_fields = tuple(parse_qsl(query, keep_blank_values=True))
    return Request(environ["REQUEST_METHOD"], path, query_fields, tuple(headers), body), size


def _body(stream: BinaryIO, content_type: str, copy: IO[bytes] | None) -> tuple[Body, int]:
    """Read a request's body: by value if it is small or readable, by its digest if it is neither."""
    digest, size, kept, limit = hashlib.sha256(), 0, bytearray(), LARGEST_BODY
    while piece := stream.read(CHUNK):
        if not size and begins_readable(piece) and not is_archive(File("", 0), (("content-type", content_type),)):
            limit = LONGEST_READABLE
        digest.update(piece)
        size += len(piece)
        if copy is not None:
            copy.write(piece)
        if size <= limit:
            kept += piece
    if size > limit:
        return File(f"sha256:{digest.hexdigest()}", size, content_type), size
    return body_of(bytes(kept), content_type), size
