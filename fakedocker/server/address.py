"""Where a daemon listens: tcp://HOST:PORT or unix:///path, as `docker -H` writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 4243  # the daemon's port until Docker was given 2375

_HOST_AND_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%\w]+\]|[^\[\]:/@?#\s\x00-\x1f\x7f]*)(?P<port>:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Address:
    """One place to listen; `host` and `port` matter for "tcp" (port 0: any free one), `path` for "unix"."""

    kind: Literal["tcp", "unix"]
    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        if self.kind == "unix":
            return f"unix://{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp://{host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read tcp://HOST:PORT, HOST:PORT, HOST, :PORT, [IPV6]:PORT or unix:///path.

    A missing host is 127.0.0.1, a missing port 4243. Raises ValueError with one sentence.
    """
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "tcp", text
    if scheme == "unix":
        return _unix(text, rest)
    if scheme != "tcp":
        raise ValueError(f"invalid address {text!r}: the scheme must be tcp or unix")
    return _tcp(text, rest)


def _unix(text: str, path: str) -> Address:
    if not path.startswith("/") or path.endswith("/") or "\0" in path:
        raise ValueError(
            f"invalid address {text!r}: a unix socket needs an absolute path, as in unix:///run/docker.sock"
        )
    return Address("unix", path=path)


def _tcp(text: str, rest: str) -> Address:
    if rest.count(":") > 1 and "[" not in rest:
        raise ValueError(f"invalid address {text!r}: an IPv6 address goes in brackets, as in [::1]:{DEFAULT_PORT}")
    parts = _HOST_AND_PORT.fullmatch(rest) if rest else None
    if parts is None or not rest.isascii():
        raise ValueError(f"invalid address {text!r}: expected tcp://HOST:PORT, HOST:PORT or unix:///path")
    host = parts["host"].strip("[]") or DEFAULT_HOST
    port = int(parts["port"][1:]) if parts["port"] else DEFAULT_PORT
    if port > 65535:
        raise ValueError(f"invalid address {text!r}: the port must be between 0 and 65535")
    return Address("tcp", host=host, port=port)
