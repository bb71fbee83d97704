"""A daemon whose published ports really listen, containers with ports, and clients of them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from fakedocker import FakeDocker
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.hostconfig import HostConfig, PortBinding

#: Seconds after which something that should happen has not.
PATIENCE = 10.0


class Harbour:
    """The daemon, and whoever was connected to one of its ports."""

    def __init__(self, daemon: FakeDocker, stack: ExitStack) -> None:
        self.daemon = daemon
        self._stack = stack

    def run(self, *command: str, ports: tuple[str, ...] = ("7",), name: str = "", **how: str) -> Container:
        """Start a container that publishes ports: "80", "8080:80", "127.0.0.2:8080:80"."""
        bindings: dict[str, tuple[PortBinding, ...]] = {}
        for text in ports:
            *place, private = text.rsplit(":", 1)
            address, _, public = place[0].rpartition(":") if place else ("", "", "")
            private = private if "/" in private else f"{private}/tcp"
            bindings[private] = (*bindings.get(private, ()), PortBinding(address.strip("[]"), public))
        host_config = HostConfig(port_bindings=bindings, **how)  # type: ignore[arg-type]  # tests name texts only
        return self.daemon.engine.run("base", *(command or ("sleep", "100000")), name=name, host_config=host_config)

    def port(self, container: Container, private: int = 7) -> int:
        """Return the port of the host that leads to a container's."""
        with self.daemon._service.runtime.engine() as engine:
            found = engine.published_ports(container)
        assert found
        return found[private]

    def connect(self, port: int, address: str = "127.0.0.1", *, buffer: int = 0) -> socket.socket:
        """Return a client of a port. `buffer`: bytes that its side of the connection holds."""
        client = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        self._stack.enter_context(client)
        if buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.settimeout(PATIENCE)
        client.connect((address, port))
        return client

    @staticmethod
    def everything(client: socket.socket) -> bytes:
        """Return what a client hears until the end."""
        heard = b""
        while data := client.recv(65536):
            heard += data
        return heard


@pytest.fixture
def new_harbour() -> Iterator[Callable[..., Harbour]]:
    """Make a daemon that does not listen itself; what went wrong inside it fails the test."""
    daemons: list[FakeDocker] = []
    with ExitStack() as stack:

        def new(fixture: object = "default", **how: object) -> Harbour:
            daemons.append(FakeDocker(fixture, **{"publish": True, **how}))  # type: ignore[arg-type]  # tests only
            return Harbour(daemons[-1], stack)

        yield new
    for daemon in daemons:
        daemon.close()
        daemon.check()


@pytest.fixture
def harbour(new_harbour: Callable[..., Harbour]) -> Harbour:
    return new_harbour()


@pytest.fixture
def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port
