"""Both pollers keep the same promises."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from fakedocker.server.poller import EpollPoller, Poller, SelectorPoller


@pytest.fixture(params=[EpollPoller, SelectorPoller])
def poller(request: pytest.FixtureRequest) -> Iterator[Poller]:
    poller: Poller = request.param()
    yield poller
    poller.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


Pair = tuple[socket.socket, socket.socket]


def test_a_readable_socket_reports_once(poller: Poller, pair: Pair) -> None:
    ours, theirs = pair
    poller.arm(ours, read=True)
    assert poller.wait(0) == []
    theirs.send(b"x")
    (report,) = poller.wait(1)
    assert (report.fd, report.readable, report.gone) == (ours.fileno(), True, False)
    assert poller.wait(0) == []
    poller.arm(ours, read=True)
    assert poller.wait(1)


def test_a_writable_socket_reports(poller: Poller, pair: Pair) -> None:
    poller.arm(pair[0], write=True)
    assert poller.wait(1)[0].writable


def test_a_hangup_is_reported_and_data_is_not(poller: Poller, pair: Pair) -> None:
    ours, theirs = pair
    poller.arm(ours, hangup=True)
    assert poller.wait(0) == []
    theirs.shutdown(socket.SHUT_WR)
    assert poller.wait(1)[0].gone


def test_data_alone_is_no_hangup(poller: Poller, pair: Pair) -> None:
    ours, theirs = pair
    poller.arm(ours, hangup=True)
    theirs.send(b"x")
    assert poller.wait(0.01) == []


def test_a_forgotten_socket_is_silent(poller: Poller, pair: Pair) -> None:
    ours, theirs = pair
    theirs.send(b"x")
    poller.arm(ours, read=True)
    poller.arm(ours)
    assert poller.wait(0) == []
    poller.arm(ours, read=True)
    assert poller.wait(0)
    poller.forget(ours)
    assert poller.wait(0) == []


def test_a_poke_ends_the_wait(poller: Poller) -> None:
    timer = threading.Timer(0.01, poller.poke)
    timer.start()
    begun = time.monotonic()
    assert poller.wait(5) == []
    assert time.monotonic() - begun < 4
    timer.join()
    assert poller.wait(0) == []


def test_a_socket_armed_by_another_thread_is_seen_by_a_wait_under_way(poller: Poller, pair: Pair) -> None:
    ours, theirs = pair
    theirs.send(b"x")
    timer = threading.Timer(0.01, lambda: poller.arm(ours, read=True))
    timer.start()
    reports = poller.wait(5) or poller.wait(5)
    timer.join()
    assert reports[0].readable


def test_a_socket_closed_under_the_hand_is_no_error(poller: Poller, pair: Pair) -> None:
    fd = os.dup(pair[0].fileno())
    sock = socket.socket(fileno=fd)
    os.close(fd)
    poller.arm(sock, read=True)
    sock.detach()
    assert poller.wait(0) == []


def test_a_closed_poller_takes_pokes_and_arms_without_complaint(pair: Pair) -> None:
    for kind in (EpollPoller, SelectorPoller):
        poller = kind()
        poller.close()
        poller.poke()
        poller.arm(pair[0], read=True)
