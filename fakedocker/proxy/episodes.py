"""New episodes: what a cassette has no answer to is asked of the real daemon, and recorded behind what is there.

The daemon is not connected to, and the cassette not opened for writing, before there is something new.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING

from fakedocker.cassettes.model import Exchange, Request
from fakedocker.cassettes.store import CassetteError

from .conversation import Recording
from .gathering import SideFile
from .messages import UNTIL_CLOSE, Head, UnreadableError
from .observer import Observer
from .questions import CHUNK, UnaskableError, head_of
from .relay import Relay, RelayedStream
from .tape import Tape
from .upstream import UnreachableError, Upstream

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Headers of an answer that belong to the connection with the daemon, not to the answer.
OF_THE_CONNECTION = frozenset({"transfer-encoding", "connection", "keep-alive", "trailer"})


class UnrecordableError(Exception):
    """The daemon could not be asked, or what it said could not be recorded; `str()` is one line that says why."""


class _Translated:
    """Keeps exchanges in the words of the recording."""

    def __init__(self, tape: Tape, as_recorded: Callable[[Exchange], Exchange]) -> None:
        self._tape = tape
        self._as_recorded = as_recorded

    def hear(self, request: Request) -> None:
        self._tape.hear(request)

    def keep(self, exchange: Exchange, size: int) -> None:
        self._tape.keep(self._as_recorded(exchange), size)

    def side_file(self, media_type: str) -> SideFile:
        return self._tape.side_file(media_type)


class Episodes:
    """Asks and records; may be used from any thread.

    `open_tape`: opens the cassette, raises CassetteError or OSError. `as_recorded`: puts an exchange into the words of
    the recording.
    """

    def __init__(
        self, upstream: Upstream, open_tape: Callable[[], Tape], as_recorded: Callable[[Exchange], Exchange]
    ) -> None:
        self._upstream = upstream
        self._open_tape = open_tape
        self._as_recorded = as_recorded
        self._lock = threading.Lock()
        self._tape: Tape | None = None
        self._observer: Observer | None = None
        self._numbers: Iterator[int] = iter(())
        self._relays: set[Relay] = set()

    @property
    def tape(self) -> Tape | None:
        """Where what is new is recorded; None while nothing is."""
        return self._tape

    def hear(self, request: Request) -> None:
        """Learn the secrets of a request that is played; a tape that is opened later knows those of before."""
        observer = self._observer
        if observer is not None:
            observer.heard(request)

    def ask(
        self,
        request: Request,
        body: IO[bytes],
        size: int,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        on_answer: Callable[[int], None],
    ) -> Iterable[bytes]:
        """Ask the daemon and answer as it does. `on_answer`: told of the status before the client is.

        Closes `body`. Raises UnrecordableError while nothing has been answered yet.
        """
        target = environ.get("REQUEST_URI") or environ["PATH_INFO"]
        try:
            head = head_of(request.method, target, request.headers, size)
            relay = self._relay(request.method)
        except (UnaskableError, UnreachableError, CassetteError, OSError) as error:
            body.close()
            raise UnrecordableError(_reason(error)) from None
        if on_close := environ.get("fakedocker.on_close"):
            on_close(relay.hang_up)
        try:
            answer = relay.ask(head, _pieces(body))
        except (OSError, EOFError, UnreadableError) as error:
            is_left = relay.is_left
            relay.leave()
            if is_left:
                return _nobody(start_response)
            raise UnrecordableError(f"{self._upstream}: {error}") from None
        on_answer(answer.status[0])
        return _answer(relay, answer, environ, start_response)

    def finish(self) -> None:
        """End what is still open, and return when everything has been recorded."""
        with self._lock:
            relays, observer = list(self._relays), self._observer
        for relay in relays:
            relay.hang_up()
        for relay in relays:
            relay.wait()
        if observer is not None:
            observer.finish()

    def _relay(self, method: str) -> Relay:
        line = self._upstream.connect()
        try:
            with self._lock:
                observer = self._observer or self._begin()
                relay = Relay(next(self._numbers), line, observer, method, self._forget)
                self._relays.add(relay)
                return relay
        except BaseException:
            line.close()
            raise

    def _begin(self) -> Observer:
        tape = self._open_tape()
        recording: Recording = _Translated(tape, self._as_recorded)
        observer = Observer(recording, tape.next_id, tape.elapsed)
        observer.start()
        self._numbers = itertools.count(tape.next_connection)
        self._tape, self._observer = tape, observer
        return observer

    def _forget(self, relay: Relay) -> None:
        with self._lock:
            self._relays.discard(relay)


def _reason(error: Exception) -> str:
    if not isinstance(error, OSError):
        return str(error)
    return f"the cassette cannot be written: {error.strerror or error}"


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def _nobody(start_response: StartResponse) -> Iterable[bytes]:
    """Answer a client that has gone."""
    start_response("502 Bad Gateway", [])
    return []


def _answer(relay: Relay, head: Head, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    status, reason = head.status
    line = f"{status} {reason}".strip()
    if relay.is_taken_over:
        said = "".join(f"{name}: {value}\r\n" for name, value in head.fields)
        stream = RelayedStream(relay, relay.raw())
        environ["fakedocker.hijack"](stream, head=f"HTTP/1.1 {line}\r\n{said}\r\n".encode("latin-1"))
        start_response(line, [])
        return []
    fields = [(name, value) for name, value in head.fields if name.lower() not in OF_THE_CONNECTION]
    start_response(line, fields)
    if environ["REQUEST_METHOD"] == "HEAD" or status in (204, 304):
        for _ in relay.pieces():
            pass  # there is nothing, but its end
        return []
    length = head.length
    if length is None or length < 0 or length == UNTIL_CLOSE:
        environ["fakedocker.follow"](RelayedStream(relay, relay.pieces()))
        return []
    return relay.pieces()
