"""What comes behind an upgrade, or around a body: websockets, HTTP/2, 100-continue, trailers; recorded and replayed."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import struct
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from toy_daemon import PATIENCE, ToyDaemon, both_ends, connect

from fakedocker import FakeDocker
from fakedocker.cassettes.bodies import stream_data
from fakedocker.cassettes.model import Exchange, Json, Stream

Record = Callable[..., Any]

#: HTTP/2 (RFC 9113): what a client begins with, and kinds of frames.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
ACK = 1


def websocket(payload: bytes, mask: bytes = b"") -> bytes:
    """Return a frame of text; with a mask, as a client sends it."""
    head = bytes([0x81, len(payload) | (0x80 if mask else 0)]) + mask
    return head + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload)) if mask else head + payload


def h2(kind: int, payload: bytes = b"", flags: int = 0, stream: int = 0) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def accepted(key: str) -> str:
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    return base64.b64encode(digest).decode()


def new_key() -> str:
    return base64.b64encode(os.urandom(16)).decode()


def ask_for_websocket(key: str) -> bytes:
    return (
        "GET /v1.41/containers/web/attach/ws?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()


def accept_websocket(key: str) -> bytes:
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accepted(key)}\r\n\r\n"
    ).encode()


def only(recording: Any) -> tuple[Exchange, Stream]:
    end = time.monotonic() + PATIENCE
    while not recording.shown:  # it learns that a connection has ended a moment after both of its ends have
        assert time.monotonic() < end
        time.sleep(0.001)
    [exchange] = recording.exchanges()
    assert exchange.note == ""
    assert exchange.response is not None
    body = exchange.response.body
    assert isinstance(body, Stream)
    return exchange, body


def test_a_websocket_is_recorded_frame_by_frame_and_replayed_to_another_client(toy: ToyDaemon, record: Record) -> None:
    key, mask = new_key(), b"\x01\x02\x03\x04"
    recording = record(toy.url)
    with both_ends(recording.url, toy) as (client, daemon):
        client.says(ask_for_websocket(key))
        daemon.hears(ask_for_websocket(key))
        daemon.says(accept_websocket(key) + websocket(b"$ "))
        client.hears(accept_websocket(key) + websocket(b"$ "))
        client.says(websocket(b"ls\n", mask))
        daemon.hears(websocket(b"ls\n", mask))
        daemon.says(websocket(b"bin etc\n"))
        client.hears(websocket(b"bin etc\n"))
        daemon.leaves()
        client.hears_the_end()
        client.leaves()
    _, stream = only(recording)
    assert stream.kind == "hijack"
    assert stream_data(stream) == websocket(b"$ ") + websocket(b"bin etc\n")
    assert stream_data(stream, "in") == websocket(b"ls\n", mask)

    other_key, other_mask = new_key(), b"\x0a\x0b\x0c\x0d"
    with FakeDocker(cassette=recording.cassette) as replayed, connect(replayed.url) as client:
        client.says(ask_for_websocket(other_key))
        client.hears(accept_websocket(other_key))
        client.hears(websocket(b"$ "))
        client.says(websocket(b"ls\n", other_mask))
        client.hears(websocket(b"bin etc\n"))
        client.hears_the_end()


def test_http_2_behind_an_upgrade_is_recorded_and_replayed_frame_by_frame(toy: ToyDaemon, record: Record) -> None:
    ask = (
        b"POST /session HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
        b"X-Docker-Expose-Session-Uuid: abc\r\nContent-Length: 0\r\n\r\n"
    )
    answer = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    # Behind `POST /session` the daemon is the client of HTTP/2, and asks whoever is attached.
    steps = [
        ("out", PREFACE + h2(SETTINGS)),
        ("in", h2(SETTINGS) + h2(SETTINGS, flags=ACK)),
        ("out", h2(SETTINGS, flags=ACK) + h2(HEADERS, b"\x83\x86\x84", 4, 1) + h2(DATA, b"\0\0\0\0\0", 1, 1)),
        ("in", h2(HEADERS, b"\x88", 4, 1) + h2(DATA, b"\0\0\0\0\x02hi", 0, 1) + h2(HEADERS, b"\x88", 5, 1)),
        ("out", h2(PING, bytes(8))),
        ("in", h2(PING, bytes(8), ACK)),
    ]
    recording = record(toy.url)
    with both_ends(recording.url, toy) as (client, daemon):
        client.says(ask)
        daemon.hears(ask)
        daemon.says(answer)
        client.hears(answer)
        for direction, data in steps:
            speaker, listener = (daemon, client) if direction == "out" else (client, daemon)
            speaker.says(data)
            listener.hears(data)
        client.ends()
        daemon.hears_the_end()
        daemon.leaves()
        client.hears_the_end()
    exchange, stream = only(recording)
    assert exchange.end == "half-close"
    for way in ("in", "out"):
        assert stream_data(stream, way) == b"".join(data for direction, data in steps if direction == way)

    with FakeDocker(cassette=recording.cassette) as replayed, connect(replayed.url) as client:
        client.says(ask)
        client.hears(answer)
        for direction, data in steps:
            if direction == "out":
                client.hears(data)
            else:
                client.says(data)


def test_http_2_from_the_first_byte_passes_and_is_kept_as_bytes(toy: ToyDaemon, record: Record) -> None:
    recording = record(toy.url)
    with both_ends(recording.url, toy) as (client, daemon):
        client.says(PREFACE + h2(SETTINGS))
        daemon.hears(PREFACE + h2(SETTINGS))
        daemon.says(h2(SETTINGS))
        client.hears(h2(SETTINGS))
    [exchange] = recording.exchanges()
    assert "recorded as bytes: not a request: 'PRI * HTTP/2.0'" in exchange.note


def test_who_waits_for_100_continue_gets_it_from_the_daemon_and_from_the_replay(toy: ToyDaemon, record: Record) -> None:
    head = (
        b"POST /v1.41/containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 13\r\nExpect: 100-continue\r\n\r\n"
    )
    go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
    answer = b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"Id":"1"}'
    recording = record(toy.url)
    with both_ends(recording.url, toy) as (client, daemon):
        client.says(head)
        daemon.hears(head)
        daemon.says(go_on)
        client.hears(go_on)
        client.says(b'{"Image":"x"}')
        daemon.hears(b'{"Image":"x"}')
        daemon.says(answer)
        client.hears(answer)
    [exchange] = recording.exchanges()
    assert exchange.request.body == Json({"Image": "x"})
    assert exchange.response is not None
    assert exchange.response.status == 201
    with FakeDocker(cassette=recording.cassette) as replayed, connect(replayed.url) as client:
        client.says(head)
        client.hears(go_on)
        client.says(b'{"Image":"x"}')
        client.hears(b"HTTP/1.1 201 Created\r\n")


def test_trailers_pass_and_a_reader_of_the_cassette_is_told(toy: ToyDaemon, record: Record) -> None:
    ask = b"GET /v1.41/info HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n"
    answer = (
        b"HTTP/1.1 200 OK\r\nTrailer: X-Checksum\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5\r\nhello\r\n0\r\nX-Checksum: 1234\r\n\r\n"
    )
    recording = record(toy.url)
    with both_ends(recording.url, toy) as (client, daemon):
        client.says(ask)
        daemon.hears(ask)
        daemon.says(answer)
        client.hears(answer)
    [exchange] = recording.exchanges()
    assert exchange.note == "trailers that were not recorded: X-Checksum"
    with FakeDocker(cassette=recording.cassette) as replayed, connect(replayed.url) as client:
        client.says(ask)
        client.hears(b"HTTP/1.1 200 OK\r\n")
        client.sock.shutdown(socket.SHUT_WR)
        assert b"hello" in b"".join(iter(lambda: client.sock.recv(65536), b""))


REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")


@pytest.mark.skipif(not REAL.startswith("unix:"), reason="no real daemon is named in $FAKEDOCKER_REAL_DOCKER")
def test_a_real_daemon_speaks_http_2_behind_a_session(record: Record) -> None:
    def speak(url: str) -> bytes:
        with connect(url) as client:
            client.says(
                b"POST /session HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
                b"X-Docker-Expose-Session-Uuid: %s\r\nX-Docker-Expose-Session-Name: n\r\n\r\n"
                % uuid.uuid4().hex.encode()
            )
            heard = b""
            while PREFACE not in heard:
                heard += client.sock.recv(65536)
            client.says(h2(SETTINGS) + h2(SETTINGS, flags=ACK))
            while h2(SETTINGS, flags=ACK) not in heard:
                heard += client.sock.recv(65536)
        return heard.partition(b"\r\n\r\n")[2].partition(h2(SETTINGS, flags=ACK))[0]

    recording = record(REAL)
    said = speak(recording.url)
    assert said.startswith(PREFACE)
    recording.close()
    with FakeDocker(cassette=recording.cassette) as replayed:
        assert speak(replayed.url) == said
