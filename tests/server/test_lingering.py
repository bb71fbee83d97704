"""How a connection ends."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

from fakedocker.server import Limits

Serve = Callable[..., Any]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Connection", "close")])
    return [b"x" * 300_000]


def test_an_answer_survives_a_client_that_goes_on_sending(serve: Serve) -> None:
    client = serve(app).connect()
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    client.send(b"never read " * 10_000)
    time.sleep(0.01)  # a reset would be here by now
    client.send(b"never read " * 10_000)
    assert len(client.response().body) == 300_000
    assert client.rest() == b""


def test_a_client_that_never_closes_is_left_in_the_end(serve: Serve) -> None:
    client = serve(app, limits=Limits(linger_seconds=0.02)).connect()
    client.get("/")
    assert client.rest() == b""
    deadline = time.monotonic() + 5
    try:
        while time.monotonic() < deadline:
            client.send(b"x")
            time.sleep(0.005)
    except OSError:
        return
    raise AssertionError("the server still listens")


def test_a_closing_client_is_forgotten_at_once(serve: Serve) -> None:
    serving = serve(app, limits=Limits(linger_seconds=1000))
    client = serving.connect()
    client.get("/")
    client.sock.shutdown(socket.SHUT_WR)
    assert client.rest() == b""
    deadline = time.monotonic() + 5
    while serving.server._reactor._deadlines:
        assert time.monotonic() < deadline
        time.sleep(0.001)
