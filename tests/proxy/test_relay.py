"""A request carried to the daemon in the middle of a replay; whole sessions are in test_replay_modes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from toy_daemon import PATIENCE, Peer

from fakedocker.proxy.messages import UnreadableError
from fakedocker.proxy.relay import BUFFER, Relay, RelayedStream

ASK = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n"
RAW = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"


class Noted:
    """In the place of the observer: what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, Any]] = []

    def passes(self, number: int, direction: str, data: bytes) -> None:
        self.told.append(("passes", direction, data))

    def ends(self, number: int, direction: str, how: str) -> None:
        self.told.append(("ends", direction, how))

    def is_over(self, number: int) -> None:
        self.told.append(("is over", "", number))

    def of(self, kind: str) -> list[tuple[str, Any]]:
        return [(direction, what) for one, direction, what in self.told if one == kind]


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def daemon() -> Iterator[tuple[Peer, socket.socket]]:
    """The daemon's end, and the line to it."""
    ours, theirs = socket.socketpair()
    with Peer(theirs) as peer:
        yield peer, ours
    ours.close()


@pytest.fixture
def relay(noted: Noted, daemon: tuple[Peer, socket.socket]) -> Iterator[Relay]:
    relay = Relay(1, daemon[1], noted, "GET", lambda relay: None)
    yield relay
    relay.leave()


def eventually(true: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_an_answer_comes_piece_by_piece_and_everything_is_told(
    relay: Relay, noted: Noted, daemon: tuple[Peer, socket.socket]
) -> None:
    daemon[0].says(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
    head = relay.ask(ASK, [b"body"])
    assert head.status == (200, "OK")
    daemon[0].hears(ASK + b"body")
    daemon[0].says(b"lo")
    assert b"".join(relay.pieces()) == b"hello"
    assert noted.of("passes")[0] == ("in", ASK)
    assert b"".join(data for direction, data in noted.of("passes") if direction == "out").endswith(b"hello")
    assert noted.of("is over") == [("", 1)]


def test_a_daemon_that_answers_before_it_has_heard_everything_is_heard(
    relay: Relay, daemon: tuple[Peer, socket.socket]
) -> None:
    daemon[0].says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    head = relay.ask(ASK, (bytes(65536) for _ in range(1000)))  # which nobody ever reads
    assert head.status[0] == 400
    assert list(relay.pieces()) == []


def test_a_daemon_that_says_nonsense_is_an_error(relay: Relay, daemon: tuple[Peer, socket.socket]) -> None:
    daemon[0].says(b"220 mail.example.org\r\n\r\n")
    with pytest.raises(UnreadableError):
        relay.ask(ASK, ())


def test_a_daemon_that_closes_without_an_answer_is_an_error(relay: Relay, daemon: tuple[Peer, socket.socket]) -> None:
    daemon[0].ends()
    with pytest.raises(EOFError, match="without an answer"):
        relay.ask(ASK, ())


def test_who_waits_for_an_answer_is_freed_when_the_client_goes(
    relay: Relay, noted: Noted, daemon: tuple[Peer, socket.socket]
) -> None:
    threading.Timer(0.01, relay.hang_up).start()
    with pytest.raises(EOFError):
        relay.ask(ASK, ())
    assert relay.is_left
    assert noted.of("ends")[0] == ("in", "gone")


def test_a_connection_that_is_taken_over_goes_both_ways(
    relay: Relay, noted: Noted, daemon: tuple[Peer, socket.socket]
) -> None:
    daemon[0].says(RAW + b"$ ")
    relay.ask(ASK, ())
    assert relay.is_taken_over
    daemon[0].hears(ASK)
    stream = RelayedStream(relay, relay.raw())
    woken = threading.Event()
    stream.watch(woken.set)
    assert woken.wait(PATIENCE)
    assert stream.read(1) == b"$"
    assert stream.read(10) == b" "
    assert stream.read(10) == b""
    stream.receive(b"ls\n")
    stream.half_close()
    daemon[0].hears(b"ls\n")
    daemon[0].hears_the_end()
    daemon[0].says(b"bin\n")
    daemon[0].ends()
    said: list[bytes | None] = []
    eventually(lambda: said.append(stream.read(100)) or said[-1] is None)
    assert b"".join(filter(None, said)) == b"bin\n"
    stream.close()
    relay.wait()
    assert noted.of("ends") == [("in", "eof"), ("out", "eof")]
    assert noted.of("is over") == [("", 1)]


def test_a_slow_client_makes_the_daemon_wait(relay: Relay, daemon: tuple[Peer, socket.socket]) -> None:
    daemon[0].says(RAW)
    relay.ask(ASK, ())
    stream = RelayedStream(relay, relay.raw())
    stream.watch(lambda: None)
    sent = 0
    daemon[0].sock.setblocking(False)
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        try:
            sent += daemon[0].sock.send(bytes(65536))
        except BlockingIOError:
            time.sleep(0.01)
    assert sent < 4 * BUFFER
    heard: list[int] = []
    eventually(lambda: heard.append(len(stream.read(1 << 20) or b"")) or sum(heard) == sent)
    stream.close()


def test_a_client_that_says_more_than_the_daemon_takes_has_to_wait(
    relay: Relay, daemon: tuple[Peer, socket.socket]
) -> None:
    daemon[0].says(RAW)
    relay.ask(ASK, ())
    stream = RelayedStream(relay, relay.raw())
    stream.watch(lambda: None)
    said = 0
    while said < 20 * BUFFER and (room := stream.room()):
        stream.receive(bytes(room))
        said += room
        time.sleep(0.001)
    assert stream.room() == 0
    stream.close()
    relay.wait()


def test_a_client_that_goes_before_anything_is_watched_leaves_nothing(
    relay: Relay, noted: Noted, daemon: tuple[Peer, socket.socket]
) -> None:
    daemon[0].says(RAW)
    relay.ask(ASK, ())
    daemon[0].hears(ASK)
    RelayedStream(relay, relay.raw()).close()
    daemon[0].hears_the_end()
    assert noted.of("is over") == [("", 1)]
