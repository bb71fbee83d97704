"""Where the proxy waits for clients: a unix socket of one's own, or a port of this machine.

A recorder gives everybody who reaches it the rights of the daemon behind it: its socket is for its owner alone.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import time
from collections.abc import Callable, Sequence

from fakedocker.server.address import Address
from fakedocker.server.listening import listen_tcp, real_address, remove_stale_socket

BACKLOG = 1024
_BREATH = 0.05  # seconds until the next attempt to take a client in


class Listener:
    """Listens at some addresses; `addresses` then has the real ports.

    Raises OSError, with nothing left behind, when one cannot be had.
    """

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._socks: list[socket.socket] = []
        self._paths: list[tuple[str, int]] = []
        self._wake, self._waker = socket.socketpair()
        try:
            for address in addresses:
                self._socks.append(self._listen(address))
        except BaseException:
            self.close()
            raise
        self.addresses = [real_address(sock, address) for sock, address in zip(self._socks, addresses, strict=True)]

    def serve(self, welcome: Callable[[socket.socket], None]) -> None:
        """Hand every client to `welcome`, until `stop`."""
        with selectors.DefaultSelector() as selector:
            for sock in (*self._socks, self._wake):
                selector.register(sock, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._wake:
                        return
                    assert isinstance(key.fileobj, socket.socket)
                    try:
                        client, _ = key.fileobj.accept()
                    except (BlockingIOError, ConnectionAbortedError):
                        continue
                    except OSError:  # no file descriptors are left: those who wait are served when there are
                        time.sleep(_BREATH)
                        continue
                    client.setblocking(True)
                    if client.family != socket.AF_UNIX:
                        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    welcome(client)

    def stop(self) -> None:
        """Let `serve` return."""
        self._waker.send(b"!")

    def close(self) -> None:
        """Listen no more; may be called again."""
        for sock in (*self._socks, self._wake, self._waker):
            sock.close()
        for path, inode in self._paths:
            with contextlib.suppress(OSError):
                if os.stat(path).st_ino == inode:  # it may be somebody else's by now
                    os.unlink(path)

    def _listen(self, address: Address) -> socket.socket:
        try:
            sock = self._listen_unix(address.path) if address.kind == "unix" else listen_tcp(address, BACKLOG)
        except OSError as error:
            raise OSError(error.errno, f"cannot listen on {address}: {error.strerror or error}") from None
        sock.setblocking(False)
        return sock

    def _listen_unix(self, path: str) -> socket.socket:
        remove_stale_socket(path)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            os.fchmod(sock.fileno(), 0o600)  # what bind makes the file with
            sock.bind(path)
            self._paths.append((path, os.stat(path).st_ino))
            os.chmod(path, 0o600)
            sock.listen(BACKLOG)
        except BaseException:
            sock.close()
            raise
        return sock
