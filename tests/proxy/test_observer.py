"""The observer looks on, and never gets in the way."""

from __future__ import annotations

import logging

import pytest

from fakedocker.cassettes.model import Body, Empty, Exchange, Request, Stream
from fakedocker.proxy.observer import Observer

GET = b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"


class NoFile:
    """A file that cannot be written."""

    def write(self, data: bytes) -> None:
        raise RuntimeError("out of order")

    def close(self) -> Body:
        return Empty()


class Kept:
    """What was recorded."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def hear(self, request: Request) -> None: ...

    def keep(self, exchange: Exchange, size: int) -> None:
        self.exchanges.append(exchange)

    def side_file(self, media_type: str) -> NoFile:
        return NoFile()


def observed(*said: tuple[int, str, bytes], first: int = 1) -> list[Exchange]:
    """Return what becomes of words on some connections."""
    recording = Kept()
    observer = Observer(recording, first)
    observer.start()
    for number, direction, data in said:
        observer.passes(number, "in" if direction == "in" else "out", data)
    for number in {number for number, *_ in said}:
        observer.is_over(number)
    observer.finish()
    return recording.exchanges


def test_connections_are_told_apart_and_exchanges_numbered_as_they_began() -> None:
    kept = observed((1, "in", GET), (2, "in", GET), (2, "out", OK), (1, "out", OK))
    assert [(exchange.id, exchange.connection) for exchange in kept] == [(2, 2), (1, 1)]


def test_numbers_go_on_where_a_cassette_ended() -> None:
    assert [exchange.id for exchange in observed((1, "in", GET), (1, "out", OK), first=8)] == [8]


def test_a_failure_of_its_own_is_a_note_and_nothing_is_lost(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    tar = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000)
    [exchange] = observed((1, "in", GET), (1, "out", tar), (1, "in", b"more"))
    assert exchange.note.startswith("recorded as bytes: the recorder failed: out of order")
    assert exchange.response is not None
    assert isinstance(exchange.response.body, Stream)


def test_other_connections_go_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    kept = observed((1, "in", b"noise\r\n\r\n"), (2, "in", GET), (2, "out", OK))
    assert [exchange.request.method for exchange in kept] == ["GET", ""]
