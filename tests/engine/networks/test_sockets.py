"""Simulated TCP: who reaches whom, how long it takes when nobody answers, and what closes with whom."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace

import pytest

from fakedocker.engine.clock import ManualClock
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.networks.networks import Endpoint
from fakedocker.engine.networks.sockets import BACKLOG, Connection, Namespace, Network, Silence
from fakedocker.engine.processes.descriptors import Descriptor, Sink
from fakedocker.engine.processes.devices import open_device
from fakedocker.engine.processes.effects import (
    Accept,
    Body,
    Connect,
    Interrupted,
    Listen,
    Program,
    Read,
    ReadAny,
    Signal,
    Write,
)
from fakedocker.engine.processes.processes import Process, ProcessTable, Scheduler

HERE = Endpoint("172.16.42.2", 24, "172.16.42.1", "docker0", {80: 49153})
THERE = replace(HERE, address="172.16.42.3", ports={})


class Lan:
    """Two containers' processes, on one network and one clock."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.scheduler = Scheduler(self.clock)
        self.network = Network()
        self.crashes: list[Exception] = []
        self.here = self.table("here", HERE)
        self.there = self.table("there", THERE)

    def table(self, hostname: str, endpoint: Endpoint) -> ProcessTable:
        return ProcessTable(
            self.scheduler,
            Files([], Layer(), self.clock.now),
            hostname,
            lambda process, path, argv: lambda process: iter(()),  # type: ignore[return-value,arg-type]
            open_device,
            lambda process, error: self.crashes.append(error),
            network=self.network.join(hostname, endpoint, [hostname]),
        )

    def start(self, body: Body, table: ProcessTable | None = None) -> tuple[Process, bytearray]:
        """Start a process (by default here) and let everybody run; return it with what it writes to 1."""
        out = bytearray()
        fds: dict[int, Descriptor] = {1: Sink(out.extend)}
        process = (table or self.here).begin(body, ("program",), fds, env={}, cwd="/")
        self.settle()
        return process, out

    def settle(self) -> None:
        self.scheduler.run()
        assert not self.crashes, self.crashes

    def advance(self, seconds: float) -> None:
        self.settle()
        self.clock.advance(seconds)
        assert not self.crashes, self.crashes


@pytest.fixture
def lan() -> Lan:
    return Lan()


def echo(port: int, address: str = "0.0.0.0") -> Body:
    """Return a server that sends one connection's bytes back until they end."""

    def body(process: Process) -> Program[int]:
        listening: int = yield Listen(port, address)
        connection: int = yield Accept(listening)
        while data := (yield Read(connection)):
            yield Write(connection, data)
        return 0

    return body


def caller(address: str, port: int, data: bytes = b"hello", timeout: float | None = None) -> Body:
    """Return a client that sends bytes, ends its side, and writes the answer (or the error's name) to 1."""

    def body(process: Process) -> Program[int]:
        try:
            connection: int = yield Connect(address, port, timeout)
        except OSError as error:
            yield Write(1, errno.errorcode[error.errno or 0].encode())
            return 1
        yield Write(connection, data)
        process.socket(connection).shut_down()
        while answer := (yield Read(connection)):
            yield Write(1, answer)
        return 0

    return body


def keeper(process: Process) -> Program[int]:
    """Be a first process that stays, so that others may come and go."""
    yield from process.sleep(10000)
    return 0


def error_of(call: Callable[[], object]) -> int | None:
    """Return what a call fails with."""
    try:
        call()
    except OSError as error:
        return error.errno
    return None


# -- connections -------------------------------------------------------------------------


def test_bytes_go_to_the_other_container_and_back(lan: Lan) -> None:
    server, _ = lan.start(echo(80))
    client, out = lan.start(caller("172.16.42.2", 80), lan.there)
    assert (bytes(out), client.code, server.code) == (b"hello", 0, 0)


def test_more_than_a_pipe_holds_goes_through(lan: Lan) -> None:
    def pour(process: Process) -> Program[int]:
        listening: int = yield Listen(80)
        connection: int = yield Accept(listening)
        yield Write(connection, bytes(1_000_000))
        return 0

    lan.start(pour)
    client, out = lan.start(caller("172.16.42.2", 80), lan.there)
    assert (len(out), client.code) == (1_000_000, 0)


