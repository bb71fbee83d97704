"""The real daemon: how it is addressed, and how a connection to it is made.

The only place to which the proxy ever connects; no header of a request changes that.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from . import ssh
from .tls import TlsConnection, TlsFiles

PATIENCE = 30.0  # seconds for a connection and its handshake
PORT, TLS_PORT = 2375, 2376
STANDARD = "unix:///var/run/docker.sock"

_TCP = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%\w]+\]|[^\[\]:/@?#\s\x00-\x1f\x7f]+)(?::(?P<port>[0-9]{1,5}))?/?")
_SSH = re.compile(r"(?P<where>[^:/?#\s]+)(?::(?P<port>[0-9]{1,5}))?/?")


class Line(Protocol):
    """One connection, as the proxy sees it: a socket, or what behaves as one."""

    def fileno(self) -> int: ...
    def recv(self, size: int, /) -> bytes: ...
    def sendall(self, data: bytes, /) -> None: ...
    def shutdown(self, how: int, /) -> None: ...
    def setsockopt(self, level: int, option: int, value: int | bytes, /) -> None: ...
    def settimeout(self, seconds: float | None, /) -> None: ...
    def close(self) -> None: ...


class UnreachableError(Exception):
    """The daemon cannot be reached; `str()` is one line that says where and why."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where the daemon is; `place` is a path, a host, or USER@HOST for "ssh"."""

    kind: Literal["unix", "tcp", "ssh"]
    place: str
    port: int | None = None
    tls: TlsFiles | None = None
    _context: ssl.SSLContext | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        if self.kind == "unix":
            return f"unix://{self.place}"
        host = f"[{self.place}]" if ":" in self.place else self.place
        return f"{self.kind}://{host}" + (f":{self.port}" if self.port is not None else "")

    def connect(self) -> Line:
        """Return a new connection to the daemon. Raises UnreachableError."""
        try:
            if self.kind == "ssh":
                return ssh.dial(self.place, self.port)
            if self.kind == "unix":
                return _connect_unix(self.place)
            return self._connect_tcp()
        except (OSError, ssl.CertificateError) as error:
            raise UnreachableError(f"cannot reach {self}: {_reason(error)}") from None

    def _connect_tcp(self) -> Line:
        sock = socket.create_connection((self.place, self.port or PORT), timeout=PATIENCE)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            line: Line = TlsConnection(sock, self._context, self.place) if self._context else sock
            line.settimeout(None)
        except BaseException:
            sock.close()
            raise
        return line


def parse_upstream(text: str, tls: TlsFiles | None = None) -> Upstream:
    """Read unix:///path, tcp://HOST:PORT or ssh://USER@HOST, as docker's -H writes them.

    Raises ValueError with one sentence, also for certificates that cannot be used.
    """
    scheme, _, rest = text.partition("://")
    if scheme == "unix" and rest.startswith("/") and "\0" not in rest:
        return Upstream("unix", rest)
    if scheme == "tcp" and (found := _TCP.fullmatch(rest)):
        port = _port(text, found["port"]) or (TLS_PORT if tls else PORT)
        return Upstream("tcp", found["host"].strip("[]"), port, tls, _context(tls) if tls else None)
    if scheme == "ssh" and (found := _SSH.fullmatch(rest)):
        ssh.check(found["where"])
        return Upstream("ssh", found["where"], _port(text, found["port"]))
    raise ValueError(f"invalid address {text!r}: expected unix:///path, tcp://HOST:PORT or ssh://USER@HOST")


def upstream_of(environ: Mapping[str, str], text: str | None = None) -> Upstream:
    """Return the daemon that docker would speak to: $DOCKER_HOST or the usual socket, with TLS if $DOCKER_TLS_VERIFY
    says so. `text`: another address, with the same certificates. Raises ValueError.
    """
    tls = None
    if environ.get("DOCKER_TLS_VERIFY"):
        tls = usual_files(environ)
    return parse_upstream(text or environ.get("DOCKER_HOST") or STANDARD, tls)


def usual_files(environ: Mapping[str, str]) -> TlsFiles:
    """Return the certificates that docker would use, as far as they are there: of $DOCKER_CERT_PATH or ~/.docker."""
    files = default_files(Path(environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker"))
    return replace(files, ca=_if_there(files.ca), cert=_if_there(files.cert), key=_if_there(files.key))


def _if_there(path: str | None) -> str | None:
    return path if path and os.path.exists(path) else None


def _port(text: str, digits: str | None) -> int | None:
    if digits is None:
        return None
    if not 0 < int(digits) < 65536:
        raise ValueError(f"invalid address {text!r}: the port must be between 1 and 65535")
    return int(digits)


def _context(tls: TlsFiles) -> ssl.SSLContext:
    for path in (tls.ca, tls.cert, tls.key):
        if path and not os.access(path, os.R_OK):
            raise ValueError(f"cannot read {path}")
    try:
        return tls.context()
    except OSError as error:
        raise ValueError(f"no usable certificates: {_reason(error)}") from None


def _connect_unix(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(path)
    except BaseException:
        sock.close()
        raise
    return sock


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__


def default_files(folder: Path) -> TlsFiles:
    """Return the files docker expects in a folder such as ~/.docker: ca.pem, cert.pem and key.pem."""
    return TlsFiles(True, *(str(folder / name) for name in ("ca.pem", "cert.pem", "key.pem")))
