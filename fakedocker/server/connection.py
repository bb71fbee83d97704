"""One client connection: read heads while idle, serve requests on a thread, hand over, part in peace.

While `busy`, a worker thread owns the connection and the reactor only watches whether the client leaves.
Otherwise it is the reactor's: a slow head and a kept-alive connection cost no thread.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .exchange import ClientGoneError, Exchange
from .http1 import READ_SIZE, BadRequestError, DateLine, find_end_of_head, parse_head
from .limits import Limits
from .lingering import Lingering
from .poller import Report
from .pool import Pool
from .reactor import Channel, OnError, Reactor

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


NEXT_REQUEST_SECONDS = 0.002  # that a thread stays with its client; docker-py needs 0.9 ms between two
JOIN_SIZE = 4 * READ_SIZE  # below this, copying is cheaper than another system call


@dataclass(frozen=True, slots=True)
class Service:
    """What all connections of a server share."""

    app: WSGIApplication
    reactor: Reactor
    pool: Pool
    limits: Limits
    on_error: OnError
    date: DateLine


class Connection(Channel):
    """One client, from its first byte to the hand-over of its socket."""

    def __init__(self, sock: socket.socket, service: Service, environ: Mapping[str, object]) -> None:
        self.sock = sock
        self.service = service
        self.reactor = service.reactor
        self.limits = service.limits
        self.environ = environ
        self.label = "a connection"
        self.buffer = bytearray()
        self._give_up_at: float | None = None  # receiving, on time.monotonic
        self._seen = 0  # of the buffer, in search of the end of a head
        self._head_end = -1
        self._busy = False
        self._posted = False  # back to the reactor, which has not seen it yet
        self._farewells: list[Callable[[], None]] = []

    # --- the reactor's side ---

    def turn(self) -> None:
        self.resume()

    def resume(self) -> None:
        """Become idle: wait for the next request, which may be here already."""
        self._busy = self._posted = False
        self.reactor.take(self)
        self._examine()

    def ready(self, report: Report) -> None:
        if self._busy:
            if report.gone:
                self.say_farewell()
            elif self._farewells:  # a late report, from before the watch was set
                self.reactor.arm(self, hangup=True)
            return
        try:
            data = self.sock.recv(READ_SIZE)
        except BlockingIOError:
            self.reactor.arm(self, read=True)
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        begun = bool(self.buffer)
        self.buffer += data
        self._examine(begun)

    def expire(self) -> None:
        self.close()

    def abort(self) -> None:
        if not self._busy or self._posted:
            self.close()
            return
        # The thread closes it; this makes whatever it does with the socket end.
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.say_farewell()

    def close(self) -> None:
        self.reactor.release(self)

    def linger(self) -> None:
        """Close, but let the client read what is on its way."""
        self.reactor.drop_deadline(self)
        Lingering(self).turn()

    def _examine(self, begun: bool = False) -> None:
        """Look for a whole head in the buffer; with one, put a thread to work."""
        try:
            found = self._find_head()
        except BadRequestError as error:
            try:
                self.sock.send(error.answer)
            except OSError:
                pass
            self.linger()
            return
        if found:
            self.reactor.drop_deadline(self)
            self._busy = True
            try:
                self.service.pool.submit(self._serve)
            except RuntimeError as error:
                self._busy = False
                if not self.reactor.stopped:
                    self.service.on_error(error, self.label)
                self.close()
            return
        if self.buffer and not begun:
            self.reactor.set_deadline(self, self.limits.head_seconds)
        self.reactor.arm(self, read=True)

    def _find_head(self) -> bool:
        while self.buffer.startswith(b"\r\n"):  # some clients send an empty line behind a body
            del self.buffer[:2]
        if self.buffer == b"\r":
            return False
        self._head_end = find_end_of_head(self.buffer, self._seen, self.limits.head_bytes)
        self._seen = len(self.buffer)
        return self._head_end >= 0

    # --- the thread's side ---

    def on_close(self, callback: Callable[[], None]) -> None:
        """Have this called, once, when the client leaves before the answer has ended."""
        self._farewells.append(callback)
        self.reactor.arm(self, hangup=True)

    def _serve(self) -> None:
        try:
            successor = self._serve_all()
        except BaseException as error:  # no application's fault, but the thread must live on
            self.service.on_error(error, self.label)
            successor = Lingering(self)
        if successor is not self or self.buffer:
            self._posted = True
            self.reactor.post(successor)
            return
        self._busy = False
        # Straight from here, which spares the reactor a turn. From now on the connection is no longer ours.
        self.reactor.arm(self, read=True)
        if self.reactor.stopped:
            self.sock.close()

    def _serve_all(self) -> Channel:
        """Serve request after request while they come; gives what the socket belongs to next."""
        try:
            while True:
                successor = self._serve_one()
                if successor is not self or not (self._find_head() or self._next_comes_at_once()):
                    return successor
        except BadRequestError as error:
            return self._refuse(error)

    def _next_comes_at_once(self) -> bool:
        """Wait a moment: many clients have a next request, and to change threads would triple its time."""
        if self.buffer or not self._wait(select.POLLIN, NEXT_REQUEST_SECONDS):
            return False
        try:
            self.buffer += self.sock.recv(READ_SIZE)
        except OSError:
            return False
        return self._find_head()

    def _serve_one(self) -> Channel:
        """Serve the request whose head is in the buffer."""
        head = bytes(memoryview(self.buffer)[: self._head_end])
        del self.buffer[: self._head_end]
        self._seen = 0
        request = parse_head(head)
        self.label = f"{request.method} {request.target.partition('?')[0]}"
        self._give_up_at = None
        try:
            return Exchange(self, request).run()
        finally:
            self._farewells.clear()

    def _refuse(self, error: BadRequestError) -> Channel:
        try:
            self.send(error.answer)
        except ClientGoneError:
            pass
        return Lingering(self)

    def say_farewell(self) -> None:
        """The client has gone: tell those who wanted to know."""
        while self._farewells:
            try:
                callback = self._farewells.pop()
            except IndexError:
                return
            try:
                callback()
            except BaseException as error:
                self.service.on_error(error, self.label)

    def receive(self, size: int) -> bytes:
        """Wait for bytes, at most `size`; b"": the client sends no more."""
        while True:
            try:
                return self.sock.recv(size)
            except BlockingIOError:
                if not self._wait(select.POLLIN, self._patience()):
                    return b""
            except OSError:
                return b""

    def receive_into(self, view: memoryview) -> int:
        """As `receive`, into a buffer; 0: the client sends no more."""
        while True:
            try:
                return self.sock.recv_into(view)
            except BlockingIOError:
                if not self._wait(select.POLLIN, self._patience()):
                    return 0
            except OSError:
                return 0

    def send(self, *parts: bytes) -> None:
        """Send all of it. Raises ClientGoneError."""
        if sum(map(len, parts)) <= JOIN_SIZE:
            parts = (b"".join(parts),)
        for part in parts:
            view = memoryview(part)
            while view:
                try:
                    view = view[self.sock.send(view) :]
                except BlockingIOError:
                    if not self._wait(select.POLLOUT, self.limits.stall_seconds):
                        raise ClientGoneError("the client takes nothing") from None
                except OSError as error:
                    raise ClientGoneError("the client has gone") from error

    def hurry(self, seconds: float) -> None:
        """Receive for so long and no longer, until the end of this request."""
        self._give_up_at = time.monotonic() + seconds

    def _patience(self) -> float | None:
        return None if self._give_up_at is None else max(0.0, self._give_up_at - time.monotonic())

    def _wait(self, event: int, seconds: float | None) -> bool:
        poll = select.poll()
        poll.register(self.sock, event)
        return bool(poll.poll(None if seconds is None else seconds * 1000))
