"""The hosts of the world outside: what containers meet when they leave the bridge.

A host exists if the registry has a file at one of its URLs, and serves nothing but those files, over HTTP. What is
asked for by https is served as if both sides had encrypted and decrypted it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from ipaddress import IPv4Address

from fakedocker.engine.files.content import Content
from fakedocker.engine.images.registry import Registry
from fakedocker.engine.networks.sockets import Socket, SocketAddress

PORTS = {"http": 80, "https": 443}
#: Hosts have addresses from here on, in the order in which they are asked for (RFC 2544: nobody's).
FIRST_ADDRESS, LAST_ADDRESS = IPv4Address("198.18.0.1"), IPv4Address("198.19.255.254")
#: The most bytes of a request's head.
LONGEST_HEAD = 64 * 1024


class FileServers:
    """The hosts of a registry's URLs."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._addresses: dict[str, str] = {}

    def address_of(self, name: str) -> str | None:
        if not any(host == name for host, _, _, _ in self._files()):
            return None
        if name not in self._addresses:
            address = FIRST_ADDRESS + len(self._addresses)
            if address > LAST_ADDRESS:
                return None
            self._addresses[name] = str(address)
        return self._addresses[name]

    def knows(self, address: str) -> bool:
        return address in self._addresses.values()

    def connect(self, local: SocketAddress, remote: SocketAddress) -> Socket | None:
        names = {name for name, address in self._addresses.items() if address == remote.address}
        files = {
            target: content
            for host, port, target, content in self._files()
            if host in names and port == remote.port and content is not None
        }
        served = any(host in names and port == remote.port for host, port, _, _ in self._files())
        return Exchange(local, remote, files) if served else None

    def _files(self) -> Iterator[tuple[str, int, str, Content | None]]:
        """Yield host, port, path and content of each file."""
        for url, content in self._registry.files.items():
            scheme, _, rest = url.partition("://")
            authority, slash, path = rest.partition("/")
            host, _, port = authority.partition(":")
            number = int(port) if port.isdecimal() and len(port) < 6 else PORTS.get(scheme, 0)
            if number:
                yield host.lower(), number, slash + path or "/", content


class Exchange(Socket):
    """The client's side of one request to a file server and its answer."""

    def __init__(self, local: SocketAddress, remote: SocketAddress, files: dict[str, Content]) -> None:
        super().__init__(local, remote)
        self._files = files
        self._request = b""
        self._answer: bytes | None = None
        self._body = Content.empty
        self._position = 0
        self._shut = False

    def read(self, size: int) -> bytes | None:
        if self._answer is None:
            return b"" if self._shut else None
        if self._answer:
            data, self._answer = self._answer[:size], self._answer[size:]
            return data
        data = self._body.read(self._position, size)
        self._position += len(data)
        return data

    def write(self, data: bytes) -> int:
        if self._shut:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        if self._answer is None:  # what follows the head is not looked at: nothing can be uploaded
            self._request += data
            head, end, _ = self._request.replace(b"\r\n", b"\n").partition(b"\n\n")
            if end or len(self._request) > LONGEST_HEAD:
                self._request = b""
                self._respond(head if end else b"")
        return len(data)

    def shut_down(self) -> None:
        self._shut = True
        self.ready.notify()

    def _respond(self, head: bytes) -> None:
        method, target, version = [*head.split(b"\n", 1)[0].decode("latin-1").split(" "), "", "", ""][:3]
        content = self._files.get(target.partition("#")[0])
        if not version.startswith("HTTP/1."):
            status, content = "400 Bad Request", None
        elif method not in ("GET", "HEAD"):
            status, content = "405 Method Not Allowed", None
        else:
            status = "200 OK" if content is not None else "404 Not Found"
        body = Content.of(status.encode() + b"\n") if content is None else content
        kind = "text/plain" if content is None else "application/octet-stream"
        self._answer = (
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {body.size}\r\nConnection: close\r\n\r\n"
        ).encode()
        self._body = Content.empty if method == "HEAD" else body
        self.ready.notify()
