"""One client's way to the daemon and back: bytes are carried as they are, and nothing is added, changed or kept back.

Two threads carry, one for each direction. Whoever watches is told of each piece before it is passed on, so that no
answer is ever seen before its question; being told has to be cheap.

What happens to a connection happens to the other one, too: a side that sends no more is closed to the other end while
the opposite direction stays open; a reset is passed on as a reset; when one end is gone for good, the other one is
closed at once and does not learn it from its next attempt to write.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from typing import Literal, Protocol

from fakedocker.cassettes.model import Direction

from .upstream import Line

PIECE = 128 << 10  # bytes that are carried at once
_LOOK = 250  # milliseconds between two looks whether a half-closed passage has been reset from the other end
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

Ending = Literal["eof", "reset", "gone", "cut"]
"""How a direction ended: its sender closed it; broke the connection; has gone altogether, for both directions; or the
proxy itself ended it."""


class Watcher(Protocol):
    """Who is told what passes. `number` says on which connection; `in` is what the client sent."""

    def passes(self, number: int, direction: Direction, data: bytes) -> None: ...
    def ends(self, number: int, direction: Direction, how: Ending) -> None: ...
    def is_over(self, number: int) -> None: ...


class Passage:
    """A client's connection, a connection to the daemon, and what goes on between them."""

    def __init__(self, number: int, client: Line, daemon: Line, watcher: Watcher) -> None:
        self.number = number
        self._client = client
        self._daemon = daemon
        self._watcher = watcher
        self._lock = threading.Lock()
        self._open: set[Direction] = {"in", "out"}
        self._threads = 2
        self._over = False
        self._is_cut = False

    def run(self) -> None:
        """Carry until both directions have ended: one in this thread, one in another."""
        back = threading.Thread(target=self._run, args=("out",), name=f"passage {self.number} back", daemon=True)
        back.start()
        self._run("in")
        back.join()
        self._watcher.is_over(self.number)

    def cut(self) -> None:
        """End it now. May be called from any thread, and again."""
        with self._lock:
            self._is_cut = self._over = True
            self._shut_both(socket.SHUT_RDWR)

    def _run(self, direction: Direction) -> None:
        source, sink = (self._client, self._daemon) if direction == "in" else (self._daemon, self._client)
        try:
            self._carry(direction, source, sink)
            self._wait_until_gone(direction, source)
        finally:
            self._leave()

    def _carry(self, direction: Direction, source: Line, sink: Line) -> None:
        while True:
            try:
                data = source.recv(PIECE)
            except OSError:
                self._end(direction, "reset")
                self._reset(sink)
                return
            if not data:
                self._end(direction, "eof")
                _shut(sink, socket.SHUT_WR)
                return
            self._watcher.passes(self.number, direction, data)
            try:
                sink.sendall(data)
            except OSError:
                self._end("out" if direction == "in" else "in", "gone")
                self._end(direction)
                _shut(source, socket.SHUT_RD)  # its next attempt to write fails
                return

    def _end(self, direction: Direction, how: Ending | None = None) -> None:
        """Note that nothing more comes in a direction, and (unless that was our own doing) how it ended."""
        with self._lock:
            self._open.discard(direction)
            if self._is_cut:
                how = "cut"
            elif self._over:
                how = None
        if how is not None:
            self._watcher.ends(self.number, direction, how)

    def _wait_until_gone(self, direction: Direction, source: Line) -> None:
        """The source sends no more, but may still read. When it does not even do that, the other end has to know."""
        poll = select.poll()
        poll.register(source.fileno(), 0)  # which still reports a hangup
        while self._open and not self._over and not poll.poll(_LOOK):
            pass
        with self._lock:
            if self._over:
                return
            is_gone = bool(self._open)
            self._over = True
            self._shut_both(socket.SHUT_RDWR)  # which also wakes who waits for the other end
        if is_gone:
            self._watcher.ends(self.number, direction, "gone")

    def _reset(self, sink: Line) -> None:
        """Pass a reset on: it goes out when the sink is closed, with nothing like an orderly end before it."""
        with self._lock:
            if self._over:
                return
            self._over = True
            try:
                sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            except OSError:
                pass  # not every kind of connection knows resets
            self._shut_both(socket.SHUT_RD)

    def _shut_both(self, how: int) -> None:
        if self._threads:
            _shut(self._client, how)
            _shut(self._daemon, how)

    def _leave(self) -> None:
        with self._lock:
            self._threads -= 1
            if not self._threads:
                self._client.close()
                self._daemon.close()


def _shut(line: Line, how: int) -> None:
    try:
        line.shutdown(how)
    except OSError:
        pass  # it is closed already
