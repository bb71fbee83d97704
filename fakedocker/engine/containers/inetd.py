"""What answers at a container's ports where no program listens: one process for each connection, as inetd starts them.

These processes are no part of the container: nobody sees them in it, and its limits are not theirs. They see its
files, stand still while it is paused, and end with its run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from fakedocker.engine.containers.containers import Home
from fakedocker.engine.networks.sockets import Connection, SocketAddress
from fakedocker.engine.processes.effects import Body
from fakedocker.engine.processes.processes import ProcessTable

#: Connections to one container that are answered at one time; further ones are refused.
MOST_CONNECTIONS = 512


class Services(Protocol):
    """What there is to answer at ports."""

    def find(self, home: Home, port: int, age: float) -> Body | SocketAddress | None:
        """Return what answers at a port of a container that runs for `age` seconds.

        A program that has the connection as its standard input and output, or the address on the host to which those
        are passed on who come from there; None: nothing.
        """
        ...


class Inetd:
    """The services of one run of a container.

    `environment`: what its first process was told. `table`: makes a place for one more process. `now`: the time.
    """

    def __init__(
        self,
        services: Services,
        home: Home,
        environment: Mapping[str, str],
        table: Callable[[], ProcessTable],
        now: Callable[[], float],
    ) -> None:
        self._services = services
        self._home = home
        self._environment = environment
        self._new_table = table
        self._now = now
        self._tables: list[ProcessTable] = []
        self._frozen = False

    def taker(self, port: int) -> Callable[[Connection], None] | None:
        """Return what takes the next connection to a port, None if that is refused."""
        found = self._find(port)
        if not callable(found) or len(self._tables) >= MOST_CONNECTIONS:
            return None
        body = found
        return lambda connection: self._take(connection, body)

    def leads_to(self, port: int) -> SocketAddress | None:
        """Return the address on the host to which a port leads, if it does."""
        found = self._find(port)
        return found if isinstance(found, SocketAddress) else None

    def freeze(self) -> None:
        """Let nobody have a turn until `thaw`."""
        self._frozen = True
        for table in self._tables:
            table.freeze()

    def thaw(self) -> None:
        """Let everybody go on."""
        self._frozen = False
        for table in self._tables:
            table.thaw()

    def close(self) -> None:
        """End all that is going on."""
        self.thaw()
        for table in [*self._tables]:
            table.kill_all()

    def _find(self, port: int) -> Body | SocketAddress | None:
        return self._services.find(self._home, port, self._now() - self._home.container.started_at)

    def _take(self, connection: Connection, body: Body) -> None:
        table = self._new_table()
        self._tables.append(table)
        if self._frozen:
            table.freeze()
        name = f"the service at port {connection.local.port}"
        process = table.begin(body, (name,), {0: connection, 1: connection}, env=self._environment, cwd="/")
        process.ended.subscribe(lambda: self._tables.remove(table))