def test_one_side_may_end_while_the_other_goes_on(lan: Lan) -> None:
    def late(process: Process) -> Program[int]:
        listening: int = yield Listen(80)
        connection: int = yield Accept(listening)
        while (yield Read(connection)):
            pass
        yield from process.sleep(5)
        yield Write(connection, b"after the end")
        return 0

    lan.start(late)
    client, out = lan.start(caller("172.16.42.2", 80), lan.there)
    assert client.code is None
    lan.advance(6)
    assert (bytes(out), client.code) == (b"after the end", 0)


def test_writing_after_the_own_end_is_a_broken_pipe(lan: Lan) -> None:
    def body(process: Process) -> Program[int]:
        connection: int = yield Connect("172.16.42.2", 80)
        process.socket(connection).shut_down()
        yield Write(connection, b"x")
        return 0

    lan.start(echo(80))
    assert lan.start(body, lan.there)[0].killed_by == Signal.PIPE


def test_a_connection_knows_both_its_ends(lan: Lan) -> None:
    lan.here.network.listen("0.0.0.0", 80)
    connection = lan.there.network.connect("172.16.42.2", 80)
    assert isinstance(connection, Connection)
    assert (str(connection.local), str(connection.remote)) == ("172.16.42.3:32768", "172.16.42.2:80")
    waiting = lan.here.network.listeners[0].accept()
    assert waiting is not None
    assert (waiting.local, waiting.remote) == (connection.remote, connection.local)


def test_connecting_does_not_wait_to_be_accepted(lan: Lan) -> None:
    def slow(process: Process) -> Program[int]:
        listening: int = yield Listen(80)
        yield from process.sleep(10)
        connection: int = yield Accept(listening)
        yield Write(1, (yield Read(connection)))
        return 0

    _, out = lan.start(slow)
    client, _ = lan.start(caller("172.16.42.2", 80), lan.there)
    lan.advance(11)
    assert (bytes(out), client.code) == (b"hello", 0)


# -- who is reached ------------------------------------------------------------------------


def test_a_port_on_which_nobody_listens_refuses(lan: Lan) -> None:
    assert bytes(lan.start(caller("172.16.42.3", 80))[1]) == b"ECONNREFUSED"


def test_a_neighbour_that_is_not_there_is_given_up_after_three_seconds(lan: Lan) -> None:
    _, out = lan.start(caller("172.16.42.9", 80))
    lan.advance(2.9)
    assert not out
    lan.advance(0.2)
    assert bytes(out) == b"EHOSTUNREACH"


def test_a_stranger_is_given_up_after_two_minutes(lan: Lan) -> None:
    _, out = lan.start(caller("10.0.0.1", 80))
    lan.advance(126)
    assert not out
    lan.advance(2)
    assert bytes(out) == b"ETIMEDOUT"


def test_a_timeout_of_ones_own_comes_earlier(lan: Lan) -> None:
    _, out = lan.start(caller("10.0.0.1", 80, timeout=5))
    lan.advance(4.9)
    assert not out
    lan.advance(0.2)
    assert bytes(out) == b"ETIMEDOUT"


def test_who_comes_while_it_is_tried_is_reached(lan: Lan) -> None:
    client, out = lan.start(caller("172.16.42.9", 80))
    lan.advance(1)
    late = lan.table("late", replace(HERE, address="172.16.42.9"))
    late.network.listen("0.0.0.0", 80)
    lan.advance(0.1)
    assert late.network.listeners[0].accept() is not None
    assert (client.code, bytes(out)) == (None, b"")


def test_without_an_address_only_loopback_is_there() -> None:
    alone = Namespace(Network(), "alone")
    alone.listen("0.0.0.0", 80)
    assert isinstance(alone.connect("127.0.0.1", 80), Connection)
    assert error_of(lambda: alone.connect("172.16.42.2", 80)) == errno.ENETUNREACH
    assert error_of(lambda: alone.round_trip("172.16.42.2")) == errno.ENETUNREACH


def test_loopback_and_the_own_address_stay_inside(lan: Lan) -> None:
    lan.start(keeper)
    lan.start(echo(80))
    _, out = lan.start(caller("127.0.0.1", 80))
    assert bytes(out) == b"hello"
    assert bytes(lan.start(caller("127.0.0.1", 80), lan.there)[1]) == b"ECONNREFUSED"


def test_who_listens_on_loopback_is_not_reached_from_outside(lan: Lan) -> None:
    lan.start(keeper)
    lan.start(echo(80, "127.0.0.1"))
    assert bytes(lan.start(caller("172.16.42.2", 80), lan.there)[1]) == b"ECONNREFUSED"
    assert bytes(lan.start(caller("127.0.0.1", 80))[1]) == b"hello"


