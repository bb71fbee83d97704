"""How a connection ends: all has been said, and the server still listens for a moment; or at once, with a reset.

Closing a socket with unread input sends a reset, which would destroy the end of the answer on its way.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from .breaking import prepare_reset
from .http1 import READ_SIZE
from .poller import Report
from .reactor import Channel

if TYPE_CHECKING:
    from .connection import Connection


class Lingering(Channel):
    """Reads and throws away, until the client has closed or the time is up."""

    def __init__(self, connection: Connection) -> None:
        self.sock = connection.sock
        self.label = connection.label
        self._reactor = connection.reactor
        self._seconds = connection.limits.linger_seconds
        connection.buffer.clear()

    def turn(self) -> None:
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.abort()
            return
        self._reactor.take(self)
        self._reactor.set_deadline(self, self._seconds)
        self._reactor.arm(self, read=True)

    def ready(self, report: Report) -> None:
        try:
            if not self.sock.recv(READ_SIZE):
                self.abort()
                return
        except BlockingIOError:
            pass
        except OSError:
            self.abort()
            return
        self._reactor.arm(self, read=True)

    def expire(self) -> None:
        self.abort()

    def abort(self) -> None:
        self._reactor.release(self)


class Resetting(Channel):
    """Closes with a reset, in the reactor's next turn."""

    def __init__(self, connection: Connection) -> None:
        self.sock = connection.sock
        self.label = connection.label
        self._reactor = connection.reactor
        connection.buffer.clear()
        prepare_reset(self.sock)

    def turn(self) -> None:
        self.abort()

    def ready(self, report: Report) -> None:
        self.abort()

    def expire(self) -> None:
        self.abort()

    def abort(self) -> None:
        self._reactor.release(self)
