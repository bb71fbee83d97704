"""A door: who comes in when it opens, and who is sent away when it is shut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.conversations import echo

if TYPE_CHECKING:
    from publishing.conftest import Harbour


def test_many_come_in_at_once(harbour: Harbour) -> None:
    harbour.daemon.service(7)(echo)
    port = harbour.port(harbour.run())
    clients = [harbour.connect(port) for _ in range(300)]
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
    for number, client in enumerate(clients):
        assert client.recv(100) == b"%d" % number


def test_everybody_is_sent_away_when_the_container_ends(harbour: Harbour) -> None:
    """As with dockerd 20.10: they read the end."""
    harbour.daemon.service(7)(echo)
    container = harbour.run()
    clients = [harbour.connect(harbour.port(container)) for _ in range(3)]
    for client in clients:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    harbour.daemon.engine.kill(container)
    assert [client.recv(1) for client in clients] == [b""] * 3


def test_what_a_program_says_in_the_end_arrives(harbour: Harbour) -> None:
    @harbour.daemon.program("once")
    def once(process: Process) -> Program[int]:
        listening = yield from process.listen(7)
        connection = yield from process.accept(listening)
        yield from process.write(connection, b"x" * 60_000)
        return 0  # and with it the container ends

    container = harbour.run("once")
    client = harbour.connect(harbour.port(container))
    assert harbour.everything(client) == b"x" * 60_000
    assert harbour.daemon.engine.wait(container) == 0


def test_whoever_leaves_the_network_is_not_reached_by_it(harbour: Harbour) -> None:
    harbour.daemon.service(7)(echo)
    container = harbour.run()
    client = harbour.connect(harbour.port(container))
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    with harbour.daemon._service.runtime.engine() as engine:
        engine.disconnect(engine.networks.find("bridge"), container)
    assert client.recv(1) == b""
