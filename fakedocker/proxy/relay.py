"""One request carried to the real daemon in the middle of a replay, and the answer on its way back.

The client is connected to the server of the replay, not to the daemon: its request has been read and is written anew,
on a connection of its own. What passes there is told to the observer byte for byte, so that it is recorded by the same
rules as everything else. An answer of known length is read by whoever asks; one that comes over time, or that takes the
connection over, by a thread that fills a small buffer: the server pulls from it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from .messages import UNTIL_CLOSE, Data, End, Event, Head, MessageReader, is_interim, length_of_answer
from .observer import Observer
from .passage import Ending
from .upstream import Line

PIECE = 65536
#: Bytes that wait for the client, or for the daemon, before the other side has to wait, too.
BUFFER = 256 << 10
#: Seconds in which a connection that was hung up is over.
PATIENCE = 5.0


class Relay:
    """A request on its way to the daemon. `number` is that of its connection, as the observer knows it.

    `on_over` is told when it is over.
    """

    def __init__(
        self, number: int, line: Line, observer: Observer, method: str, on_over: Callable[[Relay], None]
    ) -> None:
        self._number = number
        self._line = line
        self._observer = observer
        self._method = method
        self._on_over = on_over
        self._over = threading.Event()
        self._reader = MessageReader(self._framing)
        self._is_until_close = False
        self._events: deque[Event] = deque()
        self._lock = threading.Lock()
        self._told: set[str] = set()
        self._is_over = False

    def ask(self, head: bytes, body: Iterable[bytes]) -> Head:
        """Send the request and return the head of the answer. Raises OSError, UnreadableError, EOFError."""
        sender = threading.Thread(target=self._say_all, args=(head, body), name=f"relay {self._number}", daemon=True)
        sender.start()  # a daemon may answer before it has heard everything
        while True:
            while self._events:
                event = self._events.popleft()
                if isinstance(event, Head) and not is_interim(event):
                    return event
            if not self._hear():
                raise EOFError("the daemon closed the connection without an answer")

    @property
    def is_left(self) -> bool:
        """Whether the client has gone."""
        with self._lock:
            return "in" in self._told

    @property
    def is_taken_over(self) -> bool:
        """Whether the connection carries raw bytes from here."""
        return self._reader.no_more_http

    def pieces(self) -> Iterator[bytes]:
        """Yield the body of the answer as it comes. Raises OSError when it does not come to its end."""
        try:
            while True:
                while self._events:
                    event = self._events.popleft()
                    if isinstance(event, Data):
                        yield event.data
                    elif isinstance(event, End):
                        return
                if not self._hear():
                    if self._reader.in_message and not self._is_until_close and not self.is_left:
                        raise ConnectionError("the daemon closed the connection in the middle of its answer")
                    return
        finally:
            self.leave()

    def raw(self) -> Iterator[bytes]:
        """Yield what comes on a connection that was taken over."""
        if rest := self._reader.rest():
            yield rest
        try:
            while data := self._receive():
                yield data
        except OSError:
            return

    def say(self, data: bytes) -> None:
        """Send bytes of the client. Raises OSError."""
        self._observer.passes(self._number, "in", data)
        self._line.sendall(data)

    def say_no_more(self) -> None:
        """Close the client's side only. Raises OSError."""
        self._tell("in", "eof")
        self._line.shutdown(socket.SHUT_WR)

    def leave(self) -> None:
        """Close the connection, because the answer has ended or the client has gone. May be called again."""
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
        self._tell("in", "gone")
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        self._observer.is_over(self._number)
        self._on_over(self)
        self._over.set()

    def wait(self) -> None:
        """Return when it is over, or when it should have been long ago."""
        self._over.wait(PATIENCE)

    def hang_up(self) -> None:
        """Make whoever waits for the daemon wait no more: the client has gone. From any thread."""
        self._tell("in", "gone")
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def _framing(self, head: Head) -> int:
        length = length_of_answer(head, self._method)
        self._is_until_close = length == UNTIL_CLOSE
        return length

    def _say_all(self, head: bytes, body: Iterable[bytes]) -> None:
        with contextlib.suppress(OSError):  # its answer tells why
            self.say(head)
            for piece in body:
                self.say(piece)

    def _hear(self) -> bool:
        """Take what comes; False: nothing more does."""
        data = self._receive()
        for event in self._reader.feed(data):
            self._events.append(event)
            if self.is_taken_over:
                break
        return bool(data)

    def _receive(self) -> bytes:
        try:
            data = self._line.recv(PIECE)
        except OSError:
            self._tell("out", "reset")
            raise
        if data:
            self._observer.passes(self._number, "out", data)
        else:
            self._tell("out", "eof")
        return data

    def _tell(self, direction: str, how: Ending) -> None:
        with self._lock:
            if direction in self._told:
                return
            self._told.add(direction)
        self._observer.ends(self._number, "in" if direction == "in" else "out", how)


