"""A daemon made of one listening socket, and both ends of a connection in one hand: a test sends on one and looks what
comes out of the other, byte for byte."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Self

PATIENCE = 10.0
_RESET = struct.pack("ii", 1, 0)


class Peer:
    """One end of a connection. Whatever it waits for comes within `PATIENCE` seconds or fails the test."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        sock.settimeout(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def says(self, data: bytes) -> None:
        self.sock.sendall(data)

    def hears(self, expected: bytes) -> None:
        """Expect exactly these bytes next."""
        heard = b""
        while len(heard) < len(expected):
            data = self.sock.recv(len(expected) - len(heard))
            assert data, f"it ended behind {heard!r}"
            heard += data
        assert heard == expected, heard

    def hears_the_end(self) -> None:
        assert self.sock.recv(1) == b""

    def hears_no_more(self) -> None:
        """Expect that the other side has gone, whatever way."""
        with contextlib.suppress(ConnectionError):
            while self.sock.recv(65536):
                pass

    def hears_a_reset(self) -> None:
        with contextlib.suppress(ConnectionResetError):
            data = self.sock.recv(1)
            raise AssertionError(f"it got {data!r}")

    def cannot_say_more(self) -> None:
        """Expect that the other side soon takes nothing any more."""
        with contextlib.suppress(ConnectionError):
            for _ in range(500):
                self.sock.sendall(b"x")
                if self._sees_a_hangup(10):
                    return
            raise AssertionError("it still takes bytes")

    def _sees_a_hangup(self, milliseconds: float) -> bool:
        poll = select.poll()
        poll.register(self.sock, 0)
        return bool(poll.poll(milliseconds))

    def sees_that_nobody_is_there(self) -> None:
        """Expect, without a word said, that the other side has gone altogether."""
        assert self._sees_a_hangup(PATIENCE * 1000)

    def ends(self) -> None:
        """Close the sending side."""
        self.sock.shutdown(socket.SHUT_WR)

    def leaves(self) -> None:
        self.sock.close()

    def breaks_off(self) -> None:
        """Close with a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.sock.close()


class ToyDaemon:
    """Listens; `url` is where. A test accepts and speaks for the daemon."""

    def __init__(self, kind: str, folder: Path) -> None:
        if kind == "unix":
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.bind(str(folder / "toy.sock"))
            self.url = f"unix://{folder}/toy.sock"
        else:
            self.sock = socket.socket()
            self.sock.bind(("127.0.0.1", 0))
            self.url = f"tcp://127.0.0.1:{self.sock.getsockname()[1]}"
        self.sock.listen(16)
        self.sock.settimeout(PATIENCE)
        self.context: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def accepts(self) -> Peer:
        sock, _ = self.sock.accept()
        return Peer(sock)


def connect(url: str) -> Peer:
    """Connect as a client."""
    scheme, _, place = url.partition("://")
    if scheme == "unix":
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(place)
    else:
        host, _, port = place.rpartition(":")
        sock = socket.create_connection((host, int(port)))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Peer(sock)


@contextlib.contextmanager
def both_ends(url: str, daemon: ToyDaemon) -> Iterator[tuple[Peer, Peer]]:
    """Connect at `url`, and accept what reaches the daemon of it."""
    client = connect(url)
    peer = daemon.accepts()
    try:
        yield client, peer
    finally:
        client.leaves()
        peer.leaves()
