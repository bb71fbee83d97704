"""The other end of a passage that leads to an address which the user has named."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from fakedocker.fixtures import Fixture, parse

if TYPE_CHECKING:
    from publishing.conftest import Harbour

BEHIND = "images: [{{name: base, layer: {{busybox: true}}}}]\nservices: [{{port: 7, forward: '{}:{}'}}]"


def leads_to(port: int, address: str = "127.0.0.1") -> Fixture:
    return parse(BEHIND.format(address, port))


@pytest.fixture
def server() -> Iterator[int]:
    """A server of the user's that gives everything back, in capitals, once all has been said."""

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                heard = b""
                while data := client.recv(65536):
                    heard += data
                client.sendall(heard.upper())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_a_port_can_lead_to_a_server_of_the_user(new_harbour: Callable[..., Harbour], server: int) -> None:
    harbour = new_harbour(leads_to(server))
    port = harbour.port(harbour.run())
    for _ in range(2):
        client = harbour.connect(port)
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)
        assert harbour.everything(client) == b"HELLO"


def test_much_goes_there_and_back(new_harbour: Callable[..., Harbour], server: int) -> None:
    harbour = new_harbour(leads_to(server))
    client = harbour.connect(harbour.port(harbour.run()))
    client.sendall(b"x" * 3_000_000)
    client.shutdown(socket.SHUT_WR)
    assert harbour.everything(client) == b"X" * 3_000_000


def test_where_no_server_is_a_client_is_sent_away(new_harbour: Callable[..., Harbour], free_port: int) -> None:
    harbour = new_harbour(leads_to(free_port))
    assert harbour.everything(harbour.connect(harbour.port(harbour.run()))) == b""


def test_the_server_is_left_when_the_container_ends(new_harbour: Callable[..., Harbour]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        harbour = new_harbour(leads_to(listening.getsockname()[1]))
        container = harbour.run()
        client = harbour.connect(harbour.port(container))
        there, _ = listening.accept()
        with there:
            there.settimeout(10)
            client.sendall(b"x")
            assert there.recv(1) == b"x"
            harbour.daemon.engine.kill(container)
            assert client.recv(1) == b""
            assert there.recv(1) == b""


def test_other_containers_are_not_led_there(new_harbour: Callable[..., Harbour], server: int) -> None:
    harbour = new_harbour(leads_to(server))
    address = harbour.run().network.address
    other = harbour.run("nc", "-w", "1", address, "7", ports=())
    assert harbour.daemon.engine.wait(other) == 1
    assert b"Connection refused" in harbour.daemon.engine.logs(other, "stderr")
