"""A TLS connection that two threads may use at once, and of which one direction can be closed alone.

Python's own SSLSocket offers neither: reading and writing at the same time is not safe, and its `shutdown` tears the
line down without a word. Here the protocol works on memory, under a lock, and the socket is waited for without one.
"""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import dataclass

_RECORD = 16384  # bytes that one TLS record carries at most


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Which files prove who is who, as docker's --tlscacert, --tlscert and --tlskey name them.

    `verify`: the daemon's certificate is checked against `ca` (or the system's authorities).
    """

    verify: bool = False
    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def context(self) -> ssl.SSLContext:
        """Make a client's context. Raises OSError or ssl.SSLError for files that are missing or of no use."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif self.ca:
            context.load_verify_locations(self.ca)
        else:
            context.load_default_certs()
        if self.cert:
            context.load_cert_chain(self.cert, self.key)
        return context


class TlsConnection:
    """A client's TLS session on a connected socket, with the methods of a socket that the proxy uses."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, host: str) -> None:
        """Shake hands. Raises ssl.SSLError, or OSError when the line breaks."""
        self._sock = sock
        self._came = ssl.MemoryBIO()
        self._goes = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._goes, server_hostname=host)
        self._protocol = threading.Lock()
        self._sending = threading.Lock()
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._take()
            else:
                self._flush()
                return

    def fileno(self) -> int:
        return self._sock.fileno()

    def recv(self, size: int) -> bytes:
        """Return what came, b"" at the end. Raises OSError when the line breaks."""
        while True:
            with self._protocol:
                try:
                    data = self._tls.read(size)
                except ssl.SSLWantReadError:
                    data = None
                except ssl.SSLZeroReturnError:
                    data = b""
            self._flush()  # an answer of the protocol itself, to a change of keys, say
            if data is not None:
                return data
            self._take()

    def sendall(self, data: bytes) -> None:
        for at in range(0, len(data), _RECORD):
            with self._sending:
                with self._protocol:
                    self._tls.write(data[at : at + _RECORD])
                    records = self._goes.read()
                self._sock.sendall(records)

    def shutdown(self, how: int) -> None:
        """Close a direction: SHUT_WR says so to the other side and leaves the line open for its answer."""
        if how == socket.SHUT_WR:
            with self._protocol:
                try:
                    self._tls.unwrap()
                except ssl.SSLError:
                    pass  # it wants to read the other side's farewell, which may come much later
            self._flush()
        else:
            self._sock.shutdown(how)

    def setsockopt(self, level: int, option: int, value: int | bytes) -> None:
        self._sock.setsockopt(level, option, value)

    def settimeout(self, seconds: float | None) -> None:
        self._sock.settimeout(seconds)

    def close(self) -> None:
        self._sock.close()

    def _flush(self) -> None:
        with self._sending:
            with self._protocol:
                records = self._goes.read()
            if records:
                self._sock.sendall(records)

    def _take(self) -> None:
        data = self._sock.recv(65536)
        with self._protocol:
            if data:
                self._came.write(data)
            else:
                self._came.write_eof()
