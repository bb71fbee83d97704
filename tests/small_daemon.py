"""A daemon in miniature: containers that can be created, looked at, followed and spoken to, and nothing else.

It stands in for the real one where it has to be seen what reaches it: `asked` has every request, in order. Each daemon
invents ids of its own.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qsl

PATIENCE = 10.0


class SmallDaemon:
    """Listens on a port of its own; `answers` may replace the answer of a method and path. `context`: speaks TLS."""

    def __init__(self, seed: str = "a", context: ssl.SSLContext | None = None) -> None:
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.heads: list[bytes] = []
        self.answers: dict[str, Callable[[socket.socket], object]] = {}
        self._seed = seed
        self._context = context
        self._numbers = itertools.count(1)
        self._containers: dict[str, dict[str, Any]] = {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Listen no more, and let those who are still talking come to an end. May be called again."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._serve, args=(client,), daemon=True))
                self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        if self._context is not None:
            try:
                client = self._context.wrap_socket(client, server_side=True)
            except OSError:
                client.close()
                return
        with client, contextlib.suppress(OSError), client.makefile("rb") as reader:
            client.settimeout(PATIENCE)
            while line := reader.readline():
                head = line
                while (field := reader.readline()) not in (b"\r\n", b""):
                    head += field
                method, target, _ = line.decode().split(" ", 2)
                length = re.search(rb"(?i)content-length: (\d+)", head)
                if b"100-continue" in head:
                    client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = reader.read(int(length[1])) if length else b""
                self.heads.append(head)
                self.bodies.append(body)
                path, _, query = target.partition("?")
                path = re.sub(r"\A/v[0-9.]+", "", path)
                self.asked.append(f"{method} {path}")
                if (answer := self.answers.get(f"{method} {path}")) is not None:
                    if answer(client) == "close":
                        return
                elif self._answer(client, method, path, dict(parse_qsl(query)), body) == "close":
                    return

    def _answer(self, client: socket.socket, method: str, path: str, query: dict[str, str], body: bytes) -> str:
        match path.strip("/").split("/"):
            case ["version"]:
                say(client, 200, {"Version": "1.2.3", "ApiVersion": "1.41", "Os": "linux"})
            case ["containers", "create"]:
                identity = f"{self._seed}{next(self._numbers):x}".ljust(64, "0")
                name = query.get("name") or f"quiet_{identity[:4]}"
                self._containers[name] = {"Id": identity, "Name": f"/{name}", "Config": json.loads(body or b"{}")}
                say(client, 201, {"Id": identity, "Warnings": []})
            case ["containers", "json"]:
                say(client, 200, list(self._containers.values()))
            case ["containers", name, *verb]:
                container = self._container(name)
                if container is None:
                    say(client, 404, {"message": f"No such container: {name}"})
                    return ""
                return self._about(client, method, verb, container)
            case _:
                say(client, 404, {"message": "page not found"})
        return ""

    def _container(self, name: str) -> dict[str, Any] | None:
        found = [one for key, one in self._containers.items() if key == name or one["Id"].startswith(name)]
        return found[0] if found else None

    def _about(self, client: socket.socket, method: str, verb: list[str], container: dict[str, Any]) -> str:
        match method, verb:
            case "GET", ["json"]:
                say(client, 200, container)
            case "GET", ["logs"]:
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
                for line in (b"one\n", b"two\n"):
                    client.sendall(b"%x\r\n%s\r\n" % (len(line), line))
                client.sendall(b"0\r\n\r\n")
            case "POST", ["attach"]:
                client.sendall(
                    b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                    b"Content-Type: application/vnd.docker.raw-stream\r\n\r\n"
                )
                while data := client.recv(65536):
                    client.sendall(data.upper())
                return "close"
            case "POST", _:
                say(client, 204)
            case "DELETE", []:
                self._containers.pop(container["Name"][1:])
                say(client, 204)
            case _:
                say(client, 405, {"message": "method not allowed"})
        return ""


def say(client: socket.socket, status: int, value: Any = None) -> None:
    """Answer with JSON, or with nothing."""
    if value is None:
        client.sendall(f"HTTP/1.1 {status} X\r\n\r\n".encode())
        return
    body = json.dumps(value).encode() + b"\n"
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    client.sendall(head.encode() + body)