def test_the_gateway_forwards_published_ports(lan: Lan) -> None:
    lan.start(echo(80))
    assert bytes(lan.start(caller("172.16.42.1", 49153), lan.there)[1]) == b"hello"
    assert bytes(lan.start(caller("172.16.42.1", 49154), lan.there)[1]) == b"ECONNREFUSED"


def test_who_left_is_not_reached(lan: Lan) -> None:
    lan.here.network.listen("0.0.0.0", 80)
    lan.network.leave(HERE)
    assert isinstance(lan.there.network.connect("172.16.42.2", 80), Silence)
    assert lan.there.network.address_of("here") is None


def test_a_full_backlog_keeps_others_waiting_until_there_is_room(lan: Lan) -> None:
    listener = lan.here.network.listen("0.0.0.0", 80)
    for _ in range(BACKLOG):
        assert isinstance(lan.there.network.connect("172.16.42.2", 80), Connection)
    client, _ = lan.start(caller("172.16.42.2", 80), lan.there)
    lan.advance(1)
    assert len(lan.there.network.connections) == BACKLOG
    listener.accept()
    lan.settle()
    assert len(lan.there.network.connections) == BACKLOG + 1
    assert client.code is None


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_what_is_no_port_refuses(lan: Lan, port: int) -> None:
    assert error_of(lambda: lan.here.network.connect("127.0.0.1", port)) == errno.ECONNREFUSED


@pytest.mark.parametrize("address", ["", "x", "1.2.3", "::1", "1.2.3.4.5", "127.evil"])
def test_what_is_no_address_is_invalid(lan: Lan, address: str) -> None:
    assert error_of(lambda: lan.here.network.connect(address, 80)) == errno.EINVAL


# -- listening -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("0.0.0.0", "0.0.0.0", True),
        ("0.0.0.0", "127.0.0.1", True),
        ("127.0.0.1", "0.0.0.0", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "172.16.42.2", False),
    ],
)
def test_a_port_is_listened_on_once(lan: Lan, first: str, second: str, refused: bool) -> None:
    network = lan.here.network
    network.listen(first, 80)
    if refused:
        assert error_of(lambda: network.listen(second, 80)) == errno.EADDRINUSE
    else:
        network.listen(second, 80)
    lan.there.network.listen("0.0.0.0", 80)


def test_a_foreign_address_cannot_be_listened_on(lan: Lan) -> None:
    assert error_of(lambda: lan.here.network.listen("172.16.42.3", 80)) == errno.EADDRNOTAVAIL


def test_low_ports_are_for_root(lan: Lan) -> None:
    def body(process: Process) -> Program[int]:
        process.uid = 1000
        yield Listen(8080)
        try:
            yield Listen(80)
        except PermissionError:
            return 7
        return 0

    assert lan.start(body)[0].code == 7


def test_port_zero_is_a_free_one(lan: Lan) -> None:
    network = lan.here.network
    ports = [network.listen("0.0.0.0", 0).local.port for _ in range(3)]
    assert len(set(ports)) == 3
    assert all(port >= 32768 for port in ports)


def test_a_port_is_free_again_when_its_process_has_ended(lan: Lan) -> None:
    server, _ = lan.start(echo(80))
    server.deliver(Signal.KILL, from_outside=True)
    lan.settle()
    lan.here.network.listen("0.0.0.0", 80)


def test_accepting_may_have_a_limit(lan: Lan) -> None:
    def body(process: Process) -> Program[int]:
        listening: int = yield Listen(80)
        try:
            yield Accept(listening, timeout=3)
        except TimeoutError:
            return 9
        return 0

    server, _ = lan.start(body)
    lan.advance(2.9)
    assert server.code is None
    lan.advance(0.2)
    assert server.code == 9


@pytest.mark.parametrize("fd", [1, 77])
def test_only_who_listens_can_accept(lan: Lan, fd: int) -> None:
    def body(process: Process) -> Program[int]:
        try:
            yield Accept(fd)
        except OSError as error:
            return error.errno or 0
        return 0

    assert lan.start(body)[0].code == (errno.EINVAL if fd == 1 else errno.EBADF)


# -- ends --------------------------------------------------------------------------------------


