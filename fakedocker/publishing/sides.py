"""What is at the other end of a passage: a connection in the simulated network, or one to an address of the user's."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from typing import Protocol

from fakedocker.engine.networks.sockets import Connection, Socket, SocketAddress
from fakedocker.runtime import Runtime
from fakedocker.server.poller import Report
from fakedocker.server.reactor import Channel, Reactor

#: Seconds until an address that does not answer is given up.
CONNECT_TIMEOUT = 10.0


class Side(Protocol):
    """Like a socket that never blocks. It wakes its passage when reading or writing may do what it did not before."""

    @property
    def gone(self) -> bool:
        """Whether it is known that nobody reads there any more."""
        ...

    def read(self, size: int) -> bytes | None:
        """Return at most `size` bytes, b"" at the end, None when there is nothing yet."""
        ...

    def write(self, data: bytes) -> int:
        """Take as many bytes as there is room for and return how many. Raises OSError."""
        ...

    def shut_down(self) -> None:
        """Let the other side read the end."""
        ...

    def close(self) -> None:
        """Hang up. Idempotent."""
        ...


class Simulated:
    """A connection to a program in a container."""

    def __init__(self, connection: Socket, runtime: Runtime, wake: Callable[[], None]) -> None:
        self._connection = connection
        self._runtime = runtime
        self._closed = False
        with runtime.lock:
            connection.hold()
            self._cancel = connection.ready.subscribe(wake)

    @property
    def gone(self) -> bool:
        with self._runtime.lock:
            return isinstance(self._connection, Connection) and self._connection.unheard

    def read(self, size: int) -> bytes | None:
        with self._runtime.engine():
            return self._connection.read(size)

    def write(self, data: bytes) -> int:
        with self._runtime.engine():
            return self._connection.write(data)

    def shut_down(self) -> None:
        with self._runtime.engine():
            self._connection.shut_down()

    def close(self) -> None:
        with self._runtime.engine():
            if not self._closed:
                self._closed = True
                self._cancel()
                self._connection.release()


class Forwarded(Channel):
    """A connection to an address that the user has named. Raises OSError when that fails at once."""

    def __init__(self, address: SocketAddress, reactor: Reactor, wake: Callable[[], None], label: str) -> None:
        self.label = label
        self._reactor = reactor
        self._wake = wake
        self._closed = False
        self._connected = self._failed = self._shut = False
        self._wants_read = self._wants_write = False
        self.sock = socket.socket(socket.AF_INET6 if ":" in address.address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            self.sock.setblocking(False)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            begun = self.sock.connect_ex((address.address, address.port))
            if begun not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
                raise OSError(begun, os.strerror(begun))
        except BaseException:
            self.sock.close()
            raise
        reactor.take(self)
        reactor.set_deadline(self, CONNECT_TIMEOUT)
        reactor.arm(self, write=True)

    @property
    def gone(self) -> bool:
        return self._failed

    # -- for the passage ---------------------------------------------------------------------

    def read(self, size: int) -> bytes | None:
        if self._failed:
            return b""
        if not self._connected:
            return None
        try:
            return self.sock.recv(size)
        except BlockingIOError:
            self._wants_read = True
            self._arm()
            return None
        except OSError:
            self._failed = True
            return b""

    def write(self, data: bytes) -> int:
        if self._failed:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        if not self._connected:
            return 0
        try:
            return self.sock.send(data)
        except BlockingIOError:
            self._wants_write = True
            self._arm()
            return 0

    def shut_down(self) -> None:
        self._shut = True
        if self._connected and not self._failed:
            self.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._reactor.release(self)

    def _arm(self) -> None:
        self._reactor.arm(self, read=self._wants_read, write=self._wants_write)

    # -- for the reactor -----------------------------------------------------------------------

    def turn(self) -> None:
        pass  # nobody posts it

    def ready(self, report: Report) -> None:
        if not self._connected:
            self._reactor.drop_deadline(self)
            error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            self._connected, self._failed = error == 0, error != 0
            if self._shut and self._connected:
                self.sock.shutdown(socket.SHUT_WR)
        self._wants_read = self._wants_write = False
        self._wake()

    def expire(self) -> None:
        self._failed = True
        self._wake()

    def abort(self) -> None:
        self._failed = True
        self.close()
        self._wake()
