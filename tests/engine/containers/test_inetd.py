"""What answers at ports where no program listens: when it does, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.containers.containers import Container, Home, Run
from fakedocker.engine.containers.inetd import MOST_CONNECTIONS
from fakedocker.engine.networks.sockets import Socket, SocketAddress
from fakedocker.engine.processes.effects import Body, Program
from fakedocker.engine.processes.processes import Process

if TYPE_CHECKING:
    from engine.conftest import World


def echo(process: Process) -> Program[int]:
    while data := (yield from process.read(0)):
        yield from process.write(1, data)
    return 0


def sleeps(process: Process) -> Program[int]:
    yield from process.sleep(10_000)
    return 0


@dataclass
class Two:
    """An echo at port 7, and what is forwarded at 8; both from the third second on."""

    asked: list[tuple[str, int]] = field(default_factory=list)

    def find(self, home: Home, port: int, age: float) -> Body | SocketAddress | None:
        self.asked.append((home.container.name, port))
        if age < 3:
            return None
        return {7: echo, 8: SocketAddress("127.0.0.1", 80)}.get(port)


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    made = new_world()
    made.engine.services = Two()
    return made


@pytest.fixture
def container(world: World) -> Container:
    found = world.start(sleeps)
    world.advance(3)
    return found


def run_of(container: Container) -> Run:
    assert container.run is not None
    return container.run


def connect(world: World, container: Container, port: int = 7) -> Socket:
    found = world.engine.network.host.connect(container.network.address, port)
    assert isinstance(found, Socket)
    found.hold()
    world.settle()
    return found


def say(world: World, socket: Socket, data: bytes) -> bytes | None:
    socket.write(data)
    world.settle()
    return socket.read(100)


def test_a_service_answers_each_connection(world: World, container: Container) -> None:
    one, other = connect(world, container), connect(world, container)
    assert say(world, one, b"hello") == b"hello"
    assert say(world, other, b"there") == b"there"
    one.shut_down()
    world.settle()
    assert one.read(100) == b""
    assert say(world, other, b"still") == b"still"


def test_other_ports_refuse(world: World, container: Container) -> None:
    with pytest.raises(ConnectionRefusedError):
        connect(world, container, 9)


def test_a_service_refuses_as_long_as_nothing_is_found(world: World) -> None:
    container = world.start(sleeps)
    world.advance(2.9)
    with pytest.raises(ConnectionRefusedError):
        connect(world, container)
    world.advance(0.1)
    assert say(world, connect(world, container), b"up") == b"up"


def test_a_program_that_listens_goes_first(world: World) -> None:
    def listens(process: Process) -> Program[int]:
        listening = yield from process.listen(7)
        connection = yield from process.accept(listening)
        yield from process.write(connection, "the program")
        yield from process.sleep(1000)
        return 0

    container = world.start(listens)
    world.advance(3)
    assert connect(world, container).read(100) == b"the program"


def test_what_is_forwarded_is_so_for_the_host_only(world: World, container: Container) -> None:
    inetd = run_of(container).inetd
    assert inetd is not None
    assert inetd.leads_to(8) == SocketAddress("127.0.0.1", 80)
    assert inetd.leads_to(7) is None
    with pytest.raises(ConnectionRefusedError):
        connect(world, container, 8)


def test_a_service_is_no_process_of_the_container(world: World, container: Container) -> None:
    connect(world, container)
    assert len([*run_of(container).processes]) == 1


def test_a_service_stands_still_with_its_container(world: World, container: Container) -> None:
    before = connect(world, container)
    run_of(container).freeze()
    meanwhile = connect(world, container)
    assert say(world, before, b"a") is None
    assert say(world, meanwhile, b"b") is None
    run_of(container).thaw()
    world.settle()
    assert (before.read(9), meanwhile.read(9)) == (b"a", b"b")


def test_a_service_ends_with_its_container(world: World, container: Container) -> None:
    socket = connect(world, container)
    world.engine.kill(container)
    world.settle()
    assert socket.read(100) == b""
    with pytest.raises(BrokenPipeError):
        socket.write(b"more")


def test_no_more_connections_are_answered_than_there_is_room_for(world: World, container: Container) -> None:
    sockets = [connect(world, container) for _ in range(MOST_CONNECTIONS)]
    with pytest.raises(ConnectionRefusedError):
        connect(world, container)
    sockets[0].release()
    world.settle()
    assert say(world, connect(world, container), b"room") == b"room"


def test_an_error_in_a_service_is_told_of(world: World, container: Container) -> None:
    class Wrong(Two):
        def find(self, home: Home, port: int, age: float) -> Body:
            def body(process: Process) -> Program[int]:
                yield from process.write(1, "so far")
                raise RuntimeError("a bug")

            return body

    world.engine.services = Wrong()
    other = world.start(sleeps)
    socket = connect(world, other)
    assert (socket.read(9), socket.read(9)) == (b"so far", b"")
    assert [(what, str(error)) for what, error in world.engine.crashes] == [("the service at port 7", "a bug")]
