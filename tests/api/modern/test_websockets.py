"""Attaching over a WebSocket, as a daemon 20.10 answered when it was asked the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakedocker.wire import websocket
from fakedocker.wire.websocket import Opcode

if TYPE_CHECKING:
    from modern.conftest import Dock
    from wire_client import WireClient

SHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
ALL = "stream=1&stdin=1&stdout=1&stderr=1&logs=1"
FAREWELL = b"\x88\x02\x03\xe8"


def masked(opcode: int, payload: bytes) -> bytes:
    return bytes((0x80 | opcode, 0x80 | len(payload))) + b"\0\0\0\0" + payload


def attached(dock: Dock, query: str = ALL, *, version: str = "", **headers: str) -> WireClient:
    """Open a WebSocket to the container; return it behind the handshake."""
    client = dock.client()
    client.ask("GET", f"{version}/containers/box/attach/ws?{query}", headers=SHAKE | headers)
    head = client.head()
    assert head.line == "HTTP/1.1 101 Switching Protocols", client.rest()
    assert head.fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    return client


def test_what_is_typed_comes_back_in_frames(dock: Dock) -> None:
    dock.run("cat", OpenStdin=True)
    client = attached(dock)
    for opcode in (Opcode.TEXT, Opcode.BINARY, 3):
        client.send(masked(opcode, b"hello\n"))
        assert client.exactly(8) == b"\x82\x06hello\n"


def test_output_and_error_output_come_bare(dock: Dock) -> None:
    dock.run("sh", "-c", "echo out; echo err >&2; cat", OpenStdin=True)
    assert attached(dock).exactly(12) == b"\x82\x04out\n\x82\x04err\n"


def test_old_versions_of_the_api_send_text(dock: Dock) -> None:
    dock.run("echo", "old")
    assert attached(dock, "logs=1&stdout=1", version="/v1.27").rest() == b"\x81\x04old\n" + FAREWELL


def test_a_ping_is_answered_also_to_who_only_looks_on(dock: Dock) -> None:
    dock.run("sleep", "1000")
    client = attached(dock, "stream=1&stdout=1")
    client.send(masked(Opcode.PING, b"you?"))
    assert client.exactly(6) == websocket.encode(Opcode.PONG, b"you?")
    client.send(masked(Opcode.PONG, b"") + masked(Opcode.CLOSE, b""))
    assert client.rest() == FAREWELL


@pytest.mark.parametrize(("config", "status"), [({}, "running"), ({"StdinOnce": True}, "exited")])
def test_a_farewell_ends_the_input_and_is_returned(dock: Dock, config: dict[str, bool], status: str) -> None:
    dock.run("cat", OpenStdin=True, **config)
    client = attached(dock)
    client.send(masked(Opcode.TEXT, b"last\n") + masked(Opcode.CLOSE, b"\x03\xe8bye") + masked(Opcode.TEXT, b"no\n"))
    client.meanwhile = lambda: dock.daemon.advance(0.1)
    said = client.rest()
    assert said in (b"\x82\x05last\n" + FAREWELL, FAREWELL)
    assert dock.inspect()["State"]["Status"] == status


def test_the_end_of_the_container_is_the_daemons_farewell(dock: Dock) -> None:
    dock.run("sleep", "1000")
    client = attached(dock)
    dock.post("/containers/box/kill")
    assert client.rest() == FAREWELL


def test_a_frame_without_a_mask_ends_it(dock: Dock) -> None:
    dock.run("cat", OpenStdin=True)
    client = attached(dock)
    client.send(websocket.encode(Opcode.TEXT, b"bare\n"))
    assert client.rest() == websocket.close(websocket.PROTOCOL_ERROR) + FAREWELL


def test_who_leaves_without_a_farewell_leaves_the_container_alone(dock: Dock) -> None:
    dock.run("cat", OpenStdin=True)
    attached(dock).close()
    client = attached(dock)
    client.send(masked(Opcode.TEXT, b"still\n"))
    assert client.exactly(8) == b"\x82\x06still\n"


def test_who_asks_for_nothing_gets_a_farewell(dock: Dock) -> None:
    dock.run("sleep", "1000")
    assert attached(dock, "").rest() == FAREWELL


def test_one_protocol_is_taken_over(dock: Dock) -> None:
    dock.run("sleep", "1000")
    client = dock.client()
    client.ask("GET", "/containers/box/attach/ws", headers=SHAKE | {"Sec-WebSocket-Protocol": "one"})
    assert client.head().fields["sec-websocket-protocol"] == "one"


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"Upgrade": "tcp"}, "not websocket protocol"),
        ({"Connection": "close"}, "not websocket protocol"),
        ({"Sec-WebSocket-Key": ""}, "mismatch challenge/response"),
        ({"Sec-WebSocket-Version": "12"}, "missing or bad WebSocket Version"),
        ({"Sec-WebSocket-Protocol": "a, b"}, ""),
    ],
)
def test_a_handshake_that_is_none_is_refused(dock: Dock, headers: dict[str, str], text: str) -> None:
    dock.run("sleep", "1000")
    client = dock.client()
    client.ask("GET", "/containers/box/attach/ws", headers=SHAKE | headers)
    reply = client.reply()
    assert (reply.status, reply.text) == (400, text)


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/containers/nosuch/attach/ws", 404, "No such container: nosuch"),
        ("/containers/box/attach/ws?detachKeys=zzz", 400, "Invalid detach keys (zzz) provided"),
    ],
)
def test_errors_come_before_the_handshake(dock: Dock, path: str, status: int, text: str) -> None:
    dock.run("sleep", "1000")
    client = dock.client()
    client.ask("GET", path, headers=SHAKE)
    reply = client.reply()
    assert (reply.status, reply.json) == (status, {"message": text})
