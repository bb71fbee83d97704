"""Connections that the application breaks off, and heads that are sent before a body is there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Serve = Callable[..., Any]
Environ = dict[str, Any]
StartResponse = Callable[..., Any]


def ask(serving: Any) -> Any:
    client = serving.connect()
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    return client


def resets(client: Any) -> bool:
    try:
        return bool(client.rest()) and False
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("reset", [False, True])
def test_an_application_can_answer_nothing(serve: Serve, reset: bool) -> None:
    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        environ["fakedocker.abort"](reset=reset)
        return []

    assert resets(ask(serve(app))) is reset


@pytest.mark.parametrize("reset", [False, True])
def test_an_answer_can_end_in_the_middle(serve: Serve, reset: bool) -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"part"
        environ["fakedocker.abort"](reset=reset, last=b"raw")

    client = ask(serve(app))
    assert client.until(b"4\r\npart\r\n")
    if reset:
        assert resets(client)
    else:
        assert client.rest() == b"raw"


class Breaking:
    """A source that gives something and then breaks off, or at once."""

    def __init__(self, abort: Callable[..., None], parts: list[bytes], **how: Any) -> None:
        self._abort = abort
        self._parts = parts
        self._how = how
        self.closed = 0

    def read(self, size: int) -> bytes | None:
        if self._parts:
            return self._parts.pop(0)
        self._abort(**self._how)
        return None

    def watch(self, wake: Callable[[], None]) -> None: ...

    def close(self) -> None:
        self.closed += 1

    def room(self) -> int:
        return 0

    def receive(self, data: bytes) -> None: ...

    def half_close(self) -> None: ...


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("hook", ["follow", "hijack"])
def test_a_stream_can_end_in_the_middle(serve: Serve, hook: str, reset: bool) -> None:
    made: list[Breaking] = []

    def app(environ: Environ, start_response: StartResponse) -> list[bytes]:
        made.append(Breaking(environ["fakedocker.abort"], [b"part"], reset=reset, last=b"" if reset else b"raw"))
        environ[f"fakedocker.{hook}"](made[0])
        start_response("200 OK", [])
        return []

    client = ask(serve(app))
    client.until(b"part" if hook == "hijack" else b"part\r\n")
    if reset:
        assert resets(client)
    else:
        assert client.rest() == b"raw"
    assert made[0].closed == 1


def test_the_head_can_be_sent_before_the_body_is_there(serve: Serve) -> None:
    import threading

    go_on = threading.Event()

    def app(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        environ["fakedocker.send_head"]()
        environ["fakedocker.send_head"]()
        assert go_on.wait(5)
        yield b"body"

    client = ask(serve(app))
    assert client.head().status == "200 OK"
    go_on.set()
    assert client.until(b"0\r\n\r\n") == b"4\r\nbody\r\n0\r\n\r\n"


def test_a_client_that_left_is_no_trouble(serve: Serve) -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        with contextlib.suppress(Exception):
            environ["fakedocker.send_head"]()
        environ["fakedocker.abort"](last=b"x" * 100_000)
        yield b""

    serving = serve(app)
    ask(serving).sock.close()
    assert ask(serving).head().status == "200 OK"
