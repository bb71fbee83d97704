"""One container host to talk to in today's API: a daemon on a clock that stands still, and short ways to ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from wire_client import Reply, WireClient

if TYPE_CHECKING:
    from conftest import Daemons

    from fakedocker import FakeDocker

WORLD = Path(__file__).parents[2] / "conformance" / "engine_api" / "world.yaml"
UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}


class Dock:
    """A daemon and connections to it."""

    def __init__(self, daemon: FakeDocker) -> None:
        self.daemon = daemon
        self._clients: list[WireClient] = []

    def client(self) -> WireClient:
        """Return a connection of its own, which is closed after the test."""
        self._clients.append(WireClient(self.daemon.url))
        return self._clients[-1]

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def ask(self, method: str, path: str, body: bytes | str = b"", *, json: Any = None) -> Reply:
        """Ask something over a connection of its own."""
        with WireClient(self.daemon.url) as client:
            return client.request(method, path, body, json=json)

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def post(self, path: str, json: Any = None) -> Reply:
        return self.ask("POST", path, json=json)

    def create(self, *command: str, name: str = "box", **config: Any) -> str:
        """Create a container; return its id."""
        reply = self.post(f"/containers/create?name={name}", {"Image": "busybox", "Cmd": command, **config})
        assert reply.status == 201, reply.text
        return str(reply.json["Id"])

    def run(self, *command: str, name: str = "box", **config: Any) -> str:
        """Create and start a container, and let it begin."""
        identity = self.create(*command, name=name, **config)
        reply = self.post(f"/containers/{identity}/start")
        assert reply.status == 204, reply.text
        self.daemon.advance(0.1)
        return identity

    def inspect(self, name: str = "box") -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/containers/{name}/json").json
        return found

    def now(self) -> float:
        """Return the time on the daemon's clock, in unix seconds."""
        return datetime.fromisoformat(self.get("/info").json["SystemTime"]).timestamp()

    def take_over(self, path: str, *, json: Any = None) -> WireClient:
        """Ask for a connection to be handed over; return it behind the head of the answer."""
        client = self.client()
        client.ask("POST", path, json=json, headers=UPGRADE)
        assert client.head().status == 101
        return client

    def prepare_exec(self, *command: str, name: str = "box", **config: Any) -> str:
        """Prepare a command to be executed, with its output attached; return its id."""
        members = {"Cmd": command, "AttachStdout": True, "AttachStderr": True, **config}
        reply = self.post(f"/containers/{name}/exec", members)
        assert reply.status == 201, reply.text
        return str(reply.json["Id"])


@pytest.fixture
def new_dock(daemons: Daemons) -> Iterator[Callable[[str], Dock]]:
    """Make one that plays a certain daemon."""
    docks: list[Dock] = []

    def new(profile: str) -> Dock:
        docks.append(Dock(daemons.fresh(fixture=WORLD, profile=profile, clock="manual", seed=1)))
        return docks[-1]

    yield new
    for dock in docks:
        dock.close()
        dock.daemon.check()


@pytest.fixture
def dock(new_dock: Callable[[str], Dock]) -> Dock:
    """The newest daemon."""
    return new_dock("28")
