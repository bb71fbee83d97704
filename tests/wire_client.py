"""A client that speaks bytes: what goes over the wire is what a test wrote, and what comes back is kept as it came.

Libraries hide what matters here: reason phrases, chunks, interim answers, half-closed connections.
"""

from __future__ import annotations

import json
import select
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

PATIENCE = 5.0  # seconds until a test that waits for bytes fails
MOMENT = 0.005  # seconds of silence after which something is done meanwhile


@dataclass
class Reply:
    """One answer. `line`: the status line; `fields`: the header, names in lower case; `raw`: the head as it came."""

    line: str
    fields: dict[str, str]
    raw: bytes
    body: bytes = b""
    chunks: list[bytes] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.line.split(" ")[1])

    @property
    def reason(self) -> str:
        return self.line.split(" ", 2)[2]

    @property
    def type(self) -> str | None:
        """The Content-Type, None if there is none."""
        return self.fields.get("content-type")

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def objects(self) -> list[Any]:
        """The values of a stream of JSON objects."""
        return list(_values(self.text))

    @property
    def without_date(self) -> bytes:
        """The head as it came, less the one line that is never the same."""
        lines = self.raw.split(b"\r\n")
        return b"\r\n".join(line for line in lines if not line.lower().startswith(b"date:"))


def _values(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        yield value


class WireClient:
    """One connection to a daemon. Anything it waits for comes within `PATIENCE` seconds or fails the test."""

    def __init__(self, url: str) -> None:
        scheme, _, place = url.partition("://")
        if scheme == "unix":
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(PATIENCE)
            self.sock.connect(place)
        else:
            host, _, port = place.rpartition(":")
            self.sock = socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE)
        self._read = bytearray()
        #: What to do whenever nothing comes for a moment: let the daemon's time pass, say.
        self.meanwhile: Callable[[], None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.sock.close()

    # -- asking ------------------------------------------------------------------------

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        return self.request("GET", path, headers=headers)

    def delete(self, path: str) -> Reply:
        return self.request("DELETE", path)

    def post(
        self, path: str, body: bytes | str = b"", *, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        return self.request("POST", path, body, json=json, headers=headers)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | str = b"",
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request and read the whole answer."""
        self.ask(method, path, body, json=json, headers=headers)
        return self.reply(bodiless=method == "HEAD")

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str = b"",
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send a request; the answer is read with `reply`, or piece by piece."""
        fields = {"Host": "test"}
        data = body.encode() if isinstance(body, str) else body
        if json is not None:
            data = _encoded(json)
            fields["Content-Type"] = "application/json"
        if data or method == "POST":
            fields["Content-Length"] = str(len(data))
        fields |= headers or {}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        self.send("\r\n".join(lines).encode() + data)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def half_close(self) -> None:
        """Say that nothing more will be sent."""
        self.sock.shutdown(socket.SHUT_WR)

    # -- hearing -----------------------------------------------------------------------

    def reply(self, *, bodiless: bool = False) -> Reply:
        """Read a whole answer."""
        reply = self.head()
        if bodiless or reply.status < 200 or reply.status in (204, 304):
            return reply
        if reply.fields.get("transfer-encoding") == "chunked":
            reply.chunks = list(iter(self.chunk, b""))
            reply.body = b"".join(reply.chunks)
        elif "content-length" in reply.fields:
            reply.body = self.exactly(int(reply.fields["content-length"]))
        else:
            reply.body = self.rest()
        return reply

    def head(self) -> Reply:
        """Read an answer up to its empty line."""
        raw = self.until(b"\r\n\r\n")
        line, *lines = raw[:-4].decode("latin-1").split("\r\n")
        fields = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
        return Reply(line, fields, raw)

    def chunk(self) -> bytes:
        """Read one chunk; the last one is empty."""
        data = self.exactly(int(self.until(b"\r\n"), 16))
        assert self.exactly(2) == b"\r\n"
        return data

    def until(self, mark: bytes) -> bytes:
        """Read up to and with the mark."""
        while mark not in self._read:
            self._more(f"the mark {mark!r}")
        return self._take(self._read.index(mark) + len(mark))

    def exactly(self, size: int) -> bytes:
        while len(self._read) < size:
            self._more(f"{size} bytes")
        return self._take(size)

    def rest(self) -> bytes:
        """Read up to the end of the connection."""
        while data := self._receive():
            self._read += data
        return self._take(len(self._read))

    def quiet(self, seconds: float = 0.05) -> bool:
        """Tell whether nothing comes, not even an end, for so long."""
        if self._read:
            return False
        self.sock.settimeout(seconds)
        try:
            data = self.sock.recv(65536)
        except TimeoutError:
            return True
        finally:
            self.sock.settimeout(PATIENCE)
        self._read += data
        return False

    def _more(self, wanted: str) -> None:
        data = self._receive()
        assert data, f"the connection ended at {bytes(self._read)!r}, before {wanted}"
        self._read += data

    def _receive(self) -> bytes:
        end = time.monotonic() + PATIENCE
        while self.meanwhile is not None and time.monotonic() < end:
            if select.select([self.sock], [], [], MOMENT)[0]:
                break
            self.meanwhile()
        return self.sock.recv(65536)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._read[:size])
        del self._read[:size]
        return taken


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()
