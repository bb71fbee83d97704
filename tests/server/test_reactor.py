"""The loop itself: turns, deadlines, errors, the end."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fakedocker.server.poller import Report
from fakedocker.server.reactor import Channel, Reactor


class Probe(Channel):
    """A channel that notes what happens to it."""

    label = "GET /probe"

    def __init__(self, reactor: Reactor, on_turn: Callable[[], None] = lambda: None) -> None:
        self.sock, self.other = socket.socketpair()
        self.events: list[str] = []
        self.happened = threading.Semaphore(0)
        self._reactor = reactor
        self._on_turn = on_turn

    def note(self, event: str) -> None:
        self.events.append(event)
        self.happened.release()

    def wait(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.happened.acquire(timeout=5), self.events

    def ready(self, report: Report) -> None:
        self.note("ready")

    def turn(self) -> None:
        self._reactor.take(self)
        self._on_turn()
        self.note("turn")

    def expire(self) -> None:
        self.note("expire")

    def abort(self) -> None:
        self._reactor.release(self)
        self.other.close()
        self.note("abort")


@pytest.fixture
def errors() -> list[tuple[BaseException, str]]:
    return []


@pytest.fixture
def reactor(errors: list[tuple[BaseException, str]]) -> Iterator[Reactor]:
    reactor = Reactor(lambda *error: errors.append(error))
    reactor.start()
    yield reactor
    reactor.stop(5)


def test_what_is_posted_gets_a_turn(reactor: Reactor) -> None:
    probe = Probe(reactor)
    for _ in range(100):
        reactor.post(probe)
    probe.wait(100)
    assert probe.events == ["turn"] * 100


def test_an_armed_channel_hears_of_its_socket_once(reactor: Reactor) -> None:
    probe = Probe(reactor)
    reactor.post(probe)
    probe.wait()
    reactor.arm(probe, read=True)
    probe.other.send(b"x")
    probe.wait()
    reactor.post(probe)
    probe.wait()
    assert probe.events == ["turn", "ready", "turn"]


def test_a_deadline_strikes_once_and_a_dropped_one_never(reactor: Reactor) -> None:
    late = Probe(reactor, lambda: reactor.set_deadline(late, 0.01))

    def set_and_drop() -> None:
        reactor.set_deadline(dropped, 0.001)
        reactor.drop_deadline(dropped)

    dropped = Probe(reactor, set_and_drop)
    reactor.post(dropped)
    reactor.post(late)
    late.wait(2)
    dropped.wait()
    assert late.events == ["turn", "expire"]
    assert dropped.events == ["turn"]


def test_a_channel_that_raises_is_reported_and_aborted(
    reactor: Reactor, errors: list[tuple[BaseException, str]]
) -> None:
    bad, good = Probe(reactor, lambda: 1 / 0 and None), Probe(reactor)
    reactor.post(bad)
    reactor.post(good)
    bad.wait()
    good.wait()
    assert bad.events == ["abort"]
    assert [(type(error), label) for error, label in errors] == [(ZeroDivisionError, "GET /probe")]


def test_the_end_aborts_everything_and_what_is_posted_later(reactor: Reactor) -> None:
    probes = [Probe(reactor) for _ in range(10)]
    for probe in probes:
        reactor.post(probe)
    probes[-1].wait()
    reactor.stop(5)
    assert all(probe.events[-1] == "abort" for probe in probes)
    late = Probe(reactor)
    reactor.post(late)
    assert late.events == ["abort"]
    assert late.sock.fileno() == -1


def test_a_process_out_of_file_descriptors_accepts_again_later(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [])
        return [b"ok"]

    serving = serve(app)
    monkeypatch.setattr("fakedocker.server.reactor.ACCEPT_PAUSE", 0.01)
    real, failures = socket.socket.accept, iter([OSError(errno.EMFILE, "Too many open files")] * 2)

    def accept(self: socket.socket) -> Any:
        for failure in failures:
            raise failure
        return real(self)

    monkeypatch.setattr(socket.socket, "accept", accept)
    assert serving.connect().get("/").body == b"ok"