class RelayedStream:
    """The daemon's side of an answer that comes over time: a source for the server, and a session if it was taken over.

    Each piece is handed on as it came.
    """

    def __init__(self, relay: Relay, pieces: Iterator[bytes]) -> None:
        self._relay = relay
        self._pieces = pieces
        self._changed = threading.Condition()
        self._came: deque[bytes] = deque()
        self._goes: deque[bytes] = deque()
        self._came_size = self._goes_size = 0
        self._has_begun = self._has_ended = self._is_closed = self._says_no_more = False
        self._trouble: OSError | None = None
        self._wake: Callable[[], None] = lambda: None
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._fill, self._empty)]

    def watch(self, wake: Callable[[], None]) -> None:
        """Begin; `wake` is called whenever there may be more."""
        self._wake, self._has_begun = wake, True
        for thread in self._threads:
            thread.start()

    def read(self, size: int) -> bytes | None:
        """Return the next piece, b"" when there is none yet, None at the end. Raises OSError when it broke off."""
        with self._changed:
            if not self._came:
                if self._trouble is not None:
                    raise self._trouble
                return None if self._has_ended else b""
            piece = self._came.popleft()
            if len(piece) > size:
                self._came.appendleft(piece[size:])
                piece = piece[:size]
            self._came_size -= len(piece)
            self._changed.notify_all()
            return piece

    def room(self) -> int:
        """Return how much of the client's input can wait here."""
        with self._changed:
            return max(0, BUFFER - self._goes_size)

    def receive(self, data: bytes) -> None:
        """Take what the client says."""
        with self._changed:
            self._goes.append(data)
            self._goes_size += len(data)
            self._changed.notify_all()

    def half_close(self) -> None:
        """The client says no more."""
        with self._changed:
            self._says_no_more = True
            self._changed.notify_all()

    def close(self) -> None:
        """It is over, or the client has gone."""
        with self._changed:
            self._is_closed = True
            self._wake = lambda: None
            is_idle = self._has_ended or not self._has_begun
            self._changed.notify_all()
        self._relay.hang_up()
        if is_idle:
            self._relay.leave()

    def _fill(self) -> None:
        try:
            for piece in self._pieces:
                with self._changed:
                    self._came.append(piece)
                    self._came_size += len(piece)
                    wake = self._wake
                wake()
                with self._changed:
                    self._changed.wait_for(lambda: self._came_size < BUFFER or self._is_closed)
                    if self._is_closed:
                        break
        except OSError as error:
            self._trouble = error
        finally:
            with self._changed:
                self._has_ended = True
                is_closed, wake = self._is_closed, self._wake
                self._changed.notify_all()
            wake()
            if is_closed:
                self._relay.leave()

    def _empty(self) -> None:
        with contextlib.suppress(OSError):  # a daemon that takes nothing more says so in its own direction
            while True:
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._goes or self._says_no_more or self._has_ended or self._is_closed
                    )
                    if self._is_closed or not (self._goes or self._says_no_more):
                        return
                    piece = self._goes.popleft() if self._goes else b""
                    self._goes_size -= len(piece)
                    wake = self._wake
                if not piece:
                    self._relay.say_no_more()
                    return
                self._relay.say(piece)
                wake()
