"""What passes through a published port: bytes both ways, ends, pressure; and what happens where nothing listens."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.networks.sockets import BACKLOG
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.conversations import Reply, echo, http

if TYPE_CHECKING:
    from publishing.conftest import Harbour


def test_a_program_that_listens_is_talked_to(harbour: Harbour) -> None:
    container = harbour.run("sh", "-c", "echo hello from inside | nc -l -p 7; echo heard", ports=("7",))
    client = connected(harbour, harbour.port(container), b"hello from inside\n")
    client.shutdown(socket.SHUT_WR)
    assert client.recv(100) == b""


def connected(harbour: Harbour, port: int, greeting: bytes) -> socket.socket:
    """Return a client that a program has greeted; until it listens, everybody is sent away."""
    for _ in range(1000):
        client = harbour.connect(port)
        with contextlib.suppress(ConnectionError):
            if client.recv(len(greeting)) == greeting:
                return client
        client.close()
    pytest.fail("nobody listens")


def test_httpd_serves_the_files_of_its_container(harbour: Harbour) -> None:
    container = harbour.run("sh", "-c", "mkdir /www; echo found > /www/index.html; httpd -f -h /www", ports=("80",))
    for _ in range(1000):
        client = harbour.connect(harbour.port(container, 80))
        with contextlib.suppress(ConnectionError):
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            if answer := harbour.everything(client):
                assert answer.endswith(b"\r\n\r\nfound\n")
                return
    pytest.fail("nobody listens")


def test_where_nothing_listens_a_client_is_let_in_and_sent_away(harbour: Harbour) -> None:
    """As by docker-proxy of 20.10: whoever has said something already may be told by a reset."""
    port = harbour.port(harbour.run())
    assert harbour.connect(port).recv(1) == b""
    client = harbour.connect(port)
    with contextlib.suppress(ConnectionError):
        client.sendall(b"hello")
        assert client.recv(1) == b""


def test_a_program_that_listens_on_its_own_loopback_is_not_reached(harbour: Harbour) -> None:
    listens = threading.Event()

    @harbour.daemon.program("private")
    def private(process: Process) -> Program[int]:
        listening = yield from process.listen(7, "127.0.0.1")
        listens.set()
        yield from process.accept(listening)
        return 0

    port = harbour.port(harbour.run("private"))
    assert listens.wait(10)
    assert harbour.connect(port).recv(1) == b""


def test_a_client_that_has_said_everything_still_hears(harbour: Harbour) -> None:
    @harbour.daemon.service(7)
    def last_word(process: Process) -> Program[int]:
        heard = b""
        while data := (yield from process.read(0)):
            heard += data
        yield from process.write(1, b"heard " + heard)
        return 0

    client = harbour.connect(harbour.port(harbour.run()))
    client.sendall(b"all of it")
    client.shutdown(socket.SHUT_WR)
    assert harbour.everything(client) == b"heard all of it"


def test_a_program_that_has_said_everything_still_hears(harbour: Harbour) -> None:
    heard: list[bytes] = []
    done = threading.Event()

    @harbour.daemon.service(7)
    def shy(process: Process) -> Program[int]:
        yield from process.write(1, "go on")
        process.socket(1).shut_down()
        while data := (yield from process.read(0)):
            heard.append(data)
        done.set()
        return 0

    client = harbour.connect(harbour.port(harbour.run()))
    assert harbour.everything(client) == b"go on"
    client.sendall(b"one")
    client.sendall(b"two")
    client.close()
    assert done.wait(10)
    assert b"".join(heard) == b"onetwo"


def test_a_client_that_does_not_read_costs_little(harbour: Harbour) -> None:
    written = [0]
    full = threading.Event()

    @harbour.daemon.service(7)
    def flood(process: Process) -> Program[int]:
        for _ in range(1000):
            yield from process.write(1, bytes(1 << 20))
            written[0] += 1 << 20
        return 0

    @harbour.daemon.service(8)
    def ready(process: Process) -> Program[int]:
        full.set()
        yield from process.write(1, "x")
        return 0

    container = harbour.run(ports=("7", "8"))
    client = harbour.connect(harbour.port(container), buffer=4096)
    assert client.recv(1) == b"\0"
    for _ in range(50):  # others are served meanwhile
        assert harbour.everything(harbour.connect(harbour.port(container, 8))) == b"x"
    assert written[0] < 64 << 20


def test_a_program_that_does_not_read_holds_its_client_up(harbour: Harbour) -> None:
    go_on = threading.Event()
    heard = [0]

    @harbour.daemon.service(7)
    def late(process: Process) -> Program[int]:
        while not go_on.is_set():
            yield from process.sleep(0.01)
        while data := (yield from process.read(0)):
            heard[0] += len(data)
        yield from process.write(1, f"{heard[0]}")
        return 0

    client = harbour.connect(harbour.port(harbour.run()))
    client.settimeout(0.3)
    sent = 0
    with contextlib.suppress(TimeoutError):
        while sent < 256 << 20:
            sent += client.send(bytes(1 << 16))
    assert sent < 256 << 20
    client.settimeout(10)
    go_on.set()
    client.shutdown(socket.SHUT_WR)
    assert harbour.everything(client) == b"%d" % sent


def test_an_answer_arrives_although_more_is_said_than_anybody_hears(harbour: Harbour) -> None:
    @harbour.daemon.service(7)
    def curt(process: Process) -> Program[int]:
        yield from process.read(0)
        yield from process.write(1, "enough")
        return 0

    client = harbour.connect(harbour.port(harbour.run()))
    with contextlib.suppress(ConnectionError):
        for _ in range(20):
            client.sendall(bytes(1 << 16))
    assert client.recv(100) == b"enough"


def test_a_client_that_leaves_is_told_to_the_program(harbour: Harbour) -> None:
    left: list[str] = []
    done = threading.Event()

    @harbour.daemon.service(7)
    def talks(process: Process) -> Program[int]:
        try:
            while True:
                yield from process.write(1, "tick")
                yield from process.sleep(0.01)
        except BrokenPipeError:
            left.append("gone")
            done.set()
            return 1

    client = harbour.connect(harbour.port(harbour.run()))
    assert client.recv(4) == b"tick"
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
    client.close()  # with a reset
    assert done.wait(10)
    assert left == ["gone"]


def test_more_clients_than_may_wait_inside_wait_outside(harbour: Harbour) -> None:
    go_on = threading.Event()

    @harbour.daemon.program("slow")
    def slow(process: Process) -> Program[int]:
        listening = yield from process.listen(7)
        while not go_on.is_set():
            yield from process.sleep(0.01)
        while True:
            connection = yield from process.accept(listening)
            yield from process.write(connection, "hello")
            process.detach(connection)

    container = harbour.run("slow")
    port = harbour.port(container)
    with harbour.daemon._service.runtime.engine() as engine:
        engine.scheduler.run()
    until(lambda: bool(listeners(harbour)))
    clients = [harbour.connect(port) for _ in range(BACKLOG + 20)]
    go_on.set()
    assert {harbour.everything(client) for client in clients} == {b"hello"}


def listeners(harbour: Harbour) -> list[object]:
    with harbour.daemon._service.runtime.engine() as engine:
        return [one for namespace, _ in engine.network.members() for one in namespace.listeners]


def until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.01)
    pytest.fail("it never happened")


def test_a_client_of_a_paused_container_waits(harbour: Harbour) -> None:
    harbour.daemon.service(7)(echo)
    container = harbour.run()
    client = harbour.connect(harbour.port(container))
    harbour.daemon.engine.pause(container)
    client.sendall(b"hello")
    client.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.recv(1)
    client.settimeout(10)
    harbour.daemon.engine.unpause(container)
    assert client.recv(100) == b"hello"


def test_answers_come_late_on_the_clock_of_the_daemon(new_harbour: Callable[..., Harbour]) -> None:
    harbour = new_harbour(clock="manual")
    harbour.daemon.service(7, after=2.0)(http({"/": Reply(body="late", delay=30.0)}))
    port = harbour.port(harbour.run())
    assert harbour.connect(port).recv(1) == b""  # nobody is there yet
    harbour.daemon.advance(2)
    client = harbour.connect(port)
    client.sendall(b"GET / HTTP/1.0\r\n\r\n")
    until(lambda: 30.0 in timers(harbour))  # it has been heard
    harbour.daemon.advance(30)
    assert harbour.everything(client).endswith(b"late")


def timers(harbour: Harbour) -> set[float]:
    """Return in how many seconds something is to happen."""
    with harbour.daemon._service.runtime.engine() as engine:
        now = engine.clock.now()
        return {due - now for due, _, timer in engine.clock._timers if timer.callback is not None}