def test_a_killed_process_ends_its_connections(lan: Lan) -> None:
    server, _ = lan.start(echo(80))

    def hold(process: Process) -> Program[int]:
        connection: int = yield Connect("172.16.42.2", 80)
        return 5 if (yield Read(connection)) == b"" else 6

    client, _ = lan.start(hold, lan.there)
    assert client.code is None
    server.deliver(Signal.KILL, from_outside=True)
    lan.settle()
    assert client.code == 5
    assert not lan.here.network.connections
    assert not lan.there.network.connections
    assert not lan.here.network.listeners


def test_who_waits_to_be_accepted_is_let_go_when_nobody_listens_any_more(lan: Lan) -> None:
    listener = lan.here.network.listen("0.0.0.0", 80).hold()
    client, _ = lan.start(caller("172.16.42.2", 80), lan.there)
    listener.release()
    lan.settle()
    assert client.code == 0
    assert not lan.here.network.connections


@pytest.mark.parametrize(
    "effect", [Connect("10.0.0.1", 80), Accept(3), ReadAny((4,))], ids=["connect", "accept", "read"]
)
def test_a_signal_that_is_caught_breaks_off_waiting(lan: Lan, effect: Connect | Accept | ReadAny) -> None:
    def body(process: Process) -> Program[int]:
        process.catch(Signal.TERM)
        listening: int = yield Listen(80)
        assert listening == 3
        yield Connect("127.0.0.1", 80)
        yield Accept(listening)
        try:
            yield effect
        except Interrupted as interrupted:
            yield from process.sleep(200)
            return interrupted.signal
        return 0

    process, _ = lan.start(body)
    process.deliver(Signal.TERM)
    lan.settle()
    assert process.code is None
    lan.advance(201)
    assert process.code == Signal.TERM


# -- several at once -----------------------------------------------------------------------------


def test_the_first_of_several_is_read(lan: Lan) -> None:
    def body(process: Process) -> Program[int]:
        listening: int = yield Listen(80)
        one: int = yield Accept(listening)
        two: int = yield Accept(listening)
        for _ in range(4):
            fd, data = yield ReadAny((one, two))
            yield Write(1, b"one " if fd == one else b"two ")
            yield Write(1, data + b"\n")
        return 0

    def client(name: bytes, delay: float) -> Body:
        def body(process: Process) -> Program[int]:
            connection: int = yield Connect("172.16.42.2", 80)
            for _ in range(2):
                yield from process.sleep(delay)
                yield Write(connection, name)
            yield from process.sleep(60)
            return 0

        return body

    server, out = lan.start(body)
    lan.start(client(b"a", 2), lan.there)
    lan.start(client(b"b", 3), lan.there)
    lan.advance(10)
    assert bytes(out) == b"one a\ntwo b\none a\ntwo b\n"
    assert server.code == 0


def test_waiting_for_several_may_have_a_limit(lan: Lan) -> None:
    def body(process: Process) -> Program[int]:
        listening: int = yield Listen(80)
        connection: int = yield Accept(listening)
        try:
            while True:
                yield ReadAny((connection,), timeout=3)
        except TimeoutError:
            return 8

    def client(process: Process) -> Program[int]:
        connection: int = yield Connect("172.16.42.2", 80)
        for _ in range(4):
            yield Write(connection, b"x")
            yield from process.sleep(2)
        yield from process.sleep(60)
        return 0

    server, _ = lan.start(body)
    lan.start(client, lan.there)
    lan.advance(8.5)  # every byte begins the time anew
    assert server.code is None
    lan.advance(1)
    assert server.code == 8


# -- names ---------------------------------------------------------------------------------------


HOSTS = "# local\n127.0.0.1 localhost box\n10.1.1.1\tDb.example db # the database\n::1 six\nnonsense line\n\n"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("10.9.9.9", "10.9.9.9"),
        ("localhost", "127.0.0.1"),
        ("box", "127.0.0.1"),
        ("DB", "10.1.1.1"),
        ("db.example.", "10.1.1.1"),
        ("here", "172.16.42.2"),
        ("THERE", "172.16.42.3"),
        ("six", None),
        ("line", None),
        ("nobody", None),
        ("", None),
    ],
)
def test_a_name_is_looked_for_in_hosts_then_among_containers(lan: Lan, name: str, address: str | None) -> None:
    assert lan.here.network.address_of(name, HOSTS) == address


def test_localhost_needs_no_hosts_file(lan: Lan) -> None:
    assert lan.here.network.address_of("localhost") == "127.0.0.1"
    assert Namespace(Network(), "alone").address_of("alone") == "127.0.0.1"
