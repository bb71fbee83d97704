"""A server on a free port, and clients that speak bytes."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakedocker.server import Address, Server, parse_address

PATIENCE = 5.0  # seconds until a test that waits for something fails


class Client:
    """A raw connection."""

    def __init__(self, address: Address) -> None:
        if address.kind == "unix":
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(PATIENCE)
            self.sock.connect(address.path)
        else:
            self.sock = socket.create_connection((address.host, address.port), timeout=PATIENCE)
        self._read = bytearray()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def get(self, path: str, *fields: str) -> Response:
        return self.request("GET", path, *fields)

    def request(self, method: str, path: str, *fields: str, body: bytes = b"") -> Response:
        lines = [f"{method} {path} HTTP/1.1", "Host: test", *fields]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return self.response(bodiless=method == "HEAD")

    def until(self, mark: bytes) -> bytes:
        """Read up to and with the mark."""
        while mark not in self._read:
            data = self.sock.recv(65536)
            assert data, f"the connection ended at {bytes(self._read)!r} without {mark!r}"
            self._read += data
        end = self._read.index(mark) + len(mark)
        taken = bytes(self._read[:end])
        del self._read[:end]
        return taken

    def exactly(self, size: int) -> bytes:
        while len(self._read) < size:
            data = self.sock.recv(65536)
            assert data, f"the connection ended at {bytes(self._read)!r}"
            self._read += data
        taken = bytes(self._read[:size])
        del self._read[:size]
        return taken

    def rest(self) -> bytes:
        """Everything up to the end of the stream."""
        while data := self.sock.recv(65536):
            self._read += data
        taken = bytes(self._read)
        self._read.clear()
        return taken

    def head(self) -> Response:
        text = self.until(b"\r\n\r\n")
        lines = text[:-4].decode("latin-1").split("\r\n")
        _, status = lines[0].split(" ", 1)
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        return Response(status, fields, text)

    def response(self, *, bodiless: bool = False) -> Response:
        response = self.head()
        if bodiless or response.status[:3] in ("204", "304"):
            return response
        if "content-length" in response.fields:
            response.body = self.exactly(int(response.fields["content-length"]))
        elif response.fields.get("transfer-encoding") == "chunked":
            response.chunks = list(iter(self.chunk, b""))
            response.body = b"".join(response.chunks)
        else:
            response.body = self.rest()
        return response

    def chunk(self) -> bytes:
        data = self.exactly(int(self.until(b"\r\n"), 16))
        assert self.exactly(2) == b"\r\n"
        return data

    def close(self) -> None:
        self.sock.close()


class Response:
    def __init__(self, status: str, fields: dict[str, str], raw: bytes) -> None:
        self.status = status
        self.fields = fields
        self.raw = raw
        self.body = b""
        self.chunks: list[bytes] = []


class Serving:
    """A started server and what it has reported."""

    def __init__(self, server: Server, errors: queue.Queue[tuple[BaseException, str]]) -> None:
        self.server = server
        self.errors = errors
        self._clients: list[Client] = []

    @property
    def address(self) -> Address:
        return self.server.addresses[0]

    def connect(self) -> Client:
        client = Client(self.address)
        self._clients.append(client)
        return client

    def error(self) -> tuple[BaseException, str]:
        return self.errors.get(timeout=PATIENCE)

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self.server.close()


@pytest.fixture(params=["tcp"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def serve(tmp_path: Path, kind: str) -> Iterator[Callable[..., Serving]]:
    """Start a server: serve(app, address=..., environ=..., limits=...)."""
    with contextlib.ExitStack() as stack:

        def start(app: Any, *, address: Address | None = None, **options: Any) -> Serving:
            errors: queue.Queue[tuple[BaseException, str]] = queue.Queue()
            if address is None:
                unix = Address("unix", path=str(tmp_path / "s"))
                address = unix if kind == "unix" else parse_address("127.0.0.1:0")
            server = Server(app, [address], on_error=lambda *error: errors.put(error), **options)
            server.start()
            serving = Serving(server, errors)
            stack.callback(serving.close)
            return serving

        yield start


class Tape:
    """A source, and with `session` a session, that a test fills and reads by hand. `closed` counts the calls."""

    def __init__(self, *parts: bytes | None, room: int = 1 << 20) -> None:
        self.lock = threading.RLock()
        self.parts: list[bytes | None] = list(parts)
        self.wake: Callable[[], None] = lambda: None
        self.watched = threading.Event()
        self.closed = threading.Semaphore(0)
        self.closings = 0
        self.reads = 0
        self.largest_size = 0
        self.received = bytearray()
        self.heard = threading.Condition(self.lock)
        self.space = room
        self.half_closings = 0

    def put(self, *parts: bytes | None) -> None:
        """Add parts and wake the server, under the lock, as an engine does."""
        with self.lock:
            self.parts.extend(parts)
            self.wake()

    def give_room(self, size: int) -> None:
        with self.lock:
            self.space = size
            self.wake()

    def wait_closed(self) -> None:
        assert self.closed.acquire(timeout=PATIENCE), "the source was not closed"

    def wait_received(self, size: int) -> bytes:
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.received) >= size, PATIENCE)
            return bytes(self.received)

    def wait_half_closed(self) -> None:
        with self.heard:
            assert self.heard.wait_for(lambda: self.half_closings, PATIENCE)

    # --- what the server calls ---

    def watch(self, wake: Callable[[], None]) -> None:
        with self.lock:
            assert not self.watched.is_set()
            self.wake = wake
            self.watched.set()

    def read(self, size: int) -> bytes | None:
        with self.lock:
            assert not self.closings
            self.reads += 1
            self.largest_size = max(self.largest_size, size)
            if not self.parts:
                return b""
            part = self.parts[0]
            if part is None:
                return None
            self.parts[0] = part[size:]
            if not self.parts[0]:
                del self.parts[0]
            return part[:size]

    def close(self) -> None:
        with self.lock:
            self.closings += 1
        self.closed.release()

    def room(self) -> int:
        with self.lock:
            return self.space

    def receive(self, data: bytes) -> None:
        with self.heard:
            assert data
            assert len(data) <= self.space
            self.space -= len(data)
            self.received += data
            self.heard.notify_all()

    def half_close(self) -> None:
        with self.heard:
            self.half_closings += 1
            self.heard.notify_all()


@pytest.fixture
def tape() -> type[Tape]:
    return Tape


@pytest.fixture
def patience() -> float:
    return PATIENCE
