"""Where real Docker daemons are: the sockets, ports and pipes that clients look for by themselves."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

#: What docker speaks to when nobody says anything else.
STANDARD = "unix:///var/run/docker.sock"

#: Docker's ports: without TLS, with it, and the one until 2014.
PORTS = frozenset({2375, 2376, 4243})
SSH_PORT = 22

#: Sockets of dockerd, of the desktops and virtual machines that bring one, and of podman, which speaks the same API.
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock")
_OF_HOME = (
    ".docker/run/docker.sock",
    ".docker/desktop/docker.sock",
    ".colima/docker.sock",
    ".colima/default/docker.sock",
    ".orbstack/run/docker.sock",
    ".rd/docker.sock",
)
_OF_RUNTIME = ("docker.sock", "podman/podman.sock")
_PIPES = ("docker_engine", "dockerdesktop", "podman-machine")


@dataclass(frozen=True, slots=True)
class Places:
    """Where real daemons are. `sockets`: paths, as written and with symbolic links followed; `hosts`: (host, port)."""

    sockets: frozenset[str]
    hosts: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Places:
        """Return the usual places, those of this user, and the one that $DOCKER_HOST names."""
        home = environ.get("HOME") or os.path.expanduser("~")
        runtimes = {environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.getuid()}" if hasattr(os, "getuid") else ""}
        sockets = [*_SOCKETS, *(os.path.join(home, path) for path in _OF_HOME)]
        sockets += [os.path.join(folder, path) for folder in runtimes if folder for path in _OF_RUNTIME]
        kind, place = read(environ.get("DOCKER_HOST") or STANDARD)
        if isinstance(place, str):
            sockets.append(place)
        hosts = {place} if isinstance(place, tuple) and kind in ("tcp", "ssh") else set()
        return cls(frozenset(sockets) | {os.path.realpath(path) for path in sockets}, frozenset(hosts))

    def has_socket(self, path: str) -> bool:
        """Tell whether a path leads to the socket of a real daemon."""
        return path in self.sockets or os.path.realpath(path) in self.sockets

    def has_port(self, host: str, port: int) -> bool:
        """Tell whether a real daemon listens there: at a port of Docker's on another host, or where $DOCKER_HOST says.

        A daemon of this host may be a fake one that another process serves, unless $DOCKER_HOST says so.
        """
        if port in PORTS and not is_loopback(host):
            return True
        return any(port == known and _same(host, name) for name, known in self.hosts)

    def has(self, url: str) -> bool:
        """Tell whether unix:///path, tcp://HOST:PORT, ssh://USER@HOST or npipe:////./pipe/NAME is a real daemon's."""
        kind, place = read(url)
        if kind == "ssh":
            return True  # there is no fake daemon behind ssh
        if isinstance(place, tuple):
            return self.has_port(*place)
        return is_pipe(place) if kind == "npipe" else self.has_socket(place)


def read(url: str) -> tuple[str, str | tuple[str, int]]:
    """Return the scheme of an address and its path, or its host and port; ("", "") if it has no sense."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "tcp", url
    if scheme in ("unix", "http+unix"):
        return "unix", rest
    if scheme == "npipe":
        return scheme, rest
    try:
        parts = urlsplit(f"//{rest}")
        port = parts.port
    except ValueError:
        return "", ""
    return scheme, (parts.hostname or "127.0.0.1", port or (SSH_PORT if scheme == "ssh" else 2375))


def is_loopback(host: str) -> bool:
    """Tell whether a host is this one, by its number or as `localhost`."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_pipe(name: str) -> bool:
    r"""Tell whether a name is that of a daemon's pipe on Windows: `\\.\pipe\docker_engine`."""
    folder, _, pipe = name.replace("\\", "/").rpartition("/pipe/")
    return folder.endswith("//.") and pipe.lower().startswith(_PIPES)


def _same(host: str, name: str) -> bool:
    """Tell whether two names are of one host; asks for addresses only if the answer matters."""
    if host.lower() == name.lower() or (is_loopback(host) and is_loopback(name)):
        return True
    try:
        return host in {str(found[4][0]) for found in socket.getaddrinfo(name, None)}
    except OSError:
        return False
