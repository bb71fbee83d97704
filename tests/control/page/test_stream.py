"""The stream over real sockets: its form, that it wakes, and that neither a slow nor a gone client costs anything."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.control import CONTROL, Control
from fakedocker.control.page.stream import Stream, message

GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"


@pytest.fixture
def daemon() -> Iterator[FakeDocker]:
    with FakeDocker(clock="manual") as daemon:
        yield daemon


def test_what_happens_arrives_as_events(daemon: FakeDocker) -> None:
    with WireClient(daemon.url) as client:
        client.send(GET % b"/_fakedocker/stream")
        head = client.until(b"\r\n\r\n")
        assert b"200 OK" in head
        assert b"Content-Type: text/event-stream" in head
        client.until(b"event: begin\ndata: 0\n\n")
        daemon.engine.create("base", "true", name="web")
        client.until(b"event: event\n")
        told = json.loads(client.until(b"\n\n").partition(b"data: ")[2])
        assert [(one["event"], one["actor"]) for one in told] == [("container create", "web")]


def test_the_output_of_a_container_arrives(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sh", "-c", "echo one; sleep 5; echo two; sleep 99", name="web")
    with WireClient(daemon.url) as client:
        client.send(GET % b"/_fakedocker/containers/web/stream")
        client.until(b'event: output\ndata: ["one\\n"]\n\n')
        daemon.advance(5)
        client.until(b'event: output\ndata: ["two\\n"]\n\n')


def test_a_stream_ends_at_a_reset_and_the_next_one_begins(daemon: FakeDocker) -> None:
    with WireClient(daemon.url) as client:
        client.send(GET % b"/_fakedocker/stream")
        client.until(b"event: begin\ndata: 0\n\n")
        daemon.reset()
        client.until(b"\r\n0\r\n\r\n")
        client.send(GET % b"/_fakedocker/stream")
        client.until(b"event: begin\ndata: 0\n\n")


def test_a_client_that_has_gone_is_not_woken_any_more(daemon: FakeDocker) -> None:
    watch = daemon.engine._runtime._engine.events.watch
    before = len(watch)
    with WireClient(daemon.url) as client:
        client.send(GET % b"/_fakedocker/stream")
        client.until(b"event: begin")
        assert len(watch) == before + 1
    deadline = time.monotonic() + 10
    while len(watch) > before and time.monotonic() < deadline:
        time.sleep(0.005)  # until the server has noticed: nobody else tells
    assert len(watch) == before


def test_one_message_has_all_that_is_new_and_only_what_fits_is_given(daemon: FakeDocker) -> None:
    stream = Stream(daemon)
    for number in range(3):
        daemon.engine.create("base", "true", name=f"c{number}")
    told = b"".join(iter(lambda: stream.read(10) or b"", b""))
    assert told.count(b"event: event\n") == 1
    assert told.count(b"container create") == 3
    stream.close()


def test_no_text_can_begin_another_event() -> None:
    assert message("output", ["\n\nevent: begin\r\rdata: \u2028 \ud800"]).count(b"\n") == 3


def test_a_container_that_is_not_there_has_no_stream(daemon: FakeDocker) -> None:
    with WireClient(daemon.url) as client:
        client.send(GET % b"/_fakedocker/containers/nobody/stream")
        assert client.until(b"\r\n").startswith(b"HTTP/1.1 404 ")


def test_another_server_can_have_what_is_there(daemon: FakeDocker) -> None:
    daemon.engine.create("base", "true", name="web")
    heads: list[str] = []
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": "/_fakedocker/stream", CONTROL: daemon}
    environ |= {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost"}

    def start(status: str, headers: object, *_: object) -> Callable[[bytes], object]:
        heads.append(status)
        return lambda data: None

    body = b"".join(Control(lambda *_: [])(environ, start))
    assert heads == ["200 OK"]
    assert b"container create" in body
